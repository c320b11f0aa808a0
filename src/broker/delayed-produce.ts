// A produce request with acks=all that waits (DelayedProduce): on the high watermark of each of its partitions, not on single followers' acks.
import type { ErrorName } from "../protocol/errors.ts";
import type { Offset, TopicPartition } from "../protocol/types.ts";
import { type Deadlines, Expiring } from "./deadlines.ts";
import type { Partition } from "./partition.ts";
import type { Waiter } from "./purgatory.ts";

/** What has become of one batch of a produce request. */
export interface ProduceStatus {
  readonly partition: TopicPartition;
  readonly count: number;
  /** Set again when a wait ends: whatever it says then, the batch was appended. */
  error: ErrorName;
  /** -1 when nothing was written. */
  readonly baseOffset: Offset;
  readonly logStartOffset: Offset;
}

/** A batch that is in the log; its partition's waiters are checked when the whole request is appended and parked. */
export interface Appended {
  readonly partition: Partition;
  readonly status: ProduceStatus;
  readonly highWatermarkAdvanced: boolean;
  /** The high watermark has got there (acksPending of Kafka's ProducePartitionStatus, the other way round). */
  isAcked: boolean;
}

/** Its parts are numbered as the batches that were appended. */
export class DelayedProduce extends Expiring implements Waiter {
  readonly #deadlines: Deadlines;
  readonly #appended: readonly Appended[];
  readonly #complete: () => void;
  #pending: number;

  constructor(
    deadlines: Deadlines,
    appended: readonly Appended[],
    timeoutMs: number,
    complete: () => void,
  ) {
    super();
    this.#deadlines = deadlines;
    this.#appended = appended;
    this.#pending = appended.length;
    this.#complete = complete;
    deadlines.set(this, timeoutMs);
  }

  /** Each part is checked once, then waits. What is still pending in the end keeps this error. */
  watch(): void {
    for (let part = 0; part < this.#appended.length; part++) {
      const { status, partition } = this.#appended[part] as Appended;
      status.error = "REQUEST_TIMED_OUT";
      this.check(part);
      if (!this.isDone(part)) partition.acks.add(this, part);
    }
  }

  isDone(part: number): boolean {
    return this.#pending === 0 || (this.#appended[part] as Appended).isAcked;
  }

  check(part: number): void {
    const appended = this.#appended[part] as Appended;
    const { partition, status } = appended;
    const error = partition.replicationError(status.baseOffset + status.count);
    if (error === undefined) return;
    appended.isAcked = true;
    status.error = error;
    this.#pending--;
    if (this.#pending > 0) return;
    this.#deadlines.drop(this);
    this.#complete();
  }

  expire(): void {
    this.#pending = 0;
    this.#complete();
  }
}
