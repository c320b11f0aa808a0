// KIP-227 on the broker: sessions, their epochs, and whose slot is taken when there are none left (FetchSessionTest).
import { expect, test } from "vitest";
import { FetchSession, FetchSessionCache } from "../../src/broker/fetch-session-cache.ts";
import type { FetchPartitionData, FetchRequest } from "../../src/protocol/apis.ts";
import { PartitionNames } from "../../src/protocol/types.ts";
import { ms } from "../../src/sim/kernel.ts";
import { TestCluster } from "./support.ts";

const names = new PartitionNames();
const rng = new TestCluster({ brokers: 0 }).client.rng("test");

function request(size: number, options: Partial<FetchRequest> = {}): FetchRequest {
  const partitions = Array.from({ length: size }, (_, i) => ({
    partition: names.of("t", i),
    fetchOffset: 0,
    currentLeaderEpoch: -1,
    lastFetchedEpoch: -1,
    logStartOffset: -1,
    maxBytes: 1,
  }));
  return {
    replicaId: -1,
    replicaEpoch: -1,
    maxWaitMs: 0,
    minBytes: 1,
    maxBytes: 1,
    partitions,
    namedPartitions: size,
    changes: undefined,
    sessionId: 0,
    sessionEpoch: 0,
    rackId: "",
    ...options,
  };
}

/** FetchSessionTest evicts after 100 ms, a broker after two minutes. */
const SCALE = 1200;

class Cache {
  readonly cache: FetchSessionCache;
  constructor(slots: number) {
    this.cache = new FetchSessionCache(slots, rng);
  }
  create(at: number, size: number, privileged = false): FetchSession | undefined {
    const replicaId = privileged ? 2 : -1;
    const made = this.cache.open(request(size, { replicaId }), ms(at * SCALE));
    return typeof made === "string" ? undefined : made;
  }
  touch(session: FetchSession | undefined, at: number): unknown {
    const { id = 0, epoch = 0, size = 0 } = session ?? {};
    return this.cache.open(request(size, { sessionId: id, sessionEpoch: epoch }), ms(at * SCALE));
  }
  has(session: FetchSession | undefined): boolean {
    const wrong = request(1, { sessionId: session?.id ?? 0, sessionEpoch: 99 });
    return this.cache.open(wrong, 0) === "INVALID_FETCH_SESSION_EPOCH";
  }
}

test("slots go to the stale, then to the larger, then to followers (testSessionCache)", () => {
  const c = new Cache(3);
  const id1 = c.create(0, 10);
  const id2 = c.create(10, 20);
  const id3 = c.create(20, 30);
  expect(c.create(30, 40)).toBeUndefined();
  expect(c.create(40, 5)).toBeUndefined();
  expect([id1, id2, id3].map((id) => c.has(id))).toEqual([true, true, true]);
  c.touch(id1, 200);
  const id4 = c.create(210, 11);
  expect([id1, id2, id3, id4].map((id) => c.has(id))).toEqual([true, false, true, true]);
  c.touch(id1, 400);
  c.touch(id3, 390);
  c.touch(id4, 400);
  const id5 = c.create(410, 50);
  expect([id1, id3, id4, id5].map((id) => c.has(id))).toEqual([false, true, true, true]);
  expect(c.create(410, 5)).toBeUndefined();
  const id6 = c.create(410, 5, true);
  expect([id3, id4, id5, id6].map((id) => c.has(id))).toEqual([true, false, true, true]);
});

test("a follower takes the slot of a consumer, however fresh (testPrivilegedSessionHandling)", () => {
  const c = new Cache(2);
  const follower = c.create(0, 2, true);
  const consumer = c.create(50, 2);
  const other = c.create(60, 2, true);
  expect([follower, consumer, other].map((id) => c.has(id))).toEqual([true, false, true]);
});

test("requests of a session come in the order of its epochs, and a full one ends it", () => {
  const { cache } = new Cache(10);
  const session = cache.open(request(2), 0);
  if (!(session instanceof FetchSession)) throw new Error("no session");
  const { id } = session;
  expect(cache.open(request(2, { sessionId: id, sessionEpoch: 1 }), 0)).toBe(session);
  const again = cache.open(request(2, { sessionId: id, sessionEpoch: 1 }), 0);
  expect(again).toBe("INVALID_FETCH_SESSION_EPOCH");
  expect(cache.open(request(2, { sessionId: id + 1, sessionEpoch: 1 }), 0)).toBe(
    "FETCH_SESSION_ID_NOT_FOUND",
  );
  expect(cache.open(request(0, { sessionId: id, sessionEpoch: -1 }), 0)).toBeUndefined();
  expect(cache.size).toBe(0);
  expect(cache.open(request(2, { sessionId: id, sessionEpoch: 2 }), 0)).toBe(
    "FETCH_SESSION_ID_NOT_FOUND",
  );
});

test("a session that forgets its last partition is over", () => {
  const { cache } = new Cache(10);
  const session = cache.open(request(1), 0) as FetchSession;
  expect(cache.open(request(0, { sessionId: session.id, sessionEpoch: 1 }), 0)).toBeUndefined();
  expect(cache.size).toBe(0);
});

test("a consumer is told of a partition again when its high watermark or log start moves", () => {
  const session = new FetchSession(1, false, 1, 0);
  const data = (change: Partial<FetchPartitionData> = {}): FetchPartitionData => ({
    partition: names.of("t", 0),
    error: "NONE",
    highWatermark: 10,
    lastStableOffset: 10,
    logStartOffset: 0,
    batches: [],
    sizeBytes: 0,
    divergingEpoch: undefined,
    currentLeader: -1,
    currentLeaderEpoch: -1,
    preferredReadReplica: -1,
    ...change,
  });
  expect(session.isNews(data())).toBe(true);
  session.tell(data());
  expect(session.isNews(data())).toBe(false);
  expect(session.isNews(data({ highWatermark: 11 }))).toBe(true);
  expect(session.isNews(data({ logStartOffset: 1 }))).toBe(true);
  expect(session.isNews(data({ preferredReadReplica: 2 }))).toBe(true);
  expect(session.isNews(data({ error: "OFFSET_OUT_OF_RANGE" }))).toBe(true);
});
