// A leader does nothing about partitions of a follower's fetch session of which there is no news (KIP-227), and nothing may come of that.
import { describe, expect, test } from "vitest";
import { NEW_SESSION, OneBroker } from "./one-broker.ts";

const NEW = { session: NEW_SESSION };

/** A leader with follower 2 in a session, at the log end and told of the high watermark, so that the partition rests. */
function resting(others: readonly number[] = []) {
  const b = new OneBroker({ replicas: [1, 2, ...others] });
  b.lead([1, 2, ...others]);
  b.append(5);
  for (const other of others) b.fetch(other, 5);
  const first = b.parkedFetch(2, 5, NEW);
  const id = first.response?.sessionId ?? 0;
  let epoch = 1;
  const again = (maxWaitMs = 0, brokerEpoch = 102) => {
    const session = { id, epoch: epoch++ };
    return b.parkedFetch(2, 5, { session, maxWaitMs, brokerEpoch });
  };
  // The first is told the high watermark that this fetch has moved, the second finds nothing new.
  again();
  again();
  return { b, again };
}

describe("a partition that rests", () => {
  test("counts the follower as caught up at each fetch all the same", () => {
    const { b, again } = resting();
    b.run(1000);
    again();
    expect(b.replica.remoteReplica(2)?.lastCaughtUpTime).toBe(b.world.kernel.now);
    const last = b.world.kernel.now;
    b.run(1000);
    // It was at the log end then, so an append does not make it late.
    b.append(1);
    expect(b.replica.remoteReplica(2)?.lastCaughtUpTime).toBe(last);
    expect(b.replica.remoteReplica(2)?.logEndOffset).toBe(5);
  });

  test("releases a fetch that waits when there is data, before those that came later", () => {
    const { b, again } = resting([3]);
    const [follower, other] = [again(500), b.parkedFetch(3, 5, { maxWaitMs: 500, ...NEW })];
    expect([follower.response, other.response]).toEqual([undefined, undefined]);
    b.append(1);
    expect(follower.response?.partitions[0]?.batches).toHaveLength(1);
    expect(other.order).toBe(follower.order + 1);
  });

  test("tells of a log start that moved when the wait ends", () => {
    const { b, again } = resting();
    const parked = again(500);
    b.replica.log.advanceLogStartOffset(3, "test");
    expect(parked.response).toBeUndefined();
    b.run(501);
    expect(parked.response?.partitions).toMatchObject([{ logStartOffset: 3, sizeBytes: 0 }]);
  });

  test("refuses a fetch that waits when the leader is another one", () => {
    const { b, again } = resting();
    const parked = again(500);
    b.metadata({ leader: 2, leaderEpoch: 2, partitionEpoch: 2 });
    expect(parked.response?.partitions).toMatchObject([{ error: "FENCED_LEADER_EPOCH" }]);
  });

  test("takes the follower in again after the ISR has lost it, with its next fetch", () => {
    const { b, again } = resting();
    b.replica.isrCommitted([1], 2);
    again();
    expect(b.maximalIsr).toEqual([1, 2]);
  });

  test("refuses the follower when a later life of it has registered", () => {
    const { b, again } = resting();
    b.register(2, { brokerEpoch: 200 });
    b.refreshView();
    expect(again().response?.partitions).toMatchObject([{ error: "NOT_LEADER_OR_FOLLOWER" }]);
  });

  test("keeps the later time when the leader's clock is set back", () => {
    const { b, again } = resting();
    b.run(5000);
    again();
    const late = b.parts.host.clock.now();
    b.parts.host.clock.setOffset(-3_000_000);
    again();
    expect(b.replica.remoteReplica(2)?.lastCaughtUpTime).toBe(late);
  });
});
