import { describe, expect, it } from "vitest";
import { ms } from "../../../src/sim/kernel.ts";
import { Lab } from "../support.ts";
import { callbacks, member, partition, ScriptedCoordinator } from "./group-support.ts";

const setUp = (partitions = 1): { world: Lab; coordinator: ScriptedCoordinator } => {
  const world = new Lab({ partitions, brokers: 1 });
  return { world, coordinator: new ScriptedCoordinator(world) };
};
const offsets = (coordinator: ScriptedCoordinator): number[][] =>
  coordinator.of("OffsetCommit").map((request) => request.offsets.map(({ offset }) => offset));
const failures = (world: Lab): string[] =>
  world.of("consumer.commitFailed").map(({ how, error }) => `${how} ${error}`);

describe("positions", () => {
  it("come from the committed offset, not from auto.offset.reset", () => {
    const { world, coordinator } = setUp();
    world.fill(0, 10, [0]);
    const one = partition(world, 0);
    coordinator.committed.set(one, { partition: one, offset: 4, leaderEpoch: -1, metadata: "" });
    member(world);
    world.run(1000);
    expect(world.of("consumer.assigned")).toMatchObject([{ position: 4 }]);
    expect(world.of("consumer.polled")).toMatchObject([{ baseOffset: 4, count: 6 }]);
    expect(world.of("consumer.reset")).toEqual([]);
  });

  it("with an epoch are validated against the leader first (KIP-320)", () => {
    const { world, coordinator } = setUp();
    world.fill(0, 10, [0]);
    const one = partition(world, 0);
    coordinator.committed.set(one, { partition: one, offset: 12, leaderEpoch: 0, metadata: "" });
    world.fill(0, 5, [1]);
    Object.assign(world.partitions[0] ?? {}, { leaderEpoch: 1 });
    member(world);
    world.run(1000);
    expect(world.of("consumer.reset")).toMatchObject([
      { from: 12, to: 10, strategy: "truncation" },
    ]);
  });

  it("are asked for again after every assignment of an eager member", () => {
    const { world, coordinator } = setUp();
    member(world);
    world.run(1000);
    coordinator.fail("Heartbeat", "REBALANCE_IN_PROGRESS");
    world.run(5000);
    expect(coordinator.of("OffsetFetch")).toHaveLength(2);
  });

  it("wait while the coordinator loads or an offset is not stable", () => {
    const { world, coordinator } = setUp();
    world.fill(0, 10, [0]);
    coordinator.fail("OffsetFetch", "COORDINATOR_LOAD_IN_PROGRESS", "UNSTABLE_OFFSET_COMMIT");
    member(world);
    world.run(2000);
    expect(coordinator.of("OffsetFetch")).toHaveLength(3);
    expect(world.of("consumer.polled")).toHaveLength(1);
  });

  it("can be moved, and partitions paused and resumed with their buffered data", () => {
    const { world } = setUp();
    world.fill(0, 10, [0, 0]);
    const settings = { "max.poll.records": 4 };
    const consumer = member(world, settings, { processing: { timeUs: ms(100), per: "poll" } });
    world.run(50);
    const one = partition(world, 0);
    consumer.pause(one);
    world.run(2000);
    expect(world.of("consumer.polled")).toHaveLength(1);
    const fetches = world.fetches.length;
    consumer.resume(one);
    world.run(2050);
    expect(world.of("consumer.polled")[1]).toMatchObject({ baseOffset: 4 });
    expect(world.fetches).toHaveLength(fetches);
    consumer.seek(one, 1);
    world.run(2400);
    expect(world.of("consumer.polled")[2]).toMatchObject({ baseOffset: 1 });
  });
});

describe("auto-commit", () => {
  it("runs inside poll() every auto.commit.interval.ms", () => {
    const { world, coordinator } = setUp();
    member(world);
    world.run(16_000);
    const times = coordinator.at("OffsetCommit");
    expect(times).toHaveLength(3);
    for (const [i, at] of times.entries()) expect(Math.round(at / 1000)).toBe(5 * (i + 1));
  });

  it("commits what earlier polls have returned, not what this poll returns", () => {
    const { world, coordinator } = setUp();
    world.fill(0, 10, [0, 0, 0]);
    const processing = { timeUs: ms(600), per: "record" as const };
    member(world, { "max.poll.records": 10 }, { processing });
    world.run(13_000);
    // Polls at 0, 6 and 12 s. The second one commits ten records and returns ten more.
    expect(offsets(coordinator)).toEqual([[10], [20]]);
    const [, second] = world.of("consumer.polled");
    const [commit] = coordinator.asked.filter(({ api }) => api === "OffsetCommit");
    expect((commit?.at ?? 0) - (second?.at ?? 0)).toBeLessThan(ms(1));
    expect(second).toMatchObject({ baseOffset: 10 });
  });

  it("runs before an eager rebalance, and the partitions are revoked when it is answered", () => {
    const { world, coordinator } = setUp();
    world.fill(0, 10, [0]);
    member(world);
    world.run(1000);
    coordinator.fail("Heartbeat", "REBALANCE_IN_PROGRESS");
    coordinator.silent.add("OffsetCommit");
    world.run(4500);
    world.fill(0, 10, [0]);
    world.run(5000);
    expect(offsets(coordinator)).toEqual([[10]]);
    expect(callbacks(world)).toEqual(["assigned 0"]);
    // Nothing may be returned that the commit under way does not cover.
    expect(world.of("consumer.polled")).toHaveLength(1);
  });

  it("before a rebalance is tried again as long as errors are retriable", () => {
    const { world, coordinator } = setUp();
    world.fill(0, 10, [0]);
    member(world);
    world.run(1000);
    coordinator.fail("Heartbeat", "REBALANCE_IN_PROGRESS");
    coordinator.fail(
      "OffsetCommit",
      "COORDINATOR_LOAD_IN_PROGRESS",
      "COORDINATOR_LOAD_IN_PROGRESS",
    );
    world.run(6000);
    expect(offsets(coordinator)).toEqual([[10], [10], [10]]);
    expect(callbacks(world)).toEqual(["assigned 0", "revoked 0", "assigned 0"]);
  });

  it("is tried again after retry.backoff.ms when it failed with a retriable error", () => {
    const { world, coordinator } = setUp();
    world.fill(0, 10, [0]);
    coordinator.fail("OffsetCommit", "COORDINATOR_LOAD_IN_PROGRESS");
    member(world);
    world.run(6000);
    const [first, second] = coordinator.at("OffsetCommit");
    expect((second ?? 0) - (first ?? 0)).toBeGreaterThanOrEqual(100);
    expect((second ?? 0) - (first ?? 0)).toBeLessThan(210);
    expect(failures(world)).toEqual(["auto COORDINATOR_LOAD_IN_PROGRESS"]);
  });

  it("is off where the application commits", () => {
    for (const commit of ["none", "sync", "async", "before"] as const) {
      const { world, coordinator } = setUp();
      member(world, {}, { processing: { timeUs: 0, per: "record", commit } });
      world.run(12_000);
      expect(coordinator.of("OffsetCommit")).toEqual([]);
    }
  });
});

describe("commitSync", () => {
  const sync = { processing: { timeUs: 0, per: "record", commit: "sync" } } as const;

  it("follows the processing of each poll", () => {
    const { world, coordinator } = setUp();
    world.fill(0, 10, [0]);
    member(world, {}, sync);
    world.run(1000);
    expect(offsets(coordinator)).toEqual([[10]]);
    const order = world.events
      .map(({ type }) => type)
      .filter((type) => /polled|processed|committed/.test(type));
    expect(order).toEqual(["consumer.polled", "consumer.processed", "consumer.committed"]);
  });

  it("is tried again until it succeeds, and holds the poll loop up meanwhile", () => {
    const { world, coordinator } = setUp();
    world.fill(0, 10, [0, 0]);
    coordinator.fail("OffsetCommit", ...Array(5).fill("COORDINATOR_LOAD_IN_PROGRESS"));
    member(world, { "max.poll.records": 10 }, sync);
    world.run(5000);
    expect(offsets(coordinator)).toEqual([[10], [10], [10], [10], [10], [10], [20]]);
    expect(failures(world)).toEqual([]);
  });

  it("gives up after default.api.timeout.ms", () => {
    const { world, coordinator } = setUp();
    world.fill(0, 10, [0]);
    coordinator.fail("OffsetCommit", ...Array(999).fill("COORDINATOR_LOAD_IN_PROGRESS"));
    member(world, { "default.api.timeout.ms": 3000 }, sync);
    world.run(5000);
    expect(failures(world)).toEqual(["sync timeout"]);
    expect(world.of("consumer.commitFailed")[0]?.at).toBeLessThan(ms(3300));
  });

  it("fails at once with ILLEGAL_GENERATION, and the next poll loses the partitions", () => {
    const { world, coordinator } = setUp();
    world.fill(0, 10, [0]);
    coordinator.fail("OffsetCommit", "ILLEGAL_GENERATION");
    member(world, {}, sync);
    world.run(2000);
    expect(failures(world)).toEqual(["sync ILLEGAL_GENERATION"]);
    expect(callbacks(world)).toEqual(["assigned 0", "lost 0", "assigned 0"]);
    // The records come again.
    expect(world.of("consumer.polled").map((e) => e.baseOffset)).toEqual([0, 0]);
  });

  it("fails with REBALANCE_IN_PROGRESS, and the member joins again without losing anything", () => {
    const { world, coordinator } = setUp();
    world.fill(0, 10, [0]);
    coordinator.fail("OffsetCommit", "REBALANCE_IN_PROGRESS");
    member(world, {}, sync);
    world.run(2000);
    expect(failures(world)).toEqual(["sync REBALANCE_IN_PROGRESS"]);
    expect(callbacks(world)).toEqual(["assigned 0", "revoked 0", "assigned 0"]);
  });

  it("is refused without asking the coordinator when the membership was given up meanwhile", () => {
    const { world, coordinator } = setUp();
    world.fill(0, 10, [0]);
    const processing = { timeUs: ms(20_000), per: "poll", commit: "sync" } as const;
    member(world, { "max.poll.interval.ms": 10_000 }, { processing });
    world.run(20_100);
    expect(coordinator.of("LeaveGroup")).toHaveLength(1);
    expect(coordinator.of("OffsetCommit")).toEqual([]);
    expect(failures(world)).toEqual(["sync UNKNOWN_MEMBER_ID"]);
    expect(callbacks(world).slice(0, 2)).toEqual(["assigned 0", "lost 0"]);
  });

  it("finds a coordinator that has moved", () => {
    const { world, coordinator } = setUp();
    world.fill(0, 10, [0]);
    coordinator.fail("OffsetCommit", "NOT_COORDINATOR");
    member(world, {}, sync);
    world.run(3000);
    expect(offsets(coordinator)).toEqual([[10], [10]]);
    expect(coordinator.of("FindCoordinator").length).toBeGreaterThan(1);
    expect(world.of("consumer.committed")).toHaveLength(1);
  });
});

describe("commitAsync", () => {
  const async = { processing: { timeUs: 0, per: "record", commit: "async" } } as const;

  it("never tries again, and does not hold the poll loop up", () => {
    const { world, coordinator } = setUp();
    world.fill(0, 10, [0, 0]);
    coordinator.fail("OffsetCommit", "COORDINATOR_LOAD_IN_PROGRESS");
    member(world, { "max.poll.records": 10 }, async);
    world.run(1000);
    expect(offsets(coordinator)).toEqual([[10], [20]]);
    expect(failures(world)).toEqual(["async COORDINATOR_LOAD_IN_PROGRESS"]);
    const [first, second] = world.of("consumer.polled");
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeLessThan(ms(1));
  });

  it("runs its callbacks in later polls, in order", () => {
    const { world, coordinator } = setUp();
    world.fill(0, 10, [0]);
    const processing = { timeUs: ms(5000), per: "poll", commit: "async" } as const;
    member(world, {}, { processing });
    world.run(5500);
    world.fill(0, 10, [0]);
    world.run(9000);
    expect(coordinator.of("OffsetCommit")).toHaveLength(1);
    expect(world.of("consumer.committed").map(({ offset, how }) => [offset, how])).toEqual([
      [10, "async"],
    ]);
  });

  // ConsumerCoordinator.close waits for commits that look for a coordinator, AbstractCoordinator.close for answers; nobody calls callbacks any more.
  it("under way is no reason for close() to stay, and the application does not hear how it ended", () => {
    for (const error of ["NONE", "COORDINATOR_LOAD_IN_PROGRESS"] as const) {
      const { world, coordinator } = setUp();
      world.fill(0, 10, [0]);
      coordinator.delays.set("OffsetCommit", ms(700));
      if (error !== "NONE") coordinator.fail("OffsetCommit", error);
      const consumer = member(world, {}, async);
      world.run(100);
      consumer.stop();
      world.run(2000);
      const [committedAt] = coordinator.at("OffsetCommit");
      const [leftAt] = coordinator.at("LeaveGroup");
      expect((leftAt ?? 0) - (committedAt ?? 0)).toBeLessThan(200);
      expect(offsets(coordinator)).toEqual([[10]]);
      expect(world.of("consumer.committed")).toEqual([]);
      expect(failures(world)).toEqual([]);
    }
  });

  it("that looks for the coordinator is sent before close() says farewell", () => {
    const { world, coordinator } = setUp();
    world.fill(0, 10, [0]);
    // The first commit finds out that the coordinator has moved; the second, after the next records, has to look for it.
    coordinator.fail("OffsetCommit", "NOT_COORDINATOR");
    const processing = { timeUs: ms(50), per: "poll", commit: "async" } as const;
    const consumer = member(world, { "max.poll.records": 5 }, { processing });
    let at = 1;
    for (; coordinator.of("OffsetCommit").length < 1; at++) world.run(at);
    coordinator.delays.set("FindCoordinator", ms(700));
    for (; coordinator.of("FindCoordinator").length < 2; at++) world.run(at);
    consumer.stop();
    world.run(at + 600);
    expect(coordinator.of("LeaveGroup")).toEqual([]);
    world.run(at + 3000);
    expect(offsets(coordinator)).toEqual([[5], [10]]);
    const apis = coordinator.asked.map(({ api }) => api);
    expect(apis.slice(-2)).toEqual(["OffsetCommit", "LeaveGroup"]);
  });
});

describe("a crash", () => {
  it("forgets the member; the new life starts where the group had committed", () => {
    const { world } = setUp();
    world.fill(0, 10, [0]);
    const processing = { timeUs: ms(1), per: "record", commit: "sync" } as const;
    member(world, { "max.poll.records": 4 }, { processing });
    let at = 1;
    for (; world.of("consumer.committed").length === 0; at++) world.run(at);
    world.run(at + 1);
    world.client.crash("kill");
    world.run(at + 100);
    world.client.boot();
    world.run(3000);
    const starts = world.of("consumer.polled").map((e) => e.baseOffset);
    expect(starts).toEqual([0, 4, 4, 8]);
  });
});
