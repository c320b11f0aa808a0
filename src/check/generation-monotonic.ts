// Generations of a group rise with one coordinator, until the group is dead; a member's generations do not fall (ClassicGroup). A coordinator
// that takes over may use a generation again that its predecessor had announced and not stored.
import type { Property } from "./checker.ts";

interface Known {
  readonly node: number;
  readonly generation: number;
  readonly seq: number;
}

export const generationMonotonic: Property = {
  name: "generation-monotonic",
  kind: "always",
  doc: "The generation of a group does not go back while one coordinator leads it, nor does a member's.",
  create: (context) => {
    const groups = new Map<string, Known>();
    const members = new Map<string, Known>();
    let exercised = false;
    const judge = (
      e: { readonly seq: number; readonly at: number; readonly node: number },
      before: Known | undefined,
      generation: number,
      [what, group]: readonly [string, string],
    ): void => {
      if (before === undefined || before.node !== e.node) return;
      exercised ||= before.generation >= 0;
      if (generation >= before.generation) return;
      context.report({
        message: `${what} of group ${group} went from generation ${before.generation} (#${before.seq}) to ${generation} on ${context.hosts.name(e.node)}`,
        evidence: [before.seq, e.seq],
        atUs: e.at,
        node: e.node,
        count: 1,
        about: { group },
      });
    };
    const forget = (e: { readonly node: number }): void => {
      for (const known of [groups, members]) {
        for (const [key, { node }] of known) if (node === e.node) known.delete(key);
      }
    };
    return {
      on: {
        "group.stateChanged": (e) => {
          const { group, generation, node, seq } = e;
          judge(e, groups.get(group), generation, ["the coordinator", group]);
          if (e.to === "Dead") groups.delete(group);
          else groups.set(group, { node, generation, seq });
        },
        "consumer.joined": (e) => {
          const { group, generation, node, seq } = e;
          const key = `${group}/${e.member}`;
          judge(e, members.get(key), generation, [`member ${e.member}`, group]);
          members.set(key, { node, generation, seq });
        },
        // Whatever is loaded was written by a predecessor.
        "group.loaded": forget,
        "host.crashed": forget,
        "host.stopped": forget,
      },
      get exercised() {
        return exercised;
      },
    };
  },
};
