// Fsyncs of one log and its recovery point: everything below is on the platter (UnifiedLog.flush, LocalLog.markFlushed).
// Kafka does not fsync what it appends unless flush.messages or flush.ms say so: replication is what it trusts.
import type { Offset } from "../protocol/types.ts";
import type { Micros } from "../sim/kernel.ts";
import type { LogDirectory } from "./log-directory.ts";
import type { Segments } from "./segments.ts";

type Done = (ok: boolean) => void;

export class Flusher {
  readonly #directory: LogDirectory;
  readonly #segments: Segments;
  #recoveryPoint: Offset;
  #lastFlushedAt: Micros;
  /** Fsyncs under way, by the offset they will make durable. */
  readonly #pending = new Set<{ offset: Offset }>();
  /** Appends end there that will be durable, or already are, without a further fsync. */
  #requested: Offset;
  /** Fsyncs under way that appends wait for, and who is told when there are none. */
  #awaited = 0;
  #waiters: Done[] = [];

  constructor(directory: LogDirectory, segments: Segments, recoveryPoint: Offset) {
    this.#directory = directory;
    this.#segments = segments;
    this.#recoveryPoint = recoveryPoint;
    this.#requested = recoveryPoint;
    this.#lastFlushedAt = directory.host.now;
  }

  get lastFlushedAt(): Micros {
    return this.#lastFlushedAt;
  }

  get recoveryPoint(): Offset {
    return this.#recoveryPoint;
  }

  /** flush.messages: fsyncs if so many records were appended since. */
  afterAppend(logEndOffset: Offset, flushMessages: number): void {
    if (logEndOffset - Math.max(this.#requested, this.#recoveryPoint) < flushMessages) return;
    this.#awaited++;
    this.flush(logEndOffset, () => {
      if (--this.#awaited > 0) return;
      const waiters = this.#waiters;
      this.#waiters = [];
      for (const done of waiters) done(!this.#directory.isOffline);
    });
  }

  /** False: no append waits for an fsync and `done` will not be called. */
  whenAppendsAreDurable(done: Done): boolean {
    if (this.#awaited === 0) return false;
    this.#waiters.push(done);
    return true;
  }

  /** Makes everything below the offset durable. */
  flush(offset: Offset, done: Done): void {
    const files = this.#unsyncedFiles(offset);
    const flush = { offset };
    this.#requested = Math.max(this.#requested, offset);
    this.#pending.add(flush);
    let open = files.length;
    let allOk = true;
    const finish = (ok: boolean): void => {
      allOk &&= ok;
      if (--open > 0) return;
      this.#finished(flush, allOk);
      done(allOk);
    };
    if (files.length === 0) finish(true);
    // A paused process hears of it when it goes on.
    const { host } = this.#directory;
    for (const file of files) file.sync((ok) => void host.after(0, () => finish(ok)));
  }

  /** The log now ends there: what is appended above it later is not durable. */
  truncateTo(offset: Offset): void {
    this.#recoveryPoint = Math.min(this.#recoveryPoint, offset);
    this.#requested = Math.min(this.#requested, offset);
    for (const flush of this.#pending) flush.offset = Math.min(flush.offset, offset);
  }

  /** The log now begins there. */
  advanceTo(offset: Offset): void {
    this.#recoveryPoint = Math.max(this.#recoveryPoint, offset);
  }

  #markFlushed(offset: Offset): void {
    if (offset <= this.#recoveryPoint) return;
    this.#recoveryPoint = offset;
    this.#lastFlushedAt = this.#directory.host.now;
  }

  #unsyncedFiles(offset: Offset) {
    const { list } = this.#segments;
    const from = Math.max(0, this.#segments.floorIndex(this.#recoveryPoint));
    const files = [];
    for (let i = from; i < list.length; i++) {
      const segment = list[i];
      if (segment === undefined || segment.baseOffset >= offset) break;
      if (segment.file.syncedLength < segment.file.length) files.push(segment.file);
    }
    return files;
  }

  #finished(flush: { offset: Offset }, ok: boolean): void {
    this.#pending.delete(flush);
    if (ok) this.#markFlushed(flush.offset);
    else this.#directory.fail("fsync", "EIO");
  }
}
