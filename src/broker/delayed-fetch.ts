// A fetch that waits for data (DelayedFetch). An append releases a follower, the high watermark a consumer; for a follower the high watermark
// alone is no news (KAFKA-9731), so it learns the last one with the next data or when its wait ends.
import type { FetchPartition, FetchRequest } from "../protocol/apis.ts";
import { type Deadlines, Expiring } from "./deadlines.ts";
import { divergence } from "./divergence.ts";
import type { Partition } from "./partition.ts";
import type { Waiter } from "./purgatory.ts";

/** One partition that is waited for. */
export interface FetchPart {
  readonly partition: Partition;
  readonly fetch: FetchPartition;
  /** In the order of the request. */
  readonly place: number;
}

export class DelayedFetch extends Expiring implements Waiter {
  done = false;
  /** Who waits from an earlier time has a lower one. */
  readonly #arrival: number;
  readonly #request: FetchRequest;
  /** All of the request, but for those that rest (CachedPartitions). */
  readonly #parts: FetchPart[];
  readonly #deadlines: Deadlines;
  readonly #complete: () => void;

  constructor(
    deadlines: Deadlines,
    request: FetchRequest,
    parts: FetchPart[],
    complete: () => void,
  ) {
    super();
    this.#deadlines = deadlines;
    this.#request = request;
    this.#parts = parts;
    this.#complete = complete;
    this.#arrival = deadlines.set(this, request.maxWaitMs);
  }

  expire(): void {
    this.complete();
  }

  complete(): void {
    if (this.done) return;
    this.done = true;
    this.#deadlines.drop(this);
    this.#complete();
  }

  isDone(): boolean {
    return this.done;
  }

  watch(): void {
    const parts = this.#parts;
    for (let part = 0; part < parts.length; part++)
      (parts[part] as FetchPart).partition.fetches.add(this, part);
  }

  /** One that rested does so no more: as if it had been watched from the start. */
  watchToo(cached: FetchPart): void {
    if (this.done) return;
    const part = this.#parts.push(cached) - 1;
    cached.partition.fetches.insert(this, part, (listed) => listed.#arrival > this.#arrival);
  }

  check(part: number): void {
    const { partition, fetch } = this.#parts[part] as FetchPart;
    const end = this.#end(partition);
    if (this.#isOvertaken(partition, fetch, end)) this.complete();
    else if (fetch.fetchOffset < end) {
      // One byte anywhere is enough for most fetches; only a larger fetch.min.bytes has to be added up.
      if (this.#request.minBytes <= 1) this.complete();
      else this.checkAll();
    }
  }

  /** Completes if a part has news or all parts together have enough bytes. */
  checkAll(): void {
    const parts = isInOrder(this.#parts) ? this.#parts : this.#parts.toSorted(byPlace);
    let bytes = 0;
    for (let part = 0; part < parts.length; part++) {
      const { partition, fetch } = parts[part] as FetchPart;
      const end = this.#end(partition);
      if (this.#isOvertaken(partition, fetch, end)) {
        this.complete();
        return;
      }
      bytes += availableBytes(partition, fetch, end);
    }
    if (bytes >= this.#request.minBytes) this.complete();
  }

  /** What the fetch was parked for is no longer so: leadership, epoch, a truncated or diverging log. */
  #isOvertaken(partition: Partition, fetch: FetchPartition, end: number): boolean {
    const error = this.#isFollower
      ? partition.leaderError(fetch.currentLeaderEpoch)
      : partition.epochError(fetch.currentLeaderEpoch);
    if (error !== "NONE") return true;
    return fetch.fetchOffset > end || divergence(partition.log, fetch) !== "none";
  }

  get #isFollower(): boolean {
    return this.#request.replicaId >= 0;
  }

  /** As far as the fetch may read. */
  #end({ log }: Partition): number {
    return this.#isFollower ? log.logEndOffset : log.highWatermark;
  }
}

const byPlace = (a: FetchPart, b: FetchPart): number => a.place - b.place;

/** Those that rested when the wait began were added at the end. */
function isInOrder(parts: readonly FetchPart[]): boolean {
  for (let i = 1; i < parts.length; i++)
    if ((parts[i] as FetchPart).place < (parts[i - 1] as FetchPart).place) return false;
  return true;
}

function availableBytes({ log }: Partition, fetch: FetchPartition, end: number): number {
  const { fetchOffset, maxBytes } = fetch;
  if (fetchOffset >= end) return 0;
  // No more can come in an older segment, however little is left of it.
  if (log.segmentOf(fetchOffset) !== log.segmentOf(end)) return Infinity;
  const read = log.read(fetchOffset, maxBytes, end, false);
  return typeof read === "string" ? 0 : read.sizeBytes;
}
