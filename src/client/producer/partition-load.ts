// How long the queues of a topic's partitions are, for the adaptive partitioner (RecordAccumulator.partitionReady, BuiltInPartitioner.updatePartitionLoadStats;
// KIP-794). Told at every look of the sender, so only what changed since the last one is written anew.
import { type BrokerId, NO_LEADER } from "../../protocol/types.ts";
import { type Micros, ms } from "../../sim/kernel.ts";
import type { Metadata } from "../metadata.ts";
import type { PartitionQueue } from "./accumulator.ts";
import type { Partitioner } from "./partitioner.ts";

interface LoadConfig {
  readonly "partitioner.adaptive.partitioning.enable": boolean;
  readonly "partitioner.availability.timeout.ms": number;
}

interface NodeLatency {
  readyAt: Micros;
  drainedAt: Micros;
}

export class PartitionLoad {
  readonly #topic: string;
  readonly #metadata: Metadata;
  readonly #partitioner: Partitioner;
  readonly #isAdaptive: boolean;
  readonly #availabilityTimeout: Micros;
  readonly #latency = new Map<BrokerId, NodeLatency>();
  /** In the order of their partitions; the first #count are in use. */
  readonly #lengths: number[] = [];
  readonly #partitions: number[] = [];
  #count = 0;
  /** The version of the metadata they are all of; -1: none. */
  #version = -1;
  readonly #changed: PartitionQueue[] = [];

  constructor(topic: string, config: LoadConfig, metadata: Metadata, partitioner: Partitioner) {
    this.#topic = topic;
    this.#metadata = metadata;
    this.#partitioner = partitioner;
    this.#isAdaptive = config["partitioner.adaptive.partitioning.enable"];
    this.#availabilityTimeout = ms(config["partitioner.availability.timeout.ms"]);
  }

  added(): void {
    this.#lengths.push(0);
    this.#partitions.push(0);
    this.#version = -1;
  }

  /** The queue has another length. */
  changed(queue: PartitionQueue): void {
    if (queue.isChanged) return;
    queue.isChanged = true;
    this.#changed.push(queue);
  }

  /** partitioner.availability.timeout.ms: the node had something to send, and could or could not take it. */
  noteNode(node: BrokerId, now: Micros, isDrained: boolean): void {
    if (this.#availabilityTimeout <= 0) return;
    const known = this.#latency.get(node);
    if (known === undefined) this.#latency.set(node, { readyAt: now, drainedAt: now });
    else {
      known.readyAt = now;
      if (isDrained) known.drainedAt = now;
    }
  }

  tell(queues: readonly (PartitionQueue | undefined)[]): void {
    // Not before every partition has had a batch: the others would look empty and draw everything.
    const isKnown =
      this.#isAdaptive && this.#lengths.length >= this.#metadata.partitionsOf(this.#topic).length;
    if (!isKnown) this.#count = 0;
    else if (this.#version !== this.#metadata.version || this.#latency.size > 0)
      this.#weighAll(queues);
    const changed = this.#changed;
    for (let i = 0; i < changed.length; i++) {
      const queue = changed[i] as PartitionQueue;
      queue.isChanged = false;
      if (isKnown && queue.loadIndex >= 0) this.#lengths[queue.loadIndex] = queue.batches.length;
    }
    changed.length = 0;
    const lengths = isKnown ? this.#lengths : undefined;
    this.#partitioner.updateLoad(lengths, this.#partitions, this.#count);
  }

  #weighAll(queues: readonly (PartitionQueue | undefined)[]): void {
    this.#version = this.#metadata.version;
    this.#count = 0;
    for (const queue of queues) {
      if (queue === undefined) continue;
      queue.loadIndex = -1;
      const leader = this.#metadata.leaderOf(queue.partition);
      const waiting = queue.batches.length;
      if (leader === NO_LEADER || (waiting > 0 && this.#isStuck(leader))) continue;
      queue.loadIndex = this.#count++;
      this.#lengths[queue.loadIndex] = waiting;
      this.#partitions[queue.loadIndex] = queue.partition.partition;
    }
  }

  #isStuck(leader: BrokerId): boolean {
    const latency = this.#latency.get(leader);
    return latency !== undefined && latency.readyAt - latency.drainedAt > this.#availabilityTimeout;
  }
}
