// KafkaProducer: send() as far as the accumulator. Records come as counts; where they go is decided here, and what cannot be placed waits its turn.
// Each waiting send has a thread of its own in mind: it gives up max.block.ms after its own arrival, in the order of arrival.
import { batchUpperBoundBytes, type RecordShape, recordBytes } from "../../protocol/batch-size.ts";
import type { Environment, RecordStream } from "../../protocol/environment.ts";
import type { ErrorName } from "../../protocol/errors.ts";
import type { KafkaHost } from "../../protocol/kafka-host.ts";
import { partitionForKey } from "../../protocol/murmur2.ts";
import { type Micros, ms, type Timer } from "../../sim/kernel.ts";
import type { KeySource } from "../keys.ts";
import type { Metadata } from "../metadata.ts";
import type { PartitionQueue, RecordAccumulator } from "./accumulator.ts";
import type { BufferPool, MemoryWaiter } from "./buffer-pool.ts";
import { KeySpread } from "./key-spread.ts";
import type { Partitioner } from "./partitioner.ts";
import type { KeyRouting } from "./region-partitioner.ts";
import type { Sender } from "./sender.ts";

/** Records handed over in one go: equal in size, sent at the same time. */
export interface Sending {
  readonly count: number;
  readonly shape: RecordShape;
  /** Chosen by the application; undefined: by key, or by the partitioner. */
  readonly partition?: number | undefined;
  readonly key?: string | undefined;
  readonly keys?: KeySource | undefined;
  /** Names of scripted records, in order. */
  readonly names?: readonly string[] | undefined;
}

/** What is left of a send() that has not returned. */
class Waiting {
  count: number;
  readonly shape: RecordShape;
  readonly partition: number | undefined;
  readonly key: string | undefined;
  readonly keys: KeySource | undefined;
  names: readonly string[] | undefined;
  readonly deadline: Micros;

  constructor(sending: Sending, deadline: Micros) {
    this.count = sending.count;
    this.shape = sending.shape;
    this.partition = sending.partition;
    this.key = sending.key;
    this.keys = sending.keys;
    this.names = sending.names;
    this.deadline = deadline;
  }
}

export interface ProducerParts {
  readonly accumulator: RecordAccumulator;
  readonly metadata: Metadata;
  readonly partitioner: Partitioner;
  readonly pool: BufferPool;
  readonly sender: Sender;
  /** The partitioner does not look at keys. */
  readonly ignoresKeys: boolean;
  /** undefined: Kafka's own. */
  readonly keyRouting?: KeyRouting | undefined;
}

export interface SendLimits {
  readonly "max.block.ms": number;
  readonly "max.request.size": number;
  readonly "buffer.memory": number;
}

type Refusal = ErrorName | "BUFFER_EXHAUSTED";

export class Producer {
  readonly #host: KafkaHost;
  readonly #env: Environment;
  readonly #topic: string;
  readonly #limits: SendLimits;
  readonly #parts: ProducerParts;
  #waiting: Waiting[] = [];
  #waiter: MemoryWaiter | undefined;
  /** Memory that was granted to the first in line and not used yet. */
  #granted = 0;
  #deadlineTimer: Timer | undefined;
  #refused = 0;
  #blockedSince: Micros = 0;
  #blockedWhy = "";
  /** Time of the application's thread that compressing took and nobody has spent yet. */
  #appendUs = 0;
  #placed: (() => void) | undefined;
  readonly #keySpread: KeySpread;

  constructor(
    host: KafkaHost,
    env: Environment,
    topic: string,
    limits: SendLimits,
    parts: ProducerParts,
  ) {
    this.#host = host;
    this.#env = env;
    this.#topic = topic;
    this.#limits = limits;
    this.#parts = parts;
    this.#keySpread = new KeySpread(host, topic, parts.metadata, {
      silent: parts.keyRouting !== undefined,
      overAvailable: env.rules.mutant === "keys-over-available-partitions",
    });
  }

  /** Records that were not acknowledged and never will be. */
  get givenUp(): number {
    return this.#refused + this.#parts.sender.givenUp;
  }

  /** Everything sent has its outcome. */
  get isIdle(): boolean {
    return this.#waiting.length === 0 && !this.#parts.accumulator.hasIncomplete;
  }

  /** Calls back when no send() waits; at once if none does. */
  whenPlaced(placed: () => void): void {
    if (this.#waiting.length === 0) placed();
    else this.#placed = placed;
  }

  takeAppendUs(): number {
    const us = this.#appendUs;
    this.#appendUs = 0;
    return us;
  }

  send(sending: Sending): void {
    const deadline = this.#host.now + ms(this.#limits["max.block.ms"]);
    this.#waiting.push(new Waiting(sending, deadline));
    if (this.#waiting.length === 1) this.pump();
    else if (sending.names === undefined) this.#mergeTail();
  }

  /** Places what waits, as far as memory and metadata allow: called when either may have come. */
  pump(): void {
    while (this.#waiting.length > 0) {
      const blockedBy = this.#placeFirst();
      if (blockedBy !== undefined) {
        this.#block(blockedBy);
        return;
      }
      this.#waiting.shift();
    }
    this.#stopWaiting();
  }

  #placeFirst(): "metadata" | "memory" | undefined {
    const known = this.#parts.metadata.partitionsOf(this.#topic).length;
    if (known === 0) return "metadata";
    const first = this.#waiting[0] as Waiting;
    if (first.partition !== undefined && first.partition >= known) return "metadata";
    const refusal = this.#refusal(first.shape);
    if (refusal !== undefined) {
      this.#refuse(first, refusal);
      return undefined;
    }
    if (first.keys !== undefined && !this.#parts.ignoresKeys) {
      this.#spread(first, first.keys);
      return undefined;
    }
    const partition = this.#chosenPartition(first, known);
    return partition === undefined ? this.#placeAnywhere(first) : this.#placeIn(first, partition);
  }

  #chosenPartition(sending: Sending, known: number): number | undefined {
    if (sending.partition !== undefined) return sending.partition;
    const { ignoresKeys, keyRouting } = this.#parts;
    if (sending.key === undefined || ignoresKeys) return undefined;
    return keyRouting?.of(sending.key) ?? partitionForKey(sending.key, known);
  }

  /** A chunk with keys becomes one piece a partition, in place of the first in line. */
  #spread(first: Waiting, keys: KeySource): void {
    const { keyRouting } = this.#parts;
    const hashed = this.#keySpread.over(keys);
    const counts = keys.spread(first.count, hashed.length, keyRouting);
    const pieces: Waiting[] = [];
    for (let i = 0; i < counts.length; i++) {
      const count = counts[i] as number;
      if (count === 0) continue;
      const partition = hashed[i] as number;
      pieces.push(new Waiting({ count, shape: first.shape, partition }, first.deadline));
    }
    // The first in line is taken off by the caller.
    this.#waiting.splice(0, 1, first, ...pieces);
    first.count = 0;
  }

  // Placing

  #placeIn(first: Waiting, partition: number): "memory" | undefined {
    const queue = this.#queue(partition);
    while (first.count > 0) {
      const taken = this.#append(queue, first, first.count);
      if (taken === 0 && !this.#open(queue, first.shape)) return "memory";
    }
    return undefined;
  }

  /** Without key or partition: the partitioner decides, and may change its mind whenever a batch is complete. */
  #placeAnywhere(first: Waiting): "memory" | undefined {
    const { accumulator, partitioner } = this.#parts;
    const bytes = recordBytes(first.shape, 0, 0);
    let hasSwitched = false;
    while (first.count > 0) {
      const number = partitioner.current();
      const queue = this.#queue(number);
      const tail = accumulator.tail(queue);
      if (tail !== undefined) {
        const before = tail.count === 0 ? 0 : tail.sizeBytes;
        const limit = Math.min(first.count, partitioner.limit(bytes, before === 0));
        if (this.#append(queue, first, limit) > 0) {
          hasSwitched = false;
          partitioner.appended(tail.sizeBytes - before, tail.isFull);
          continue;
        }
      }
      partitioner.appended(0, true);
      if (partitioner.current() !== number) continue;
      if (!hasSwitched && partitioner.switchesForNewBatch()) hasSwitched = true;
      else if (!this.#open(queue, first.shape)) return "memory";
    }
    return undefined;
  }

  #append(queue: PartitionQueue, first: Waiting, limit: number): number {
    const tail = this.#parts.accumulator.tail(queue);
    if (tail === undefined) return 0;
    const { compressor } = tail;
    const before = compressor === undefined ? 0 : compressor.uncompressedBytes;
    const taken = tail.append(limit, first.shape, this.#host.clock.now());
    if (compressor !== undefined) this.#appendUs += compressor.appendUs(before);
    if (taken === 0) {
      tail.close();
      this.#parts.sender.wakeup();
      return 0;
    }
    this.#invoke(queue, first, taken);
    if (tail.isFull) this.#parts.sender.wakeup();
    else if (tail.count === taken)
      this.#parts.sender.wakeAt(this.#parts.accumulator.opensAt(queue, tail));
    return taken;
  }

  #open(queue: PartitionQueue, shape: RecordShape): boolean {
    const { accumulator, pool } = this.#parts;
    const bytes = accumulator.bufferBytes(shape);
    if (this.#granted >= bytes) {
      const rest = this.#granted - bytes;
      this.#granted = 0;
      if (rest > 0) pool.give(rest);
    } else if (!pool.tryTake(bytes)) return false;
    accumulator.open(queue, shape, this.#host.now);
    return true;
  }

  #queue(number: number): PartitionQueue {
    const known = this.#parts.accumulator.queue(number);
    if (known !== undefined) return known;
    const partition = this.#env.partitions.of(this.#topic, number);
    const { stream, opened } = this.#env.streams.of(this.#host.name, partition);
    if (opened) {
      this.#host.emit("stream.opened", { partition, stream: stream.id, producer: this.#host.name });
    }
    return this.#parts.accumulator.addQueue(partition, stream);
  }

  /** Takes the next numbers of the stream: from here on the records have an identity. */
  #invoke(queue: PartitionQueue, first: Waiting, count: number): void {
    const { stream, partition } = queue;
    const firstNumber = stream.nextNumber;
    const names = first.names?.slice(0, count);
    if (names !== undefined) nameRecords(stream, firstNumber, names);
    stream.nextNumber += count;
    first.count -= count;
    if (first.names !== undefined) first.names = first.names.slice(count);
    this.#host.emit("op.invoked", { partition, stream: stream.id, firstNumber, count, names });
    const { key } = first;
    if (key === undefined || this.#parts.keyRouting !== undefined) return;
    this.#host.emit("op.keyed", { partition, stream: stream.id, firstNumber, count, key });
  }

  // Waiting and giving up

  #block(by: "metadata" | "memory"): void {
    const first = this.#waiting[0] as Waiting;
    const { pool, accumulator, metadata, sender } = this.#parts;
    const why = by === "memory" ? "waits for buffer memory" : "waits for metadata";
    if (why !== this.#blockedWhy) this.#unblock();
    if (this.#deadlineTimer === undefined) {
      this.#blockedSince = this.#host.now;
      this.#blockedWhy = why;
      this.#host.emit("producer.blocked", { topic: this.#topic, count: first.count, why });
    }
    if (by === "metadata") metadata.requestUpdate();
    else if (this.#waiter === undefined && this.#granted === 0) {
      const bytes = accumulator.bufferBytes(first.shape);
      this.#waiter = pool.wait(bytes, () => this.#memoryGranted(bytes));
      // Who waits for memory makes every batch ready.
      sender.wakeup();
    }
    this.#deadlineTimer?.cancel();
    this.#deadlineTimer = this.#host.after(Math.max(0, first.deadline - this.#host.now), () => {
      this.#giveUpFirst(by);
    });
  }

  #memoryGranted(bytes: number): void {
    this.#waiter = undefined;
    this.#granted = bytes;
    this.#host.after(0, () => this.pump());
  }

  #giveUpFirst(by: "metadata" | "memory"): void {
    const first = this.#waiting[0];
    if (first === undefined || first.deadline > this.#host.now) {
      this.pump();
      return;
    }
    this.#refuse(first, by === "memory" ? "BUFFER_EXHAUSTED" : "REQUEST_TIMED_OUT");
    this.#waiting.shift();
    if (this.#waiter !== undefined) this.#parts.pool.cancel(this.#waiter);
    this.#waiter = undefined;
    this.pump();
  }

  #stopWaiting(): void {
    this.#unblock();
    if (this.#granted > 0) {
      const unused = this.#granted;
      this.#granted = 0;
      this.#parts.pool.give(unused);
    }
    const placed = this.#placed;
    this.#placed = undefined;
    placed?.();
  }

  #unblock(): void {
    if (this.#deadlineTimer === undefined) return;
    this.#deadlineTimer.cancel();
    this.#deadlineTimer = undefined;
    this.#host.emit("producer.unblocked", {
      topic: this.#topic,
      why: this.#blockedWhy,
      waitedUs: this.#host.now - this.#blockedSince,
    });
  }

  /** Records too large for any request or buffer are refused at once (ensureValidRecordSize). */
  #refusal(shape: RecordShape): Refusal | undefined {
    const bytes = batchUpperBoundBytes(shape);
    const limit = Math.min(this.#limits["max.request.size"], this.#limits["buffer.memory"]);
    if (bytes > limit) return "MESSAGE_TOO_LARGE";
    const { accumulator, pool } = this.#parts;
    return accumulator.bufferBytes(shape) > pool.totalBytes ? "BUFFER_EXHAUSTED" : undefined;
  }

  /** send() fails: the records were never in the accumulator, so they certainly have no effect. */
  #refuse(first: Waiting, error: Refusal): void {
    const known = this.#parts.metadata.partitionsOf(this.#topic).length;
    const chosen = known === 0 ? first.partition : this.#chosenPartition(first, known);
    const queue = this.#queue(chosen ?? (known === 0 ? 0 : this.#parts.partitioner.current()));
    const { partition, stream } = queue;
    const firstNumber = stream.nextNumber;
    const count = first.count;
    this.#invoke(queue, first, count);
    this.#refused += count;
    this.#host.emit("op.failed", { partition, stream: stream.id, firstNumber, count, error });
  }

  /** While the producer blocks, arrivals pile up: those of the same kind within 1 % of max.block.ms wait as one. */
  #mergeTail(): void {
    const last = this.#waiting[this.#waiting.length - 1] as Waiting;
    const before = this.#waiting[this.#waiting.length - 2] as Waiting;
    const isSame =
      before.shape === last.shape &&
      before.keys === last.keys &&
      before.partition === last.partition &&
      before.names === undefined &&
      before.key === undefined &&
      last.key === undefined;
    const grain = ms(this.#limits["max.block.ms"]) / 100;
    if (!isSame || this.#waiting.length === 2 || last.deadline - before.deadline > grain) return;
    before.count += last.count;
    this.#waiting.pop();
  }
}

function nameRecords(stream: RecordStream, firstNumber: number, names: readonly string[]): void {
  stream.names ??= new Map();
  for (const [i, name] of names.entries()) stream.names.set(firstNumber + i, name);
}
