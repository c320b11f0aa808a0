// What a log knows of one producer id: its epoch and its last five batches (ProducerStateEntry, ProducerAppendInfo; KIP-98, KIP-360).
// Left out: open transactions and the coordinator's epoch.
import { incrementSequence, isInSequence, NO_SEQUENCE } from "../protocol/sequence.ts";
import type { Offset, ProducedBatch, RecordBatch } from "../protocol/types.ts";
import type { Micros } from "../sim/kernel.ts";

export type SequenceError = "OUT_OF_ORDER_SEQUENCE_NUMBER" | "INVALID_PRODUCER_EPOCH";

/** As many as a producer may have in flight, so that each of them is recognised when it comes again. */
const KEPT_BATCHES = 5;

export class ProducerStateEntry {
  producerEpoch: number;
  lastTimestamp: Micros = 0;
  /** A ring of the last batches: base sequence, records, base offset. */
  readonly #sequences: number[] = [];
  readonly #counts: number[] = [];
  readonly #offsets: number[] = [];
  #newest = -1;

  constructor(producerEpoch: number) {
    this.producerEpoch = producerEpoch;
  }

  get lastSequence(): number {
    if (this.#newest < 0) return NO_SEQUENCE;
    const count = this.#counts[this.#newest] as number;
    return incrementSequence(this.#sequences[this.#newest] as number, count - 1);
  }

  /** -1: none. */
  get lastOffset(): Offset {
    if (this.#newest < 0) return -1;
    return (this.#offsets[this.#newest] as number) + (this.#counts[this.#newest] as number) - 1;
  }

  /** Where the very same batch was appended before; -1: not among the last five. */
  offsetOf(batch: ProducedBatch): Offset {
    if (batch.producerEpoch !== this.producerEpoch) return -1;
    // What follows the last batch is none of those before.
    if (isInSequence(this.lastSequence, batch.baseSequence)) return -1;
    const sequences = this.#sequences;
    for (let i = 0; i < sequences.length; i++) {
      if (sequences[i] === batch.baseSequence && this.#counts[i] === batch.count)
        return this.#offsets[i] as number;
    }
    return -1;
  }

  /** Why a leader must not append the batch (checkProducerEpoch, checkSequence). */
  refusal(batch: ProducedBatch): SequenceError | undefined {
    if (batch.producerEpoch < this.producerEpoch) return "INVALID_PRODUCER_EPOCH";
    const follows =
      batch.producerEpoch > this.producerEpoch
        ? batch.baseSequence === 0
        : isInSequence(this.lastSequence, batch.baseSequence);
    return follows ? undefined : "OUT_OF_ORDER_SEQUENCE_NUMBER";
  }

  add(batch: RecordBatch): void {
    if (batch.producerEpoch !== this.producerEpoch) this.#begin(batch.producerEpoch);
    const next = this.#newest + 1 === KEPT_BATCHES ? 0 : this.#newest + 1;
    this.#sequences[next] = batch.baseSequence;
    this.#counts[next] = batch.count;
    this.#offsets[next] = batch.baseOffset;
    this.#newest = next;
    this.lastTimestamp = batch.maxTimestamp;
  }

  #begin(producerEpoch: number): void {
    this.producerEpoch = producerEpoch;
    this.#sequences.length = 0;
    this.#counts.length = 0;
    this.#offsets.length = 0;
    this.#newest = -1;
  }
}
