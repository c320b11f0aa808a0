// The page cache of one host, as Linux has it: what was written lately can be read from memory, the rest comes from the disk. Pages leave in the
// order in which they were written. Dirty pages are written back in the background from vm.dirty_background_ratio on; beyond vm.dirty_ratio whoever
// writes has to wait for it (balance_dirty_pages). Left out: pages that were read do not stay, and write-back takes nothing from reads and fsyncs.

import type { Kernel, Micros } from "./kernel.ts";

/** What the cache has to know of a file: how many records it has, and how many of the first have left the cache. */
export interface CachedFile {
  readonly length: number;
  coldLength: number;
  bytesOf(record: number): number;
}

/** Pages of one file that leave the cache together: as much as Linux reads ahead. */
interface Chunk {
  readonly file: CachedFile;
  bytes: number;
  /** Records of the file below this are in the chunk, or have left before it. */
  end: number;
}
const CHUNK_BYTES = 131_072;

const BACKGROUND_RATIO = 0.1;
const DIRTY_RATIO = 0.2;

export class PageCache {
  readonly #kernel: Kernel;
  readonly #writeBytesPerSecond: number;
  #capacityBytes: number;
  /** Oldest first; those before #first have left. */
  #chunks: Chunk[] = [];
  #first = 0;
  #usedBytes = 0;
  /** Pages that had to leave, and reads and writes that had to wait for the disk. */
  pressure = 0;
  /** As of #asOf. */
  #dirtyBytes = 0;
  #asOf: Micros;

  constructor(kernel: Kernel, capacityBytes: number, writeBytesPerSecond: number) {
    this.#kernel = kernel;
    this.#capacityBytes = capacityBytes;
    this.#writeBytesPerSecond = writeBytesPerSecond;
    this.#asOf = kernel.now;
  }

  get capacityBytes(): number {
    return Math.max(0, this.#capacityBytes);
  }

  /** More memory is taken than there is. */
  get missingBytes(): number {
    return Math.max(0, -this.#capacityBytes);
  }

  get dirtyBytes(): number {
    this.#writeBack();
    return this.#dirtyBytes;
  }

  /** Somebody takes memory away (positive) or gives it back (negative). */
  take(bytes: number): void {
    this.#writeBack();
    this.#capacityBytes -= bytes;
    this.#evict();
  }

  /** The file has grown by one record. */
  wrote(file: CachedFile, bytes: number): void {
    this.#writeBack();
    this.#dirtyBytes += bytes;
    this.#admit(file, bytes, file.length);
    this.#evict();
  }

  /** An fsync has written that much. */
  cleaned(bytes: number): void {
    this.#writeBack();
    this.#dirtyBytes = Math.max(0, this.#dirtyBytes - bytes);
  }

  /** How long the kernel holds up a writer of so many bytes: until dirty pages are within their limit again. */
  holdUpWriter(bytes: number): Micros {
    const excess = this.dirtyBytes + bytes - DIRTY_RATIO * this.capacityBytes;
    if (excess <= 0) return 0;
    this.pressure++;
    return Math.ceil((excess / this.#writeBytesPerSecond) * 1_000_000);
  }

  /** The file was cut; what is left of it stays where it is, and counts as just written. */
  cut(file: CachedFile): void {
    this.forget(file);
    for (let i = file.coldLength; i < file.length; i++) this.#admit(file, file.bytesOf(i), i + 1);
  }

  /** The file is gone. */
  forget(file: CachedFile): void {
    const kept: Chunk[] = [];
    for (let i = this.#first; i < this.#chunks.length; i++) {
      const chunk = this.#chunks[i] as Chunk;
      if (chunk.file === file) this.#usedBytes -= chunk.bytes;
      else kept.push(chunk);
    }
    this.#chunks = kept;
    this.#first = 0;
  }

  /** Power is lost: nothing is cached. */
  clear(): void {
    for (let i = this.#first; i < this.#chunks.length; i++) {
      const { file } = this.#chunks[i] as Chunk;
      file.coldLength = file.length;
    }
    this.#chunks = [];
    this.#first = 0;
    this.#usedBytes = 0;
    this.#dirtyBytes = 0;
  }

  #admit(file: CachedFile, bytes: number, end: number): void {
    this.#usedBytes += bytes;
    const last = this.#chunks[this.#chunks.length - 1];
    if (last?.file === file && last.bytes + bytes <= CHUNK_BYTES) {
      last.bytes += bytes;
      last.end = end;
    } else this.#chunks.push({ file, bytes, end });
  }

  #evict(): void {
    const { capacityBytes } = this;
    while (this.#usedBytes > capacityBytes && this.#first < this.#chunks.length) {
      const { file, bytes, end } = this.#chunks[this.#first++] as Chunk;
      this.#usedBytes -= bytes;
      this.pressure++;
      file.coldLength = Math.max(file.coldLength, end);
    }
    // What has left is dropped in one go, now and then.
    if (this.#first < 1024 || this.#first * 2 < this.#chunks.length) return;
    this.#chunks = this.#chunks.slice(this.#first);
    this.#first = 0;
  }

  /** What the background has written since. */
  #writeBack(): void {
    const { now } = this.#kernel;
    const floor = Math.min(this.#dirtyBytes, BACKGROUND_RATIO * this.capacityBytes);
    const written = ((now - this.#asOf) / 1_000_000) * this.#writeBytesPerSecond;
    this.#dirtyBytes = Math.max(floor, this.#dirtyBytes - written);
    this.#asOf = now;
  }
}
