// Batches waiting to be sent, a queue a partition (RecordAccumulator): when a node is ready, and what it is given then.
// Left out: flush(), transactions, several topics per producer.
import { batchUpperBoundBytes, type RecordShape } from "../../protocol/batch-size.ts";
import type { RecordStream } from "../../protocol/environment.ts";
import { type BrokerId, NO_LEADER, type TopicPartition } from "../../protocol/types.ts";
import { type Micros, ms } from "../../sim/kernel.ts";
import type { Backoff } from "../backoff.ts";
import type { KnownPartition, Metadata } from "../metadata.ts";
import { ProducerBatch } from "./batch.ts";
import type { BatchCompressor } from "./batch-compressor.ts";
import type { BufferPool } from "./buffer-pool.ts";
import type { Idempotence } from "./idempotence.ts";
import { PartitionLoad } from "./partition-load.ts";
import type { Partitioner } from "./partitioner.ts";

export interface AccumulatorConfig {
  readonly "batch.size": number;
  readonly "linger.ms": number;
  readonly "delivery.timeout.ms": number;
  readonly "partitioner.adaptive.partitioning.enable": boolean;
  readonly "partitioner.availability.timeout.ms": number;
}

export interface PartitionQueue {
  readonly partition: TopicPartition;
  readonly stream: RecordStream;
  readonly batches: ProducerBatch[];
  /** max.in.flight = 1: a batch of this partition is on its way. */
  isMuted: boolean;
  /** It has batches, and is in the list of those that do. */
  isFilled: boolean;
  /** Its length has changed since the partitioner was told; where it is told, -1 nowhere. */
  isChanged: boolean;
  loadIndex: number;
}

export interface ReadyCheck {
  readonly nodes: readonly BrokerId[];
  /** When a partition that is not ready may be, if nothing else happens. */
  readonly nextCheckAt: Micros;
  readonly hasUnknownLeaders: boolean;
}

const NO_NODES: readonly BrokerId[] = [];
const NOTHING_READY: ReadyCheck = {
  nodes: NO_NODES,
  nextCheckAt: Number.POSITIVE_INFINITY,
  hasUnknownLeaders: false,
};

export class RecordAccumulator {
  readonly #topic: string;
  readonly #metadata: Metadata;
  readonly #pool: BufferPool;
  readonly #load: PartitionLoad;
  readonly #retryBackoff: Backoff;
  readonly #idempotence: Idempotence | undefined;
  readonly #compressor: (() => BatchCompressor) | undefined;
  readonly #splitsInHalves: boolean;
  readonly #batchSize: number;
  readonly #linger: Micros;
  readonly #deliveryTimeout: Micros;
  /** By partition number; absent until something was sent there. */
  readonly #queues: (PartitionQueue | undefined)[] = [];
  /** Those that have batches, by partition number. */
  readonly #filled: PartitionQueue[] = [];
  /** Partitions by leader, as of #ledVersion of the metadata. */
  readonly #led = new Map<BrokerId, readonly KnownPartition[]>();
  #ledVersion = -1;
  readonly #drainIndex = new Map<BrokerId, number>();
  /** Time that closing the batches drained since the last question takes. */
  #closeUs: Micros = 0;
  /** Batches in the queues. */
  #waiting = 0;
  /** Nothing was in the queues at the last look, which was at this version of the metadata; -1: something was. */
  #emptyVersion = -1;
  /** Every batch without an outcome, oldest first. */
  readonly #incomplete: ProducerBatch[] = [];
  /** No batch gets too old before. */
  #noneExpiresBefore: Micros = 0;

  constructor(
    topic: string,
    config: AccumulatorConfig,
    parts: {
      readonly metadata: Metadata;
      readonly pool: BufferPool;
      readonly partitioner: Partitioner;
      readonly retryBackoff: Backoff;
      readonly idempotence?: Idempotence | undefined;
      /** For each new batch; undefined: no compression. */
      readonly compressor?: (() => BatchCompressor) | undefined;
      readonly splitsInHalves?: boolean;
    },
  ) {
    this.#topic = topic;
    this.#metadata = parts.metadata;
    this.#pool = parts.pool;
    this.#load = new PartitionLoad(topic, config, parts.metadata, parts.partitioner);
    this.#retryBackoff = parts.retryBackoff;
    this.#idempotence = parts.idempotence;
    this.#compressor = parts.compressor;
    this.#splitsInHalves = parts.splitsInHalves ?? false;
    this.#batchSize = Math.max(1, config["batch.size"]);
    this.#linger = ms(config["linger.ms"]);
    this.#deliveryTimeout = ms(config["delivery.timeout.ms"]);
  }

  get totalBytes(): number {
    return this.#pool.totalBytes;
  }

  get availableBytes(): number {
    return this.#pool.availableBytes;
  }

  get hasIncomplete(): boolean {
    return this.#incomplete.length > 0;
  }

  // Appending

  queue(number: number): PartitionQueue | undefined {
    return this.#queues[number];
  }

  addQueue(partition: TopicPartition, stream: RecordStream): PartitionQueue {
    const queue: PartitionQueue = {
      partition,
      stream,
      batches: [],
      isMuted: false,
      isFilled: false,
      isChanged: false,
      loadIndex: -1,
    };
    this.#queues[partition.partition] = queue;
    this.#emptyVersion = -1;
    this.#load.added();
    return queue;
  }

  /** The queue has got or lost a batch. */
  #resized(queue: PartitionQueue): void {
    this.#load.changed(queue);
    const isFilled = queue.batches.length > 0;
    if (isFilled === queue.isFilled) return;
    queue.isFilled = isFilled;
    const filled = this.#filled;
    let at = 0;
    while (at < filled.length && comesBefore(filled[at] as PartitionQueue, queue)) at++;
    if (isFilled) filled.splice(at, 0, queue);
    else filled.splice(at, 1);
  }

  /** Memory that a new batch for such a record takes. */
  bufferBytes(shape: RecordShape): number {
    return Math.max(this.#batchSize, batchUpperBoundBytes(shape));
  }

  /** The batch that has room for the next record; a tail without room is closed (tryAppend). */
  tail(queue: PartitionQueue): ProducerBatch | undefined {
    const tail = queue.batches[queue.batches.length - 1];
    if (tail === undefined || tail.isFull) return undefined;
    // Numbers that were used up without a record in the batch would make a hole in its range.
    if (tail.nextNumber === queue.stream.nextNumber) return tail;
    tail.close();
    return undefined;
  }

  /** Opens a batch; its buffer was taken from the pool by the caller. */
  open(queue: PartitionQueue, shape: RecordShape, now: Micros): ProducerBatch {
    const batch = new ProducerBatch({
      partition: queue.partition,
      stream: queue.stream.id,
      firstNumber: queue.stream.nextNumber,
      capacityBytes: this.bufferBytes(shape),
      createdAt: now,
      shape,
      compressor: this.#compressor?.(),
    });
    queue.batches.push(batch);
    this.#resized(queue);
    this.#waiting++;
    this.#incomplete.push(batch);
    return batch;
  }

  /** When a batch that was just opened makes its leader ready, as far as is known now. */
  opensAt(queue: PartitionQueue, batch: ProducerBatch): Micros {
    const mayWait = queue.batches.length === 1 && this.#pool.queued === 0 && !batch.isFull;
    if (!mayWait || this.#metadata.leaderOf(queue.partition) === NO_LEADER) return batch.createdAt;
    return batch.createdAt + this.#linger;
  }

  // Sending

  ready(now: Micros): ReadyCheck {
    if (this.#waiting === 0 && this.#emptyVersion === this.#metadata.version) return NOTHING_READY;
    this.#emptyVersion = this.#waiting === 0 ? this.#metadata.version : -1;
    this.#load.tell(this.#queues);
    let nodes: BrokerId[] | undefined;
    let nextCheckAt = Number.POSITIVE_INFINITY;
    let hasUnknownLeaders = false;
    const isExhausted = this.#pool.queued > 0;
    const filled = this.#filled;
    for (let i = 0; i < filled.length; i++) {
      const queue = filled[i] as PartitionQueue;
      const leader = this.#metadata.leaderOf(queue.partition);
      if (leader === NO_LEADER) {
        hasUnknownLeaders = true;
        continue;
      }
      if (queue.isMuted || nodes?.includes(leader)) continue;
      const head = queue.batches[0] as ProducerBatch;
      const readyAt = this.#readyAt(queue, head, isExhausted, now);
      if (readyAt <= now) {
        if (nodes === undefined) nodes = [leader];
        else nodes.push(leader);
      } else if (readyAt < nextCheckAt) nextCheckAt = readyAt;
    }
    return { nodes: nodes ?? NO_NODES, nextCheckAt, hasUnknownLeaders };
  }

  /** One batch of every partition the node leads, from where the last round ended, until the request is full. */
  drain(node: BrokerId, maxBytes: number, now: Micros): ProducerBatch[] {
    const led = this.#ledBy(node);
    const drained: ProducerBatch[] = [];
    let bytes = 0;
    const start = led.length === 0 ? 0 : (this.#drainIndex.get(node) ?? 0) % led.length;
    let index = start;
    for (let i = 0; i < led.length; i++) {
      index = (start + i) % led.length;
      const queue = this.#queues[led[index]?.partition.partition as number];
      const head = queue?.batches[0];
      if (queue === undefined || head === undefined || queue.isMuted) continue;
      if (this.#isBackingOff(head, now)) continue;
      if (bytes + head.sizeBytes > maxBytes && drained.length > 0) break;
      // As in Kafka, a partition that has to wait ends the round for its node.
      if (this.#idempotence?.mustWait(head) === true) break;
      queue.batches.shift();
      this.#resized(queue);
      this.#waiting--;
      if (!head.hasSequence) this.#idempotence?.assign(head);
      head.isRenumbered = false;
      head.noteLeaderEpoch(led[index]?.leaderEpoch ?? -1);
      this.#closeUs += head.seal();
      bytes += head.sizeBytes;
      drained.push(head);
    }
    this.#drainIndex.set(node, index);
    return drained;
  }

  takeCloseUs(): Micros {
    const closeUs = this.#closeUs;
    this.#closeUs = 0;
    return closeUs;
  }

  #ledBy(node: BrokerId): readonly KnownPartition[] {
    if (this.#ledVersion !== this.#metadata.version) {
      this.#ledVersion = this.#metadata.version;
      this.#led.clear();
    }
    let led = this.#led.get(node);
    if (led === undefined) {
      led = this.#metadata.partitionsOf(this.#topic).filter((known) => known.leader === node);
      this.#led.set(node, led);
    }
    return led;
  }

  /** Puts a batch back to be sent again, first of its partition. */
  reenqueue(batch: ProducerBatch, now: Micros): void {
    batch.retryAt = now + this.#retryBackoff(batch.attempts);
    batch.attempts++;
    this.#putBack(batch);
  }

  #putBack(batch: ProducerBatch): void {
    const queue = this.#queueOf(batch);
    insertInSequence(queue.batches, batch);
    this.#resized(queue);
    this.#waiting++;
  }

  /** MESSAGE_TOO_LARGE: smaller batches in its place, which have no buffer from the pool (splitAndReenqueue). Returns how many. */
  splitAndReenqueue(batch: ProducerBatch): number {
    batch.compressor?.resetEstimation();
    // KAFKA-8350: what was split to batch.size and is still too large would be split to the same again, without end.
    const isAgain = this.#splitsInHalves && batch.isSplit;
    const pieces = batch.split(
      isAgain
        ? Math.max(batch.largestRecordBytes, Math.floor(batch.sizeBytes / 2))
        : this.#batchSize,
    );
    for (const piece of pieces.toReversed()) {
      this.#incomplete.push(piece);
      this.#idempotence?.sequences(piece.partition).track(piece);
      this.#putBack(piece);
    }
    this.#incomplete.sort((a, b) => a.createdAt - b.createdAt);
    return pieces.length;
  }

  /** The batch has its outcome: its buffer goes back. */
  complete(batch: ProducerBatch): void {
    const at = this.#incomplete.indexOf(batch);
    if (at >= 0) this.#incomplete.splice(at, 1);
    if (!batch.isSplit) this.#pool.give(batch.capacityBytes);
  }

  /** When the oldest batch without an outcome is given up. */
  get nextExpiryAt(): Micros {
    const oldest = this.#incomplete[0];
    return oldest === undefined
      ? Number.POSITIVE_INFINITY
      : oldest.createdAt + this.#deliveryTimeout;
  }

  /** Is any batch too old? Mostly the last look says that none can be yet. */
  hasExpiredBatches(now: Micros): boolean {
    if (now < this.#noneExpiresBefore) return false;
    const at = this.nextExpiryAt;
    if (at <= now) return true;
    // Who is created from now on has all the time there is.
    this.#noneExpiresBefore = Math.min(at, now + this.#deliveryTimeout);
    return false;
  }

  hasExpired(batch: ProducerBatch, now: Micros): boolean {
    return now >= batch.createdAt + this.#deliveryTimeout;
  }

  /** Batches older than delivery.timeout.ms, queued ones (taken off their queue) and those in flight. */
  takeExpired(now: Micros): ProducerBatch[] {
    const expired: ProducerBatch[] = [];
    for (const batch of this.#incomplete) {
      if (!this.hasExpired(batch, now)) break;
      expired.push(batch);
      if (batch.isInFlight) continue;
      const queue = this.#queueOf(batch);
      const at = queue.batches.indexOf(batch);
      if (at < 0) continue;
      queue.batches.splice(at, 1);
      this.#resized(queue);
      this.#waiting--;
    }
    return expired;
  }

  setMuted(partition: TopicPartition, isMuted: boolean): void {
    const queue = this.#queues[partition.partition];
    if (queue !== undefined) queue.isMuted = isMuted;
  }

  /** The node had something to send, and could or could not take it. */
  noteNode(node: BrokerId, now: Micros, isDrained: boolean): void {
    this.#load.noteNode(node, now, isDrained);
  }

  #queueOf(batch: ProducerBatch): PartitionQueue {
    return this.#queues[batch.partition.partition] as PartitionQueue;
  }

  #isBackingOff(head: ProducerBatch, now: Micros): boolean {
    if (head.attempts === 0 || now >= head.retryAt) return false;
    if (!this.#metadata.hasLeaderHints) return true;
    head.noteLeaderEpoch(this.#metadata.leaderEpochOf(head.partition));
    return !head.hasLeaderChangedForRetry;
  }

  #readyAt(queue: PartitionQueue, head: ProducerBatch, isExhausted: boolean, now: Micros): Micros {
    if (head.attempts > 0) return this.#isBackingOff(head, now) ? head.retryAt : now;
    if (isExhausted || queue.batches.length > 1 || head.isFull) return now;
    return head.createdAt + this.#linger;
  }
}

const comesBefore = (one: PartitionQueue, other: PartitionQueue): boolean =>
  one.partition.partition < other.partition.partition;

/** To the front, but behind lower sequences that wait to be sent again as well (insertInSequenceOrder). */
function insertInSequence(batches: ProducerBatch[], batch: ProducerBatch): void {
  let at = 0;
  if (batch.hasSequence) {
    while (isLower(batches[at], batch)) at++;
  }
  batches.splice(at, 0, batch);
}

const isLower = (queued: ProducerBatch | undefined, batch: ProducerBatch): boolean =>
  queued?.hasSequence === true && queued.baseSequence < batch.baseSequence;
