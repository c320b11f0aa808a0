// Consumers and their positions, by partition, as long as they hold it: a group member loses partitions to others. Lag is measured against the high watermark, as records-lag is.
import type { Offset, TopicPartition } from "../protocol/types.ts";
import type { Micros } from "../sim/kernel.ts";
import type { Listeners } from "./listeners.ts";

export interface PositionView {
  readonly node: number;
  readonly partition: TopicPartition;
  /** Offset of the next record; -1: none yet. */
  readonly position: Offset;
  readonly delivered: number;
  readonly resets: number;
  /** Why the consumer cannot go on, until it polls again or is reset. */
  readonly failure: string | undefined;
  readonly lastPolledUs: Micros;
}

type Mutable = { -readonly [K in keyof PositionView]: PositionView[K] };

export class ConsumersFold {
  readonly listeners: Listeners;
  /** By node, then by partition index. */
  readonly #positions: ((Mutable | undefined)[] | undefined)[] = [];

  constructor() {
    this.listeners = {
      "consumer.rebalanced": (e) => {
        if (e.callback === "assigned") return;
        const row = this.#positions[e.node];
        for (const partition of e.partitions)
          if (row !== undefined) row[partition.index] = undefined;
      },
      "consumer.left": (e) => {
        this.#positions[e.node] = undefined;
      },
      "consumer.assigned": (e) => {
        const p = this.#at(e.node, e.partition);
        p.position = e.position;
        p.failure = undefined;
      },
      "consumer.reset": (e) => {
        const p = this.#at(e.node, e.partition);
        p.position = e.to;
        p.resets++;
        p.failure = undefined;
      },
      "consumer.polled": (e) => {
        const p = this.#at(e.node, e.partition);
        p.position = e.position;
        p.delivered += e.count;
        p.lastPolledUs = e.at;
        p.failure = undefined;
      },
      "consumer.failed": (e) => {
        this.#at(e.node, e.partition).failure = e.error;
      },
    };
  }

  get(node: number, partition: TopicPartition): PositionView | undefined {
    return this.#positions[node]?.[partition.index];
  }

  *of(node: number): IterableIterator<PositionView> {
    const row = this.#positions[node];
    if (row === undefined) return;
    for (const p of row) if (p !== undefined) yield p;
  }

  /** All consumers that were ever on a partition. */
  *on(partition: TopicPartition): IterableIterator<PositionView> {
    for (const row of this.#positions) {
      const p = row?.[partition.index];
      if (p !== undefined) yield p;
    }
  }

  *all(): IterableIterator<PositionView> {
    for (const row of this.#positions) {
      if (row === undefined) continue;
      for (const p of row) if (p !== undefined) yield p;
    }
  }

  #at(node: number, partition: TopicPartition): Mutable {
    let row = this.#positions[node];
    if (row === undefined) {
      row = [];
      this.#positions[node] = row;
    }
    let p = row[partition.index];
    if (p === undefined) {
      p = {
        node,
        partition,
        position: -1,
        delivered: 0,
        resets: 0,
        failure: undefined,
        lastPolledUs: -1,
      };
      row[partition.index] = p;
    }
    return p;
  }
}
