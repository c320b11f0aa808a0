// A produce request with acks=all that waits (DelayedProduce): on the high watermark of each of its partitions, not on single followers' acks.
import type { ErrorName } from "../protocol/errors.ts";
import type { KafkaHost } from "../protocol/kafka-host.ts";
import type { Offset, TopicPartition } from "../protocol/types.ts";
import { ms, type Timer } from "../sim/kernel.ts";
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

export class DelayedProduce {
  readonly #complete: () => void;
  readonly #timer: Timer;
  #pending: number;

  constructor(host: KafkaHost, pending: number, timeoutMs: number, complete: () => void) {
    this.#pending = pending;
    this.#complete = complete;
    this.#timer = host.after(ms(timeoutMs), () => this.#expire());
  }

  get done(): boolean {
    return this.#pending === 0;
  }

  partDone(): void {
    this.#pending--;
    if (this.#pending > 0) return;
    this.#timer.cancel();
    this.#complete();
  }

  /** What is still pending keeps the error it was parked with, REQUEST_TIMED_OUT. */
  #expire(): void {
    this.#pending = 0;
    this.#complete();
  }
}

/** One partition's part. */
export class PendingAck implements Waiter {
  readonly #operation: DelayedProduce;
  readonly #partition: Partition;
  readonly #status: ProduceStatus;
  readonly #requiredOffset: Offset;
  #satisfied = false;

  constructor(operation: DelayedProduce, partition: Partition, status: ProduceStatus) {
    this.#operation = operation;
    this.#partition = partition;
    this.#status = status;
    this.#requiredOffset = status.baseOffset + status.count;
  }

  get done(): boolean {
    return this.#satisfied || this.#operation.done;
  }

  check(): void {
    const error = this.#partition.replicationError(this.#requiredOffset);
    if (error === undefined) return;
    this.#satisfied = true;
    this.#status.error = error;
    this.#operation.partDone();
  }
}
