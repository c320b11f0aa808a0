// What is true of one partition, whatever its brokers believe: the leader's log, what each replica holds of it,
// the true high watermark (the highest offset a rightful leader ever announced), and what was taken out of the log and by whom.
import type { LeaderEpoch, Offset, TopicPartition } from "../protocol/types.ts";
import type { Micros } from "../sim/kernel.ts";
import { AckLog } from "./ack-log.ts";
import { type Interval, IntervalSet } from "./interval-set.ts";
import type { Run } from "./run-list.ts";
import { SharedLog } from "./shared-log.ts";
import type { StreamTruth } from "./stream-truth.ts";

/** The event that took records out of a log. */
export interface Culprit {
  readonly seq: number;
  readonly atUs: Micros;
  readonly node: number;
  readonly what: "elected" | "truncated" | "torn" | "wiped" | "deleted" | "reopened";
  /** Number of the leader.elected event behind an election; else 0. */
  readonly decision: number;
}

export interface Removal extends Culprit {
  readonly run: Run;
}

/** Where records lie that are in the log already, or that later ones have overtaken. */
export interface SecondPlace {
  readonly run: Run;
  readonly seq: number;
  readonly atUs: Micros;
  readonly node: number;
  /** How long the stream had written nothing to the partition. */
  readonly idleUs: Micros;
  /** One past the highest number of the stream in the log by then. */
  readonly end: number;
}

/** A replica that began to lead, measured against what should be there. */
export interface Takeover {
  readonly seq: number;
  readonly node: number;
  readonly leaderEpoch: LeaderEpoch;
  readonly end: Offset;
  readonly common: Offset;
  readonly trueHighWatermark: Offset;
}

export interface Cut {
  readonly seq: number;
  readonly node: number;
  readonly common: Offset;
}

const KEPT_REMOVALS = 20_000;
const NOBODY: Culprit = { seq: 0, atUs: 0, node: 0, what: "truncated", decision: 0 };

export class PartitionTruth {
  readonly partition: TopicPartition;
  readonly log: SharedLog;
  readonly acks = new AckLog();
  /** Offsets of the leader's log that some consumer has read. */
  readonly delivered = new IntervalSet();
  readonly removals: Removal[] = [];
  /** Second places of records that are in the log already. */
  duplicates: SecondPlace[] = [];
  /** Places of records that came after records of their stream that were sent later. */
  overtaken: SecondPlace[] = [];
  trueHighWatermark: Offset = 0;
  /** The highest high watermark that any leader ever announced, rightful or not; it never goes back. */
  announced: Offset = 0;
  /** The last truncation: of which copy, and how far that had agreed with the leader's log before. */
  cut: Cut | undefined;
  takeover: Takeover | undefined;
  /** Batches appended, by any replica. */
  appends = 0;
  /** The event being folded. */
  culprit: Culprit = NOBODY;
  readonly #streams: (stream: number) => StreamTruth;
  readonly #onRemoved: (truth: PartitionTruth, run: Run) => void;

  constructor(
    partition: TopicPartition,
    streams: (stream: number) => StreamTruth,
    onRemoved: (truth: PartitionTruth, run: Run) => void,
  ) {
    this.partition = partition;
    this.#streams = streams;
    this.#onRemoved = onRemoved;
    this.log = new SharedLog({
      placed: (base, count, stream, first) => this.#placed(base, count, stream, first),
      removed: (run) => this.#removed(run),
      dropped: (run) => this.#remember(run),
    });
  }

  #placed(base: number, count: number, stream: number, first: number): void {
    const truth = this.#streams(stream);
    const numbers = truth.placed;
    if (first < numbers.end) this.#placedAgain(base, count, truth, first);
    numbers.add(first, first + count);
    truth.placedUs = this.culprit.atUs;
  }

  /** Not all of its numbers are the highest of their stream so far. */
  #placedAgain(base: number, count: number, truth: StreamTruth, first: number): void {
    const { placed: numbers, stream } = truth;
    const { seq, node, atUs } = this.culprit;
    const end = first + count;
    const idleUs = atUs - truth.placedUs;
    const known = numbers.end;
    const placeOf = ({ from, to }: Interval): SecondPlace => {
      const run = { base: base + from - first, count: to - from, stream, first: from, epoch: -1 };
      return { run, seq, atUs, node, idleUs, end: known };
    };
    for (const again of numbers.held(first, end)) this.duplicates.push(placeOf(again));
    for (const late of numbers.missing(first, Math.min(end, numbers.end)))
      this.overtaken.push(placeOf(late));
  }

  #removed(run: Run): void {
    this.#onRemoved(this, run);
    this.delivered.remove(run.base, run.base + run.count);
    const { placed } = this.#streams(run.stream);
    // A record with two places keeps the first when the second goes.
    const gone = new IntervalSet();
    gone.add(run.first, run.first + run.count);
    if (this.duplicates.length > 0) {
      this.duplicates = outside(run, this.duplicates, (from, to) => gone.remove(from, to));
    }
    if (this.overtaken.length > 0) this.overtaken = outside(run, this.overtaken, () => undefined);
    for (let i = 0; i < gone.ranges; i++) placed.remove(gone.at(i).from, gone.at(i).to);
    this.#remember(run);
  }

  #remember(run: Run): void {
    if (this.removals.length < KEPT_REMOVALS) this.removals.push({ ...this.culprit, run });
  }
}

/** What is left of the places when a run goes; `taken` hears which numbers had a place in it. */
function outside(
  run: Run,
  places: readonly SecondPlace[],
  taken: (from: number, to: number) => void,
): SecondPlace[] {
  const end = run.base + run.count;
  const kept: SecondPlace[] = [];
  for (const place of places) {
    const p = place.run;
    const from = Math.max(p.base, run.base);
    const to = Math.min(p.base + p.count, end);
    if (from >= to) {
      kept.push(place);
      continue;
    }
    taken(p.first + from - p.base, p.first + to - p.base);
    if (from > p.base) kept.push({ ...place, run: { ...p, count: from - p.base } });
  }
  return kept;
}
