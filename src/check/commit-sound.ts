// Which commits a coordinator accepts (ClassicGroup.validateOffsetCommit): of members of the current generation, or of nobody's while the group
// has no members; and consumers commit what they can have read, which is below the high watermark.
import type { KafkaEvent } from "../protocol/events.ts";
import { seconds } from "../sim/kernel.ts";
import type { CheckerContext, Property } from "./checker.ts";

/** offsets.commit.timeout.ms: so long may a commit be on its way into the log after it was accepted. */
const UNDER_WAY = seconds(5);

interface Since {
  readonly generation: number;
  readonly atUs: number;
  /** Since when the group has had members without a break; undefined: it has none. */
  readonly peopledUs: number | undefined;
}

export const commitSound: Property = {
  name: "commit-sound",
  kind: "always",
  doc: "Offsets are committed by members of the current generation, or without one while the group is empty, and not beyond the high watermark.",
  create: (context) => {
    /** By coordinator and group: one that was deposed speaks for itself only. */
    const groups = new Map<string, Since>();
    const key = (e: { readonly node: number; readonly group: string }): string =>
      `${e.node}/${e.group}`;
    let exercised = false;
    return {
      on: {
        "group.stateChanged": (e) => {
          const before = groups.get(key(e));
          const atUs = before?.generation === e.generation ? before.atUs : e.at;
          const peopledUs = e.members > 0 ? (before?.peopledUs ?? e.at) : undefined;
          groups.set(key(e), { generation: e.generation, atUs, peopledUs });
        },
        "offset.committed": (e) => {
          exercised = true;
          const problem = problemOf(context, e, groups.get(key(e)));
          if (problem !== undefined) report(context, e, problem);
        },
      },
      get exercised() {
        return exercised;
      },
    };
  },
};

function problemOf(
  context: CheckerContext,
  e: KafkaEvent<"offset.committed">,
  since: Since | undefined,
): string | undefined {
  const byMember = context.view.groups.groupOf(e.client) === e.group;
  const announced = context.truth.partition(e.partition.index)?.announced ?? 0;
  if (byMember && e.offset > announced) return `beyond the high watermark ${announced}`;
  if (since === undefined) return undefined;
  if (e.generation < 0) {
    const peopled = e.at - (since.peopledUs ?? e.at) > UNDER_WAY;
    return peopled ? "without a generation while the group has members" : undefined;
  }
  if (e.generation > since.generation) return `in generation ${e.generation}, which is yet to come`;
  if (e.generation < since.generation && e.at - since.atUs > UNDER_WAY)
    return `in generation ${e.generation}, long after generation ${since.generation} began`;
  return undefined;
}

function report(context: CheckerContext, e: KafkaEvent<"offset.committed">, why: string): void {
  context.report({
    message: `${context.hosts.name(e.client)} could commit ${e.partition.name}@${e.offset} for group ${e.group} ${why}`,
    evidence: [e.seq],
    atUs: e.at,
    node: e.client,
    count: 1,
    about: { partition: e.partition, offset: e.offset, group: e.group },
  });
}
