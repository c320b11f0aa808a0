// Which acknowledged records are lost: in no log of the partition's leader or, while it has none, of a replica that may be elected.
// What retention took is not lost, nor what went with a deleted topic.
import type { ClusterFold } from "../view/cluster-fold.ts";
import { type Interval, IntervalSet } from "./interval-set.ts";
import type { PartitionTruth, Removal } from "./partition-truth.ts";
import type { StreamTruth } from "./stream-truth.ts";
import type { GroundTruth } from "./truth.ts";

/** Lost records of one stream with consecutive numbers that went by one event. */
export interface Loss {
  readonly stream: StreamTruth;
  readonly first: number;
  readonly count: number;
  readonly removal: Removal | undefined;
  /** log loss: on no replica; unreachable: only on one that does not lead. */
  readonly form: "log loss" | "unreachable";
}

export function lossesOf(view: ClusterFold, truth: GroundTruth): readonly Loss[] {
  const losses: Loss[] = [];
  for (const stream of truth.streams()) {
    const partition = truth.partition(stream.partition.index);
    if (partition === undefined || view.partitions.get(stream.partition.index)?.deleted === true)
      continue;
    const safe = heldElsewhere(view, partition, stream.stream);
    for (let i = 0; i < stream.acked.ranges; i++) {
      const { from, to } = stream.acked.at(i);
      for (const gap of stream.placed.missing(from, to)) {
        for (const lost of safe.missing(gap.from, gap.to))
          losses.push(...byReach(partition, stream, lost.from, lost.to));
      }
    }
  }
  return losses;
}

/** Numbers of a stream that only replicas hold which may yet be elected. */
function heldElsewhere(view: ClusterFold, truth: PartitionTruth, stream: number): IntervalSet {
  const numbers = new IntervalSet();
  const p = view.partitions.get(truth.partition.index);
  if (p === undefined || p.leader >= 0) return numbers;
  for (const copy of truth.log.copies) {
    if (!p.isr.includes(copy.node) && !p.elr.includes(copy.node)) continue;
    for (const run of copy.own)
      if (run.stream === stream) numbers.add(run.first, run.first + run.count);
  }
  return numbers;
}

/** Splits a lost range by whether some replica still holds the records. */
function byReach(truth: PartitionTruth, stream: StreamTruth, from: number, to: number): Loss[] {
  const held = new IntervalSet();
  for (const copy of truth.log.copies) {
    for (const run of copy.own)
      if (run.stream === stream.stream) held.add(run.first, run.first + run.count);
  }
  return [
    ...held.held(from, to).flatMap((part) => byRemoval(truth, stream, part, "unreachable")),
    ...held.missing(from, to).flatMap((part) => byRemoval(truth, stream, part, "log loss")),
  ].sort((a, b) => a.first - b.first);
}

/** Splits a lost range by the event that took its parts; the last such event counts. */
function byRemoval(
  truth: PartitionTruth,
  stream: StreamTruth,
  { from, to }: Interval,
  form: Loss["form"],
): Loss[] {
  const losses: Loss[] = [];
  const rest = new IntervalSet();
  rest.add(from, to);
  for (let i = truth.removals.length - 1; i >= 0 && rest.size > 0; i--) {
    const removal = truth.removals[i] as Removal;
    const { run } = removal;
    if (run.stream !== stream.stream) continue;
    for (const part of rest.held(run.first, run.first + run.count)) {
      losses.push({ stream, first: part.from, count: part.to - part.from, removal, form });
    }
    rest.remove(run.first, run.first + run.count);
  }
  for (let i = 0; i < rest.ranges; i++) {
    const { from: first, to: end } = rest.at(i);
    losses.push({ stream, first, count: end - first, removal: undefined, form });
  }
  return losses;
}
