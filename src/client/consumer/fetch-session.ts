// The client's memory of a fetch session (FetchSessionHandler, KIP-227): its id and the epoch of the next request. Only partitions that changed
// are named on the wire, and partitions that were served go to the end of the order.
import type { FetchPartition, FetchResponse } from "../../protocol/apis.ts";
import { FetchMetadata } from "../../protocol/fetch-metadata.ts";
import type { Offset, TopicPartition } from "../../protocol/types.ts";
import type { PartitionPosition } from "./positions.ts";

interface Known {
  readonly partition: TopicPartition;
  offset: Offset;
  epoch: number;
  /** Asked for in the request that is being made. */
  position: PartitionPosition | undefined;
}

export class FetchSession {
  readonly metadata = new FetchMetadata();
  /** A request is under way. */
  isPending = false;
  readonly #known = new Map<TopicPartition, Known>();
  /** The same, in the order in which the broker looks at them. */
  readonly #order: Known[] = [];

  /** Partitions as the session has them, new ones last. */
  order(positions: readonly PartitionPosition[]): readonly PartitionPosition[] {
    if (positions.length === 1) return positions;
    const added: PartitionPosition[] = [];
    for (const position of positions) {
      const known = this.#known.get(position.partition);
      if (known === undefined) added.push(position);
      else known.position = position;
    }
    const ordered: PartitionPosition[] = [];
    for (const known of this.#order) {
      if (known.position === undefined) continue;
      ordered.push(known.position);
      known.position = undefined;
    }
    for (const position of added) ordered.push(position);
    return ordered;
  }

  /** How many partitions the next request has to name: new, changed and forgotten ones. */
  named(partitions: readonly FetchPartition[]): number {
    let named = 0;
    for (const { partition, fetchOffset, currentLeaderEpoch } of partitions) {
      const known = this.#known.get(partition);
      if (known?.offset === fetchOffset && known.epoch === currentLeaderEpoch) continue;
      named++;
      if (known === undefined) this.#add(partition, fetchOffset, currentLeaderEpoch);
      else {
        known.offset = fetchOffset;
        known.epoch = currentLeaderEpoch;
      }
    }
    if (this.#known.size === partitions.length) return named;
    const asked = new Set(partitions.map(({ partition }) => partition));
    for (const { partition } of this.#order.slice()) {
      if (asked.has(partition)) continue;
      this.#remove(partition);
      named++;
    }
    return named;
  }

  served(partition: TopicPartition): void {
    const known = this.#known.get(partition);
    if (known === undefined || this.#order.at(-1) === known) return;
    this.#order.splice(this.#order.indexOf(known), 1);
    this.#order.push(known);
  }

  /** False: there is no such session, and the response says nothing else (handleResponse). */
  answered(response: FetchResponse): boolean {
    const isOpen = this.metadata.answered(response);
    if (this.metadata.epoch === 0) this.#forget();
    return isOpen;
  }

  /** The connection broke: the next request is a full one, which closes the session if it is still there. */
  reset(): void {
    this.metadata.beginNew();
    this.#forget();
  }

  /** close(): the last request of the session. */
  finish(): void {
    this.metadata.finish();
    this.#forget();
  }

  #add(partition: TopicPartition, offset: Offset, epoch: number): void {
    const known = { partition, offset, epoch, position: undefined };
    this.#known.set(partition, known);
    this.#order.push(known);
  }

  #remove(partition: TopicPartition): void {
    const at = this.#order.findIndex((known) => known.partition === partition);
    this.#order.splice(at, 1);
    this.#known.delete(partition);
  }

  #forget(): void {
    this.#known.clear();
    this.#order.length = 0;
  }
}
