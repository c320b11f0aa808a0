// The idempotent producer (TransactionManager without a transactional id; KIP-98, KIP-360, KIP-679): which batch may be sent, with what sequence,
// and what a refusal means for those behind it. The epoch is bumped here, without asking anyone.
// Left out: transactions.
import type { ErrorName } from "../../protocol/errors.ts";
import type { Offset, TopicPartition } from "../../protocol/types.ts";
import type { ProducerBatch } from "./batch.ts";
import { PartitionSequences } from "./partition-sequences.ts";

/** Epochs are int16; after the last one a new producer id is needed. */
const MAX_EPOCH = 0x7fff;

export class Idempotence {
  producerId = -1;
  producerEpoch = -1;
  /** By partition number. */
  readonly #partitions: (PartitionSequences | undefined)[] = [];
  readonly #unresolved = new Set<PartitionSequences>();
  /** Partitions that asked for a new epoch. */
  readonly #toRestart = new Set<PartitionSequences>();

  get hasProducerId(): boolean {
    return this.producerId >= 0;
  }

  adopt(producerId: number, producerEpoch: number): void {
    this.producerId = producerId;
    this.producerEpoch = producerEpoch;
  }

  sequences(partition: TopicPartition): PartitionSequences {
    const known = this.#partitions[partition.partition];
    if (known !== undefined) return known;
    const sequences = new PartitionSequences();
    this.#partitions[partition.partition] = sequences;
    return sequences;
  }

  /** Before each round of sending. True: the epoch has changed. */
  settle(): boolean {
    if (this.#unresolved.size > 0) this.#resolve();
    if (this.#toRestart.size === 0) return false;
    if (this.producerEpoch === MAX_EPOCH) this.adopt(-1, -1);
    else this.producerEpoch++;
    for (const sequences of this.#toRestart) {
      sequences.restart(this.producerId, this.producerEpoch);
      this.#forgive(sequences);
    }
    this.#toRestart.clear();
    return true;
  }

  /** Must the first batch of a queue stay there for now (shouldStopDrainBatchesForPartition)? */
  mustWait(first: ProducerBatch): boolean {
    if (!this.hasProducerId) return true;
    const sequences = this.sequences(first.partition);
    const { firstInFlight } = sequences;
    if (!first.hasSequence) {
      // A new epoch starts at sequence 0, which must not overtake what is still under way in the old one.
      if (sequences.inFlight.length > 0 && this.#isStale(sequences)) return true;
      return sequences.unresolvedNext !== undefined;
    }
    // While something is sent again, it is one batch at a time: the lowest.
    return sequences.inFlight.length > 0 && first.baseSequence !== firstInFlight;
  }

  /** The batch leaves its queue for the first time. */
  assign(batch: ProducerBatch): void {
    const sequences = this.sequences(batch.partition);
    if (sequences.inFlight.length === 0 && this.#isStale(sequences))
      sequences.restart(this.producerId, this.producerEpoch);
    sequences.assign(batch);
  }

  // Outcomes

  completed(batch: ProducerBatch): void {
    const sequences = this.sequences(batch.partition);
    sequences.acked(batch.lastSequence);
    sequences.untrack(batch);
  }

  /** `isRefused`: the broker said no for good, so the sequence was not used and those behind it do not fit any more. */
  failed(batch: ProducerBatch, error: ErrorName | "DELIVERY_TIMEOUT", isRefused: boolean): void {
    if (!batch.hasSequence) return;
    const sequences = this.sequences(batch.partition);
    sequences.untrack(batch);
    // The leader knows nothing of this producer, so it takes sequence 0: the partition begins anew (resetSequenceForPartition).
    if (error === "UNKNOWN_PRODUCER_ID") {
      this.#partitions[batch.partition.partition] = undefined;
      this.#forgive(sequences);
      return;
    }
    if (error === "OUT_OF_ORDER_SEQUENCE_NUMBER" || isRefused) this.#toRestart.add(sequences);
  }

  /** Given up after at least one attempt: is it in the log? Nothing new is sent until those in flight have told. */
  leftUnresolved(batch: ProducerBatch): void {
    const sequences = this.sequences(batch.partition);
    const next = batch.lastSequence + 1;
    sequences.unresolvedNext = Math.max(sequences.unresolvedNext ?? next, next);
    this.#unresolved.add(sequences);
  }

  /** Is sending again the right answer to this error? Asked only when retries and time are left. */
  canRetry(
    batch: ProducerBatch,
    error: ErrorName,
    logStartOffset: Offset,
    isRetriable: boolean,
  ): boolean {
    const sequences = this.sequences(batch.partition);
    if (error === "UNKNOWN_PRODUCER_ID") {
      // Answers to batches that have been renumbered meanwhile speak of the old numbers.
      if (logStartOffset !== -1 && !batch.isRenumbered) this.#toRestart.add(sequences);
      return true;
    }
    if (error !== "OUT_OF_ORDER_SEQUENCE_NUMBER") return isRetriable;
    const { unresolvedNext } = sequences;
    const isGap =
      unresolvedNext === undefined
        ? !batch.isRenumbered && sequences.isNext(batch.baseSequence)
        : batch.baseSequence === unresolvedNext;
    // Not next in line: one before it failed, and this one will fit when that is sent again.
    if (isGap) this.#toRestart.add(sequences);
    return true;
  }

  /** maybeResolveSequences: once nothing of a partition is in flight, either everything given out was acknowledged, or there is a gap. */
  #resolve(): void {
    for (const sequences of this.#unresolved) {
      if (sequences.inFlight.length > 0) continue;
      if (!sequences.isNext(sequences.nextSequence)) this.#toRestart.add(sequences);
      this.#forgive(sequences);
    }
  }

  #forgive(sequences: PartitionSequences): void {
    sequences.unresolvedNext = undefined;
    this.#unresolved.delete(sequences);
  }

  #isStale(sequences: PartitionSequences): boolean {
    return (
      sequences.producerId !== this.producerId || sequences.producerEpoch !== this.producerEpoch
    );
  }
}
