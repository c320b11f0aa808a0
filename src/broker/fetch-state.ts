// Where one followed partition stands in its fetcher (PartitionFetchState). A new leader epoch is a new object, so an answer to an older
// question finds another state and is dropped.
import type { FetchPartition } from "../protocol/apis.ts";
import type { LeaderEpoch, Offset } from "../protocol/types.ts";
import type { Micros } from "../sim/kernel.ts";
import type { Partition } from "./partition.ts";
import type { FetchStart } from "./truncation.ts";

export class FetchState {
  readonly partition: Partition;
  readonly leaderEpoch: LeaderEpoch;
  /** Truncate before fetching. */
  truncating: boolean;
  /** Backing off until then. */
  delayedUntil: Micros = 0;
  /** False once the partition is not fetched here any more, or by a newer state. */
  isCurrent = true;
  /** The response that is being taken in had records: next time behind the others. */
  isServed = false;
  /** What its last fetch met, so that the trace tells of changes only. */
  lastError: string = "NONE";
  #fetchOffset: Offset;
  #lastFetchedEpoch: LeaderEpoch;
  #request: FetchPartition | undefined;

  constructor(partition: Partition, start: FetchStart) {
    this.partition = partition;
    this.leaderEpoch = partition.leaderEpoch;
    this.truncating = start.truncating;
    this.#fetchOffset = start.fetchOffset;
    this.#lastFetchedEpoch = start.lastFetchedEpoch;
  }

  get fetchOffset(): Offset {
    return this.#fetchOffset;
  }

  moveTo(fetchOffset: Offset, lastFetchedEpoch: LeaderEpoch): void {
    this.#fetchOffset = fetchOffset;
    this.#lastFetchedEpoch = lastFetchedEpoch;
  }

  isDelayed(now: Micros): boolean {
    return this.delayedUntil > now;
  }

  isReady(now: Micros): boolean {
    return !this.truncating && !this.isDelayed(now);
  }

  /** Its entry in a fetch request; the same object as long as nothing in it changes. */
  request(maxBytes: number): FetchPartition {
    const known = this.#request;
    const { logStartOffset } = this.partition.log;
    if (
      known !== undefined &&
      known.fetchOffset === this.#fetchOffset &&
      known.lastFetchedEpoch === this.#lastFetchedEpoch &&
      known.logStartOffset === logStartOffset
    ) {
      return known;
    }
    this.#request = {
      partition: this.partition.name,
      fetchOffset: this.#fetchOffset,
      currentLeaderEpoch: this.leaderEpoch,
      lastFetchedEpoch: this.#lastFetchedEpoch,
      logStartOffset,
      maxBytes,
    };
    return this.#request;
  }
}
