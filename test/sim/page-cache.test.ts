import { describe, expect, it } from "vitest";
import { Disk } from "../../src/sim/disk.ts";
import { Kernel, ms } from "../../src/sim/kernel.ts";

const KIB = 1024;

/** A megabyte a second is written and read; the cache holds a mebibyte. */
function cached(pageCacheBytes = 1024 * KIB) {
  const kernel = new Kernel({ seed: "page-cache" });
  const subject = new Disk(kernel, kernel.rng("disk"), {
    writeBytesPerSecond: 1e6,
    readBytesPerSecond: 1e6,
    fsyncUs: ms(4),
    pageCacheBytes,
  });
  const cache = subject.pageCache;
  if (cache === undefined) throw new Error("no page cache");
  return { kernel, subject, cache };
}

const fill = (file: { append(record: string, bytes: number): string }, kib: number): void => {
  for (let i = 0; i < kib / 64; i++) file.append(`${i}`, 64 * KIB);
};

describe("the page cache", () => {
  it("lets go of what was written first, whichever file it is in", () => {
    const { subject } = cached();
    const old = subject.file<string>("old");
    const young = subject.file<string>("young");
    fill(old, 512);
    fill(young, 512);
    expect([old.coldLength, young.coldLength]).toEqual([0, 0]);
    fill(young, 256);
    expect([old.coldLength, young.coldLength]).toEqual([4, 0]);
    expect(old.coldBytes(0, 8)).toBe(256 * KIB);
    expect(old.coldBytes(3, 6)).toBe(64 * KIB);
    expect(old.coldBytes(4, 8)).toBe(0);
  });

  it("never gets full unless the disk is told how large it is", () => {
    const kernel = new Kernel({ seed: "x" });
    const speeds = { writeBytesPerSecond: 1e6, readBytesPerSecond: 1e6, fsyncUs: 1 };
    const file = new Disk(kernel, kernel.rng("disk"), speeds).file<string>("log");
    fill(file, 4096);
    expect(file.coldLength).toBe(0);
  });

  it("shrinks at once by what others take, and what has left does not come back with the memory", () => {
    const { subject, cache } = cached();
    const file = subject.file<string>("log");
    fill(file, 1024);
    cache.take(768 * KIB);
    expect(file.coldLength).toBe(12);
    cache.take(-768 * KIB);
    fill(file, 768);
    expect(file.coldLength).toBe(12);
    fill(file, 128);
    expect(file.coldLength).toBe(14);
  });

  it("has room again where a file was cut or deleted", () => {
    const { subject } = cached();
    const log = subject.file<string>("log");
    const other = subject.file<string>("other");
    fill(other, 512);
    fill(log, 512);
    log.truncate(2);
    fill(log, 384);
    expect([other.coldLength, log.coldLength]).toEqual([0, 0]);
    subject.delete("other");
    fill(log, 512);
    expect(log.coldLength).toBe(0);
    fill(log, 64);
    expect(log.coldLength).toBe(2);
  });

  it("is empty after a power loss, and survives a killed process", () => {
    const { subject } = cached();
    const file = subject.file<string>("log");
    fill(file, 512);
    file.sync(() => undefined);
    subject.reset();
    expect(file.coldLength).toBe(0);
    subject.loseUnsynced();
    expect(file.coldLength).toBe(file.length);
    expect(file.length).toBeGreaterThan(0);
  });

  it("writes back in the background from a tenth on, and holds up writers beyond a fifth", () => {
    const { kernel, subject, cache } = cached(1_000_000);
    const file = subject.file<string>("log");
    file.append("a", 150_000);
    expect(cache.dirtyBytes).toBe(150_000);
    expect(cache.holdUpWriter(50_000)).toBe(0);
    // 50 kB more than a fifth of a megabyte, at a megabyte a second.
    expect(cache.holdUpWriter(100_000)).toBe(ms(50));
    kernel.after(ms(20), () => undefined);
    kernel.run(ms(20));
    expect(cache.dirtyBytes).toBe(130_000);
    kernel.run(ms(500));
    expect(cache.dirtyBytes).toBe(100_000);
    file.sync(() => undefined);
    expect(cache.dirtyBytes).toBe(0);
  });
});
