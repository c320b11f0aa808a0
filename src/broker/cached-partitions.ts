// The partitions of a follower's fetch session as the leader keeps them (FetchSession.partitionMap, CachedPartition; KIP-227). Kafka goes through
// all of them at each fetch. Here a partition of which neither side has news rests: nothing is done about it until it stirs, and what those
// fetches would have changed of the leader's view of the follower is worked out then (RemoteReplica), so no result is another one.
import type { FetchPartition, FetchRequest } from "../protocol/apis.ts";
import type { BrokerEpoch, TopicPartition } from "../protocol/types.ts";
import type { Micros } from "../sim/kernel.ts";
import type { DelayedFetch, FetchPart } from "./delayed-fetch.ts";
import type { Partition } from "./partition.ts";
import { NEVER, type RemoteReplica, type Rest } from "./remote-replica.ts";

const NOWHERE = -1;
const EVERYWHERE = Number.POSITIVE_INFINITY;

export class CachedPartitions {
  /** The session's last request, while it waits. */
  parked: DelayedFetch | undefined;
  #byName = new Map<TopicPartition, CachedPartition>();
  /** Those that do not rest, in the session's order. */
  readonly #awake: CachedPartition[] = [];
  #lastPlace = 0;
  #brokerEpoch: BrokerEpoch = -1;
  /** Times of the last fetch and of the one before; while a fetch is being read, the last one has come as far as this place. */
  #fetchedAt: Micros = NEVER;
  #fetchedBefore: Micros = NEVER;
  #readTo = EVERYWHERE;

  constructor(request: FetchRequest) {
    this.#replace(request.partitions);
  }

  /** Takes over what an incremental request names. */
  update({ partitions, changes }: FetchRequest): void {
    if (changes === undefined) {
      this.#replace(partitions);
      return;
    }
    for (const name of changes.forgotten) this.#forget(name);
    for (const fetch of changes.altered) {
      const cached = this.#byName.get(fetch.partition);
      if (cached === undefined) continue;
      cached.stir();
      cached.fetch = fetch;
    }
    for (const fetch of changes.moved) this.#moveToEnd(fetch);
  }

  /** The session has these, in this order; those that are as they were go on resting. */
  #replace(partitions: readonly FetchPartition[]): void {
    const before = this.#byName;
    const now = new Map<TopicPartition, CachedPartition>();
    for (const fetch of partitions) {
      const known = before.get(fetch.partition);
      before.delete(fetch.partition);
      if (known !== undefined && known.fetch !== fetch) known.stir();
      const cached = known ?? new CachedPartition(this, fetch);
      cached.fetch = fetch;
      now.set(fetch.partition, cached);
    }
    for (const forgotten of before.values()) forgotten.stir();
    this.#byName = now;
    this.#awake.length = 0;
    for (const cached of now.values()) {
      cached.place = ++this.#lastPlace;
      if (!cached.isResting) this.#awake.push(cached);
    }
  }

  #moveToEnd(fetch: FetchPartition): void {
    let cached = this.#byName.get(fetch.partition);
    if (cached === undefined) {
      cached = new CachedPartition(this, fetch);
      this.#byName.set(fetch.partition, cached);
    } else {
      cached.stir();
      this.#takeOut(cached);
      cached.fetch = fetch;
    }
    cached.place = ++this.#lastPlace;
    this.#awake.push(cached);
  }

  #forget(name: TopicPartition): void {
    const cached = this.#byName.get(name);
    if (cached === undefined) return;
    cached.stir();
    this.#byName.delete(name);
    this.#takeOut(cached);
  }

  // Reading

  /** A fetch begins. Its time goes for all that rest, unless that is not as it was: the follower is in another life, or the clock was set back. */
  begin(at: Micros, brokerEpoch: BrokerEpoch): void {
    if (brokerEpoch !== this.#brokerEpoch || at < this.#fetchedAt) this.stirAll();
    this.#brokerEpoch = brokerEpoch;
    this.#fetchedBefore = this.#fetchedAt;
    this.#fetchedAt = at;
    this.#readTo = NOWHERE;
  }

  end(): void {
    this.#readTo = EVERYWHERE;
  }

  readTo(place: number): void {
    this.#readTo = place;
  }

  /** The first one awake, or the next after another: reading one may wake others. */
  next(after: CachedPartition | undefined): CachedPartition | undefined {
    return this.#awake[after === undefined ? 0 : this.#indexAfter(after.place)];
  }

  stirAll(): void {
    for (const cached of this.#byName.values()) cached.stir();
  }

  fetchedAt(place: number): Micros {
    return place > this.#readTo ? this.#fetchedBefore : this.#fetchedAt;
  }

  // Resting

  fellAsleep(cached: CachedPartition): void {
    this.#takeOut(cached);
  }

  wokeUp(cached: CachedPartition): void {
    const awake = this.#awake;
    const at = this.#indexAfter(cached.place);
    for (let i = awake.length; i > at; i--) awake[i] = awake[i - 1] as CachedPartition;
    awake[at] = cached;
    this.parked?.watchToo(cached);
  }

  #takeOut(cached: CachedPartition): void {
    const awake = this.#awake;
    for (let i = this.#indexAfter(cached.place); i < awake.length; i++)
      awake[i - 1] = awake[i] as CachedPartition;
    awake.pop();
  }

  /** What a request that waits for data waits for. */
  get awake(): readonly CachedPartition[] {
    return this.#awake;
  }

  #indexAfter(place: number): number {
    const awake = this.#awake;
    let low = 0;
    let high = awake.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((awake[middle] as CachedPartition).place <= place) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

export class CachedPartition implements Rest, FetchPart {
  readonly #session: CachedPartitions;
  fetch: FetchPartition;
  /** In the session's order; always another one. */
  place = 0;
  #partition: Partition | undefined;
  #replica: RemoteReplica | undefined;

  constructor(session: CachedPartitions, fetch: FetchPartition) {
    this.#session = session;
    this.fetch = fetch;
  }

  /** As it was found when the session's request began to wait, or the partition to rest. */
  get partition(): Partition {
    return this.#partition as Partition;
  }

  set partition(found: Partition) {
    this.#partition = found;
  }

  get isResting(): boolean {
    return this.#replica !== undefined;
  }

  get fetchedAt(): Micros {
    return this.#session.fetchedAt(this.place);
  }

  /** The fetch that is being read has come to it. */
  isRead(): void {
    this.#session.readTo(this.place);
  }

  /** Leader and follower have nothing to tell each other of it. */
  rest(partition: Partition, replica: RemoteReplica): void {
    this.#partition = partition;
    this.#replica = replica;
    replica.restIn(this);
    this.#session.fellAsleep(this);
  }

  stir(): void {
    this.#replica?.stir();
  }

  end(): void {
    this.#replica = undefined;
    this.#session.wokeUp(this);
  }
}
