import { describe, expect, test } from "vitest";
import { PartitionNames } from "../../src/protocol/types.ts";
import { LogWorld } from "./support.ts";

describe("LogManager", () => {
  test("opens a partition's log once", () => {
    const w = new LogWorld();
    expect(w.manager.open(w.partition, w.log.config)).toBe(w.log);
    expect(w.manager.get(w.partition)).toBe(w.log);
    expect(w.of("log.opened")).toHaveLength(1);
  });

  test("partitions do not share files, even when one name begins another", () => {
    const w = new LogWorld();
    const names = new PartitionNames();
    const [one, ten] = [names.of("t", 1), names.of("t", 10)];
    const config = w.log.config;
    w.manager.open(one, config).truncateFullyAndStartAt(5, "test");
    w.manager.open(ten, config).truncateFullyAndStartAt(7, "test");
    w.restart("kill");
    expect(w.manager.open(one, config).logEndOffset).toBe(5);
    expect(w.manager.open(ten, config).logEndOffset).toBe(7);
  });

  test("a checkpoint written before a log is opened keeps what the file had for it", () => {
    const w = new LogWorld();
    const other = new PartitionNames().of("other", 0);
    const log = w.manager.open(other, w.log.config);
    log.truncateFullyAndStartAt(5, "test");
    w.run(5001);
    w.restart("kill");
    w.run(5001);
    w.restart("kill");
    expect(w.manager.open(other, w.log.config).highWatermark).toBe(5);
  });

  test("the recovery point is checkpointed 30 s after the start and every minute, and only after a flush", () => {
    const w = new LogWorld();
    w.append(5);
    w.run(31_000);
    w.restart("kill");
    expect(w.log.recoveryPoint).toBe(0);
    w.flush();
    w.restart("kill");
    expect(w.log.recoveryPoint).toBe(0);
    w.flush();
    w.run(31_000);
    w.restart("kill");
    expect(w.log.recoveryPoint).toBe(5);
  });

  test("flush.ms is honoured when a scheduler looks at it", () => {
    const w = new LogWorld({
      config: { flushMs: 1000 },
      settings: { "log.flush.scheduler.interval.ms": 500, "log.initial.task.delay.ms": 0 },
    });
    w.append(5);
    w.run(900);
    expect(w.log.recoveryPoint).toBe(0);
    w.run(700);
    expect(w.log.recoveryPoint).toBe(5);
  });

  test("after a failure nothing is written any more", () => {
    const w = new LogWorld();
    w.append(5);
    w.log.maybeAdvanceHighWatermark(5, 0, true);
    w.host.disk.fault.add({ methods: ["fsync"], probability: 1, errno: "EIO", hits: 0 });
    w.log.flush(() => undefined);
    w.run(6000);
    expect(w.manager.isOffline).toBe(true);
    w.host.disk.fault.clear();
    w.restart("kill");
    expect(w.log.highWatermark).toBe(0);
  });

  test("an fsync that ends while the process is paused is heard of when it goes on", () => {
    const w = new LogWorld({ fsyncUs: 10_000 });
    w.append(5);
    let done = false;
    w.log.flush(() => {
      done = true;
    });
    w.host.pause();
    w.run(1000);
    expect(done).toBe(false);
    w.host.resume();
    w.run(1);
    expect(done).toBe(true);
  });
});
