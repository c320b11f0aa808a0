// Acknowledged records that are in the log and that consumers have passed without being given them: Jepsen's lost-write, third form.
// A record counts as passed when any consumer has been given a later one.
import type { ClusterFold } from "../view/cluster-fold.ts";
import { type Interval, IntervalSet } from "./interval-set.ts";
import type { PartitionTruth } from "./partition-truth.ts";
import type { Run } from "./run-list.ts";
import type { StreamTruth } from "./stream-truth.ts";
import type { GroundTruth } from "./truth.ts";

/** Skipped records of one stream and partition. */
export interface Skipped {
  readonly truth: PartitionTruth;
  readonly stream: StreamTruth;
  readonly first: number;
  readonly count: number;
  /** Where the first lies; -1: that is no longer known. */
  readonly offset: number;
}

export function skippedOf(view: ClusterFold, truth: GroundTruth): readonly Skipped[] {
  const found: Skipped[] = [];
  for (const partition of truth.partitions()) {
    const p = view.partitions.get(partition.partition.index);
    if (p === undefined || p.deleted || partition.delivered.size === 0) continue;
    const logStart = view.replicas.get(p.partition, p.leader)?.logStartOffset ?? 0;
    const gaps = partition.delivered.missing(logStart, partition.delivered.end);
    if (gaps.length > 0) found.push(...skippedIn(truth, partition, gaps, logStart));
  }
  return found;
}

function skippedIn(
  truth: GroundTruth,
  partition: PartitionTruth,
  gaps: readonly { readonly from: number; readonly to: number }[],
  logStart: number,
): Skipped[] {
  const { trunk } = partition.log;
  const found: Skipped[] = [];
  for (const gap of gaps) {
    for (const run of trunk.slice(gap.from, gap.to)) {
      const stream = truth.stream(run.stream);
      if (stream === undefined) continue;
      for (const { from, to } of ungiven(stream, run)) {
        const offset = run.base + from - run.first;
        found.push({ truth: partition, stream, first: from, count: to - from, offset });
      }
    }
  }
  return logStart < trunk.floor ? [...found, ...skippedBelow(truth, partition, logStart)] : found;
}

/** Acked records of a run that nobody was given: not at this offset, and not at another before the log was cut there. */
const ungiven = (stream: StreamTruth, { first, count }: Run): Interval[] =>
  stream.acked
    .held(first, first + count)
    .flatMap(({ from, to }) => stream.delivered.missing(from, to));

/** Below what is kept of the log it is known which records nobody was given, but not where each lies. */
function skippedBelow(truth: GroundTruth, partition: PartitionTruth, logStart: number): Skipped[] {
  const { floor } = partition.log.trunk;
  let left = floor - logStart - partition.delivered.overlap(logStart, floor);
  const found: Skipped[] = [];
  for (const stream of truth.streams()) {
    if (stream.partition !== partition.partition || left <= 0) continue;
    const passed = passedOf(stream, partition);
    // What retention took was the oldest: the last ones are still there.
    for (let i = passed.ranges - 1; i >= 0 && left > 0; i--) {
      const { from, to } = passed.at(i);
      const count = Math.min(left, to - from);
      found.push({ truth: partition, stream, first: to - count, count, offset: -1 });
      left -= count;
    }
  }
  return found.reverse();
}

/** Numbers that were acked, lie in the log below what is kept of it, and were given to nobody. */
function passedOf(stream: StreamTruth, { log }: PartitionTruth): IntervalSet {
  const passed = new IntervalSet();
  for (let i = 0; i < stream.acked.ranges; i++) {
    const { from, to } = stream.acked.at(i);
    for (const part of stream.placed.held(from, to)) {
      for (const gap of stream.delivered.missing(part.from, part.to)) passed.add(gap.from, gap.to);
    }
  }
  for (const run of log.trunk.slice(log.trunk.floor, log.trunk.end)) {
    if (run.stream === stream.stream) passed.remove(run.first, run.first + run.count);
  }
  return passed;
}
