// PartitionTest and ReplicaManagerTest of Apache Kafka, vectors 1-9 and 12-15 of the reference, at the seam of one broker.
import { describe, expect, test } from "vitest";
import { OneBroker } from "./one-broker.ts";

const LAG_MS = 30_000;

describe("ISR expansion", () => {
  test("a follower at the leader's log end is proposed, and counts before the controller has answered", () => {
    const b = new OneBroker({ replicas: [1, 2] });
    b.lead([1]);
    b.append(10);
    b.fetch(2, 3);
    expect(b.controlPlane.submitted).toHaveLength(0);
    b.fetch(2, 10);
    const { proposal } = b.controlPlane.last;
    expect(proposal.isr).toEqual([
      { brokerId: 1, brokerEpoch: 101 },
      { brokerId: 2, brokerEpoch: 102 },
    ]);
    expect([b.isr, b.maximalIsr]).toEqual([[1], [1, 2]]);
    b.accept();
    expect(b.isr).toEqual([1, 2]);
    expect(b.replica.partitionEpoch).toBe(2);
    expect(b.of("isr.committed")).toHaveLength(1);
  });

  test("a follower that has reached the high watermark but not the start of the epoch may not join", () => {
    const b = new OneBroker({ replicas: [1, 2, 3] });
    b.lead([1, 2]);
    b.append(5);
    b.fetch(2, 1);
    expect(b.replica.highWatermark).toBe(1);
    b.metadata({ leader: 2, leaderEpoch: 2, partitionEpoch: 2 });
    b.lead([1, 2], { leaderEpoch: 3, partitionEpoch: 3 });
    b.append(2);
    expect(b.replica.epochStartOffset).toBe(5);
    b.fetch(3, 0);
    b.fetch(3, 1);
    expect(b.maximalIsr).toEqual([1, 2]);
    b.fetch(3, 5);
    expect(b.maximalIsr).toEqual([1, 2, 3]);
  });

  test("mutant isr-expand-without-epoch-start lets it join at the high watermark", () => {
    const b = new OneBroker({ rules: { mutant: "isr-expand-without-epoch-start" } });
    b.lead([1, 2]);
    b.append(5);
    b.fetch(2, 1);
    b.metadata({ leader: 2, leaderEpoch: 2, partitionEpoch: 2 });
    b.lead([1, 2], { leaderEpoch: 3, partitionEpoch: 3 });
    b.fetch(3, 1);
    expect(b.maximalIsr).toEqual([1, 2, 3]);
  });

  test("after INVALID_UPDATE_VERSION the leader stays pending, with the larger ISR, and does not ask again", () => {
    const b = new OneBroker({ replicas: [1, 2] });
    b.lead([1]);
    b.append(10);
    b.fetch(2, 10);
    b.refuse("INVALID_UPDATE_VERSION");
    b.fetch(2, 10);
    expect([b.isr, b.maximalIsr]).toEqual([[1], [1, 2]]);
    expect(b.controlPlane.submitted).toHaveLength(1);
    expect(b.of("isr.rejected")).toMatchObject([{ error: "INVALID_UPDATE_VERSION" }]);
  });

  test("after INELIGIBLE_REPLICA the leader goes back to the committed ISR and may ask again", () => {
    const b = new OneBroker({ replicas: [1, 2] });
    b.lead([1]);
    b.append(10);
    b.fetch(2, 10);
    b.refuse("INELIGIBLE_REPLICA");
    expect(b.maximalIsr).toEqual([1]);
    b.fetch(2, 10);
    expect(b.controlPlane.submitted).toHaveLength(2);
  });

  test("an unexpected error is asked again at once", () => {
    const b = new OneBroker({ replicas: [1, 2] });
    b.lead([1]);
    b.append(1);
    b.fetch(2, 1);
    b.refuse("UNKNOWN_SERVER_ERROR");
    expect(b.controlPlane.submitted).toHaveLength(2);
    expect(b.controlPlane.last.proposal).toEqual(b.controlPlane.submitted[0]?.proposal);
  });

  test("an answer to a proposal that the metadata log has overtaken is ignored", () => {
    const b = new OneBroker({ replicas: [1, 2] });
    b.lead([1]);
    b.append(1);
    b.fetch(2, 1);
    b.lead([1, 2], { partitionEpoch: 2 });
    b.accept();
    b.refuse("INELIGIBLE_REPLICA");
    expect(b.isr).toEqual([1, 2]);
    expect(b.of("isr.committed")).toHaveLength(1);
  });

  test.each([
    ["is fenced", { fenced: true }, 102],
    ["is in controlled shutdown", { inControlledShutdown: true }, 102],
    ["is in a newer life than the leader has heard of", {}, 202],
  ])("a follower that %s is not proposed", (_why, change, brokerEpoch) => {
    const b = new OneBroker({ replicas: [1, 2] });
    b.lead([1]);
    b.append(1);
    b.register(2, change);
    b.refreshView();
    b.fetch(2, 1, { brokerEpoch });
    expect(b.controlPlane.submitted).toHaveLength(0);
  });

  test("a fetch of an earlier life of the broker is refused and moves nothing", () => {
    const b = new OneBroker({ replicas: [1, 2] });
    b.lead([1, 2]);
    b.append(1);
    b.register(2, { brokerEpoch: 202 });
    b.refreshView();
    expect(b.fetch(2, 1, { brokerEpoch: 102 }).error).toBe("NOT_LEADER_OR_FOLLOWER");
    expect(b.replica.highWatermark).toBe(0);
  });

  test("a replica the leader has not heard of is told to come back", () => {
    const b = new OneBroker({ replicas: [1, 2] });
    b.lead([1, 2]);
    expect(b.fetch(5, 0).error).toBe("UNKNOWN_LEADER_EPOCH");
  });
});

describe("ISR shrink", () => {
  test("a shrink waits for the lag time and moves the high watermark only when it is committed", () => {
    const b = new OneBroker({ replicas: [1, 2, 3] });
    b.lead([1, 2, 3]);
    b.append(10);
    b.fetch(2, 10);
    b.replica.maybeShrinkIsr();
    expect(b.controlPlane.submitted).toHaveLength(0);
    b.run(LAG_MS + 1);
    expect(b.controlPlane.submitted).toHaveLength(0);
    b.replica.maybeShrinkIsr();
    expect(b.controlPlane.last.proposal.isr.map((member) => member.brokerId)).toEqual([1, 2]);
    // A shrink on its way does not count yet, even when the remaining follower moves on.
    b.append(1);
    b.fetch(2, 11);
    expect(b.replica.highWatermark).toBe(0);
    b.accept();
    expect(b.replica.highWatermark).toBe(11);
    expect(b.replica.partitionEpoch).toBe(2);
  });

  test("the check runs every half lag time, so an eviction falls between one and one and a half of it", () => {
    const b = new OneBroker({ replicas: [1, 2] });
    b.lead([1, 2]);
    b.append(1);
    b.run(1.5 * LAG_MS - 1);
    expect(b.controlPlane.submitted).toHaveLength(0);
    b.run(2);
    expect(b.of("isr.proposed")).toMatchObject([{ change: "shrink", members: [2] }]);
  });

  test("a follower that was caught up at its previous fetch stays, though it never fetches at the log end", () => {
    const b = new OneBroker({ replicas: [1, 2], config: { "replica.lag.time.max.ms": 10_000 } });
    b.lead([1, 2]);
    b.append(5);
    b.run(5000);
    const first = b.world.kernel.now;
    b.append(5);
    b.fetch(2, 5);
    expect(b.replica.highWatermark).toBe(5);
    b.run(5001);
    b.append(5);
    b.fetch(2, 10);
    expect(b.replica.remoteReplica(2)?.lastCaughtUpTime).toBe(first);
    expect(b.replica.highWatermark).toBe(10);
    b.replica.maybeShrinkIsr();
    expect(b.controlPlane.submitted).toHaveLength(0);
  });

  test("a follower at the log end of an idle partition stays for ever, dead or alive", () => {
    const b = new OneBroker({ replicas: [1, 2] });
    b.lead([1, 2]);
    b.append(10);
    b.fetch(2, 10);
    b.run(10 * LAG_MS);
    expect(b.controlPlane.submitted).toHaveLength(0);
  });
});

describe("the high watermark", () => {
  test("stands still while the committed ISR is below min.insync.replicas", () => {
    const b = new OneBroker({ topic: { "min.insync.replicas": 3 } });
    b.lead([1, 2]);
    b.append(10);
    b.fetch(2, 10);
    expect(b.replica.highWatermark).toBe(0);
    b.fetch(3, 10);
    expect(b.maximalIsr).toEqual([1, 2, 3]);
    expect(b.replica.highWatermark).toBe(0);
    b.accept();
    expect(b.replica.highWatermark).toBe(10);
  });

  test("before 3.7 it ignores min.insync.replicas", () => {
    const rules = { "replication.high-watermark-min-isr": "off" } as const;
    const b = new OneBroker({ topic: { "min.insync.replicas": 3 }, rules });
    b.lead([1, 2]);
    b.append(10);
    b.fetch(2, 10);
    expect(b.replica.highWatermark).toBe(10);
  });

  test("counts min.insync.replicas only up to the number of replicas", () => {
    const b = new OneBroker({ replicas: [1], topic: { "min.insync.replicas": 2 } });
    b.lead([1]);
    expect(b.produce(1, -1).response?.partitions[0]?.error).toBe("NONE");
    expect(b.replica.highWatermark).toBe(1);
  });

  test.each([
    ["a live follower that left the ISR still holds it back", {}, 10],
    ["a fenced follower does not hold it back", { fenced: true }, 20],
    ["a follower in shutdown does not hold it back", { inControlledShutdown: true }, 20],
  ])("%s", (_title, change, expected) => {
    const b = new OneBroker({ replicas: [1, 2] });
    b.lead([1, 2]);
    b.append(10);
    b.fetch(2, 10);
    expect(b.replica.highWatermark).toBe(10);
    b.append(10);
    b.register(2, change);
    b.lead([1], { partitionEpoch: 2 });
    expect(b.replica.highWatermark).toBe(expected);
  });

  test("is frozen on a new leader until every follower of the ISR has fetched", () => {
    const b = new OneBroker();
    b.metadata({ leader: 2, isr: [1, 2, 3], leaderEpoch: 1, partitionEpoch: 1 });
    b.lead([1, 2, 3], { leaderEpoch: 2, partitionEpoch: 2 });
    b.append(3);
    b.fetch(2, 3);
    expect(b.replica.highWatermark).toBe(0);
    b.fetch(3, 3);
    expect(b.replica.highWatermark).toBe(3);
  });

  test("in a response is the one from before the fetch moved the follower", () => {
    const b = new OneBroker({ replicas: [1, 2] });
    b.lead([1, 2]);
    const produced = b.produce(2, -1);
    expect(b.fetch(2, 2).highWatermark).toBe(0);
    expect(produced.response?.partitions[0]?.error).toBe("NONE");
    // A consumer is not a round behind.
    expect(b.consume(0)).toMatchObject({ error: "NONE", highWatermark: 2 });
    expect(b.consume(0).batches.reduce((sum, { count }) => sum + count, 0)).toBe(2);
    // Idle and caught up: parked, and an advance of the high watermark alone does not release it.
    const parked = b.parkedFetch(2, 2, { maxWaitMs: 1000 });
    const arrived = b.world.kernel.now;
    b.run(999);
    expect(parked.response).toBeUndefined();
    b.run(2);
    expect(parked.response?.partitions[0]?.highWatermark).toBe(2);
    // Reading again for the answer is not another fetch of the follower.
    expect(b.replica.remoteReplica(2)?.lastCaughtUpTime).toBe(arrived);
  });

  test("mutant high-watermark-ahead runs one offset ahead", () => {
    const b = new OneBroker({ replicas: [1, 2], rules: { mutant: "high-watermark-ahead" } });
    b.lead([1, 2]);
    b.append(10);
    b.fetch(2, 5);
    expect(b.replica.highWatermark).toBe(6);
  });

  test("mutant hw-from-committed-isr ignores a replica that is being added", () => {
    const b = new OneBroker({ replicas: [1, 2], rules: { mutant: "hw-from-committed-isr" } });
    b.lead([1]);
    b.append(10);
    b.fetch(2, 10);
    b.append(10);
    expect(b.maximalIsr).toEqual([1, 2]);
    expect(b.replica.highWatermark).toBe(20);
  });
});

describe("offsets after a change of leader", () => {
  test("clients hear OFFSET_NOT_AVAILABLE until the high watermark has reached the start of the epoch", () => {
    const b = new OneBroker({ replicas: [1, 2] });
    b.lead([1, 2]);
    b.append(5);
    b.fetch(2, 2);
    b.metadata({ leader: 2, leaderEpoch: 2, partitionEpoch: 2 });
    b.lead([1, 2], { leaderEpoch: 3, partitionEpoch: 3 });
    expect(b.listOffset("latest").error).toBe("OFFSET_NOT_AVAILABLE");
    expect(b.listOffset("latest", 2).offset).toBe(5);
    expect(b.listOffset("earliest").offset).toBe(0);
    b.fetch(2, 5);
    expect(b.listOffset("latest").offset).toBe(5);
  });
});

describe("fetching", () => {
  test("past the high watermark a follower gets data and a consumer an empty success", () => {
    const b = new OneBroker();
    b.lead([1, 2, 3]);
    b.append(2);
    expect(b.fetch(2, 1).batches).toHaveLength(1);
    expect(b.consume(1)).toMatchObject({ error: "NONE", batches: [], highWatermark: 0 });
    expect(b.consume(3).error).toBe("OFFSET_OUT_OF_RANGE");
  });

  test("a consumer that waits is released by the high watermark", () => {
    const b = new OneBroker({ replicas: [1, 2] });
    b.lead([1, 2]);
    const waiting = b.parkedFetch(-1, 0, { maxWaitMs: 500 });
    b.append(1);
    expect(waiting.response).toBeUndefined();
    b.fetch(2, 1);
    expect(waiting.response?.partitions[0]?.batches).toHaveLength(1);
  });

  test("a follower that waits is released by an append", () => {
    const b = new OneBroker({ replicas: [1, 2] });
    b.lead([1, 2]);
    const waiting = b.parkedFetch(2, 0, { maxWaitMs: 500 });
    b.append(1);
    expect(waiting.response?.partitions[0]?.batches).toHaveLength(1);
  });

  test("a failed read leaves what the leader knows of the follower as it was", () => {
    const b = new OneBroker({ replicas: [1, 2] });
    b.lead([1, 2], { leaderEpoch: 1 });
    b.append(2);
    b.lead([1, 2], { leaderEpoch: 2, partitionEpoch: 2 });
    b.append(2);
    b.fetch(2, 0);
    expect(b.fetch(2, 3, { currentLeaderEpoch: 1 }).error).toBe("FENCED_LEADER_EPOCH");
    const diverging = b.fetch(2, 3, { lastFetchedEpoch: 1 });
    expect(diverging).toMatchObject({
      error: "NONE",
      divergingEpoch: { leaderEpoch: 1, endOffset: 2 },
    });
    expect(b.fetch(2, 3, { currentLeaderEpoch: 9 }).error).toBe("UNKNOWN_LEADER_EPOCH");
    expect(b.replica.remoteReplica(2)?.logEndOffset).toBe(0);
  });

  test.each([
    [2, 5, { leaderEpoch: 0, endOffset: 2 }],
    [0, 4, { leaderEpoch: 0, endOffset: 2 }],
    [6, 6, { leaderEpoch: 4, endOffset: 13 }],
    [10, 18, { leaderEpoch: 10, endOffset: 17 }],
    [0, 2, undefined],
    [7, 14, undefined],
    [9, 17, undefined],
    [10, 17, undefined],
    [11, 5, "OFFSET_OUT_OF_RANGE"],
  ] as const)("last fetched epoch %i at offset %i", (lastFetchedEpoch, offset, expected) => {
    const b = new OneBroker({ replicas: [1, 2] });
    let partitionEpoch = 0;
    for (const [leaderEpoch, upTo] of [
      [0, 2],
      [3, 8],
      [4, 13],
      [7, 14],
      [9, 17],
      [10, 17],
    ] as const) {
      b.lead([1, 2], { leaderEpoch, partitionEpoch: ++partitionEpoch });
      b.append(upTo - b.replica.logEndOffset);
    }
    if (lastFetchedEpoch === 2) {
      // Epoch 2 lies between 0 and 3: it ends where 0 does.
      expect(b.replica.log.endOffsetForEpoch(2)).toEqual({ leaderEpoch: 0, endOffset: 2 });
    }
    const data = b.fetch(2, offset, { lastFetchedEpoch });
    if (expected === "OFFSET_OUT_OF_RANGE") expect(data.error).toBe(expected);
    else expect(data).toMatchObject({ error: "NONE", divergingEpoch: expected });
  });
});

describe("producing", () => {
  test("acks=all below min.insync.replicas is refused before anything is written; acks=1 is written and stays invisible", () => {
    const b = new OneBroker({ replicas: [1, 2], topic: { "min.insync.replicas": 2 } });
    b.lead([1]);
    expect(b.produce(1, -1).response?.partitions[0]).toMatchObject({
      error: "NOT_ENOUGH_REPLICAS",
      baseOffset: -1,
    });
    expect(b.replica.logEndOffset).toBe(0);
    expect(b.produce(1, 1).response?.partitions[0]).toMatchObject({ error: "NONE", baseOffset: 0 });
    expect(b.consume(0).batches).toHaveLength(0);
    expect(b.of("produce.rejected")).toMatchObject([
      { error: "NOT_ENOUGH_REPLICAS", appended: false },
    ]);
  });

  test("acks=all is answered when the high watermark passes the batch", () => {
    const b = new OneBroker();
    b.lead([1, 2, 3]);
    const produced = b.produce(3, -1);
    b.fetch(2, 3);
    expect(produced.response).toBeUndefined();
    b.fetch(3, 3);
    expect(produced.response?.partitions[0]).toMatchObject({ error: "NONE", baseOffset: 0 });
  });

  test("mutant ack-before-replicated answers after the leader's append", () => {
    const b = new OneBroker({ rules: { mutant: "ack-before-replicated" } });
    b.lead([1, 2, 3]);
    expect(b.produce(3, -1).response?.partitions[0]?.error).toBe("NONE");
    expect(b.replica.highWatermark).toBe(0);
  });

  test("mutant duplicate-append-on-leader writes twice", () => {
    const b = new OneBroker({ rules: { mutant: "duplicate-append-on-leader" } });
    b.lead([1, 2, 3]);
    b.produce(3, 1);
    expect(b.replica.logEndOffset).toBe(6);
  });

  test("what is not replicated in time times out, though it is written", () => {
    const b = new OneBroker({ replicas: [1, 2] });
    b.lead([1, 2]);
    const produced = b.produce(1, -1, 1000);
    b.run(999);
    expect(produced.response).toBeUndefined();
    b.run(2);
    expect(produced.response?.partitions[0]).toMatchObject({
      error: "REQUEST_TIMED_OUT",
      baseOffset: 0,
    });
    expect(b.of("produce.rejected")).toMatchObject([
      { error: "REQUEST_TIMED_OUT", appended: true },
    ]);
  });

  test("a leader that becomes a follower tells whoever waits that it is not the leader any more", () => {
    const b = new OneBroker();
    b.lead([1, 2, 3]);
    const produced = b.produce(1, -1);
    const fetched = b.parkedFetch(2, 1, { maxWaitMs: 500 });
    b.metadata({ leader: 2, leaderEpoch: 2, partitionEpoch: 2 });
    expect(produced.response?.partitions[0]).toMatchObject({
      error: "NOT_LEADER_OR_FOLLOWER",
      currentLeader: 2,
      currentLeaderEpoch: 2,
    });
    expect(fetched.response?.partitions[0]?.error).toBe("FENCED_LEADER_EPOCH");
  });

  test("before 3.7 an ISR that fell below min.insync.replicas after the append ends in NOT_ENOUGH_REPLICAS_AFTER_APPEND", () => {
    const rules = { "replication.high-watermark-min-isr": "off" } as const;
    const b = new OneBroker({ replicas: [1, 2], topic: { "min.insync.replicas": 2 }, rules });
    b.lead([1, 2]);
    const produced = b.produce(1, -1);
    b.register(2, { fenced: true });
    b.lead([1], { partitionEpoch: 2 });
    expect(produced.response?.partitions[0]?.error).toBe("NOT_ENOUGH_REPLICAS_AFTER_APPEND");
  });

  test("acks=0 gets no answer, and a closed connection where there is an error", () => {
    const b = new OneBroker();
    b.lead([1, 2, 3]);
    expect(b.produce(1, 0)).toMatchObject({ response: undefined, disconnected: false });
    b.metadata({ leader: 2, leaderEpoch: 2, partitionEpoch: 2 });
    expect(b.produce(1, 0)).toMatchObject({ response: undefined, disconnected: true });
  });

  test("a batch larger than max.message.bytes is refused", () => {
    const b = new OneBroker({ topic: { "max.message.bytes": 1000 } });
    b.lead([1, 2, 3]);
    expect(b.produce(10, 1).response?.partitions[0]?.error).toBe("MESSAGE_TOO_LARGE");
  });

  test("an older partition epoch changes nothing", () => {
    const b = new OneBroker();
    b.lead([1, 2, 3], { partitionEpoch: 5 });
    b.metadata({ leader: 2, leaderEpoch: 9, partitionEpoch: 4 });
    expect(b.replica.isLeader).toBe(true);
  });
});
