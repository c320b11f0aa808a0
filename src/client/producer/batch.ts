// A batch being collected, waiting or in flight (ProducerBatch, MemoryRecordsBuilder): a range of one stream's records, never one object a record.
import {
  BATCH_HEADER_BYTES,
  batchUpperBoundBytes,
  nextVarintStep,
  type RecordShape,
  recordBytes,
} from "../../protocol/batch-size.ts";
import { incrementSequence, NO_SEQUENCE } from "../../protocol/sequence.ts";
import type { LeaderEpoch, ProducedBatch, TopicPartition } from "../../protocol/types.ts";
import { assert } from "../../sim/assert.ts";
import type { Micros } from "../../sim/kernel.ts";
import type { BatchCompressor } from "./batch-compressor.ts";
import { contentOf, type RecordRun, runsWith } from "./batch-content.ts";

/** Record timestamps are in milliseconds. */
const wholeMs = (time: Micros): number => Math.floor(time / 1000);

export class ProducerBatch {
  readonly partition: TopicPartition;
  readonly stream: number;
  readonly firstNumber: number;
  /** The buffer's size: the write limit, and what the pool gets back. */
  readonly capacityBytes: number;
  readonly createdAt: Micros;
  readonly shape: RecordShape;
  /** undefined: not compressed. */
  readonly compressor: BatchCompressor | undefined;
  count = 0;
  /** With compression an estimate, until the batch is sealed. */
  sizeBytes = BATCH_HEADER_BYTES;
  /** Times it was put back after a failure. */
  attempts = 0;
  /** While it waits to be sent again: not before this time. */
  retryAt: Micros = 0;
  isInFlight = false;
  /** A piece of a batch that was too large; it owns no buffer of the pool. */
  isSplit = false;
  isDone = false;
  /** Some attempt may have reached a log: what comes of the batch is not certain to be nothing. */
  isMaybeWritten = false;
  /** Idempotence: who sends it, and the sequence of its first record. */
  producerId = -1;
  producerEpoch = -1;
  baseSequence = NO_SEQUENCE;
  /** Its sequence was changed since it was last sent (sequenceHasBeenReset). */
  isRenumbered = false;
  #isClosed = false;
  /** Records by kind, in order; undefined while all are alike. */
  #runs: RecordRun[] | undefined;
  #firstTimestamp: Micros = 0;
  #maxTimestamp: Micros = 0;
  #produced: ProducedBatch | undefined;
  #leaderEpoch: LeaderEpoch = -1;
  #attemptsWhenLeaderChanged = -1;

  constructor(options: {
    readonly partition: TopicPartition;
    readonly stream: number;
    readonly firstNumber: number;
    readonly capacityBytes: number;
    readonly createdAt: Micros;
    readonly shape: RecordShape;
    readonly compressor?: BatchCompressor | undefined;
  }) {
    this.partition = options.partition;
    this.stream = options.stream;
    this.firstNumber = options.firstNumber;
    this.capacityBytes = options.capacityBytes;
    this.createdAt = options.createdAt;
    this.shape = options.shape;
    this.compressor = options.compressor;
  }

  get isFull(): boolean {
    return this.#isClosed || (this.count > 0 && this.sizeBytes >= this.capacityBytes);
  }

  /** The number that a record appended next would have. */
  get nextNumber(): number {
    return this.firstNumber + this.count;
  }

  /** Takes as many of `limit` equal records as there is room for; the first record always fits. */
  append(limit: number, shape: RecordShape, timestamp: Micros): number {
    if (this.#isClosed) return 0;
    if (this.count === 0) this.#firstTimestamp = timestamp;
    const timestampDelta = wholeMs(timestamp) - wholeMs(this.#firstTimestamp);
    const { compressor } = this;
    let taken = 0;
    while (taken < limit) {
      const bytes = recordBytes(shape, this.count, timestampDelta);
      let fit =
        compressor === undefined
          ? Math.floor((this.capacityBytes - this.sizeBytes) / bytes)
          : compressor.room(this.capacityBytes, bytes);
      if (fit < 1 && this.count === 0) fit = 1;
      const now = Math.min(fit, limit - taken, nextVarintStep(this.count) - this.count);
      if (now < 1) break;
      taken += now;
      this.count += now;
      if (compressor === undefined) this.sizeBytes += now * bytes;
      else this.sizeBytes = compressor.add(now * bytes, shape);
    }
    if (taken === 0) return 0;
    this.#maxTimestamp = Math.max(this.#maxTimestamp, timestamp);
    if (shape !== this.shape || this.#runs !== undefined) {
      const before = this.#runs ?? [{ shape: this.shape, count: this.count - taken }];
      this.#runs = runsWith(before, shape, taken);
    }
    return taken;
  }

  /** No more records (closeForRecordAppends). */
  close(): void {
    this.#isClosed = true;
  }

  /** It leaves its queue: compressed, its size is known only now (MemoryRecordsBuilder.close). Returns the time that takes. */
  seal(): Micros {
    this.#isClosed = true;
    const { compressor } = this;
    if (compressor === undefined) return 0;
    const closeUs = compressor.closeUs(this.isSplit);
    this.sizeBytes = compressor.close();
    return closeUs;
  }

  /** Compressed bytes by uncompressed ones, of the records without the batch's header. */
  get compressionRatio(): number {
    return this.compressor === undefined ? 1 : this.compressor.ratio;
  }

  /** The upper bound of its largest record, as a batch of its own (maxRecordSize). */
  get largestRecordBytes(): number {
    if (this.#runs === undefined) return batchUpperBoundBytes(this.shape);
    return this.#runs.reduce((most, { shape }) => Math.max(most, batchUpperBoundBytes(shape)), 0);
  }

  get hasSequence(): boolean {
    return this.baseSequence !== NO_SEQUENCE;
  }

  get lastSequence(): number {
    return incrementSequence(this.baseSequence, this.count - 1);
  }

  setProducerState(producerId: number, producerEpoch: number, baseSequence: number): void {
    this.producerId = producerId;
    this.producerEpoch = producerEpoch;
    this.baseSequence = baseSequence;
    this.#produced = undefined;
  }

  /** A new epoch; what is on its way still carries the old one. */
  resetProducerState(producerId: number, producerEpoch: number, baseSequence: number): void {
    this.isRenumbered = true;
    this.setProducerState(producerId, producerEpoch, baseSequence);
  }

  /** What goes over the wire; the same object for every attempt under the same sequence. */
  produced(): ProducedBatch {
    if (this.#produced === undefined) {
      assert(this.#isClosed && this.count > 0, () => `batch of ${this.partition.name} is open`);
      this.#produced = {
        stream: this.stream,
        firstNumber: this.firstNumber,
        count: this.count,
        sizeBytes: this.sizeBytes,
        firstTimestamp: this.#firstTimestamp,
        maxTimestamp: this.#maxTimestamp,
        producerId: this.producerId,
        producerEpoch: this.producerEpoch,
        baseSequence: this.baseSequence,
      };
      const content = contentOf(this, this.#runs);
      if (content !== undefined) this.#produced = { ...this.#produced, content };
    }
    return this.#produced;
  }

  /** KIP-951: remembers during which attempt the leader epoch was last seen to rise. */
  noteLeaderEpoch(leaderEpoch: LeaderEpoch): void {
    if (leaderEpoch <= this.#leaderEpoch) return;
    this.#attemptsWhenLeaderChanged = this.attempts;
    this.#leaderEpoch = leaderEpoch;
  }

  /** The leader has changed since the last failure: no reason to wait. */
  get hasLeaderChangedForRetry(): boolean {
    return this.attempts > 0 && this.attempts === this.#attemptsWhenLeaderChanged;
  }

  /** Pieces of at most `capacityBytes`, closed, created when this one was (ProducerBatch.split). */
  split(capacityBytes: number): ProducerBatch[] {
    const pieces: ProducerBatch[] = [];
    let done = 0;
    let piece: ProducerBatch | undefined;
    for (const { shape, count } of this.#runs ?? [{ shape: this.shape, count: this.count }]) {
      for (let left = count; left > 0; ) {
        if (piece === undefined) {
          piece = this.#piece(done, capacityBytes, shape);
          pieces.push(piece);
        }
        const taken = piece.append(left, shape, this.#firstTimestamp);
        left -= taken;
        done += taken;
        if (taken === 0) piece = undefined;
      }
    }
    for (const each of pieces) this.#inherit(each);
    return pieces;
  }

  #piece(from: number, capacityBytes: number, shape: RecordShape): ProducerBatch {
    return new ProducerBatch({
      partition: this.partition,
      stream: this.stream,
      firstNumber: this.firstNumber + from,
      capacityBytes: Math.max(capacityBytes, batchUpperBoundBytes(shape)),
      createdAt: this.createdAt,
      shape,
      compressor: this.compressor?.fresh(),
    });
  }

  /** Sequences stay what they are, record by record. */
  #inherit(piece: ProducerBatch): void {
    piece.#maxTimestamp = this.#maxTimestamp;
    piece.isSplit = true;
    piece.isMaybeWritten = this.isMaybeWritten;
    piece.close();
    if (!this.hasSequence) return;
    const sequence = incrementSequence(this.baseSequence, piece.firstNumber - this.firstNumber);
    piece.setProducerState(this.producerId, this.producerEpoch, sequence);
  }
}
