// A fetch that waits for data (DelayedFetch). An append releases a follower, the high watermark a consumer; for a follower the high watermark
// alone is no news (KAFKA-9731), so it learns the last one with the next data or when its wait ends.
import type { FetchPartition, FetchRequest } from "../protocol/apis.ts";
import type { KafkaHost } from "../protocol/kafka-host.ts";
import { ms, type Timer } from "../sim/kernel.ts";
import { divergence } from "./divergence.ts";
import type { Partition } from "./partition.ts";
import type { Waiter } from "./purgatory.ts";

export class DelayedFetch {
  readonly request: FetchRequest;
  readonly parts: PendingFetch[] = [];
  done = false;
  readonly #complete: () => void;
  readonly #timer: Timer;

  constructor(host: KafkaHost, request: FetchRequest, complete: () => void) {
    this.request = request;
    this.#complete = complete;
    this.#timer = host.after(ms(request.maxWaitMs), () => this.complete());
  }

  complete(): void {
    if (this.done) return;
    this.done = true;
    this.#timer.cancel();
    this.#complete();
  }

  /** Completes if a part has news or all parts together have enough bytes. */
  checkAll(): void {
    let bytes = 0;
    for (const part of this.parts) {
      if (part.isOvertaken()) {
        this.complete();
        return;
      }
      bytes += part.availableBytes();
    }
    if (bytes >= this.request.minBytes) this.complete();
  }
}

/** One partition's part. */
export class PendingFetch implements Waiter {
  readonly #operation: DelayedFetch;
  readonly #partition: Partition;
  readonly #fetch: FetchPartition;

  constructor(operation: DelayedFetch, partition: Partition, fetch: FetchPartition) {
    this.#operation = operation;
    this.#partition = partition;
    this.#fetch = fetch;
  }

  get done(): boolean {
    return this.#operation.done;
  }

  watch(): void {
    this.#partition.fetches.add(this);
  }

  check(): void {
    if (this.isOvertaken()) this.#operation.complete();
    else if (this.#fetch.fetchOffset < this.#end) {
      // One byte anywhere is enough for most fetches; only a larger fetch.min.bytes has to be added up.
      if (this.#operation.request.minBytes <= 1) this.#operation.complete();
      else this.#operation.checkAll();
    }
  }

  /** What the fetch was parked for is no longer so: leadership, epoch, a truncated or diverging log. */
  isOvertaken(): boolean {
    const { currentLeaderEpoch, fetchOffset } = this.#fetch;
    const partition = this.#partition;
    const error = this.#isFollower
      ? partition.leaderError(currentLeaderEpoch)
      : partition.epochError(currentLeaderEpoch);
    if (error !== "NONE") return true;
    return fetchOffset > this.#end || divergence(this.#partition.log, this.#fetch) !== "none";
  }

  availableBytes(): number {
    const { fetchOffset, maxBytes } = this.#fetch;
    const end = this.#end;
    if (fetchOffset >= end) return 0;
    const { log } = this.#partition;
    // No more can come in an older segment, however little is left of it.
    if (log.segmentOf(fetchOffset) !== log.segmentOf(end)) return Infinity;
    const read = log.read(fetchOffset, maxBytes, end, false);
    return typeof read === "string" ? 0 : read.sizeBytes;
  }

  get #isFollower(): boolean {
    return this.#operation.request.replicaId >= 0;
  }

  get #end(): number {
    const { log } = this.#partition;
    return this.#isFollower ? log.logEndOffset : log.highWatermark;
  }
}
