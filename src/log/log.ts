// UnifiedLog: one replica's records. Batches are ranges, shared with the leader's log, never one object a record. Appends go to the page
// cache; what a crash leaves of them is decided by the disk and recovery.ts.
// Left out: transactions (so the last stable offset is the high watermark), tiering.
import type { KafkaHost } from "../protocol/kafka-host.ts";
import {
  type EpochEndOffset,
  type LeaderEpoch,
  lastOffset,
  type Offset,
  type ProducedBatch,
  type RecordBatch,
  type TopicPartition,
} from "../protocol/types.ts";
import { assert } from "../sim/assert.ts";
import type { Micros } from "../sim/kernel.ts";
import { type FollowerAppend, type LeaderAppend, placed, STORAGE_ERROR } from "./appending.ts";
import { type Cleaning, cleaningOf } from "./cleaner.ts";
import { Flusher } from "./flusher.ts";
import type { LeaderEpochCache } from "./leader-epoch-cache.ts";
import type { LogConfig } from "./log-config.ts";
import { epochsName, LogDirectory, ledgerName } from "./log-directory.ts";
import { ProducerStateManager } from "./producer-state.ts";
import { offsetForTimestamp, type ReadResult, readSegments } from "./reading.ts";
import { type Ledger, type LoadedLog, loadEpochs, loadLog, reportLoaded } from "./recovery.ts";
import { RETENTION_RULES } from "./retention.ts";
import type { Segment } from "./segment.ts";
import type { Segments } from "./segments.ts";

export type { LogConfig } from "./log-config.ts";

export class ReplicaLog {
  readonly partition: TopicPartition;
  readonly epochs: LeaderEpochCache;
  readonly producers = new ProducerStateManager();
  /** Topic settings change while the log is open. */
  config: LogConfig;
  /** Called when its end, start, high watermark or latest epoch is another one. */
  onMoved: () => void = ignore;
  readonly #host: KafkaHost;
  readonly #directory: LogDirectory;
  readonly #segments: Segments;
  readonly #flusher: Flusher;
  readonly #ledger: Ledger;
  #logStartOffset: Offset;
  #logEndOffset: Offset;
  #highWatermark: Offset;
  /** Last epoch anyone spoke to this log in, for the trace. */
  #leaderEpoch: LeaderEpoch;

  /** Creates the log, or loads what the disk has. */
  static open(
    host: KafkaHost,
    partition: TopicPartition,
    config: LogConfig,
    directory: LogDirectory = new LogDirectory(host),
  ): ReplicaLog {
    const known = host.disk.read<Ledger>(ledgerName(partition));
    const ledger = known ?? { logEndOffset: 0, batches: 0 };
    if (known === undefined) host.disk.write(ledgerName(partition), ledger);
    const loaded = loadLog(directory, partition, config, ledger);
    const log = new ReplicaLog(directory, partition, config, loaded, ledger);
    reportLoaded(host, partition, loaded, log.highWatermark, known === undefined);
    return log;
  }

  private constructor(
    directory: LogDirectory,
    partition: TopicPartition,
    config: LogConfig,
    loaded: LoadedLog,
    ledger: Ledger,
  ) {
    this.#directory = directory;
    this.#host = directory.host;
    this.partition = partition;
    this.config = config;
    this.#segments = loaded.segments;
    this.#flusher = new Flusher(directory, loaded.segments, loaded.recoveryPoint);
    this.#ledger = ledger;
    this.#logStartOffset = loaded.logStartOffset;
    this.#logEndOffset = loaded.logEndOffset;
    const checkpoint = directory.checkpoints.highWatermark.of(partition);
    this.#highWatermark = this.#clamp(checkpoint);
    this.epochs = loadEpochs(this.#host, partition, loaded);
    this.producers.load(loaded.segments.list);
    this.#leaderEpoch = this.epochs.latestEpoch;
    this.#settleLedger();
  }

  get logStartOffset(): Offset {
    return this.#logStartOffset;
  }

  get logEndOffset(): Offset {
    return this.#logEndOffset;
  }

  get highWatermark(): Offset {
    return this.#highWatermark;
  }

  get lastStableOffset(): Offset {
    return this.#highWatermark;
  }

  get recoveryPoint(): Offset {
    return this.#flusher.recoveryPoint;
  }

  get lastFlushedAt(): Micros {
    return this.#flusher.lastFlushedAt;
  }

  /** -1: none. */
  get latestEpoch(): LeaderEpoch {
    return this.epochs.latestEpoch;
  }

  get sizeBytes(): number {
    return this.#segments.sizeBytes;
  }

  get segments(): readonly Segment[] {
    return this.#segments.list;
  }

  /** Base offset of the segment the offset lies in: a parked fetch is answered once it lies in an older one than the log end. */
  segmentOf(offset: Offset): Offset {
    const index = this.#segments.floorIndex(offset);
    return (this.#segments.list[index] ?? this.#segments.first).baseOffset;
  }

  endOffsetForEpoch(epoch: LeaderEpoch): EpochEndOffset | undefined {
    return this.epochs.endOffsetFor(epoch, this.#logEndOffset);
  }

  /** First record at or after a timestamp. */
  offsetForTimestamp(timestamp: Micros): Offset | undefined {
    return offsetForTimestamp(this.#segments, timestamp, this.#logStartOffset);
  }

  // Appending

  /** A leader begins an epoch, before it appends anything in it. */
  assignEpochStart(leaderEpoch: LeaderEpoch, startOffset: Offset): void {
    this.#leaderEpoch = leaderEpoch;
    this.epochs.assign(leaderEpoch, startOffset);
    this.onMoved();
  }

  appendAsLeader(produced: ProducedBatch, leaderEpoch: LeaderEpoch): LeaderAppend {
    if (produced.producerId >= 0) {
      // A producer that sends a batch again, not having heard of it, learns where it is.
      const known = this.producers.offsetOf(produced);
      if (known >= 0)
        return { ok: true, baseOffset: known, lastOffset: known + produced.count - 1 };
      const error = this.producers.refusal(produced);
      if (error !== undefined) return { ok: false, error };
    }
    const baseOffset = this.#logEndOffset;
    if (!this.#append(placed(produced, baseOffset, leaderEpoch), true)) return STORAGE_ERROR;
    return { ok: true, baseOffset, lastOffset: this.#logEndOffset - 1 };
  }

  /** Takes the leader's batch as it is. A gap below it is possible: the leader's log may have one. */
  appendAsFollower(batch: RecordBatch): FollowerAppend {
    if (batch.baseOffset < this.#logEndOffset) {
      // The leader's log start lies inside this batch and the log is empty: begin with the batch (Partition.appendRecordsToFollower…).
      const beginsHere =
        this.#logEndOffset === this.#logStartOffset && lastOffset(batch) >= this.#logEndOffset;
      if (!beginsHere) return "UNEXPECTED_APPEND_OFFSET";
      this.truncateFullyAndStartAt(batch.baseOffset, "the first batch begins below the log start");
    }
    return this.#append(batch, false) ? "ok" : "KAFKA_STORAGE_ERROR";
  }

  #append(batch: RecordBatch, leader: boolean): boolean {
    assert(batch.count > 0, () => `empty batch for ${this.partition.name}`);
    if (this.#directory.isOffline) return false;
    const { baseOffset, leaderEpoch } = batch;
    if (leaderEpoch >= 0) this.epochs.assign(leaderEpoch, baseOffset);
    let segment = this.#segments.active;
    if (segment.shouldRoll(baseOffset, batch, this.config)) segment = this.#roll(baseOffset);
    const result = segment.append(batch, this.config);
    if (result !== "ok") {
      this.#directory.fail("write", result);
      return false;
    }
    if (batch.producerId >= 0) this.producers.add(batch);
    this.#leaderEpoch = leaderEpoch;
    this.#logEndOffset = baseOffset + batch.count;
    this.#ledger.logEndOffset = this.#logEndOffset;
    this.#ledger.batches++;
    this.onMoved();
    this.#host.emit("log.appended", {
      partition: this.partition,
      stream: batch.stream,
      firstNumber: batch.firstNumber,
      count: batch.count,
      baseOffset,
      leaderEpoch,
      leader,
      sizeBytes: batch.sizeBytes,
    });
    this.#flusher.afterAppend(this.#logEndOffset, this.config.flushMessages);
    return true;
  }

  /** The old segment is fsynced in the background. */
  #roll(baseOffset: Offset): ReturnType<Segments["add"]> {
    const { active } = this.#segments;
    // Happens when the index has no room for a single entry (KAFKA-6388).
    if (active.isEmpty && active.baseOffset === baseOffset) return active;
    const segment = this.#segments.add(baseOffset, this.config);
    this.#host.after(0, () => this.#flusher.flush(baseOffset, ignore));
    return segment;
  }

  // Reading

  /** Whole batches from one segment, each ending below the bound. The first may begin below the offset asked for. */
  read(
    fetchOffset: Offset,
    maxBytes: number,
    upperBound: Offset,
    minOneBatch: boolean,
  ): ReadResult {
    if (this.#directory.isOffline) return "KAFKA_STORAGE_ERROR";
    if (fetchOffset < this.#logStartOffset || fetchOffset > this.#logEndOffset)
      return "OFFSET_OUT_OF_RANGE";
    const request = { fetchOffset, maxBytes, upperBound, minOneBatch };
    return readSegments(this.#segments, this.#directory, request);
  }

  // High watermark

  /** The leader's way: never back. */
  maybeAdvanceHighWatermark(to: Offset, leaderEpoch: LeaderEpoch, leader: boolean): Offset {
    assert(
      to <= this.#logEndOffset,
      () => `${this.partition.name}: high watermark ${to} beyond log end ${this.#logEndOffset}`,
    );
    if (to > this.#highWatermark) this.#setHighWatermark(to, leaderEpoch, leader);
    return this.#highWatermark;
  }

  /** The follower's way: the leader's value, as far as the log reaches; may go back. Only a planted bug does not cap it. */
  updateHighWatermark(to: Offset, leaderEpoch: LeaderEpoch, isCapped = true): Offset {
    this.#setHighWatermark(isCapped ? this.#clamp(to) : to, leaderEpoch, false);
    return this.#highWatermark;
  }

  #clamp(offset: Offset): Offset {
    return Math.min(Math.max(offset, this.#logStartOffset), this.#logEndOffset);
  }

  #setHighWatermark(to: Offset, leaderEpoch: LeaderEpoch, leader: boolean): void {
    const from = this.#highWatermark;
    this.#highWatermark = to;
    this.#leaderEpoch = leaderEpoch;
    if (to === from) return;
    this.onMoved();
    const { partition } = this;
    if (to > from) this.#host.emit("hw.advanced", { partition, from, to, leaderEpoch, leader });
    else this.#host.emit("hw.lowered", { partition, from, to, leaderEpoch, leader });
  }

  // Cutting

  /** A batch that holds the offset goes whole, yet the log ends at the offset, as in Kafka. False: nothing lay above it. */
  truncateTo(offset: Offset, why: string): boolean {
    assert(offset >= 0, () => `${this.partition.name}: truncate to ${offset}`);
    const from = this.#logEndOffset;
    if (offset >= from) {
      // An epoch begun here that never got a record must still go.
      this.epochs.truncateFromEnd(from);
      this.onMoved();
      return false;
    }
    if (this.#segments.first.baseOffset > offset) {
      this.truncateFullyAndStartAt(offset, why);
      return true;
    }
    this.#segments.removeFrom(this.#segments.floorIndex(offset) + 1, this.config);
    this.#segments.active.truncateTo(offset, this.config);
    if (!this.#directory.keepsEpochs) this.epochs.truncateFromEnd(offset);
    this.producers.truncateTo(offset, this.#segments.list);
    this.#endAt(offset);
    this.#host.emit("log.truncated", { partition: this.partition, from, to: offset, why });
    if (offset < this.#logStartOffset) this.#moveStart(offset, why);
    if (this.#highWatermark > offset) this.#setHighWatermark(offset, this.#leaderEpoch, false);
    return true;
  }

  /** Drops everything; the next record gets that offset. */
  truncateFullyAndStartAt(offset: Offset, why: string): void {
    const from = this.#logEndOffset;
    this.#segments.removeFrom(0, this.config);
    this.#segments.add(offset, this.config);
    this.epochs.clear();
    this.producers.clear();
    this.#endAt(offset);
    this.#host.emit("log.truncated", { partition: this.partition, from, to: offset, why });
    if (offset !== this.#logStartOffset) this.#moveStart(offset, why);
    this.#setHighWatermark(offset, this.#leaderEpoch, false);
  }

  #endAt(offset: Offset): void {
    this.#logEndOffset = offset;
    this.onMoved();
    this.#flusher.truncateTo(offset);
    this.#settleLedger();
    const { checkpoints } = this.#directory;
    checkpoints.truncateTo(this.partition, this.recoveryPoint, this.#segments.active.baseOffset);
  }

  /** Drops the head (DeleteRecords, a leader's log start). Segments wholly below go with the next retention run. */
  advanceLogStartOffset(to: Offset, why: string): "ok" | "OFFSET_OUT_OF_RANGE" {
    if (to > this.#highWatermark) return "OFFSET_OUT_OF_RANGE";
    if (to > this.#logStartOffset) {
      this.epochs.truncateFromStart(to);
      this.#moveStart(to, why);
      this.#flusher.advanceTo(to);
    }
    return "ok";
  }

  #moveStart(to: Offset, why: string): void {
    const from = this.#logStartOffset;
    this.#logStartOffset = to;
    this.onMoved();
    this.#host.emit("log.startAdvanced", { partition: this.partition, from, to, why });
  }

  /** Retention. Returns how many segments went. */
  deleteRetained(nowWallClock: Micros): number {
    let deleted = 0;
    const rules = this.config.compact ? RETENTION_RULES.slice(0, 1) : RETENTION_RULES;
    for (const { why, count } of rules)
      deleted += this.#deleteOldest(count(this, this.config, nowWallClock), why);
    return deleted;
  }

  #deleteOldest(count: number, why: string): number {
    if (count === 0) return 0;
    const segments = this.#segments;
    // A log always has a segment: if all go, a new one comes first.
    if (count === segments.list.length) this.#roll(this.#logEndOffset);
    const first = segments.list[count];
    assert(first !== undefined, () => `${this.partition.name}: no segment left`);
    const advanced = this.advanceLogStartOffset(first.baseOffset, why);
    assert(advanced === "ok", () => `${this.partition.name}: retention passed the high watermark`);
    segments.removeFirst(count, this.config);
    this.#settleLedger();
    return count;
  }

  /** What the cleaner makes of the closed segments below `endOffset`, to be put in their place when it is on disk. */
  cleaning(cleanedTo: Offset, now: Micros): Cleaning | undefined {
    return cleaningOf(this.#segments.list, this, cleanedTo, now);
  }

  /** False: the log was cut meanwhile. */
  replaceSegments(cleaning: Cleaning): boolean {
    const isDone = this.#segments.replace(cleaning.groups, this.config);
    this.#settleLedger();
    return isDone;
  }

  // Durability

  /** Fsyncs everything appended so far; `done(false)`: the disk failed and the directory is offline. */
  flush(done: (ok: boolean) => void): void {
    this.#flusher.flush(this.#logEndOffset, done);
  }

  /** With flush.messages set, an append is not done before its fsync. False: nothing to wait for, `done` is not called. */
  whenFlushed(done: (ok: boolean) => void): boolean {
    return this.#flusher.whenAppendsAreDurable(done);
  }

  delete(why: string): void {
    const { disk } = this.#host;
    this.#segments.removeFrom(0, this.config);
    disk.delete(epochsName(this.partition));
    disk.delete(ledgerName(this.partition));
    this.#directory.checkpoints.remove(this.partition);
    this.#host.emit("log.deleted", { partition: this.partition, why });
    this.#directory.onDeleted?.(this.partition);
  }

  #settleLedger(): void {
    this.#ledger.logEndOffset = this.#logEndOffset;
    this.#ledger.batches = this.#segments.batchCount;
  }
}

const ignore = (): void => undefined;
