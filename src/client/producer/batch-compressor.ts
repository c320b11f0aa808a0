// The compressed side of a batch (MemoryRecordsBuilder with a codec): while records are added only an estimate of its size is known, made from the
// ratio that the producer expects; the real size comes when the sender closes it.
import { BATCH_HEADER_BYTES, type RecordShape } from "../../protocol/batch-size.ts";
import {
  type Compressibility,
  type Compression,
  compressedBytes,
  compressUs,
  JSON_LIKE,
  ratioOf,
  wholeBlocks,
} from "../../protocol/compression.ts";
import type { Micros } from "../../sim/kernel.ts";
import type { CompressionRatioEstimator } from "./compression-ratio-estimator.ts";

/** COMPRESSION_RATE_ESTIMATION_FACTOR. */
const ESTIMATION_FACTOR = Math.fround(1.05);

export class BatchCompressor {
  readonly compression: Compression;
  readonly #estimator: CompressionRatioEstimator;
  /** As expected when the batch was opened: it is not revised. */
  readonly #estimated: number;
  uncompressedBytes = 0;
  /** What the records will be compressed to, the frame not counted. */
  #compressible = 0;
  /** Compressed bytes by uncompressed bytes, of the records alone; known once the batch is closed. */
  ratio = 1;
  #isClosed = false;

  constructor(compression: Compression, estimator: CompressionRatioEstimator) {
    this.compression = compression;
    this.#estimator = estimator;
    this.#estimated = estimator.estimation;
  }

  /** Another batch of the same producer, with what it expects now. */
  fresh(): BatchCompressor {
    return new BatchCompressor(this.compression, this.#estimator);
  }

  /** estimatedBytesWritten, after `more` bytes of records were added. */
  estimatedBytes(more = 0): number {
    const bytes = Math.fround(Math.fround(this.uncompressedBytes + more) * this.#estimated);
    return BATCH_HEADER_BYTES + Math.trunc(Math.fround(bytes * ESTIMATION_FACTOR));
  }

  /** How many records of a size find room (hasRoomFor): a new record counts in full, what is there as it is expected to shrink. */
  room(capacityBytes: number, recordBytes: number): number {
    const target = capacityBytes - recordBytes;
    const fits = (records: number): boolean => this.estimatedBytes(records * recordBytes) <= target;
    if (!fits(0)) return 0;
    const expected = (target - BATCH_HEADER_BYTES) / (this.#estimated * ESTIMATION_FACTOR);
    let before = Math.max(0, Math.floor((expected - this.uncompressedBytes) / recordBytes));
    while (!fits(before)) before--;
    while (fits(before + 1)) before++;
    return before + 1;
  }

  /** Returns the estimated size of the batch with these bytes. */
  add(bytes: number, shape: RecordShape): number {
    this.uncompressedBytes += bytes;
    const records: Compressibility = shape.compressibility ?? JSON_LIKE;
    this.#compressible += bytes * ratioOf(this.compression, records);
    return this.estimatedBytes();
  }

  /** MemoryRecordsBuilder.close and ProducerBatch.close, each time the batch is drained. Returns the real size of the batch. */
  close(): number {
    const { uncompressedBytes } = this;
    const mean = this.#compressible / uncompressedBytes;
    const bytes = compressedBytes(this.compression, uncompressedBytes, mean);
    this.ratio = Math.fround(bytes / uncompressedBytes);
    // A batch that is sent again is closed again, and counts again.
    this.#estimator.update(this.ratio);
    this.#isClosed = true;
    return BATCH_HEADER_BYTES + bytes;
  }

  /** A batch turned out too large: expect the worst. */
  resetEstimation(): void {
    this.#estimator.set(Math.max(1, this.ratio));
  }

  /** Time that compressing what was added since `before` takes on the application's thread. */
  appendUs(before: number): Micros {
    const { compression } = this;
    const blocks =
      wholeBlocks(compression, this.uncompressedBytes) - wholeBlocks(compression, before);
    return blocks === 0 ? 0 : compressUs(compression, blocks);
  }

  /** Time that closing takes on the sender's thread; nothing the second time. Pieces of a split batch are filled there as well. */
  closeUs(isPiece: boolean): Micros {
    if (this.#isClosed) return 0;
    const { compression, uncompressedBytes } = this;
    const before = isPiece ? 0 : wholeBlocks(compression, uncompressedBytes);
    return compressUs(compression, uncompressedBytes - before);
  }
}
