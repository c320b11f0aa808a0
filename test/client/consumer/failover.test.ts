// A coordinator that cannot be found, and one that has just begun (AbstractCoordinatorTest).
import { describe, expect, it } from "vitest";
import { ms } from "../../../src/sim/kernel.ts";
import { Lab } from "../support.ts";
import { callbacks, member, ScriptedCoordinator } from "./group-support.ts";

function joined(processing: { timeUs: number; per: "record" }): {
  world: Lab;
  coordinator: ScriptedCoordinator;
} {
  const world = new Lab({ partitions: 1, brokers: 3 });
  const coordinator = new ScriptedCoordinator(world);
  world.fill(0, 1, [0]);
  member(world, {}, { processing });
  world.run(1000);
  return { world, coordinator };
}

describe("a lookup that gets no answer", () => {
  it("is dropped by the heartbeat thread after retry.backoff.ms, and another broker is asked after as much again", () => {
    const { world, coordinator } = joined({ timeUs: ms(30_000), per: "record" });
    coordinator.fail("Heartbeat", "NOT_COORDINATOR");
    coordinator.silent.add("FindCoordinator");
    world.run(8000);
    const asked = coordinator.at("FindCoordinator").filter((at) => at > 1000);
    expect(asked.length).toBeGreaterThan(20);
    for (const [i, at] of asked.slice(1, 10).entries())
      expect(Math.round(at - (asked[i] as number))).toBe(200);
    coordinator.silent.delete("FindCoordinator");
    const before = coordinator.of("Heartbeat").length;
    world.run(12_000);
    expect(coordinator.of("Heartbeat").length).toBeGreaterThan(before);
    expect(coordinator.of("JoinGroup")).toHaveLength(2);
  });

  it("is not waited for longer than a poll takes", () => {
    const { world, coordinator } = joined({ timeUs: 0, per: "record" });
    coordinator.fail("Heartbeat", "NOT_COORDINATOR");
    coordinator.silent.add("FindCoordinator");
    world.run(5000);
    world.fill(0, 1, [0]);
    world.run(6300);
    // Records go on coming: a poll that has waited in vain returns what was fetched.
    expect(world.of("consumer.polled").map((e) => e.baseOffset)).toEqual([0, 1]);
  });
});

describe("a coordinator that loads", () => {
  it("ends a member whose SyncGroup it answers so: no client expects that", () => {
    const world = new Lab({ partitions: 1, brokers: 1 });
    const coordinator = new ScriptedCoordinator(world);
    coordinator.fail("SyncGroup", "COORDINATOR_LOAD_IN_PROGRESS");
    member(world);
    world.run(3000);
    const why = world.of("consumer.left").map((left) => left.why);
    expect(why).toContain("poll() threw COORDINATOR_LOAD_IN_PROGRESS");
  });

  it("is asked for committed offsets again, and nothing is fetched meanwhile", () => {
    const world = new Lab({ partitions: 1, brokers: 1 });
    const coordinator = new ScriptedCoordinator(world);
    coordinator.fail("OffsetFetch", ...Array(5).fill("COORDINATOR_LOAD_IN_PROGRESS"));
    world.fill(0, 5, [0]);
    member(world);
    world.run(5000);
    const [last] = coordinator.at("OffsetFetch").slice(-1);
    expect(coordinator.of("OffsetFetch")).toHaveLength(6);
    expect(world.fetches[0]?.at).toBeGreaterThan(ms(last as number));
    expect(world.of("consumer.polled")).toHaveLength(1);
  });
});

describe("racks (KIP-881)", () => {
  /** Partition 0 on brokers 1 and 2, partition 1 on 2 and 3; this member is in rack c, the other one in a. */
  const racked = (
    options: { aware?: "on" | "off"; rack?: string | undefined } = { rack: "c" },
  ): {
    world: Lab;
    coordinator: ScriptedCoordinator;
  } => {
    const world = new Lab({
      partitions: 2,
      brokers: 3,
      rack: options.rack,
      rules: { "consumer.rack-aware-assignment": options.aware ?? "on" },
    });
    world.racks = ["a", "b", "c"];
    world.partitions.forEach((log, i) => {
      log.replicas = [i + 1, i + 2];
    });
    const coordinator = new ScriptedCoordinator(world);
    const subscription = {
      topics: ["t"],
      ownedPartitions: [],
      generationId: -1,
      rackId: "a",
      userData: undefined,
    };
    coordinator.others = [{ memberId: "zzz", groupInstanceId: undefined, subscription }];
    member(world, { "metadata.max.age.ms": 2000 });
    return { world, coordinator };
  };

  it("decide who gets which partition", () => {
    const { world } = racked();
    world.run(1000);
    // By number alone this member, the first by name, would get partition 0.
    expect(callbacks(world)).toEqual(["assigned 1"]);
  });

  it("decided nothing before 3.5", () => {
    const { world } = racked({ aware: "off", rack: "c" });
    world.run(1000);
    expect(callbacks(world)).toEqual(["assigned 0"]);
  });

  it("make the leader assign anew when a broker is gone, as its replicas are nowhere then", () => {
    const { world, coordinator } = racked();
    world.run(1000);
    world.fenced.add(3);
    world.run(5000);
    expect(coordinator.of("JoinGroup").at(-1)?.reason).toBe("cached metadata has changed");
    // Nobody in rack c has a replica nearby any more, and rack a has that of partition 0.
    expect(callbacks(world)).toEqual(["assigned 1", "revoked 1", "assigned 1"]);
  });

  it("change nothing for a leader without a rack", () => {
    const { world, coordinator } = racked({ rack: undefined });
    world.run(1000);
    const joins = coordinator.of("JoinGroup").length;
    world.fenced.add(3);
    world.run(5000);
    expect(coordinator.of("JoinGroup")).toHaveLength(joins);
  });
});
