import { describe, expect, test } from "vitest";
import { BATCH_BYTES, LogWorld, produced, replicated, upTo } from "./support.ts";

describe("appending", () => {
  test("a leader gives consecutive offsets and its epoch", () => {
    const { log, of } = bound(new LogWorld());
    expect(log.appendAsLeader(produced(3), 5)).toEqual({ ok: true, baseOffset: 0, lastOffset: 2 });
    expect(log.appendAsLeader(produced(2), 5)).toEqual({ ok: true, baseOffset: 3, lastOffset: 4 });
    expect(log.logEndOffset).toBe(5);
    expect(log.latestEpoch).toBe(5);
    expect(log.highWatermark).toBe(0);
    expect(of("log.appended").at(-1)).toMatchObject({
      baseOffset: 3,
      count: 2,
      leaderEpoch: 5,
      leader: true,
      sizeBytes: BATCH_BYTES,
    });
  });

  test("a follower stores the leader's own batch object and learns its epochs", () => {
    const { log } = new LogWorld();
    const batch = replicated(0, 2, 4);
    expect(log.appendAsFollower(batch)).toBe("ok");
    expect(log.appendAsFollower(replicated(4, 3))).toBe("ok");
    const read = log.read(0, 1000, 5, true);
    expect(typeof read === "object" && read.batches[0]).toBe(batch);
    expect(log.endOffsetForEpoch(2)).toEqual({ leaderEpoch: 2, endOffset: 4 });
  });

  test("a follower refuses a batch below its log end", () => {
    const { log } = new LogWorld();
    log.appendAsFollower(replicated(0, 0, 4));
    expect(log.appendAsFollower(replicated(3, 0, 4))).toBe("UNEXPECTED_APPEND_OFFSET");
    expect(log.logEndOffset).toBe(4);
  });

  test("an empty follower begins with the batch its leader's log start lies in", () => {
    const { log } = new LogWorld();
    log.truncateFullyAndStartAt(7, "out of range");
    expect(log.appendAsFollower(replicated(5, 0, 4))).toBe("ok");
    expect([log.logStartOffset, log.logEndOffset]).toEqual([5, 9]);
  });

  test("a failed write takes the whole directory offline and is reported once", () => {
    const w = new LogWorld();
    w.append(1);
    const heard: string[] = [];
    w.manager.onDiskFailure = (errno) => heard.push(errno);
    w.host.disk.fault.add({ methods: ["write"], probability: 1, errno: "EIO", hits: 0 });
    const failed = { ok: false, error: "KAFKA_STORAGE_ERROR" };
    expect(w.log.appendAsLeader(produced(), 0)).toEqual(failed);
    w.host.disk.fault.clear();
    expect(w.log.appendAsLeader(produced(), 0)).toEqual(failed);
    expect(w.log.read(0, 1000, 1, true)).toBe("KAFKA_STORAGE_ERROR");
    expect(w.log.logEndOffset).toBe(1);
    expect(heard).toEqual(["EIO"]);
    expect(w.of("disk.failed")).toHaveLength(1);
  });

  test("a full disk refuses appends", () => {
    const w = new LogWorld({ capacityBytes: 40_000 });
    w.append(1, { bytes: 10_000 });
    expect(w.log.appendAsLeader(produced(1, 0, 30_000), 0).ok).toBe(false);
    expect(w.of("disk.failed")).toMatchObject([{ method: "write", errno: "ENOSPC" }]);
  });
});

describe("rolling", () => {
  test("a segment never grows beyond segment.bytes", () => {
    const w = new LogWorld({ config: { segmentBytes: 3 * BATCH_BYTES } });
    w.append(7);
    expect(upTo(7).map((offset) => w.log.segmentOf(offset))).toEqual([0, 0, 0, 3, 3, 3, 6]);
  });

  test("event time rolls, wall clock does not (vector 25)", () => {
    const w = new LogWorld({ config: { segmentMs: 1000 } });
    w.append(1, { at: 0 });
    w.run(5000);
    w.append(1, { at: 0 });
    expect(w.log.segmentOf(1)).toBe(0);
    w.append(1, { at: 1_000_000 });
    expect(w.log.segmentOf(2)).toBe(0);
    w.append(1, { at: 1_000_001 });
    expect(w.log.segmentOf(3)).toBe(3);
  });

  test("a full offset index rolls", () => {
    // Room for 2 entries; one follows every batch after the first, as each batch exceeds the interval.
    const w = new LogWorld({ config: { indexIntervalBytes: 50, segmentIndexBytes: 16 } });
    w.append(1, { at: 0 });
    expect(w.log.segmentOf(0)).toBe(0);
    w.append(1, { at: 0 });
    expect(w.log.segmentOf(1)).toBe(1);
    const wider = new LogWorld({ config: { indexIntervalBytes: 50, segmentIndexBytes: 36 } });
    wider.append(5, { at: 0 });
    expect(upTo(5).map((offset) => wider.log.segmentOf(offset))).toEqual([0, 0, 0, 0, 0]);
    wider.append(1, { at: 0 });
    expect(wider.log.segmentOf(5)).toBe(5);
  });

  test("offsets further from the base than int32 roll", () => {
    const w = new LogWorld();
    w.log.appendAsFollower(replicated(0, 0, 0x7fff_ffff));
    w.log.appendAsFollower(replicated(0x7fff_ffff, 0));
    expect(w.log.segmentOf(0x7fff_ffff)).toBe(0);
    w.log.appendAsFollower(replicated(0x8000_0000, 0));
    expect(w.log.segmentOf(0x8000_0000)).toBe(0x8000_0000);
  });

  test("the closed segment is fsynced in the background, the active one is not", () => {
    const w = new LogWorld({ config: { segmentBytes: 3 * BATCH_BYTES } });
    w.append(5);
    expect(w.log.recoveryPoint).toBe(0);
    w.run(100);
    expect(w.log.recoveryPoint).toBe(3);
  });
});

describe("reading", () => {
  const batches = (read: ReturnType<LogWorld["log"]["read"]>) =>
    typeof read === "string" ? read : read.batches.map(({ baseOffset }) => baseOffset);

  test("offsets outside the log are out of range, its end is empty", () => {
    const w = new LogWorld();
    w.append(5);
    w.log.maybeAdvanceHighWatermark(5, 0, true);
    w.log.advanceLogStartOffset(2, "DeleteRecords");
    expect(w.log.read(1, 1000, 5, true)).toBe("OFFSET_OUT_OF_RANGE");
    expect(w.log.read(6, 1000, 5, true)).toBe("OFFSET_OUT_OF_RANGE");
    expect(w.log.read(5, 1000, 5, true)).toEqual({ batches: [], sizeBytes: 0, coldBytes: 0 });
  });

  test("between the bound and the log end there is empty success (vector 13)", () => {
    const w = new LogWorld();
    w.append(2);
    expect(w.log.read(1, 1000, 0, true)).toEqual({ batches: [], sizeBytes: 0, coldBytes: 0 });
    expect(batches(w.log.read(1, 1000, 2, true))).toEqual([1]);
  });

  test("only whole batches that end below the bound", () => {
    const w = new LogWorld();
    w.append(3, { count: 4 });
    expect(batches(w.log.read(0, 1000, 8, true))).toEqual([0, 4]);
    expect(batches(w.log.read(0, 1000, 7, true))).toEqual([0]);
    expect(batches(w.log.read(5, 1000, 12, true))).toEqual([4, 8]);
  });

  test("maxBytes cuts between batches, except that one batch always fits when asked", () => {
    const w = new LogWorld();
    w.append(5);
    expect(batches(w.log.read(0, 2 * BATCH_BYTES + 99, 5, false))).toEqual([0, 1]);
    expect(batches(w.log.read(2, 10, 5, true))).toEqual([2]);
    expect(batches(w.log.read(2, 10, 5, false))).toEqual([]);
  });

  test("a full read takes all of maxBytes, with the beginning of a batch that nobody can use (LogSegment.read)", () => {
    const w = new LogWorld();
    w.append(5);
    const bytes = (maxBytes: number, bound: number): unknown =>
      w.log.read(0, maxBytes, bound, true);
    expect(bytes(2 * BATCH_BYTES + 99, 5)).toMatchObject({ sizeBytes: 2 * BATCH_BYTES + 99 });
    // Not beyond the bound, nor instead of the one batch that always fits.
    expect(bytes(2 * BATCH_BYTES + 99, 2)).toMatchObject({ sizeBytes: 2 * BATCH_BYTES });
    expect(bytes(10, 5)).toMatchObject({ sizeBytes: BATCH_BYTES });
  });

  test("one segment a read", () => {
    const w = new LogWorld({ config: { segmentBytes: 3 * BATCH_BYTES } });
    w.append(7);
    expect(batches(w.log.read(1, 1 << 20, 7, true))).toEqual([1, 2]);
    expect(batches(w.log.read(3, 1 << 20, 7, true))).toEqual([3, 4, 5]);
  });

  test("a damaged batch is an error when it comes first and ends the read otherwise", () => {
    const w = new LogWorld();
    w.append(1);
    w.host.disk.fault.add({ methods: ["write"], probability: 1, corrupt: true, hits: 0 });
    w.append(1);
    w.host.disk.fault.clear();
    w.append(1);
    expect(batches(w.log.read(0, 1000, 3, true))).toEqual([0]);
    expect(batches(w.log.read(1, 1000, 3, true))).toBe("CORRUPT_MESSAGE");
    expect(batches(w.log.read(2, 1000, 3, true))).toEqual([2]);
  });

  test("a failed read takes the directory offline", () => {
    const w = new LogWorld();
    w.append(1);
    w.host.disk.fault.add({ methods: ["read"], probability: 1, errno: "EIO", hits: 0 });
    expect(w.log.read(0, 1000, 1, true)).toBe("KAFKA_STORAGE_ERROR");
    expect(w.manager.isOffline).toBe(true);
  });

  test("a timestamp is found in the first batch that reaches it", () => {
    const w = new LogWorld();
    w.log.appendAsLeader({ ...produced(5), firstTimestamp: 1000, maxTimestamp: 5000 }, 0);
    w.log.appendAsLeader({ ...produced(5), firstTimestamp: 6000, maxTimestamp: 6000 }, 0);
    const found = [0, 1000, 1001, 3000, 5000, 5001, 6001].map((t) => w.log.offsetForTimestamp(t));
    expect(found).toEqual([0, 0, 1, 2, 4, 5, undefined]);
  });
});

describe("high watermark", () => {
  test("maintenance (vector 21)", () => {
    const w = new LogWorld();
    w.append(3);
    expect(w.log.highWatermark).toBe(0);
    expect(w.log.updateHighWatermark(5, 0)).toBe(3);
    w.append(3);
    expect(w.log.updateHighWatermark(6, 0)).toBe(6);
    w.log.truncateTo(3, "test");
    expect(w.log.highWatermark).toBe(3);
    w.append(3);
    w.log.updateHighWatermark(4, 0);
    w.restart("clean");
    expect(w.log.highWatermark).toBe(4);
  });

  test("never goes back on a leader", () => {
    const w = new LogWorld();
    w.append(5);
    expect(w.log.maybeAdvanceHighWatermark(4, 1, true)).toBe(4);
    expect(w.log.maybeAdvanceHighWatermark(2, 1, true)).toBe(4);
    expect(w.of("hw.advanced")).toMatchObject([{ from: 0, to: 4, leaderEpoch: 1, leader: true }]);
    expect(() => w.log.maybeAdvanceHighWatermark(6, 1, true)).toThrow("beyond log end 5");
  });

  test("goes back on a follower whose leader says so, and not below its log start", () => {
    const w = new LogWorld();
    w.append(5);
    w.log.updateHighWatermark(5, 1);
    expect(w.log.updateHighWatermark(3, 2)).toBe(3);
    expect(w.of("hw.lowered")).toMatchObject([{ from: 5, to: 3, leaderEpoch: 2, leader: false }]);
    w.log.advanceLogStartOffset(3, "leader");
    expect(w.log.updateHighWatermark(1, 2)).toBe(3);
  });

  test("the log start cannot pass it (vector 24)", () => {
    const w = new LogWorld();
    w.append(100);
    w.log.maybeAdvanceHighWatermark(25, 0, true);
    expect(w.log.advanceLogStartOffset(26, "DeleteRecords")).toBe("OFFSET_OUT_OF_RANGE");
    expect(w.log.logStartOffset).toBe(0);
    expect(w.log.advanceLogStartOffset(25, "DeleteRecords")).toBe("ok");
    expect(w.log.advanceLogStartOffset(7, "DeleteRecords")).toBe("ok");
    expect(w.log.logStartOffset).toBe(25);
    expect(w.of("log.startAdvanced")).toMatchObject([{ from: 0, to: 25 }]);
  });
});

describe("truncation", () => {
  test("drops the tail, its epochs and later segments", () => {
    const w = new LogWorld({ config: { segmentBytes: 3 * BATCH_BYTES } });
    w.append(4, { epoch: 0 });
    w.append(4, { epoch: 1 });
    w.log.maybeAdvanceHighWatermark(7, 1, true);
    expect(w.log.truncateTo(2, "diverging epoch")).toBe(true);
    expect(w.log.logEndOffset).toBe(2);
    expect(w.log.latestEpoch).toBe(0);
    expect(w.log.highWatermark).toBe(2);
    expect(w.log.sizeBytes).toBe(2 * BATCH_BYTES);
    const types = w.events.slice(-2).map(({ type }) => type);
    expect(types).toEqual(["log.truncated", "hw.lowered"]);
    expect(w.of("log.truncated")).toMatchObject([{ from: 8, to: 2, why: "diverging epoch" }]);
    w.append(3, { epoch: 2 });
    expect(w.offsets()).toEqual(upTo(5));
  });

  test("a batch that holds the target goes whole and the log ends at the target", () => {
    const w = new LogWorld();
    w.append(2, { count: 10 });
    w.log.truncateTo(15, "test");
    expect(w.log.logEndOffset).toBe(15);
    expect(w.offsets()).toEqual([0]);
    expect(w.log.sizeBytes).toBe(BATCH_BYTES);
    w.append(1, { count: 5 });
    expect(w.offsets()).toEqual([0, 15]);
    expect(w.log.read(12, 1000, 20, true)).toMatchObject({ batches: [{ baseOffset: 15 }] });
  });

  test("to the end or beyond changes nothing but an epoch that never got a record", () => {
    const w = new LogWorld();
    w.append(3, { epoch: 4 });
    w.log.assignEpochStart(6, 3);
    expect(w.log.truncateTo(9, "test")).toBe(false);
    expect(w.log.latestEpoch).toBe(4);
    expect(w.of("log.truncated")).toEqual([]);
  });

  test("below the first segment wipes the log and starts at the target", () => {
    const w = new LogWorld();
    w.log.truncateFullyAndStartAt(50, "out of range");
    w.append(5);
    expect(w.log.truncateTo(20, "test")).toBe(true);
    expect([w.log.logStartOffset, w.log.logEndOffset, w.log.highWatermark]).toEqual([20, 20, 20]);
    expect(w.of("log.startAdvanced").map(({ from, to }) => [from, to])).toEqual([
      [0, 50],
      [50, 20],
    ]);
  });

  test("an empty follower below the leader's log start is emptied and converges (vector 18)", () => {
    const w = new LogWorld();
    w.log.appendAsFollower(replicated(0, 0));
    w.log.truncateFullyAndStartAt(2, "leader starts at 2");
    expect([w.log.logStartOffset, w.log.logEndOffset, w.log.latestEpoch]).toEqual([2, 2, -1]);
    expect(w.log.appendAsFollower(replicated(2, 4))).toBe("ok");
    expect(w.offsets()).toEqual([2]);
  });

  test("takes back the recovery point, also that of an fsync under way", () => {
    const w = new LogWorld();
    w.append(10);
    w.flush();
    w.append(10);
    w.log.flush(() => undefined);
    w.log.truncateTo(5, "test");
    w.append(20, { epoch: 1 });
    w.run(100);
    expect(w.log.recoveryPoint).toBe(5);
  });
});

test("a deleted log leaves nothing, and may be created anew", () => {
  const w = new LogWorld();
  w.append(5);
  w.log.maybeAdvanceHighWatermark(5, 0, true);
  w.run(6000);
  w.log.delete("topic deleted");
  expect(w.manager.get(w.partition)).toBeUndefined();
  expect(w.of("log.deleted")).toMatchObject([{ why: "topic deleted" }]);
  const again = w.manager.open(w.partition, w.log.config);
  expect([again.logEndOffset, again.highWatermark, again.latestEpoch]).toEqual([0, 0, -1]);
});

function bound(w: LogWorld) {
  return { log: w.log, of: w.of.bind(w) as LogWorld["of"] };
}
