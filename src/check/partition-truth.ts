// What is true of one partition, whatever its brokers believe: the leader's log, what each replica holds of it,
// the true high watermark (the highest offset a rightful leader ever announced), and what was taken out of the log and by whom.
import type { LeaderEpoch, Offset, TopicPartition } from "../protocol/types.ts";
import type { Micros } from "../sim/kernel.ts";
import { AckLog } from "./ack-log.ts";
import { IntervalSet } from "./interval-set.ts";
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

/** A second place of records that are in the log already. */
export interface Duplicate {
  readonly run: Run;
  readonly seq: number;
  readonly atUs: Micros;
  readonly node: number;
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

const KEPT_REMOVALS = 20_000;
const NOBODY: Culprit = { seq: 0, atUs: 0, node: 0, what: "truncated", decision: 0 };

export class PartitionTruth {
  readonly partition: TopicPartition;
  readonly log: SharedLog;
  readonly acks = new AckLog();
  /** Offsets of the leader's log that some consumer has read. */
  readonly delivered = new IntervalSet();
  readonly removals: Removal[] = [];
  duplicates: Duplicate[] = [];
  trueHighWatermark: Offset = 0;
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
    const numbers = this.#streams(stream).placed;
    if (first < numbers.end) {
      for (const again of numbers.held(first, first + count)) {
        const { seq, atUs, node } = this.culprit;
        const at = base + again.from - first;
        const run = {
          base: at,
          count: again.to - again.from,
          stream,
          first: again.from,
          epoch: -1,
        };
        this.duplicates.push({ run, seq, atUs, node });
      }
    }
    numbers.add(first, first + count);
  }

  #removed(run: Run): void {
    this.#onRemoved(this, run);
    this.delivered.remove(run.base, run.base + run.count);
    const { placed } = this.#streams(run.stream);
    // A record with two places keeps the first when the second goes.
    const gone = new IntervalSet();
    gone.add(run.first, run.first + run.count);
    if (this.duplicates.length > 0) this.#forgetDuplicates(run, gone);
    for (let i = 0; i < gone.ranges; i++) placed.remove(gone.at(i).from, gone.at(i).to);
    this.#remember(run);
  }

  #forgetDuplicates(run: Run, gone: IntervalSet): void {
    const end = run.base + run.count;
    const kept: Duplicate[] = [];
    for (const duplicate of this.duplicates) {
      const d = duplicate.run;
      const from = Math.max(d.base, run.base);
      const to = Math.min(d.base + d.count, end);
      if (from >= to) {
        kept.push(duplicate);
        continue;
      }
      gone.remove(d.first + from - d.base, d.first + to - d.base);
      if (from > d.base) kept.push({ ...duplicate, run: { ...d, count: from - d.base } });
    }
    this.duplicates = kept;
  }

  #remember(run: Run): void {
    if (this.removals.length < KEPT_REMOVALS) this.removals.push({ ...this.culprit, run });
  }
}
