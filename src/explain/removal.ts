// Which event took the record that a finding is about out of the logs, as the ground truth remembers it.
import type { Removal } from "../check/partition-truth.ts";
import type { TopicPartition } from "../protocol/types.ts";
import type { Case } from "./case.ts";

/** What took the record the finding is about. */
export function removalOf(
  { finding, truth }: Case,
  partition: TopicPartition,
): Removal | undefined {
  const record = finding.about?.record;
  if (record === undefined) return undefined;
  return truth
    .partition(partition.index)
    ?.removals.findLast(
      ({ run }) =>
        run.stream === record.stream &&
        record.number >= run.first &&
        record.number < run.first + run.count,
    );
}
