// The metadata log of one node (`__cluster_metadata-0`): batches, the epochs they were written in, and where two logs diverge.
// The truth: KafkaMetadataLog, ValidOffsetAndEpoch. Left out: segments and snapshots, so a log keeps everything since offset 0.

import type { EpochEndOffset, MetadataBatch, Offset } from "../../../protocol/types.ts";
import { assert } from "../../../sim/assert.ts";

/** Where the batches are: a file of the disk, or memory. */
export interface BatchStore {
  readonly records: readonly MetadataBatch[];
  append(batch: MetadataBatch, bytes: number): string;
  truncate(length: number): void;
}

/** At most this many batches in one response: a bound in the manner of Kafka's 8 MiB. */
const MAX_BATCHES_PER_READ = 10_000;

export const endOf = (batch: MetadataBatch): Offset => batch.baseOffset + batch.records.length;

export const bytesOf = (batch: MetadataBatch): number => 61 + batch.records.length * 100;

/** A log that is forgotten with its node's life. */
export function memoryStore(): BatchStore {
  const records: MetadataBatch[] = [];
  return {
    records,
    append: (batch) => {
      records.push(batch);
      return "ok";
    },
    truncate: (length) => {
      records.length = length;
    },
  };
}

export class MetadataLog {
  readonly #store: BatchStore;
  /** Start offset of each epoch, ascending. */
  readonly #epochs: { readonly epoch: number; readonly startOffset: Offset }[] = [];

  constructor(store: BatchStore) {
    this.#store = store;
    for (const batch of store.records) this.#noteEpoch(batch);
  }

  get endOffset(): Offset {
    const last = this.#store.records.at(-1);
    return last === undefined ? 0 : endOf(last);
  }

  /** Epoch of the last batch, 0 none. */
  get lastEpoch(): number {
    return this.#epochs.at(-1)?.epoch ?? 0;
  }

  /** What the store said: "ok", or why it did not take it. */
  append(batch: MetadataBatch): string {
    assert(
      batch.baseOffset === this.endOffset && batch.epoch >= this.lastEpoch,
      () => `batch ${batch.baseOffset} (epoch ${batch.epoch}) appended at ${this.endOffset}`,
    );
    const outcome = this.#store.append(batch, bytesOf(batch));
    if (outcome === "ok") this.#noteEpoch(batch);
    return outcome;
  }

  read(from: Offset, to: Offset = this.endOffset): MetadataBatch[] {
    const batches: MetadataBatch[] = [];
    const { records } = this.#store;
    for (let index = this.#indexOf(from); index < records.length; index++) {
      const batch = records[index] as MetadataBatch;
      if (endOf(batch) > to || batches.length >= MAX_BATCHES_PER_READ) break;
      batches.push(batch);
    }
    return batches;
  }

  /** The largest known epoch that is not above `epoch`, and where it ends. */
  endOffsetForEpoch(epoch: number): EpochEndOffset {
    const first = this.#epochs[0];
    if (first === undefined || epoch > this.lastEpoch) {
      return { leaderEpoch: this.lastEpoch, endOffset: this.endOffset };
    }
    if (epoch < first.epoch) return { leaderEpoch: epoch, endOffset: first.startOffset };
    let index = this.#epochs.length - 1;
    while ((this.#epochs[index] as { epoch: number }).epoch > epoch) index--;
    const leaderEpoch = (this.#epochs[index] as { epoch: number }).epoch;
    return { leaderEpoch, endOffset: this.#epochs[index + 1]?.startOffset ?? this.endOffset };
  }

  /** Where a log that ends in (offset, epoch) leaves this one; undefined: it is a prefix of this one. */
  divergence(offset: Offset, lastFetchedEpoch: number): EpochEndOffset | undefined {
    const end = this.endOffsetForEpoch(lastFetchedEpoch);
    return end.leaderEpoch !== lastFetchedEpoch || end.endOffset < offset ? end : undefined;
  }

  /** Up to where the leader has the same, by its answer (ReplicatedLog.truncateToEndOffset). */
  truncationPoint(leaders: EpochEndOffset): Offset {
    const own = this.endOffsetForEpoch(leaders.leaderEpoch);
    return own.leaderEpoch === leaders.leaderEpoch
      ? Math.min(own.endOffset, leaders.endOffset)
      : own.endOffset;
  }

  /** Returns where the log ends now. */
  truncateTo(offset: Offset): Offset {
    this.#store.truncate(this.#indexOf(offset));
    while ((this.#epochs.at(-1)?.startOffset ?? -1) >= this.endOffset) this.#epochs.pop();
    return this.endOffset;
  }

  #noteEpoch(batch: MetadataBatch): void {
    if (this.#epochs.length === 0 || batch.epoch > this.lastEpoch) {
      this.#epochs.push({ epoch: batch.epoch, startOffset: batch.baseOffset });
    }
  }

  /** Index of the first batch that ends after `offset`. */
  #indexOf(offset: Offset): number {
    const { records } = this.#store;
    let low = 0;
    let high = records.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (endOf(records[middle] as MetadataBatch) > offset) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
