// ReplicaTest of Apache Kafka (vector 11).
import { expect, test } from "vitest";
import { NEVER, RemoteReplica } from "../../src/broker/remote-replica.ts";

const fetched = (replica: RemoteReplica, offset: number, leaderEndOffset: number, at: number) =>
  replica.fetched({ fetchOffset: offset, logStartOffset: 0 }, at, leaderEndOffset, 1);

test("a fetch below the log end catches up at the time of the previous fetch, if it is at what was the log end then", () => {
  const replica = new RemoteReplica(2);
  fetched(replica, 5, 10, 1000);
  expect(replica.lastCaughtUpTime).toBe(NEVER);
  fetched(replica, 10, 15, 2000);
  expect(replica.lastCaughtUpTime).toBe(1000);
  fetched(replica, 15, 15, 3000);
  expect(replica.lastCaughtUpTime).toBe(3000);
});

test("a new leader counts the followers of its ISR as caught up now, and the others as never", () => {
  const [inSync, outside] = [new RemoteReplica(2), new RemoteReplica(3)];
  fetched(outside, 15, 15, 3000);
  inSync.reset({ now: 5000, leaderEndOffset: 20, newLeader: true, inSync: true });
  outside.reset({ now: 5000, leaderEndOffset: 20, newLeader: true, inSync: false });
  expect([inSync.lastCaughtUpTime, outside.lastCaughtUpTime]).toEqual([5000, NEVER]);
  expect([inSync.logEndOffset, outside.logEndOffset]).toEqual([-1, -1]);
});

test("a leader that goes on in a new epoch remembers how far its followers are", () => {
  const replica = new RemoteReplica(2);
  fetched(replica, 10, 10, 1000);
  replica.reset({ now: 5000, leaderEndOffset: 12, newLeader: false, inSync: false });
  expect(replica.logEndOffset).toBe(10);
  // Its first fetch in the epoch is not yet proof that it was caught up before.
  fetched(replica, 12, 20, 6000);
  expect(replica.lastCaughtUpTime).toBe(NEVER);
});

test("a replica at the leader's log end is caught up however long ago it fetched", () => {
  const replica = new RemoteReplica(2);
  fetched(replica, 10, 10, 1000);
  expect(replica.isCaughtUp(10, 1e12, 30_000)).toBe(true);
  expect(replica.isCaughtUp(11, 31_000, 30_000)).toBe(true);
  expect(replica.isCaughtUp(11, 31_001, 30_000)).toBe(false);
});
