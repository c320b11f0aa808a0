import { describe, expect, it } from "vitest";
import { Disk, type DiskFault } from "../../src/sim/disk.ts";
import { Kernel, ms } from "../../src/sim/kernel.ts";

function disk(seed = "disk", capacityBytes?: number) {
  const kernel = new Kernel({ seed });
  const options = {
    writeBytesPerSecond: 1e6,
    readBytesPerSecond: 2e6,
    fsyncUs: ms(4),
    capacityBytes,
  };
  return { kernel, subject: new Disk(kernel, kernel.rng("disk"), options) };
}

const fault = (over: Partial<DiskFault>): DiskFault => ({
  methods: ["read", "write", "fsync"],
  probability: 1,
  hits: 0,
  ...over,
});

describe("a file", () => {
  it("holds records at once and makes them durable by fsync, at the price of the arm", () => {
    const { kernel, subject } = disk();
    const log = subject.file<string>("log");
    expect([log.append("a", 500), log.append("b", 500)]).toEqual(["ok", "ok"]);
    const synced: unknown[] = [];
    log.sync((ok) => synced.push(ok, kernel.now, log.syncedLength));
    log.append("c", 100);
    expect([log.length, log.sizeBytes, log.syncedLength]).toEqual([3, 1100, 0]);
    kernel.run(ms(100));
    expect(synced).toEqual([true, ms(4) + 1000, 2]);
    expect(subject.file("log")).toBe(log);
  });

  it("syncs one after the other: there is one arm", () => {
    const { kernel, subject } = disk();
    const times: number[] = [];
    subject.fsync(() => times.push(kernel.now));
    subject.fsync(() => times.push(kernel.now), 2000);
    subject.load(2000, () => times.push(kernel.now));
    kernel.run(ms(100));
    expect(times).toEqual([ms(4), ms(10), ms(11)]);
  });

  it("does not call a tail durable that was cut and written anew during the fsync", () => {
    const { kernel, subject } = disk();
    const log = subject.file<string>("log");
    for (const record of ["a", "b", "c"]) log.append(record, 10);
    log.sync(() => {});
    log.truncate(1);
    log.append("B", 10);
    kernel.run(ms(100));
    expect([log.records, log.syncedLength, log.sizeBytes]).toEqual([["a", "B"], 1, 20]);
  });

  it("has no callback into the next life after a crash, and keeps the page cache", () => {
    const { kernel, subject } = disk();
    const log = subject.file<string>("log");
    log.append("a", 10);
    log.sync(() => expect.fail("the machine crashed"));
    subject.fsync(() => expect.fail("the machine crashed"));
    kernel.run(ms(1));
    subject.reset();
    kernel.run(ms(100));
    expect([log.length, log.syncedLength]).toEqual([1, 0]);
  });
});

describe("a power loss", () => {
  it("keeps what was synced and a seeded prefix of the rest, at times with a torn record", () => {
    const kept = new Set<number>();
    let torn = 0;
    for (let seed = 0; seed < 200; seed++) {
      const { kernel, subject } = disk(`${seed}`);
      const log = subject.file<number>("log");
      for (let i = 0; i < 3; i++) log.append(i, 10);
      log.sync(() => {});
      kernel.run(ms(10));
      for (let i = 3; i < 8; i++) log.append(i, 10);
      subject.loseUnsynced();
      expect(log.records).toEqual([0, 1, 2, 3, 4, 5, 6, 7].slice(0, log.length));
      expect([log.syncedLength, log.sizeBytes]).toEqual([log.length, 10 * log.length]);
      kept.add(log.length);
      if (log.length === 8) expect(log.torn).toBe(false);
      if (log.torn) torn++;
      log.truncate(log.length);
      expect(log.torn).toBe(false);
    }
    expect([...kept].sort()).toEqual([3, 4, 5, 6, 7, 8]);
    expect(torn).toBeGreaterThan(40);
  });

  it("leaves small files as they were written", () => {
    const { subject } = disk();
    subject.write("quorum-state", { epoch: 3 });
    subject.loseUnsynced();
    expect(subject.read("quorum-state")).toEqual({ epoch: 3 });
  });
});

describe("names", () => {
  it("are listed by prefix in code unit order, and gone when deleted", () => {
    const { subject } = disk();
    subject.file("b/2").append(1, 1);
    subject.write("b/10", 1);
    subject.write("B/1", 1);
    subject.file("a");
    expect(subject.names("")).toEqual(["B/1", "a", "b/10", "b/2"]);
    expect(subject.names("b/")).toEqual(["b/10", "b/2"]);
    subject.delete("b/2");
    subject.delete("b/10");
    expect([subject.exists("b/2"), subject.exists("b/10"), subject.exists("a")]).toEqual([
      false,
      false,
      true,
    ]);
    subject.wipe();
    expect([subject.names(""), subject.usedBytes]).toEqual([[], 0]);
  });
});

describe("a full disk", () => {
  it("refuses what does not fit and takes it after a truncation", () => {
    const { subject } = disk("full", 100);
    const log = subject.file<string>("log");
    expect([log.append("a", 60), log.append("b", 60), log.append("c", 40)]).toEqual([
      "ok",
      "ENOSPC",
      "ok",
    ]);
    expect([log.length, subject.usedBytes]).toEqual([2, 100]);
    log.truncate(1);
    expect(log.append("d", 40)).toBe("ok");
  });
});

describe("injected faults", () => {
  it("fail operations of their methods, count their hits and end when taken out", () => {
    const { kernel, subject } = disk();
    const log = subject.file<string>("log");
    const failing = fault({ methods: ["fsync"], errno: "EIO" });
    subject.fault.add(failing);
    expect(log.append("a", 10)).toBe("ok");
    const results: boolean[] = [];
    log.sync((ok) => results.push(ok));
    kernel.run(ms(50));
    expect([results, log.syncedLength, failing.hits]).toEqual([[false], 0, 1]);
    subject.fault.delete(failing);
    log.sync((ok) => results.push(ok));
    kernel.run(ms(100));
    expect([results, log.syncedLength, failing.hits]).toEqual([[false, true], 1, 1]);
  });

  it("delay: a slow write is paid by the next fsync of the file", () => {
    const { kernel, subject } = disk();
    subject.fault.add(fault({ methods: ["write", "fsync"], latency: ms(10) }));
    const log = subject.file<string>("log");
    log.append("a", 0);
    let at = 0;
    log.sync(() => {
      at = kernel.now;
    });
    kernel.run(ms(100));
    expect(at).toBe(ms(24));
  });

  it("damage records, which a truncation takes away again", () => {
    const { subject } = disk();
    const log = subject.file<string>("log");
    log.append("a", 10);
    subject.fault.add(fault({ methods: ["write"], corrupt: true }));
    log.append("b", 10);
    expect([...log.corrupted]).toEqual([1]);
    log.truncate(1);
    expect([...log.corrupted]).toEqual([]);
  });

  it("hit the stated share of operations", () => {
    const { subject } = disk();
    const some = fault({ methods: ["write"], probability: 0.1, errno: "EIO" });
    subject.fault.add(some);
    const log = subject.file<number>("log");
    let failed = 0;
    for (let i = 0; i < 5000; i++) if (log.append(i, 1) === "EIO") failed++;
    expect(failed).toBe(some.hits);
    expect(Math.abs(failed - 500)).toBeLessThan(100);
  });
});
