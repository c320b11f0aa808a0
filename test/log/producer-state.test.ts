import { describe, expect, it } from "vitest";
import type { LeaderAppend } from "../../src/log/appending.ts";
import { MAX_SEQUENCE } from "../../src/protocol/sequence.ts";
import { lastOffset, type RecordBatch } from "../../src/protocol/types.ts";
import { LogWorld, produced } from "./support.ts";

const PID = 7;

/** Appends a batch of `count` records with that sequence as the leader does: its offset, or the error. */
function send(
  world: LogWorld,
  baseSequence: number,
  { count = 1, epoch = 0, producerId = PID } = {},
): number | string {
  const batch = {
    ...produced(count, world.host.now),
    producerId,
    producerEpoch: epoch,
    baseSequence,
  };
  const result: LeaderAppend = world.log.appendAsLeader(batch, 0);
  return result.ok ? result.baseOffset : result.error;
}

/** UnifiedLogTest.testDuplicateAppends: sequences 0 to 5 one by one, 6 to 8 as one batch. */
function nineRecords(): LogWorld {
  const world = new LogWorld();
  for (let sequence = 0; sequence <= 5; sequence++) send(world, sequence);
  send(world, 6, { count: 3 });
  return world;
}

describe("a batch that comes again", () => {
  it("is answered with the offset it has, and not written", () => {
    const world = nineRecords();
    expect(send(world, 6, { count: 3 })).toBe(6);
    expect(world.log.logEndOffset).toBe(9);
  });

  it("is recognised as a whole only", () => {
    expect(send(nineRecords(), 7, { count: 2 })).toBe("OUT_OF_ORDER_SEQUENCE_NUMBER");
  });

  it("is recognised as long as it is among the last five", () => {
    const world = nineRecords();
    expect(send(world, 2)).toBe(2);
    expect(send(world, 1)).toBe("OUT_OF_ORDER_SEQUENCE_NUMBER");
  });

  it("of another producer is another batch", () => {
    const world = nineRecords();
    expect(send(world, 0, { producerId: 8 })).toBe(9);
  });

  it("without a producer id is written again", () => {
    const world = new LogWorld();
    expect(send(world, -1, { producerId: -1 })).toBe(0);
    expect(send(world, -1, { producerId: -1 })).toBe(1);
  });
});

describe("sequences", () => {
  // ProducerStateManagerTest.testBasicIdMapping.
  it("must follow each other within an epoch, begin at 0 in a new one, and never belong to an old one", () => {
    const world = new LogWorld();
    expect(send(world, 0)).toBe(0);
    expect(send(world, 1)).toBe(1);
    expect(send(world, 5)).toBe("OUT_OF_ORDER_SEQUENCE_NUMBER");
    expect(send(world, 1, { epoch: 1 })).toBe("OUT_OF_ORDER_SEQUENCE_NUMBER");
    expect(send(world, 0, { epoch: 1 })).toBe(2);
    expect(send(world, 2)).toBe("INVALID_PRODUCER_EPOCH");
    expect(send(world, 0)).toBe("INVALID_PRODUCER_EPOCH");
  });

  it("go on at 0 after the largest int32", () => {
    const world = new LogWorld();
    expect(send(world, MAX_SEQUENCE - 1, { count: 2 })).toBe(0);
    expect(send(world, 1)).toBe("OUT_OF_ORDER_SEQUENCE_NUMBER");
    expect(send(world, 0)).toBe(2);
  });

  it("may wrap within a batch", () => {
    const world = new LogWorld();
    expect(send(world, MAX_SEQUENCE, { count: 3 })).toBe(0);
    expect(send(world, 2)).toBe(3);
  });
});

describe("the state of producers", () => {
  const batchesOf = (world: LogWorld): readonly RecordBatch[] => {
    const read = world.log.read(0, 1 << 20, world.log.logEndOffset, true);
    if (typeof read === "string") throw new Error(read);
    return read.batches;
  };

  it("is the same on a follower: as a leader it recognises what the old one appended", () => {
    const leader = nineRecords();
    const follower = new LogWorld();
    for (const batch of batchesOf(leader)) follower.log.appendAsFollower(batch);
    expect(send(follower, 6, { count: 3 })).toBe(6);
    expect(send(follower, 1)).toBe("OUT_OF_ORDER_SEQUENCE_NUMBER");
    expect(send(follower, 9)).toBe(9);
  });

  it("is cut with the log: what was truncated was never appended", () => {
    const world = nineRecords();
    send(world, 0, { producerId: 8 });
    world.log.truncateTo(5, "diverging epoch");
    expect(send(world, 6, { count: 3 })).toBe("OUT_OF_ORDER_SEQUENCE_NUMBER");
    expect(send(world, 4)).toBe(4);
    expect(send(world, 5)).toBe(5);
    // Nothing of this producer is left, so it may begin anywhere.
    expect(world.log.producers.size).toBe(1);
    expect(send(world, 3, { producerId: 8 })).toBe(6);
  });

  it("knows the batches before a cut as well", () => {
    const world = nineRecords();
    world.log.truncateTo(5, "diverging epoch");
    expect(send(world, 0)).toBe(0);
    expect(world.log.logEndOffset).toBe(5);
  });

  it("is empty in a log that starts anew", () => {
    const world = nineRecords();
    world.log.truncateFullyAndStartAt(100, "out of range");
    expect(world.log.producers.size).toBe(0);
  });

  it.each(["kill", "clean"] as const)("survives a restart (%s)", (how) => {
    const world = nineRecords();
    world.restart(how);
    expect(send(world, 6, { count: 3 })).toBe(6);
    expect(send(world, 1)).toBe("OUT_OF_ORDER_SEQUENCE_NUMBER");
    expect(send(world, 9)).toBe(9);
  });

  it("forgets with the records what a power loss takes", () => {
    const world = nineRecords();
    world.restart("poweroff");
    const end = world.log.logEndOffset;
    expect(end).toBeLessThan(9);
    expect(send(world, end === 0 ? 5 : end)).toBe(end);
  });

  // ProducerStateManagerTest.testPidExpirationTimeout.
  it("expires producer.id.expiration.ms after the last record", () => {
    const world = new LogWorld({ settings: { "producer.id.expiration.ms": 1_000_000 } });
    send(world, 0);
    world.run(900_000);
    send(world, 0, { producerId: 8 });
    expect(send(world, 5)).toBe("OUT_OF_ORDER_SEQUENCE_NUMBER");
    world.run(400_000);
    expect(world.log.producers.size).toBe(1);
    expect(send(world, 5)).toBe(2);
    expect(lastOffset(batchesOf(world).at(-1) as RecordBatch)).toBe(2);
  });
});
