// never-processed: records that a group has passed by for good: its committed offset lies beyond them and no member ever finished them.
// Counted from the lowest offset where the group ever stood; what retention has deleted meanwhile is left out.
import type { CheckerContext, End, Property } from "./checker.ts";
import { GroupProgress, type Progress } from "./group-progress.ts";
import { plural } from "./text.ts";

export const neverProcessed: Property = {
  name: "never-processed",
  kind: "always",
  doc: "Every record of the log between the offset where a group began and the one it has committed was processed by the group.",
  create: (context) => {
    const progress = new GroupProgress(context);
    let committed = false;
    return {
      on: {
        ...progress.listeners,
        "consumer.processed": (e) => {
          progress.finish(e);
        },
        "offset.committed": (e) => {
          committed ||= progress.get(e.group, e.partition) !== undefined;
        },
      },
      atEnd: (end) => {
        for (const known of progress.all()) judge(context, known, end);
      },
      get exercised() {
        return committed;
      },
    };
  },
};

function judge(context: CheckerContext, progress: Progress, end: End): void {
  const { view, truth } = context;
  const { group, partition, start } = progress;
  const committed = view.groups.get(group)?.committed.get(partition.index);
  if (committed === undefined || start < 0) return;
  const leader = view.partitions.get(partition.index)?.leader ?? -1;
  const logStart = view.replicas.get(partition, leader)?.logStartOffset ?? 0;
  const highWatermark = truth.partition(partition.index)?.trueHighWatermark ?? 0;
  const to = Math.min(committed.offset, highWatermark);
  const passed = progress.finished.missing(Math.max(start, logStart), to);
  const count = passed.reduce((sum, gap) => sum + gap.to - gap.from, 0);
  if (count === 0) return;
  context.report({
    message: `group ${group} has committed ${partition.name}@${committed.offset} (#${committed.seq}) and never processed ${plural(count, "record")} below it, from offset ${passed[0]?.from ?? 0} on`,
    evidence: [committed.seq],
    atUs: end.atUs,
    node: committed.client,
    count,
    about: { partition, offset: passed[0]?.from ?? 0, group },
  });
}
