// The client's memory of a fetch session (FetchSessionHandler, KIP-227): its id and the epoch of the next request. Only partitions that changed
// are named on the wire, and partitions that were served go to the end of the order.
import type { FetchPartition, FetchResponse } from "../../protocol/apis.ts";
import { FetchMetadata } from "../../protocol/fetch-metadata.ts";
import type { Offset, TopicPartition } from "../../protocol/types.ts";
import type { PartitionPosition } from "./positions.ts";

export class FetchSession {
  readonly metadata = new FetchMetadata();
  /** In the order in which the broker looks at them. */
  readonly #known = new Map<TopicPartition, { offset: Offset; epoch: number }>();

  /** Partitions as the session has them, new ones last. */
  order(positions: readonly PartitionPosition[]): readonly PartitionPosition[] {
    if (positions.length === 1) return positions;
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
    if (known === undefined || this.#known.size === 1) return;
    this.#known.delete(partition);
    this.#known.set(partition, known);
  }

  /** False: there is no such session, and the response says nothing else (handleResponse). */
  answered(response: FetchResponse): boolean {
    const isOpen = this.metadata.answered(response);
    if (this.metadata.epoch === 0) this.#known.clear();
    return isOpen;
  }

  /** The connection broke: the next request is a full one, which closes the session if it is still there. */
  reset(): void {
    this.metadata.beginNew();
    this.#known.clear();
  }

  /** close(): the last request of the session. */
  finish(): void {
    this.metadata.finish();
    this.#known.clear();
  }
}
