// Where one followed partition stands in its fetcher (PartitionFetchState). A new leader epoch is a new object, so an answer to an older
// question finds another state and is dropped.
import type { FetchPartition } from "../protocol/apis.ts";
import type { LeaderEpoch, Offset } from "../protocol/types.ts";
import type { Micros } from "../sim/kernel.ts";
import type { Copying, Partition } from "./partition.ts";
import type { FetchStart } from "./truncation.ts";

export class FetchState implements Copying {
  readonly partition: Partition;
  readonly leaderEpoch: LeaderEpoch;
  /** Truncate before fetching. */
  truncating: boolean;
  /** Backing off until then. */
  delayedUntil: Micros = 0;
  /** False once the partition is not fetched here any more, or by a newer state. */
  isCurrent = true;
  /** What its last fetch met, so that the trace tells of changes only. */
  lastError: string = "NONE";
  /** In the list of those that were put at the end, or changed, since the last request. */
  isMoved = false;
  isAltered = false;
  readonly #altered: FetchState[];
  #fetchOffset: Offset;
  #lastFetchedEpoch: LeaderEpoch;
  #asked: FetchPartition | undefined;

  /** Whenever its next request may say something else than the last one, it is in `altered`. */
  constructor(partition: Partition, start: FetchStart, altered: FetchState[]) {
    this.partition = partition;
    this.leaderEpoch = partition.leaderEpoch;
    this.truncating = start.truncating;
    this.#fetchOffset = start.fetchOffset;
    this.#lastFetchedEpoch = start.lastFetchedEpoch;
    this.#altered = altered;
  }

  get fetchOffset(): Offset {
    return this.#fetchOffset;
  }

  moveTo(fetchOffset: Offset, lastFetchedEpoch: LeaderEpoch): void {
    this.#fetchOffset = fetchOffset;
    this.#lastFetchedEpoch = lastFetchedEpoch;
    if (this.isCurrent) this.#alter();
  }

  logMoved(): void {
    if (this.#asked?.logStartOffset !== this.partition.log.logStartOffset) this.#alter();
  }

  #alter(): void {
    if (this.isAltered) return;
    this.isAltered = true;
    this.#altered.push(this);
  }

  isDelayed(now: Micros): boolean {
    return this.delayedUntil > now;
  }

  isReady(now: Micros): boolean {
    return !this.truncating && !this.isDelayed(now);
  }

  /** Its entry in the last request; undefined: it was in none yet. */
  get asked(): FetchPartition | undefined {
    return this.#asked;
  }

  /** Its entry in the next request; the same object as long as nothing in it changes. */
  ask(maxBytes: number): FetchPartition {
    const known = this.#asked;
    const { logStartOffset } = this.partition.log;
    if (
      known !== undefined &&
      known.fetchOffset === this.#fetchOffset &&
      known.lastFetchedEpoch === this.#lastFetchedEpoch &&
      known.logStartOffset === logStartOffset
    ) {
      return known;
    }
    this.#asked = {
      partition: this.partition.name,
      fetchOffset: this.#fetchOffset,
      currentLeaderEpoch: this.leaderEpoch,
      lastFetchedEpoch: this.#lastFetchedEpoch,
      logStartOffset,
      maxBytes,
    };
    return this.#asked;
  }
}
