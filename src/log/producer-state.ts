// The producers a log has heard of (ProducerStateManager): kept up to date by every append, on leader and followers alike, so that a new leader
// recognises what the old one appended. Rebuilt from the batches after a restart.
// Left out: snapshot files (so a restart forgets producers whose batches retention has taken), transactions.
import type { Offset, ProducedBatch, RecordBatch } from "../protocol/types.ts";
import type { Micros } from "../sim/kernel.ts";
import { ProducerStateEntry, type SequenceError } from "./producer-state-entry.ts";

/** Batches of a log, in order of their offsets. */
type Stretches = readonly { readonly batches: readonly RecordBatch[] }[];

export class ProducerStateManager {
  readonly #producers = new Map<number, ProducerStateEntry>();

  /** Producer ids known. */
  get size(): number {
    return this.#producers.size;
  }

  /** Offset at which the same batch was appended before, -1 if it was not (or too long ago). */
  offsetOf(batch: ProducedBatch): Offset {
    return this.#producers.get(batch.producerId)?.offsetOf(batch) ?? -1;
  }

  /** A producer that is not known (any more) may begin anywhere (KIP-360). */
  refusal(batch: ProducedBatch): SequenceError | undefined {
    return this.#producers.get(batch.producerId)?.refusal(batch);
  }

  add(batch: RecordBatch): void {
    let entry = this.#producers.get(batch.producerId);
    if (entry === undefined) {
      entry = new ProducerStateEntry(batch.producerEpoch);
      this.#producers.set(batch.producerId, entry);
    }
    entry.add(batch);
  }

  /** The log was loaded. */
  load(stretches: Stretches): void {
    this.#producers.clear();
    for (const { batches } of stretches) {
      for (const batch of batches) if (batch.producerId >= 0) this.add(batch);
    }
  }

  /** The log now ends at `offset`: what its producers wrote above it never was (truncateAndReload). */
  truncateTo(offset: Offset, stretches: Stretches): void {
    const cut = new Set<number>();
    for (const [producerId, entry] of this.#producers) {
      if (entry.lastOffset >= offset) cut.add(producerId);
    }
    if (cut.size === 0) return;
    for (const producerId of cut) this.#producers.delete(producerId);
    for (const { batches } of stretches) {
      for (const batch of batches) if (cut.has(batch.producerId)) this.add(batch);
    }
  }

  clear(): void {
    this.#producers.clear();
  }

  /** producer.id.expiration.ms after its last record a producer is forgotten. */
  removeExpired(nowWallClock: Micros, expiration: Micros): void {
    for (const [producerId, entry] of this.#producers) {
      if (nowWallClock - entry.lastTimestamp >= expiration) this.#producers.delete(producerId);
    }
  }
}
