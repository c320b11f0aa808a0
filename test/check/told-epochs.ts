// What the replicas of a story tell of their leader epoch caches: as those of a cluster, unless the story is about one that does not.
import { LeaderEpochCache } from "../../src/log/leader-epoch-cache.ts";
import type { TraceEvent } from "../../src/protocol/events.ts";
import type { TopicPartition } from "../../src/protocol/types.ts";
import type { Disk } from "../../src/sim/disk.ts";

const NO_DISK = { read: () => undefined, write: () => undefined } as unknown as Disk;

export class ToldEpochs {
  readonly #caches = new Map<string, LeaderEpochCache>();

  /** What is told before the event: it has its number and its time, so that a story counts only what it tells itself. */
  before(event: TraceEvent): TraceEvent[] {
    if (event.type === "host.wiped") this.#forget(` ${event.node} `);
    if (!("partition" in event)) return [];
    const { seq, at, node, cause, partition } = event;
    const told: TraceEvent[] = [];
    const cache = this.#of(partition, node);
    cache.onChanged = (epochs) =>
      told.push({ type: "log.epochsChanged", seq, at, node, cause, partition, epochs });
    keep(cache, event);
    if (event.type === "log.deleted") this.#forget(keyOf(partition, node));
    return told;
  }

  #of(partition: TopicPartition, node: number): LeaderEpochCache {
    const key = keyOf(partition, node);
    const cache = this.#caches.get(key) ?? new LeaderEpochCache(NO_DISK, key);
    this.#caches.set(key, cache);
    return cache;
  }

  #forget(part: string): void {
    for (const key of this.#caches.keys()) if (key.includes(part)) this.#caches.delete(key);
  }
}

const keyOf = ({ name }: TopicPartition, node: number): string => `on ${node} of ${name}`;

function keep(cache: LeaderEpochCache, e: TraceEvent): void {
  if (e.type === "log.appended") cache.assign(e.leaderEpoch, e.baseOffset);
  else if (e.type === "replica.becameLeader") cache.assign(e.leaderEpoch, e.epochStartOffset);
  else if (e.type === "log.startAdvanced") cache.truncateFromStart(e.to);
  else if (e.type === "log.truncated" && e.to < e.from) cache.truncateFromEnd(e.to);
  else if (e.type === "log.truncated") cache.clear();
  else if (e.type === "log.opened") {
    cache.truncateFromEnd(e.logEndOffset);
    cache.truncateFromStart(e.logStartOffset);
  }
}
