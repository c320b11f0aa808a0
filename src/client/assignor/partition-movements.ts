// Which partitions have moved from whom to whom in one assignment (AbstractStickyAssignor.PartitionMovements): when two consumers
// would swap partitions of a topic, the one that moved first goes back instead.
import { JavaHashSet, topicPartitionHash } from "../../protocol/java-hash.ts";
import type { AssignedPartition } from "./assignor.ts";

interface ConsumerPair {
  readonly from: string;
  readonly to: string;
}

export class PartitionMovements {
  readonly #pairs = new Map<AssignedPartition, ConsumerPair>();
  readonly #moved = new Map<string, JavaHashSet<AssignedPartition>>();

  move(partition: AssignedPartition, from: string, to: string): void {
    const earlier = this.#pairs.get(partition);
    if (earlier === undefined) return this.#add(partition, { from, to });
    this.#remove(partition, earlier);
    if (earlier.from !== to) this.#add(partition, { from: earlier.from, to });
  }

  /** The partition of the same topic to move instead of `partition`, if there is a better one; else itself. */
  actualPartitionToMove(partition: AssignedPartition, from: string, to: string): AssignedPartition {
    const origin = this.#pairs.get(partition)?.from ?? from;
    // The first in the order of Java's HashSet.
    const [reverse] = this.#moved.get(keyOf(partition.topic, { from: to, to: origin })) ?? [];
    return reverse ?? partition;
  }

  #add(partition: AssignedPartition, pair: ConsumerPair): void {
    this.#pairs.set(partition, pair);
    const key = keyOf(partition.topic, pair);
    const known = this.#moved.get(key) ?? new JavaHashSet<AssignedPartition>(topicPartitionHash);
    this.#moved.set(key, known.add(partition));
  }

  #remove(partition: AssignedPartition, pair: ConsumerPair): void {
    this.#pairs.delete(partition);
    const key = keyOf(partition.topic, pair);
    const known = this.#moved.get(key);
    known?.delete(partition);
    if (known?.size === 0) this.#moved.delete(key);
  }
}

const keyOf = (topic: string, pair: ConsumerPair): string =>
  JSON.stringify([topic, pair.from, pair.to]);
