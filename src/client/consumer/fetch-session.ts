// The client's memory of a fetch session (FetchSessionHandler, KIP-227): only partitions that changed are named on the wire,
// and partitions that were served go to the end of the order. Left out: session ids and epochs, as brokers here never evict a session.
import type { FetchPartition } from "../../protocol/apis.ts";
import type { Offset, TopicPartition } from "../../protocol/types.ts";
import type { PartitionPosition } from "./positions.ts";

export class FetchSession {
  /** In the order in which the broker looks at them. */
  readonly #known = new Map<TopicPartition, { offset: Offset; epoch: number }>();

  /** Partitions as the session has them, new ones last. */
  order(positions: readonly PartitionPosition[]): PartitionPosition[] {
    const byPartition = new Map(positions.map((position) => [position.partition, position]));
    const ordered: PartitionPosition[] = [];
    for (const partition of this.#known.keys()) {
      const position = byPartition.get(partition);
      if (position === undefined) continue;
      ordered.push(position);
      byPartition.delete(partition);
    }
    ordered.push(...byPartition.values());
    return ordered;
  }

  /** How many partitions the next request has to name: new, changed and forgotten ones. */
  named(partitions: readonly FetchPartition[]): number {
    let named = 0;
    for (const { partition, fetchOffset, currentLeaderEpoch } of partitions) {
      const known = this.#known.get(partition);
      if (known?.offset === fetchOffset && known.epoch === currentLeaderEpoch) continue;
      named++;
      if (known === undefined)
        this.#known.set(partition, { offset: fetchOffset, epoch: currentLeaderEpoch });
      else {
        known.offset = fetchOffset;
        known.epoch = currentLeaderEpoch;
      }
    }
    if (this.#known.size === partitions.length) return named;
    const asked = new Set(partitions.map(({ partition }) => partition));
    for (const partition of [...this.#known.keys()]) {
      if (asked.has(partition)) continue;
      this.#known.delete(partition);
      named++;
    }
    return named;
  }

  served(partition: TopicPartition): void {
    const known = this.#known.get(partition);
    if (known === undefined) return;
    this.#known.delete(partition);
    this.#known.set(partition, known);
  }

  /** The connection broke: the next request is a full one. */
  reset(): void {
    this.#known.clear();
  }
}
