import { describe, expect, it } from "vitest";
import { lastOffset, type PayloadFormat } from "../../src/protocol/types.ts";
import { LogWorld, produced, replicated } from "./support.ts";

type Entry = readonly [key: string, value: number | undefined];

const FORMAT: PayloadFormat = {
  keyOf: (record) => (record as Entry)[0],
  isTombstone: (record) => (record as Entry)[1] === undefined,
  bytesOf: () => 39,
};

const DAY = 24 * 3_600_000;

function compacted(config: object = {}): LogWorld {
  return new LogWorld({ config: { compact: true, segmentBytes: 250, ...config } });
}

function append(w: LogWorld, ...entries: Entry[]): void {
  const sizeBytes = 61 + 39 * entries.length;
  const batch = produced(entries.length, w.host.now, sizeBytes);
  w.log.appendAsLeader({ ...batch, payload: entries, format: FORMAT }, 0);
}

function commitAll(w: LogWorld): void {
  w.log.maybeAdvanceHighWatermark(w.log.logEndOffset, 0, true);
}

function batchesOf(w: LogWorld) {
  const batches = [];
  const { log } = w;
  for (let offset = log.logStartOffset; offset < log.logEndOffset; ) {
    const read = log.read(offset, 1 << 20, log.logEndOffset, true);
    if (typeof read === "string") throw new Error(read);
    batches.push(...read.batches);
    const last = read.batches.at(-1);
    if (last === undefined) break;
    offset = lastOffset(last) + 1;
  }
  return batches;
}

/** `offset:key=value`, as it lies in the log. */
const contents = (w: LogWorld): string[] =>
  batchesOf(w).flatMap(({ baseOffset, payload = [] }) =>
    (payload as (Entry | undefined)[]).flatMap((entry, i) =>
      entry === undefined ? [] : `${baseOffset + i}:${entry[0]}=${entry[1] ?? "-"}`,
    ),
  );

describe("the log cleaner", () => {
  it("keeps the last record of each key where it is, and leaves the active segment alone", () => {
    const w = compacted();
    for (let i = 0; i < 7; i++) append(w, [i % 2 === 0 ? "a" : "b", i]);
    commitAll(w);
    w.run(20_000);
    // Two batches a segment: 0-5 are closed, 6 is not.
    expect(contents(w)).toEqual(["4:a=4", "5:b=5", "6:a=6"]);
    expect(w.of("log.cleaned")).toMatchObject([
      { from: 0, to: 6, removed: 4, kept: 2, bytesBefore: 600, bytesAfter: 200 },
    ]);
    expect(w.log.logEndOffset).toBe(7);
    expect(w.log.sizeBytes).toBe(300);
  });

  it("keeps the range of a batch that lost some of its records, so that offsets stay", () => {
    const w = compacted();
    append(w, ["a", 1], ["b", 1], ["c", 1]);
    append(w, ["a", 2], ["c", 2], ["d", 2]);
    append(w, ["x", 3], ["y", 3], ["z", 3]);
    commitAll(w);
    w.run(20_000);
    expect(contents(w)).toEqual(["1:b=1", "3:a=2", "4:c=2", "5:d=2", "6:x=3", "7:y=3", "8:z=3"]);
    expect(batchesOf(w)[0]).toMatchObject({ baseOffset: 0, count: 3, sizeBytes: 100 });
  });

  it("does not clean above the high watermark, nor before more than half is dirty", () => {
    const w = compacted();
    for (let i = 0; i < 7; i++) append(w, ["a", i]);
    w.log.maybeAdvanceHighWatermark(3, 0, true);
    w.run(20_000);
    expect(w.of("log.cleaned")).toMatchObject([{ from: 0, to: 2, removed: 1 }]);
    commitAll(w);
    w.run(20_000);
    expect(w.of("log.cleaned").at(-1)).toMatchObject({ from: 2, to: 6 });
    const lazy = compacted({ minCleanableRatio: 1 });
    for (let i = 0; i < 7; i++) append(lazy, ["a", i]);
    commitAll(lazy);
    lazy.run(60_000);
    expect(lazy.of("log.cleaned")).toEqual([]);
  });

  it("takes a tombstone only delete.retention.ms after the cleaning that found it", () => {
    const w = compacted();
    append(w, ["a", 1]);
    append(w, ["a", undefined]);
    append(w, ["b", 1]);
    commitAll(w);
    w.run(20_000);
    expect(contents(w)).toEqual(["1:a=-", "2:b=1"]);
    const dirty = (): void => {
      for (let i = 0; i < 6; i++) append(w, ["b", i]);
      commitAll(w);
      w.run(20_000);
    };
    dirty();
    expect(contents(w)[0]).toBe("1:a=-");
    w.run(DAY);
    dirty();
    expect(contents(w).some((entry) => entry.includes("a="))).toBe(false);
  });

  it("comes back from a power loss as it was, gaps and all", () => {
    const w = compacted();
    for (let i = 0; i < 9; i++) append(w, ["a", i]);
    commitAll(w);
    w.flush();
    w.run(20_000);
    append(w, ["a", 9]);
    const before = contents(w).filter((entry) => !entry.startsWith("9:"));
    expect(before).toEqual(["7:a=7", "8:a=8"]);
    w.restart("poweroff");
    expect(contents(w).filter((entry) => !entry.startsWith("9:"))).toEqual(before);
    expect(w.of("log.truncated")).toEqual([]);
  });

  it("leaves batches whose contents are not kept, and logs that are not compacted", () => {
    const w = compacted();
    w.append(9);
    commitAll(w);
    w.run(60_000);
    expect(batchesOf(w)).toHaveLength(9);
    const plain = new LogWorld({ config: { segmentBytes: 250 } });
    for (let i = 0; i < 9; i++) append(plain, ["a", i]);
    commitAll(plain);
    plain.run(60_000);
    expect(plain.of("log.cleaned")).toEqual([]);
  });

  it("lets a follower append across the gap its leader left", () => {
    const w = compacted();
    expect(w.log.appendAsFollower(replicated(7, 0))).toBe("ok");
    expect([w.log.logEndOffset, w.log.read(0, 1000, 8, true)]).toMatchObject([
      8,
      { batches: [{ baseOffset: 7 }] },
    ]);
  });
});
