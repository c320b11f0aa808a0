// LogSegment: the batches of one stretch of offsets, in one file. Its offset and time indexes are here only as counts of
// entries, because a full index rolls the segment; look-ups search the batches themselves.
import { lastOffset, type Offset, type RecordBatch } from "../protocol/types.ts";
import type { Errno, File } from "../sim/disk.ts";
import { type Micros, ms } from "../sim/kernel.ts";
import type { LogConfig } from "./log-config.ts";

const OFFSET_INDEX_ENTRY_BYTES = 8;
const TIME_INDEX_ENTRY_BYTES = 12;
/** Index entries hold offsets relative to the base, as int32. */
const MAX_RELATIVE_OFFSET = 0x7fff_ffff;

export class Segment {
  readonly baseOffset: Offset;
  readonly file: File<RecordBatch>;
  /** Age of a segment without records (retention). */
  readonly #createdAt: Micros;
  #maxTimestamp: Micros = -Infinity;
  #bytesSinceIndexEntry = 0;
  #offsetIndexEntries = 0;
  #timeIndexEntries = 0;
  #lastIndexedTimestamp: Micros = -Infinity;

  /** The file may hold batches already. `createdAt` is the wall clock now. */
  constructor(baseOffset: Offset, file: File<RecordBatch>, config: LogConfig, createdAt: Micros) {
    this.baseOffset = baseOffset;
    this.file = file;
    this.#createdAt = createdAt;
    this.#reindex(config);
  }

  get batches(): readonly RecordBatch[] {
    return this.file.records;
  }

  get sizeBytes(): number {
    return this.file.sizeBytes;
  }

  get isEmpty(): boolean {
    return this.file.length === 0;
  }

  get largestTimestamp(): Micros {
    return this.isEmpty ? this.#createdAt : this.#maxTimestamp;
  }

  /** LogSegment.readNextOffset. */
  get nextOffset(): Offset {
    const last = this.batches[this.batches.length - 1];
    return last === undefined ? this.baseOffset : lastOffset(last) + 1;
  }

  /** Event time, not wall time, decides: what is compared is the new batch with the segment's first. */
  shouldRoll(baseOffset: Offset, batch: RecordBatchSize, config: LogConfig): boolean {
    const { sizeBytes } = this;
    if (sizeBytes + batch.sizeBytes > config.segmentBytes) return true;
    const first = this.batches[0];
    if (first === undefined) return false;
    return (
      batch.maxTimestamp - first.maxTimestamp > ms(config.segmentMs) ||
      this.#isIndexFull(config.segmentIndexBytes) ||
      baseOffset + batch.count - 1 - this.baseOffset > MAX_RELATIVE_OFFSET
    );
  }

  append(batch: RecordBatch, config: LogConfig): "ok" | Errno {
    const result = this.file.append(batch, batch.sizeBytes);
    if (result === "ok") this.#index(batch, config);
    return result;
  }

  /** Drops every batch that holds the offset or lies above it, whole. */
  truncateTo(offset: Offset, config: LogConfig): void {
    this.cutAt(this.indexOf(offset), config);
  }

  /** Keeps that many batches. */
  cutAt(length: number, config: LogConfig): void {
    this.file.truncate(length);
    this.#reindex(config);
  }

  /** What the cleaner left of it. */
  replace(batches: readonly RecordBatch[], config: LogConfig): void {
    this.file.replace(batches, (batch) => batch.sizeBytes);
    this.#reindex(config);
  }

  /** Index of the first batch that ends at or after the offset; `batches.length` if none does. */
  indexOf(offset: Offset): number {
    const { batches } = this;
    let low = 0;
    let high = batches.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (lastOffset(batches[middle] as RecordBatch) < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #isIndexFull(indexBytes: number): boolean {
    return (
      this.#offsetIndexEntries >= Math.floor(indexBytes / OFFSET_INDEX_ENTRY_BYTES) ||
      // One entry stays free for the largest timestamp when the segment is closed.
      this.#timeIndexEntries >= Math.floor(indexBytes / TIME_INDEX_ENTRY_BYTES) - 1
    );
  }

  #index(batch: RecordBatch, config: LogConfig): void {
    if (batch.maxTimestamp > this.#maxTimestamp) this.#maxTimestamp = batch.maxTimestamp;
    if (this.#bytesSinceIndexEntry > config.indexIntervalBytes) {
      this.#offsetIndexEntries++;
      if (this.#maxTimestamp > this.#lastIndexedTimestamp) {
        this.#timeIndexEntries++;
        this.#lastIndexedTimestamp = this.#maxTimestamp;
      }
      this.#bytesSinceIndexEntry = 0;
    }
    this.#bytesSinceIndexEntry += batch.sizeBytes;
  }

  #reindex(config: LogConfig): void {
    this.#maxTimestamp = -Infinity;
    this.#bytesSinceIndexEntry = 0;
    this.#offsetIndexEntries = 0;
    this.#timeIndexEntries = 0;
    this.#lastIndexedTimestamp = -Infinity;
    for (const batch of this.batches) this.#index(batch, config);
  }
}

type RecordBatchSize = Pick<RecordBatch, "sizeBytes" | "maxTimestamp" | "count">;
