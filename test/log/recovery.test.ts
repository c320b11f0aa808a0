import { describe, expect, test } from "vitest";
import { BATCH_BYTES, LogWorld, upTo } from "./support.ts";

const SEEDS = upTo(40).map((i) => `seed-${i}`);

describe("after a kill", () => {
  test("the page cache is still there: nothing is lost though nothing was fsynced", () => {
    const w = new LogWorld({ config: { segmentBytes: 3 * BATCH_BYTES } });
    w.append(10, { epoch: 3 });
    w.restart("kill");
    expect(w.log.logEndOffset).toBe(10);
    expect(w.log.latestEpoch).toBe(3);
    expect(w.offsets()).toEqual(upTo(10));
    expect(w.of("disk.tornTail")).toEqual([]);
    expect(w.of("log.opened")).toMatchObject([{ logEndOffset: 10, clean: false }]);
  });

  test("the high watermark is the last checkpoint's", () => {
    const w = new LogWorld();
    w.append(10);
    w.log.maybeAdvanceHighWatermark(4, 0, true);
    w.run(5001);
    w.log.maybeAdvanceHighWatermark(9, 0, true);
    w.restart("kill");
    expect(w.log.highWatermark).toBe(4);
  });

  test("without a checkpoint the high watermark is the log start", () => {
    const w = new LogWorld();
    w.append(10);
    w.log.maybeAdvanceHighWatermark(9, 0, true);
    w.restart("kill");
    expect(w.log.highWatermark).toBe(0);
  });

  test("a checkpoint beyond the log end is cut to it", () => {
    const w = new LogWorld();
    w.append(10);
    w.log.maybeAdvanceHighWatermark(10, 0, true);
    w.run(5001);
    w.log.truncateTo(6, "test");
    w.restart("kill");
    expect(w.log.highWatermark).toBe(6);
  });

  test("a log start that was not checkpointed is forgotten", () => {
    const w = new LogWorld();
    w.append(10);
    w.log.maybeAdvanceHighWatermark(10, 0, true);
    w.log.advanceLogStartOffset(4, "DeleteRecords");
    w.run(31_000);
    w.log.advanceLogStartOffset(7, "DeleteRecords");
    w.restart("kill");
    expect(w.log.logStartOffset).toBe(4);
  });

  test("an epoch that began without a record is gone", () => {
    const w = new LogWorld();
    w.append(2, { epoch: 1 });
    w.log.assignEpochStart(5, 2);
    w.restart("kill");
    expect(w.log.latestEpoch).toBe(1);
  });

  test("a damaged batch cuts the log there and deletes all later segments", () => {
    const w = new LogWorld({ config: { segmentBytes: 3 * BATCH_BYTES } });
    w.append(4);
    w.host.disk.fault.add({ methods: ["write"], probability: 1, corrupt: true, hits: 0 });
    w.append(1);
    w.host.disk.fault.clear();
    w.append(7);
    w.restart("kill");
    expect(w.log.logEndOffset).toBe(4);
    expect(w.of("log.truncated")).toMatchObject([{ from: 12, to: 4 }]);
    expect(w.of("disk.tornTail")).toEqual([]);
    w.append(3);
    expect(w.offsets()).toEqual(upTo(7));
  });

  test("below the recovery point nothing is scanned: damage there stays", () => {
    const w = new LogWorld({ config: { segmentBytes: 3 * BATCH_BYTES } });
    w.host.disk.fault.add({ methods: ["write"], probability: 1, corrupt: true, hits: 0 });
    w.append(1);
    w.host.disk.fault.clear();
    w.append(6);
    w.flush();
    w.run(31_000);
    w.restart("kill");
    expect(w.log.logEndOffset).toBe(7);
    expect(w.log.read(0, 1000, 7, true)).toBe("CORRUPT_MESSAGE");
  });
});

describe("after a power loss", () => {
  test("all that was fsynced is there, and of the rest a prefix", () => {
    const ends = SEEDS.map((seed) => {
      const w = new LogWorld({ seed });
      w.append(10, { epoch: 1 });
      w.flush();
      w.append(10, { epoch: 2 });
      w.restart("poweroff");
      const end = w.log.logEndOffset;
      expect(w.offsets()).toEqual(upTo(end));
      expect(w.of("disk.tornTail").map(({ lost }) => lost)).toEqual(end < 20 ? [20 - end] : []);
      expect(w.log.latestEpoch).toBe(end > 10 ? 2 : 1);
      return end;
    });
    expect(Math.min(...ends)).toBeLessThan(13);
    expect(Math.min(...ends)).toBeGreaterThanOrEqual(10);
    expect(Math.max(...ends)).toBeGreaterThan(17);
  });

  test("a cut in one segment takes the later ones with it: offsets stay without gaps", () => {
    let cuts = 0;
    for (const seed of SEEDS) {
      const w = new LogWorld({ seed, config: { segmentBytes: 5 * BATCH_BYTES } });
      w.append(18);
      w.restart("poweroff");
      expect(w.offsets()).toEqual(upTo(w.log.logEndOffset));
      if (w.log.logEndOffset <= 10) cuts++;
      w.append(10);
      expect(w.offsets()).toEqual(upTo(w.log.logEndOffset));
    }
    expect(cuts).toBeGreaterThan(10);
  });

  test("what flush.messages made durable before the answer is never lost", () => {
    for (const seed of SEEDS.slice(0, 10)) {
      const w = new LogWorld({ seed, config: { flushMessages: 1 } });
      let durable = 0;
      for (let i = 0; i < 5; i++) {
        w.append(1);
        const end = w.log.logEndOffset;
        const waits = w.log.whenFlushed(() => {
          durable = end;
        });
        expect(waits).toBe(true);
        w.run(10);
      }
      expect(durable).toBe(5);
      w.append(1);
      w.restart("poweroff");
      expect(w.log.logEndOffset).toBeGreaterThanOrEqual(5);
    }
  });

  test("flush.messages counts from the last fsync that was asked for, not the last that ended", () => {
    const w = new LogWorld({ config: { flushMessages: 3 } });
    w.append(3);
    const ends: number[] = [];
    w.log.whenFlushed(() => ends.push(w.log.recoveryPoint));
    w.append(2);
    w.run(100);
    expect(ends).toEqual([3]);
    expect(w.log.recoveryPoint).toBe(3);
  });

  test("by default an append waits for no fsync", () => {
    const w = new LogWorld({ config: { segmentBytes: 3 * BATCH_BYTES } });
    w.append(4);
    w.world.kernel.step();
    expect(w.log.whenFlushed(() => undefined)).toBe(false);
  });
});

describe("after a clean shutdown", () => {
  test("everything is there, also after the power went a moment later", () => {
    const w = new LogWorld({ config: { segmentBytes: 3 * BATCH_BYTES } });
    w.append(10, { epoch: 3 });
    w.log.maybeAdvanceHighWatermark(9, 3, true);
    w.manager.shutdown(() => w.host.stop(true), 7);
    w.run(1000);
    w.restart("poweroff");
    expect(w.manager.hadCleanShutdown).toBe(true);
    expect(w.manager.cleanShutdownBrokerEpoch).toBe(7);
    expect(w.of("log.opened")).toMatchObject([
      { logStartOffset: 0, logEndOffset: 10, highWatermark: 9, clean: true },
    ]);
    expect(w.log.recoveryPoint).toBe(10);
  });

  test("the marker is good for one start", () => {
    const w = new LogWorld();
    w.restart("clean");
    expect(w.manager.hadCleanShutdown).toBe(true);
    w.restart("kill");
    expect(w.manager.hadCleanShutdown).toBe(false);
    expect(w.manager.cleanShutdownBrokerEpoch).toBe(-1);
  });

  test("it is not clean if an fsync fails", () => {
    const w = new LogWorld();
    w.append(5);
    w.host.disk.fault.add({ methods: ["fsync"], probability: 1, errno: "EIO", hits: 0 });
    w.manager.shutdown(() => w.host.stop(true), 7);
    w.run(1000);
    expect(w.host.state).toBe("down");
    w.host.disk.fault.clear();
    w.host.boot();
    expect(w.manager.hadCleanShutdown).toBe(false);
  });
});

test("a wiped disk is a new log", () => {
  const w = new LogWorld();
  w.append(5);
  w.host.crash("kill");
  w.host.wipe();
  w.events.length = 0;
  w.host.boot();
  expect(w.log.logEndOffset).toBe(0);
  expect(w.of("disk.tornTail")).toEqual([]);
  expect(w.of("log.opened")).toMatchObject([{ clean: true }]);
});
