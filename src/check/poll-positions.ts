// Where each consumer stands in each partition: what it was given last, and what it must be given next, by where it was put since.
import type { Offset, TopicPartition } from "../protocol/types.ts";
import { ByNode } from "../view/by-node.ts";
import type { Listeners } from "../view/listeners.ts";

/** Why a consumer's position is another one than after its last poll. */
export type Moved = "rebalance" | "seek" | "reset" | "truncation";

export interface Standing {
  /** One past the last record it was given; -1: none yet. */
  last: Offset;
  /** -1: anything goes. */
  next: Offset;
  moved: Moved | undefined;
}

export class PollPositions {
  /** Did any consumer poll a partition after it had a position there? */
  continued = false;
  readonly listeners: Listeners;
  /** By node, then by partition index. */
  readonly #standings = new ByNode<(Standing | undefined)[]>();

  constructor() {
    const gone = (e: { readonly node: number }): void => {
      this.#standings.set(e.node, undefined);
    };
    this.listeners = {
      "consumer.assigned": (e) => this.#move(e.node, e.partition, e.position, "rebalance"),
      "consumer.reset": (e) =>
        this.#move(
          e.node,
          e.partition,
          e.to,
          e.strategy === "seek" || e.strategy === "truncation" ? e.strategy : "reset",
        ),
      // A process that starts again remembers nothing.
      "host.crashed": gone,
      "host.stopped": gone,
    };
  }

  at(node: number, partition: TopicPartition): Standing {
    const standing = this.#standings.get(node)?.[partition.index] ?? this.#create(node, partition);
    if (standing.next >= 0) this.continued = true;
    return standing;
  }

  /** A poll has been judged. */
  polled(standing: Standing, next: Offset): void {
    standing.last = next;
    standing.next = next;
    standing.moved = undefined;
  }

  #move(node: number, partition: TopicPartition, to: Offset, by: Moved): void {
    const standing = this.#standings.get(node)?.[partition.index] ?? this.#create(node, partition);
    // A rebalance says where it starts, and a reset may follow: the last move counts, unless the group had no offset to start from.
    const isPartOfIt = standing.moved === "rebalance" && standing.next < 0 && by === "reset";
    standing.next = to;
    if (!isPartOfIt) standing.moved = by;
  }

  #create(node: number, partition: TopicPartition): Standing {
    const row = this.#standings.get(node) ?? [];
    this.#standings.set(node, row);
    const standing: Standing = { last: -1, next: -1, moved: undefined };
    row[partition.index] = standing;
    return standing;
  }
}
