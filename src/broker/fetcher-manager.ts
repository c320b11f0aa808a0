// Which thread fetches which partition (AbstractFetcherManager): one thread for each leader broker and fetcher id.
// Left out: resizing num.replica.fetchers at run time.
import type { BrokerId, TopicPartition } from "../protocol/types.ts";
import type { BrokerParts } from "./broker-parts.ts";
import { ReplicaFetcher } from "./fetcher.ts";
import type { Partition } from "./partition.ts";
import type { ReplicaManager } from "./replica-manager.ts";
import { type Truncation, truncationFor } from "./truncation.ts";

export class FetcherManager {
  readonly #parts: BrokerParts;
  readonly #replicas: ReplicaManager;
  readonly #truncation: Truncation;
  readonly #fetchers = new Map<string, ReplicaFetcher>();
  #started = 0;

  constructor(parts: BrokerParts, replicas: ReplicaManager) {
    this.#parts = parts;
    this.#replicas = replicas;
    this.#truncation = truncationFor(parts.env.rules);
  }

  add(partition: Partition): void {
    this.#fetcherFor(partition.leaderId, this.#fetcherId(partition.name)).add(partition);
  }

  remove(partition: TopicPartition): void {
    for (const fetcher of this.#fetchers.values()) fetcher.remove(partition);
  }

  shutdownIdle(): void {
    for (const [key, fetcher] of this.#fetchers) {
      if (!fetcher.isIdle) continue;
      fetcher.shutdown();
      this.#fetchers.delete(key);
    }
  }

  shutdownAll(): void {
    for (const fetcher of this.#fetchers.values()) fetcher.shutdown();
    this.#fetchers.clear();
  }

  #fetcherFor(leader: BrokerId, fetcherId: number): ReplicaFetcher {
    const key = `${leader}/${fetcherId}`;
    let fetcher = this.#fetchers.get(key);
    if (fetcher === undefined) {
      // A new thread has a new connection: what the old one still waits for must not hold it up.
      const channel = `replica-fetcher-${fetcherId}-${this.#started++}`;
      fetcher = new ReplicaFetcher(this.#parts, this.#replicas, this.#truncation, leader, channel);
      this.#fetchers.set(key, fetcher);
      fetcher.start();
    }
    return fetcher;
  }

  #fetcherId({ topic, partition }: TopicPartition): number {
    const hash = (Math.imul(31, hashCode(topic)) + partition) | 0;
    return (hash & 0x7fffffff) % this.#parts.settings.config["num.replica.fetchers"];
  }
}

/** java.lang.String.hashCode */
function hashCode(text: string): number {
  let hash = 0;
  for (let i = 0; i < text.length; i++) hash = (Math.imul(31, hash) + text.charCodeAt(i)) | 0;
  return hash;
}
