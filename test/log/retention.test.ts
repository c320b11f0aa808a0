import { describe, expect, test } from "vitest";
import { seconds } from "../../src/sim/kernel.ts";
import { BATCH_BYTES, LogWorld, upTo } from "./support.ts";

/** Three segments of three batches and one batch in the active segment; batch i is i seconds old. */
function filled(config: ConstructorParameters<typeof LogWorld>[0]) {
  const w = new LogWorld({
    ...config,
    config: { segmentBytes: 3 * BATCH_BYTES, ...config?.config },
  });
  for (const i of upTo(10)) w.append(1, { at: seconds(i) });
  w.log.maybeAdvanceHighWatermark(10, 0, true);
  return w;
}

describe("retention", () => {
  test("by time: a segment goes when its youngest record is too old", () => {
    const w = filled({ config: { retentionMs: 5000 } });
    expect(w.log.deleteRetained(seconds(7))).toBe(0);
    expect(w.log.deleteRetained(seconds(7) + 1)).toBe(1);
    expect(w.log.logStartOffset).toBe(3);
    expect(w.of("log.startAdvanced")).toMatchObject([{ from: 0, to: 3, why: "retention.ms" }]);
    expect(w.offsets()).toEqual(upTo(10, 3));
  });

  test("by time: the active segment may go too, a new one takes its place", () => {
    const w = filled({ config: { retentionMs: 5000 } });
    expect(w.log.deleteRetained(seconds(60))).toBe(4);
    expect([w.log.logStartOffset, w.log.logEndOffset, w.log.sizeBytes]).toEqual([10, 10, 0]);
    expect(w.log.deleteRetained(seconds(600))).toBe(0);
    w.append(2);
    expect(w.offsets()).toEqual([10, 11]);
  });

  test("by size: as long as what stays is at least retention.bytes", () => {
    const keepsAll = filled({ config: { retentionBytes: 8 * BATCH_BYTES } });
    expect(keepsAll.log.deleteRetained(0)).toBe(0);
    const w = filled({ config: { retentionBytes: 7 * BATCH_BYTES } });
    expect(w.log.deleteRetained(0)).toBe(1);
    expect(w.log.logStartOffset).toBe(3);
  });

  test("never what reaches the high watermark", () => {
    const w = new LogWorld({ config: { segmentBytes: 3 * BATCH_BYTES, retentionMs: 1 } });
    w.append(10, { at: 0 });
    w.log.maybeAdvanceHighWatermark(5, 0, true);
    expect(w.log.deleteRetained(seconds(60))).toBe(1);
    expect(w.log.logStartOffset).toBe(3);
  });

  test("segments wholly below the log start go whatever the settings", () => {
    const w = filled({});
    w.log.advanceLogStartOffset(7, "DeleteRecords");
    expect(w.log.sizeBytes).toBe(10 * BATCH_BYTES);
    expect(w.log.deleteRetained(0)).toBe(2);
    expect(w.log.logStartOffset).toBe(7);
    expect(w.log.sizeBytes).toBe(4 * BATCH_BYTES);
  });

  test("an epoch whose records are gone starts at the log start", () => {
    const w = new LogWorld({ config: { segmentBytes: 2 * BATCH_BYTES, retentionMs: 1 } });
    w.append(3, { epoch: 1, at: 0 });
    w.append(3, { epoch: 2, at: seconds(100) });
    w.log.maybeAdvanceHighWatermark(6, 2, true);
    w.log.deleteRetained(seconds(50));
    expect(w.log.epochs.entries).toEqual([
      { epoch: 1, startOffset: 2 },
      { epoch: 2, startOffset: 3 },
    ]);
  });

  test("runs 30 s after the start and then every 5 minutes", () => {
    const w = filled({ config: { retentionMs: 21_500 } });
    w.run(29_999);
    expect(w.log.logStartOffset).toBe(0);
    w.run(2);
    expect(w.log.logStartOffset).toBe(9);
    w.run(299_998);
    expect(w.log.logStartOffset).toBe(9);
    w.run(2);
    expect(w.log.logStartOffset).toBe(10);
  });

  test("deleted files take their space for file.delete.delay.ms more, or until a restart", () => {
    const w = filled({});
    w.run(31_000);
    const before = w.host.disk.usedBytes;
    w.log.config = { ...w.log.config, retentionMs: 1 };
    expect(w.log.deleteRetained(seconds(60))).toBe(4);
    expect(w.host.disk.usedBytes).toBe(before);
    w.run(60_001);
    expect(w.host.disk.usedBytes).toBe(before - 10 * BATCH_BYTES);
    w.append(5);
    w.log.maybeAdvanceHighWatermark(15, 0, true);
    w.log.deleteRetained(seconds(200));
    w.restart("kill");
    expect(w.host.disk.names("").filter((name) => name.endsWith(".deleted"))).toEqual([]);
  });
});
