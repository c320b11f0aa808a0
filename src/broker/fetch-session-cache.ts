// A broker's fetch sessions (FetchManager, FetchSessionCache; KIP-227): who has one names only what changed and is told only what is new.
// Slots are few: a follower takes one from a consumer, a stale one is anybody's, and the larger session is worth more.
// Left out: the eight shards of 3.8 and later (KAFKA-9401), which split the slots by session id.
import type { FetchPartitionData, FetchRequest } from "../protocol/apis.ts";
import type { ErrorName } from "../protocol/errors.ts";
import type { Offset, TopicPartition } from "../protocol/types.ts";
import { type Micros, ms } from "../sim/kernel.ts";
import type { Rng } from "../sim/rng.ts";
import type { CachedPartitions } from "./cached-partitions.ts";

/** KafkaServer.MIN_INCREMENTAL_FETCH_SESSION_EVICTION_MS */
const EVICTION = ms(120_000);
const LARGEST_ID = 0x7fff_ffff;

/** What a consumer was told last of a partition. */
interface Told {
  highWatermark: Offset;
  lastStableOffset: Offset;
  logStartOffset: Offset;
}

export class FetchSession {
  readonly id: number;
  /** A follower's. */
  readonly privileged: boolean;
  readonly createdAt: Micros;
  /** What the next request has to carry. */
  epoch = 1;
  size: number;
  lastUsedAt: Micros;
  /** A follower's partitions. */
  cached: CachedPartitions | undefined;
  readonly #told = new Map<TopicPartition, Told>();

  constructor(id: number, privileged: boolean, size: number, now: Micros) {
    this.id = id;
    this.privileged = privileged;
    this.size = size;
    this.createdAt = now;
    this.lastUsedAt = now;
  }

  /** Is there anything that the consumer has not been told yet? (CachedPartition.maybeUpdateResponseData) */
  isNews(data: FetchPartitionData): boolean {
    const known = this.#told.get(data.partition);
    return (
      data.sizeBytes > 0 ||
      data.error !== "NONE" ||
      data.preferredReadReplica >= 0 ||
      data.divergingEpoch !== undefined ||
      known === undefined ||
      known.highWatermark !== data.highWatermark ||
      known.logStartOffset !== data.logStartOffset
    );
  }

  /** The same of a read that would find no records, without the read. */
  knows(partition: TopicPartition, highWatermark: Offset, logStartOffset: Offset): boolean {
    const known = this.#told.get(partition);
    return known?.highWatermark === highWatermark && known.logStartOffset === logStartOffset;
  }

  tell({ partition, highWatermark, lastStableOffset, logStartOffset }: FetchPartitionData): void {
    const known = this.#told.get(partition);
    if (known === undefined) {
      this.#told.set(partition, { highWatermark, lastStableOffset, logStartOffset });
      return;
    }
    known.highWatermark = highWatermark;
    known.lastStableOffset = lastStableOffset;
    known.logStartOffset = logStartOffset;
  }
}

type SessionError = Extract<
  ErrorName,
  "FETCH_SESSION_ID_NOT_FOUND" | "INVALID_FETCH_SESSION_EPOCH"
>;

export class FetchSessionCache {
  readonly #slots: number;
  readonly #rng: Rng;
  readonly #sessions = new Map<number, FetchSession>();

  constructor(slots: number, rng: Rng) {
    this.#slots = slots;
    this.#rng = rng;
  }

  get size(): number {
    return this.#sessions.size;
  }

  /** The session a request belongs to, a new one, none (undefined), or why it cannot be answered (newContext). */
  open(request: FetchRequest, now: Micros): FetchSession | SessionError | undefined {
    const { sessionId, sessionEpoch, partitions } = request;
    if (sessionId === 0 || sessionEpoch <= 0) {
      if (sessionId !== 0) this.#sessions.delete(sessionId);
      return sessionEpoch < 0 ? undefined : this.#create(request, now);
    }
    const session = this.#sessions.get(sessionId);
    if (session === undefined) return "FETCH_SESSION_ID_NOT_FOUND";
    if (session.epoch !== sessionEpoch) return "INVALID_FETCH_SESSION_EPOCH";
    if (partitions.length === 0) {
      this.#sessions.delete(sessionId);
      return undefined;
    }
    session.epoch = session.epoch === LARGEST_ID ? 1 : session.epoch + 1;
    session.size = partitions.length;
    session.lastUsedAt = now;
    return session;
  }

  /** maybeCreateSession; undefined: there is no slot for it. */
  #create({ replicaId, partitions }: FetchRequest, now: Micros): FetchSession | undefined {
    const size = partitions.length;
    if (size === 0) return undefined;
    const privileged = replicaId >= 0;
    if (this.#sessions.size >= this.#slots && !this.#tryEvict(privileged, size, now)) return;
    let id = this.#rng.integer(1, LARGEST_ID);
    while (this.#sessions.has(id)) id = this.#rng.integer(1, LARGEST_ID);
    const session = new FetchSession(id, privileged, size, now);
    this.#sessions.set(id, session);
    return session;
  }

  #tryEvict(privileged: boolean, size: number, now: Micros): boolean {
    let leastUsed: FetchSession | undefined;
    let leastWorth: FetchSession | undefined;
    for (const session of this.#sessions.values()) {
      if (leastUsed === undefined || session.lastUsedAt < leastUsed.lastUsedAt) leastUsed = session;
      const isOld = session.lastUsedAt - session.createdAt > EVICTION;
      const isEvictable = isOld || (privileged && !session.privileged);
      if (isEvictable && (leastWorth === undefined || isWorthLess(session, leastWorth)))
        leastWorth = session;
    }
    if (leastUsed === undefined) return false;
    if (now - leastUsed.lastUsedAt > EVICTION) return this.#sessions.delete(leastUsed.id);
    if (leastWorth === undefined || !isWorthLess(leastWorth, { privileged, size, id: 0 }))
      return false;
    return this.#sessions.delete(leastWorth.id);
  }
}

type Worth = Pick<FetchSession, "privileged" | "size" | "id">;

/** EvictableKey: followers before consumers, then by size, then by id. */
function isWorthLess(one: Worth, other: Worth): boolean {
  if (one.privileged !== other.privileged) return other.privileged;
  return one.size === other.size ? one.id < other.id : one.size < other.size;
}
