// A follower's side of an incremental fetch session (FetchSessionHandler, KIP-227): its id and epoch, and which partitions a request has to name.
// The request still carries all of them, as the leader's session cache would add them.
import type { FetchPartition, FetchResponse } from "../protocol/apis.ts";
import { FetchMetadata } from "../protocol/fetch-metadata.ts";
import type { TopicPartition } from "../protocol/types.ts";

export class FetchSession {
  readonly metadata = new FetchMetadata();
  /** What the leader knows; undefined: the next request is a full one. */
  #sent: Map<TopicPartition, FetchPartition> | undefined;
  /** The last request's entries, in their order. */
  #last: readonly FetchPartition[] = [];

  /** How many partitions the request names. Unchanged ones are the same object as in the last request. */
  name(partitions: readonly FetchPartition[]): number {
    const last = this.#last;
    const sent = this.#sent;
    this.#last = partitions;
    if (sent === undefined) {
      this.#sent = new Map(partitions.map((fetch) => [fetch.partition, fetch]));
      return partitions.length;
    }
    let named = 0;
    for (let i = 0; i < partitions.length; i++) {
      const fetch = partitions[i] as FetchPartition;
      // Most stand where they stood, or one or two places further on.
      if (last[i] === fetch || last[i + 1] === fetch || sent.get(fetch.partition) === fetch) {
        continue;
      }
      sent.set(fetch.partition, fetch);
      named++;
    }
    return named + this.#forget(sent, partitions);
  }

  /** False: the session is no more, and the response says nothing else (handleResponse). */
  answered(response: FetchResponse): boolean {
    const isOpen = this.metadata.answered(response);
    if (this.metadata.epoch === 0) this.#sent = undefined;
    return isOpen;
  }

  /** The connection failed, or the leader refused the session: close it if it is there, and begin a new one. */
  reset(): void {
    this.metadata.beginNew();
    this.#sent = undefined;
  }

  /** Partitions that are not fetched now are named too, to be forgotten. */
  #forget(
    sent: Map<TopicPartition, FetchPartition>,
    partitions: readonly FetchPartition[],
  ): number {
    if (sent.size === partitions.length) return 0;
    const kept = new Set(partitions.map((fetch) => fetch.partition));
    let forgotten = 0;
    for (const partition of sent.keys()) {
      if (kept.has(partition)) continue;
      sent.delete(partition);
      forgotten++;
    }
    return forgotten;
  }
}
