// What Kafka's tools share: padding as Java's %-Ns does it, and output on two streams.
import { JavaHashMap, JavaHashSet, topicPartitionHash } from "../../protocol/java-hash.ts";

/** What a tool prints for a value it does not have. */
export const MISSING = "-";

export interface ToolOutput {
  readonly stdout: string;
  readonly stderr: string;
}

export interface Partition {
  readonly topic: string;
  readonly partition: number;
}

/** One line of cells, each padded to its width and followed by a space, but for the last. */
export const padded = (cells: readonly string[], widths: readonly number[]): string =>
  cells.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(" ");

/** The width of a column: its least, or what the longest value needs. */
export const widthOf = (least: number, values: readonly string[]): number =>
  values.reduce((width, value) => Math.max(width, value.length), least);

export const orMissing = (value: string | number | undefined): string =>
  value === undefined ? MISSING : String(value);

export const samePartition = (a: Partition, b: Partition): boolean =>
  a.topic === b.topic && a.partition === b.partition;

/** Partitions in the order in which a HashMap filled one by one lists them, as Collectors.toMap does. */
export const inMapOrder = <P extends Partition>(partitions: readonly P[]): P[] =>
  inHashOrder(partitions, 16);

/** Partitions in the order of a HashSet made from a collection. */
export const inSetOrder = <P extends Partition>(partitions: readonly P[]): P[] =>
  inHashOrder(partitions, Math.max(Math.floor(partitions.length / 0.75) + 1, 16));

function inHashOrder<P extends Partition>(partitions: readonly P[], capacity: number): P[] {
  const set = new JavaHashSet<P>(topicPartitionHash, samePartition, capacity);
  for (const partition of partitions) set.add(partition);
  return [...set];
}

/** A table of partitions. */
export function partitionMap<P extends Partition, V>(
  entries: Iterable<readonly [P, V]>,
): JavaHashMap<Partition, V> {
  const map = new JavaHashMap<Partition, V>(topicPartitionHash, samePartition);
  for (const [partition, value] of entries) map.set(partition, value);
  return map;
}
