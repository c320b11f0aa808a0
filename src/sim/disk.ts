// The disk of one host: files of records in the page cache, and how much of each has reached the platter. Kafka appends
// without fsync and trusts replication, so what a power loss takes is decided here. The disk survives its host.
// Left out: background write-back by the OS makes nothing durable (only fsync does), and cached reads cost nothing.

import { assert } from "./assert.ts";
import type { Kernel, Micros } from "./kernel.ts";
import { type CachedFile, PageCache } from "./page-cache.ts";
import type { Rng } from "./rng.ts";
import { Station } from "./station.ts";

export type DiskMethod = "read" | "write" | "fsync";
export type Errno = "EIO" | "ENOSPC";

/** One injected fault (IOChaos). Active while it is in `disk.fault`. */
export interface DiskFault {
  readonly methods: readonly DiskMethod[];
  /** Of each single operation to be hit. */
  readonly probability: number;
  /** Extra time of an operation that is hit. A write goes to the page cache: its delay is paid by the file's next fsync. */
  readonly latency?: Micros;
  readonly errno?: Errno;
  /** Records written (method write) or read (method read) get damaged; their CRC tells. */
  readonly corrupt?: boolean;
  /** Operations hit so far. */
  hits: number;
}

interface DiskOptions {
  readonly writeBytesPerSecond: number;
  readonly readBytesPerSecond: number;
  readonly fsyncUs: Micros;
  readonly capacityBytes?: number | undefined;
  /** Memory for the page cache; absent: whatever the files need. */
  readonly pageCacheBytes?: number | undefined;
}

/** What the injected faults do to one operation. */
interface Strike {
  readonly latency: Micros;
  readonly errno: Errno | undefined;
  readonly corrupt: boolean;
}
const UNHURT: Strike = { latency: 0, errno: undefined, corrupt: false };

/** What a small file written with Disk.write() takes: one block. */
const BLOCK = 4096;

export class Disk {
  /** Injected faults, each active while it is in the set. */
  readonly fault = new Set<DiskFault>();
  /** Absent: everything is cached. */
  readonly pageCache: PageCache | undefined;
  readonly #rng: Rng;
  readonly #options: DiskOptions;
  readonly #arm: Station;
  readonly #files = new Map<string, File<unknown>>();
  readonly #values = new Map<string, unknown>();

  constructor(kernel: Kernel, rng: Rng, options: DiskOptions) {
    this.#rng = rng;
    this.#options = options;
    this.#arm = new Station(kernel, "disk", { servers: 1 });
    const { pageCacheBytes, writeBytesPerSecond } = options;
    if (pageCacheBytes !== undefined)
      this.pageCache = new PageCache(kernel, pageCacheBytes, writeBytesPerSecond);
  }

  /** Opens or creates. */
  file<T>(name: string): File<T> {
    assert(!this.#values.has(name), () => `${name} was written as a small file`);
    let file = this.#files.get(name);
    if (file === undefined) {
      file = new File<unknown>(name, this);
      this.#files.set(name, file);
    }
    return file as File<T>;
  }

  exists(name: string): boolean {
    return this.#files.has(name) || this.#values.has(name);
  }

  delete(name: string): void {
    const file = this.#files.get(name);
    if (file !== undefined) this.pageCache?.forget(file);
    this.#files.delete(name);
    this.#values.delete(name);
  }

  /** Sorted by code unit. */
  names(prefix: string): string[] {
    return [...this.#files.keys(), ...this.#values.keys()]
      .filter((name) => name.startsWith(prefix))
      .sort((x, y) => (x < y ? -1 : x > y ? 1 : 0));
  }

  read<T>(name: string): T | undefined {
    return this.#values.get(name) as T | undefined;
  }

  /** A small file (checkpoint, meta.properties) replaced atomically: written aside, synced, renamed. Survives power loss. */
  write<T>(name: string, value: T): void {
    assert(!this.#files.has(name), () => `${name} is a file of records`);
    this.#values.set(name, value);
  }

  /** One fsync on the arm, for callers of write() that may answer only when it is durable. */
  fsync(done: (ok: boolean) => void, bytes = 0, extra: Micros = 0): void {
    const { latency, errno } = this.strike("fsync");
    const transfer = (bytes / this.#options.writeBytesPerSecond) * 1_000_000;
    const time = Math.round(this.#options.fsyncUs + transfer + extra + latency);
    this.#arm.submit(time, () => done(errno === undefined));
  }

  /** A read that misses the page cache: the arm's time for that many bytes. */
  load(bytes: number, done: (ok: boolean) => void): void {
    const { latency, errno } = this.strike("read");
    const transfer = (bytes / this.#options.readBytesPerSecond) * 1_000_000;
    this.#arm.submit(Math.round(transfer + latency), () => done(errno === undefined));
  }

  /** What the injected faults do to one operation. */
  strike(method: DiskMethod): Strike {
    if (this.fault.size === 0) return UNHURT;
    const result = {
      latency: 0,
      errno: undefined as Errno | undefined,
      corrupt: false,
    };
    for (const fault of this.fault) {
      if (!fault.methods.includes(method) || !this.#rng.chance(fault.probability)) continue;
      fault.hits++;
      result.latency += fault.latency ?? 0;
      result.errno ??= fault.errno;
      result.corrupt ||= fault.corrupt ?? false;
    }
    return result;
  }

  /** The machine crashed: fsyncs and loads under way call nobody back. */
  reset(): void {
    this.#arm.reset();
    for (const file of this.#files.values()) file.forgetSyncs();
  }

  /** Power loss: each file keeps a seeded prefix of its unsynced tail and may end in a torn record. */
  loseUnsynced(): void {
    this.reset();
    for (const file of this.#files.values()) file.loseUnsynced(this.#rng);
    this.pageCache?.clear();
  }

  wipe(): void {
    this.reset();
    this.pageCache?.clear();
    this.#files.clear();
    this.#values.clear();
  }

  get usedBytes(): number {
    let bytes = this.#values.size * BLOCK;
    for (const file of this.#files.values()) bytes += file.sizeBytes;
    return bytes;
  }

  hasRoomFor(bytes: number): boolean {
    const { capacityBytes } = this.#options;
    return capacityBytes === undefined || this.usedBytes + bytes <= capacityBytes;
  }
}

/** An append-only file of records, as a log segment or an index is. */
export class File<T> implements CachedFile {
  readonly name: string;
  /** The file ends in half a record: a power loss cut the write. Recovery truncates, which clears it. */
  torn = false;
  /** Written by replace() and not touched since: no power loss can have taken its tail. */
  isWhole = false;
  /** So many of its first records are not in the page cache any more. */
  coldLength = 0;
  readonly #disk: Disk;
  readonly #records: T[] = [];
  /** End position in bytes of each record. */
  readonly #ends: number[] = [];
  readonly #corrupted = new Set<number>();
  /** Lengths that fsyncs under way will make durable. */
  readonly #syncing = new Set<{ length: number }>();
  #syncedLength = 0;
  /** Delay of writes that were hit, paid by the next fsync. */
  #writeDelay: Micros = 0;

  constructor(name: string, disk: Disk) {
    this.name = name;
    this.#disk = disk;
  }

  get records(): readonly T[] {
    return this.#records;
  }

  get length(): number {
    return this.#records.length;
  }

  get sizeBytes(): number {
    const ends = this.#ends;
    return ends.length === 0 ? 0 : (ends[ends.length - 1] as number);
  }

  get syncedLength(): number {
    return this.#syncedLength;
  }

  bytesOf(record: number): number {
    const before = record === 0 ? 0 : (this.#ends[record - 1] as number);
    return (this.#ends[record] as number) - before;
  }

  /** How many bytes a read of these records takes from the disk. */
  coldBytes(from: number, to: number): number {
    const end = Math.min(to, this.coldLength);
    if (end <= from) return 0;
    return (this.#ends[end - 1] as number) - (from === 0 ? 0 : (this.#ends[from - 1] as number));
  }

  /** Indexes of damaged records, found by CRC when they are read or recovered. */
  get corrupted(): ReadonlySet<number> {
    return this.#corrupted;
  }

  /** Into the page cache at once. */
  append(record: T, bytes: number): "ok" | Errno {
    const { latency, errno, corrupt } = this.#disk.strike("write");
    if (errno !== undefined) return errno;
    if (!this.#disk.hasRoomFor(bytes)) return "ENOSPC";
    this.#writeDelay += latency;
    if (corrupt) this.#corrupted.add(this.#records.length);
    this.isWhole = false;
    this.#ends.push(this.sizeBytes + bytes);
    this.#records.push(record);
    this.#disk.pageCache?.wrote(this, bytes);
    return "ok";
  }

  /** Durable at once: the file's new length is metadata, and the file system journals it. */
  truncate(length: number): void {
    assert(length >= 0, () => `truncate ${this.name} to ${length}`);
    this.torn = false;
    if (length >= this.#records.length) return;
    this.isWhole = false;
    this.#records.length = length;
    this.#ends.length = length;
    this.#syncedLength = Math.min(this.#syncedLength, length);
    for (const sync of this.#syncing) sync.length = Math.min(sync.length, length);
    for (const index of this.#corrupted) if (index >= length) this.#corrupted.delete(index);
    this.coldLength = Math.min(this.coldLength, length);
    this.#disk.pageCache?.cut(this);
  }

  /** What the file holds now is durable when `done(true)` is called; `done(false)` says it may not be. */
  sync(done: (ok: boolean) => void): void {
    const sync = { length: this.#records.length };
    this.#syncing.add(sync);
    const from = this.#syncedLength > 0 ? (this.#ends[this.#syncedLength - 1] as number) : 0;
    const delay = this.#writeDelay;
    this.#writeDelay = 0;
    this.#disk.pageCache?.cleaned(this.sizeBytes - from);
    this.#disk.fsync(
      (ok) => {
        this.#syncing.delete(sync);
        if (ok) this.#syncedLength = Math.max(this.#syncedLength, sync.length);
        done(ok);
      },
      this.sizeBytes - from,
      delay,
    );
  }

  /** Everything the file holds becomes this: written aside, fsynced and renamed, so it is durable whole. */
  replace(records: readonly T[], bytesOf: (record: T) => number): void {
    this.truncate(0);
    this.forgetSyncs();
    for (const record of records) {
      this.#ends.push(this.sizeBytes + bytesOf(record));
      this.#records.push(record);
    }
    this.#syncedLength = records.length;
    this.isWhole = true;
    this.#disk.pageCache?.cut(this);
  }

  forgetSyncs(): void {
    this.#syncing.clear();
    this.#writeDelay = 0;
  }

  loseUnsynced(rng: Rng): void {
    const had = this.#records.length;
    const kept = rng.integer(this.#syncedLength, had);
    this.truncate(kept);
    this.#syncedLength = kept;
    this.torn = kept < had && rng.chance(0.5);
  }
}
