// Vectors of LeaderStateTest and, for the log, of KafkaRaftClientTest.
import { describe, expect, it } from "vitest";
import { LeaderState } from "../../../../src/controller/kraft/raft/leader-state.ts";
import { MetadataLog, memoryStore } from "../../../../src/controller/kraft/raft/log.ts";
import { ms } from "../../../../src/sim/kernel.ts";

const leading = (voters: readonly number[], epochStartOffset = 10): LeaderState =>
  new LeaderState({ id: 1, voters, epochStartOffset, now: 0, checkQuorumTimeout: ms(3000) });

describe("the high watermark of a quorum leader", () => {
  it("needs something of its own epoch on a majority", () => {
    const state = leading([1, 2, 3]);
    state.updateLocalEndOffset(15);
    expect(state.updateReplica(2, 10, 1)).toBe(false);
    expect(state.updateReplica(3, 10, 1)).toBe(false);
    expect(state.highWatermark).toBeUndefined();
    expect(state.updateReplica(3, 15, 2)).toBe(true);
    expect(state.highWatermark).toBe(15);
    state.updateLocalEndOffset(20);
    expect(state.highWatermark).toBe(15);
    state.updateReplica(2, 20, 3);
    expect(state.highWatermark).toBe(20);
  });

  it("never goes back", () => {
    const state = leading([1, 2, 3]);
    state.updateLocalEndOffset(20);
    state.updateReplica(2, 20, 1);
    expect(state.updateReplica(2, 12, 2)).toBe(false);
    expect(state.highWatermark).toBe(20);
  });

  it("does not count observers", () => {
    const state = leading([1, 2, 3]);
    state.updateLocalEndOffset(15);
    state.updateReplica(9, 15, 1);
    expect(state.highWatermark).toBeUndefined();
  });

  it("follows the only voter's own log", () => {
    const state = leading([1]);
    state.updateLocalEndOffset(11);
    expect(state.highWatermark).toBe(11);
    expect(state.checkQuorumDeadline).toBe(Infinity);
  });
});

describe("check quorum", () => {
  it("starts anew when a majority of five has fetched", () => {
    const state = leading([1, 2, 3, 4, 5]);
    state.updateReplica(2, 5, ms(1000));
    state.updateReplica(9, 5, ms(1000));
    expect(state.checkQuorumDeadline).toBe(ms(3000));
    state.updateReplica(3, 5, ms(1500));
    expect(state.checkQuorumDeadline).toBe(ms(4500));
    state.updateReplica(3, 5, ms(2000));
    state.updateReplica(3, 5, ms(2100));
    expect(state.checkQuorumDeadline).toBe(ms(4500));
  });

  it("knows who is furthest", () => {
    const state = leading([1, 2, 3, 4]);
    state.updateReplica(2, 5, 1);
    state.updateReplica(4, 7, 1);
    expect(state.preferredSuccessors()).toEqual([4, 2, 3]);
  });
});

describe("the metadata log", () => {
  function logOf(...epochs: readonly number[]): MetadataLog {
    const log = new MetadataLog(memoryStore());
    for (const epoch of epochs) {
      log.append({ baseOffset: log.endOffset, epoch, records: [{ type: "NoOp" }] });
    }
    return log;
  }

  it("says where a follower's log leaves it", () => {
    const log = logOf(1, 1, 1, 3, 3, 3, 5, 5, 5);
    expect(log.divergence(6, 2)).toEqual({ leaderEpoch: 1, endOffset: 3 });
    expect(log.divergence(6, 3)).toBeUndefined();
    expect(log.divergence(7, 3)).toEqual({ leaderEpoch: 3, endOffset: 6 });
    expect(log.divergence(0, 0)).toBeUndefined();
    expect(log.divergence(9, 7)).toEqual({ leaderEpoch: 5, endOffset: 9 });
  });

  it("is cut to what it shares with the leader's", () => {
    const log = logOf(1, 1, 2, 2);
    expect(log.truncateTo(log.truncationPoint({ leaderEpoch: 1, endOffset: 5 }))).toBe(2);
    expect(log.lastEpoch).toBe(1);
    expect(log.truncateTo(log.truncationPoint({ leaderEpoch: 0, endOffset: 0 }))).toBe(0);
    expect(log.lastEpoch).toBe(0);
  });

  it("reads whole batches between two offsets", () => {
    const log = logOf(1, 1, 2, 2);
    expect(log.read(1, 3).map(({ baseOffset }) => baseOffset)).toEqual([1, 2]);
    expect(log.read(4)).toEqual([]);
  });
});
