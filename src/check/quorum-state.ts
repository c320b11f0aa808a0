// What a voter of the quorum says of itself makes sense (QuorumState): epochs never fall, over restarts too, and each role knows the leader that
// it must know, or none.
import type { KafkaEvent } from "../protocol/events.ts";
import type { CheckerContext, Property } from "./checker.ts";

export const quorumState: Property = {
  name: "quorum-state",
  kind: "always",
  doc: "A voter's epoch does not go back, not even over a restart; a leader names itself, a follower another, a candidate nobody; a vote is granted in the voter's own epoch.",
  create: (context) => {
    /** By node. */
    const epochs: ({ readonly epoch: number; readonly seq: number } | undefined)[] = [];
    let exercised = false;
    return {
      on: {
        "quorum.roleChanged": (e) => {
          const before = epochs[e.node];
          epochs[e.node] = { epoch: e.epoch, seq: e.seq };
          exercised ||= before !== undefined;
          if (before !== undefined && e.epoch < before.epoch)
            report(context, e, `went from epoch ${before.epoch} (#${before.seq}) to ${e.epoch}`);
          const problem = roleProblem(e);
          if (problem !== undefined) report(context, e, problem);
        },
        "quorum.voted": (e) => {
          const known = epochs[e.node]?.epoch ?? e.epoch;
          if (e.granted && e.epoch !== known)
            report(context, e, `voted in epoch ${e.epoch} while it was in epoch ${known}`);
        },
        "host.wiped": (e) => {
          epochs[e.node] = undefined;
        },
      },
      get exercised() {
        return exercised;
      },
    };
  },
};

function roleProblem({
  role,
  leaderId,
  node,
  epoch,
}: KafkaEvent<"quorum.roleChanged">): string | undefined {
  const whom = leaderId < 0 ? "nobody" : `node ${leaderId}`;
  const sound =
    role === "leader"
      ? leaderId === node
      : role === "follower"
        ? leaderId >= 0 && leaderId !== node
        : role === "candidate"
          ? leaderId < 0
          : true;
  return sound ? undefined : `is ${role} in epoch ${epoch} and names ${whom} as leader`;
}

function report(
  { hosts, report: tell }: CheckerContext,
  e: { readonly seq: number; readonly at: number; readonly node: number },
  what: string,
): void {
  const message = `${hosts.name(e.node)} ${what}`;
  tell({ message, evidence: [e.seq], atUs: e.at, node: e.node, count: 1 });
}
