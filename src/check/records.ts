// Records by what became of them, counted and, where a scenario named them, by name. May be asked at any time of a run.
import type { RecordOutcome } from "../scenario/model.ts";
import type { ClusterFold } from "../view/cluster-fold.ts";
import { IntervalSet } from "./interval-set.ts";
import { lossesOf } from "./losses.ts";
import type { StreamTruth } from "./stream-truth.ts";
import type { GroundTruth } from "./truth.ts";

export interface RecordFilter {
  /** Name of a producer instance. */
  readonly producer?: string | undefined;
  readonly topic?: string | undefined;
}

export interface RecordTally {
  readonly count: number;
  /** Names of those that have one, by stream and in send order. */
  readonly names: readonly string[];
}

export function tally(
  view: ClusterFold,
  truth: GroundTruth,
  outcome: RecordOutcome,
  filter: RecordFilter = {},
): RecordTally {
  const numbersOf = numbersBy(view, truth, outcome);
  let count = 0;
  const names: string[] = [];
  for (const stream of truth.streams()) {
    const { producer } = view.producers.get(stream.stream) ?? { producer: undefined };
    if (filter.producer !== undefined && producer !== filter.producer) continue;
    if (filter.topic !== undefined && stream.partition.topic !== filter.topic) continue;
    const numbers = numbersOf(stream);
    count += numbers.size;
    for (const [number, name] of stream.named()) if (numbers.has(number)) names.push(name);
  }
  return { count, names };
}

type NumbersOf = (stream: StreamTruth) => IntervalSet;

function numbersBy(view: ClusterFold, truth: GroundTruth, outcome: RecordOutcome): NumbersOf {
  switch (outcome) {
    case "sent":
      return (stream) => {
        const all = new IntervalSet();
        if (stream.sent > 0) all.add(0, stream.sent);
        return all;
      };
    case "acked":
    case "failed":
    case "unknown":
    case "delivered":
      return (stream) => stream[outcome];
    case "lost":
      return lostNumbers(view, truth);
    case "duplicated":
      return duplicatedNumbers(truth);
  }
}

function lostNumbers(view: ClusterFold, truth: GroundTruth): NumbersOf {
  const lost = new Collected();
  for (const loss of lossesOf(view, truth)) lost.add(loss.stream.stream, loss.first, loss.count);
  return lost.of;
}

/** Records with more than one place, each counted once. */
function duplicatedNumbers(truth: GroundTruth): NumbersOf {
  const doubled = new Collected();
  for (const partition of truth.partitions()) {
    for (const { run } of partition.duplicates) {
      const count = Math.min(run.count, partition.trueHighWatermark - run.base);
      if (count > 0) doubled.add(run.stream, run.first, count);
    }
  }
  return doubled.of;
}

class Collected {
  readonly #byStream = new Map<number, IntervalSet>();

  add(stream: number, first: number, count: number): void {
    const numbers = this.#byStream.get(stream) ?? new IntervalSet();
    this.#byStream.set(stream, numbers);
    numbers.add(first, first + count);
  }

  readonly of: NumbersOf = (stream) => this.#byStream.get(stream.stream) ?? new IntervalSet();
}
