// Which partition records without a key go to: the seam of KIP-480 and KIP-794 (BuiltInPartitioner, UniformStickyPartitioner,
// DefaultPartitioner before 2.4, RoundRobinPartitioner). Records with a key go to murmur2(key) % partitions: see murmur2.ts.
import { BATCH_HEADER_BYTES } from "../../protocol/batch-size.ts";
import {
  ROUND_ROBIN_PARTITIONER,
  UNIFORM_STICKY_PARTITIONER,
} from "../../protocol/config/producer.ts";
import type { Rules } from "../../protocol/releases.ts";
import type { Rng } from "../../sim/rng.ts";

/** What a partitioner knows of the topic; there is at least one partition whenever it is asked. */
export interface TopicView {
  readonly partitionCount: number;
  /** Numbers of the partitions that have a leader, ascending. */
  readonly available: readonly number[];
}

export interface Partitioner {
  /** Where the next record goes. */
  current(): number;
  /** How many records of that size may go there before it must be asked again. */
  limit(recordBytes: number, isNewBatch: boolean): number;
  /** Bytes were added to the current partition (0: just asking); isTailFull: it has no batch with room. */
  appended(bytes: number, isTailFull: boolean): void;
  /** The next record would open a batch in the current partition: true when another partition was chosen instead. */
  switchesForNewBatch(): boolean;
  /** Lengths of the queues of the first `length` entries of `partitions`, which stay as they are until the next call; undefined: not known for all of them. */
  updateLoad(
    queues: readonly number[] | undefined,
    partitions: readonly number[],
    length: number,
  ): void;
}

export interface PartitionerConfig {
  readonly "partitioner.class": string;
  readonly "partitioner.ignore.keys": boolean;
  readonly "batch.size": number;
}

/** partitioner.ignore.keys is the built-in partitioner's setting alone. */
export function ignoresKeys(config: PartitionerConfig): boolean {
  const name = config["partitioner.class"];
  if (name === "") return config["partitioner.ignore.keys"];
  return name === ROUND_ROBIN_PARTITIONER || name === UNIFORM_STICKY_PARTITIONER;
}

export function partitionerFor(
  rules: Rules,
  config: PartitionerConfig,
  topic: TopicView,
  rng: Rng,
): Partitioner {
  const random = (): number => rng.integer(0, 0x7fffffff);
  const name = config["partitioner.class"];
  if (name === ROUND_ROBIN_PARTITIONER) {
    return roundRobin(topic, 0, rules["producer.round-robin-partitioner"] === "skips");
  }
  if (name === UNIFORM_STICKY_PARTITIONER) return stickyPerBatch(topic, random);
  switch (rules["producer.partitioner"]) {
    case "adaptive":
      // DefaultPartitioner by name, as long as it was there, is the one of KIP-480.
      return name === ""
        ? adaptive(topic, Math.max(1, config["batch.size"]), random)
        : stickyPerBatch(topic, random);
    case "sticky":
      return stickyPerBatch(topic, random);
    case "round-robin":
      return roundRobin(topic, random(), false);
  }
}

interface LoadTable {
  readonly partitions: readonly number[];
  readonly cumulative: readonly number[];
}

/** KIP-794: a partition gets batch.size bytes at least, twice that at most; the next is drawn by how short the queues are. */
export function adaptive(topic: TopicView, batchSize: number, random: () => number): Partitioner {
  // The last load told; its table is made when a partition is chosen, which is much rarer.
  let lengths: readonly number[] | undefined;
  let loaded: readonly number[] = [];
  let used = 0;
  let partition = -1;
  let produced = 0;
  const next = (): void => {
    const load = lengths === undefined ? undefined : loadTable(lengths, loaded, used);
    partition = load === undefined ? anyOf(topic, random) : weighted(load, random);
    produced = 0;
  };
  return {
    current: () => {
      if (partition < 0) next();
      return partition;
    },
    limit: (recordBytes, isNewBatch) => {
      const left = 2 * batchSize - produced - (isNewBatch ? BATCH_HEADER_BYTES : 0);
      return Math.max(1, Math.ceil(left / recordBytes));
    },
    appended: (bytes, isTailFull) => {
      produced += bytes;
      if ((produced >= batchSize && isTailFull) || produced >= 2 * batchSize) next();
    },
    switchesForNewBatch: () => false,
    updateLoad: (queues, partitions, length) => {
      lengths = queues;
      loaded = partitions;
      used = length;
    },
  };
}

/** Shorter queues weigh more: 0, 3, 1 become 4, 1, 3, cumulated 4, 5, 8. Undefined when all are the same (updatePartitionLoadStats). */
export function loadTable(
  queues: readonly number[],
  partitions: readonly number[],
  length: number,
): LoadTable | undefined {
  if (length < 1 || queues.length < 2) return undefined;
  let longest = queues[0] as number;
  let isEven = true;
  for (let i = 1; i < length; i++) {
    if (queues[i] !== longest) isEven = false;
    longest = Math.max(longest, queues[i] as number);
  }
  if (isEven && length === queues.length) return undefined;
  const cumulative: number[] = [];
  let sum = 0;
  for (let i = 0; i < length; i++) {
    sum += longest + 1 - (queues[i] as number);
    cumulative.push(sum);
  }
  return { partitions: partitions.slice(0, length), cumulative };
}

function weighted(load: LoadTable, random: () => number): number {
  const draw = random() % (load.cumulative[load.cumulative.length - 1] as number);
  const index = load.cumulative.findIndex((sum) => sum > draw);
  return load.partitions[index] as number;
}

function anyOf(topic: TopicView, random: () => number): number {
  const { available } = topic;
  if (available.length === 0) return random() % topic.partitionCount;
  return available[random() % available.length] as number;
}

/** KIP-480: one partition until a batch is complete, then another one. */
export function stickyPerBatch(topic: TopicView, random: () => number): Partitioner {
  let partition = -1;
  const next = (): void => {
    const { available } = topic;
    const before = partition;
    if (available.length === 0) partition = random() % topic.partitionCount;
    else if (available.length === 1) partition = available[0] as number;
    else while (partition < 0 || partition === before) partition = anyOf(topic, random);
  };
  return {
    current: () => {
      if (partition < 0) next();
      return partition;
    },
    limit: () => Number.POSITIVE_INFINITY,
    appended: () => undefined,
    switchesForNewBatch: () => {
      next();
      return true;
    },
    updateLoad: () => undefined,
  };
}

/** The next partition for each record. `asksTwice`: a record that opens a batch is partitioned again, so partitions are skipped (KAFKA-9965). */
export function roundRobin(topic: TopicView, first: number, asksTwice: boolean): Partitioner {
  let counter = first;
  return {
    current: () => {
      const { available } = topic;
      if (available.length === 0) return counter % topic.partitionCount;
      return available[counter % available.length] as number;
    },
    limit: () => 1,
    appended: (bytes) => {
      if (bytes > 0) counter++;
    },
    switchesForNewBatch: () => {
      if (asksTwice) counter++;
      return asksTwice;
    },
    updateLoad: () => undefined,
  };
}
