// Consumers and their positions, by partition, as long as they hold it: a group member loses partitions to others. Lag is measured against the high watermark, as records-lag is.
// A process that has died tells no listener what it no longer holds. Where it stood is kept, so that a new life that gets nowhere is seen to be
// behind, and goes once that one joins its group or takes partitions up: what it is not given then is another's.
import type { Offset, TopicPartition } from "../protocol/types.ts";
import type { Micros } from "../sim/kernel.ts";
import { ByNode } from "./by-node.ts";
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
  readonly #nodes: number[] = [];
  /** By node, then by partition index. */
  readonly #positions = new ByNode<(Mutable | undefined)[]>();
  /** Nodes whose positions are those of a life that is over. */
  readonly #over = new Set<number>();

  constructor() {
    this.listeners = { ...this.#lives(), ...this.#moves() };
  }

  #lives(): Listeners {
    const over = (e: { readonly node: number }): void => {
      if (this.#positions.get(e.node) !== undefined) this.#over.add(e.node);
    };
    return {
      "host.crashed": over,
      "host.stopped": over,
      "consumer.joined": (e) => this.#anew(e.node),
      "consumer.rebalanced": (e) => {
        this.#anew(e.node);
        if (e.callback === "assigned") return;
        const row = this.#positions.get(e.node);
        for (const partition of e.partitions)
          if (row !== undefined) row[partition.index] = undefined;
      },
      "consumer.left": (e) => {
        this.#positions.set(e.node, undefined);
      },
    };
  }

  #moves(): Listeners {
    return {
      "consumer.assigned": (e) => {
        this.#anew(e.node);
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
    return this.#positions.get(node)?.[partition.index];
  }

  *of(node: number): IterableIterator<PositionView> {
    const row = this.#positions.get(node);
    if (row === undefined) return;
    for (const p of row) if (p !== undefined) yield p;
  }

  /** All consumers that were ever on a partition. */
  *on(partition: TopicPartition): IterableIterator<PositionView> {
    for (const row of this.#rows()) {
      const p = row[partition.index];
      if (p !== undefined) yield p;
    }
  }

  *all(): IterableIterator<PositionView> {
    for (const row of this.#rows()) {
      for (const p of row) if (p !== undefined) yield p;
    }
  }

  /** Of all consumers, by their ids. */
  *#rows(): IterableIterator<(Mutable | undefined)[]> {
    for (const node of this.#nodes) {
      const row = this.#positions.get(node);
      if (row !== undefined) yield row;
    }
  }

  #anew(node: number): void {
    if (this.#over.delete(node)) this.#positions.set(node, undefined);
  }

  #enter(node: number): (Mutable | undefined)[] {
    const row: (Mutable | undefined)[] = [];
    this.#positions.set(node, row);
    if (!this.#nodes.includes(node)) {
      this.#nodes.push(node);
      this.#nodes.sort((a, b) => a - b);
    }
    return row;
  }

  #at(node: number, partition: TopicPartition): Mutable {
    const row = this.#positions.get(node) ?? this.#enter(node);
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
