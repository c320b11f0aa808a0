// The offset each consumer must be given next in each partition, by what it has been given and where it was put.
import type { Offset, TopicPartition } from "../protocol/types.ts";
import type { Listeners } from "../view/listeners.ts";

export class PollPositions {
  /** Did any consumer poll a partition after it had a position there? */
  continued = false;
  readonly listeners: Listeners;
  readonly #next: ((Offset | undefined)[] | undefined)[] = [];

  constructor() {
    this.listeners = {
      "consumer.assigned": (e) => this.#put(e.node, e.partition, e.position),
      "consumer.reset": (e) => this.#put(e.node, e.partition, e.to),
    };
  }

  /** -1: anything goes. */
  get(node: number, partition: TopicPartition): Offset {
    const next = this.#next[node]?.[partition.index] ?? -1;
    if (next >= 0) this.continued = true;
    return next;
  }

  set(node: number, partition: TopicPartition, next: Offset): void {
    this.#put(node, partition, next);
  }

  #put(node: number, partition: TopicPartition, next: Offset): void {
    const row = this.#next[node];
    if (row !== undefined) row[partition.index] = next;
    else {
      const fresh: (Offset | undefined)[] = [];
      fresh[partition.index] = next;
      this.#next[node] = fresh;
    }
  }
}
