import { describe, expect, it } from "vitest";
import { ms } from "../../../src/sim/kernel.ts";
import { Lab } from "../support.ts";
import { callbacks, ME, member, partition, ScriptedCoordinator } from "./group-support.ts";

const lab = (partitions = 3): Lab => new Lab({ partitions, brokers: 1 });

describe("a consumer with group.id", () => {
  it("finds its coordinator, joins twice for its member id, assigns as leader and starts to fetch", () => {
    const world = lab();
    const coordinator = new ScriptedCoordinator(world);
    world.fill(0, 5, [0]);
    const consumer = member(world);
    world.run(1000);
    expect(coordinator.asked.slice(0, 5).map(({ api }) => api)).toEqual([
      "FindCoordinator",
      "JoinGroup",
      "JoinGroup",
      "SyncGroup",
      "OffsetFetch",
    ]);
    const [first, second] = coordinator.of("JoinGroup");
    expect(first?.memberId).toBe("");
    expect(second?.memberId).toBe(ME);
    expect(second).toMatchObject({ sessionTimeoutMs: 45_000, rebalanceTimeoutMs: 300_000 });
    expect(callbacks(world)).toEqual(["assigned 0,1,2"]);
    expect(world.of("consumer.joined")).toMatchObject([
      { generation: 1, leader: true, member: ME },
    ]);
    expect(world.of("consumer.polled")).toMatchObject([{ baseOffset: 0, count: 5 }]);
    expect(consumer.member).toEqual({ id: ME, generation: 1, state: "STABLE" });
  });

  it("uses a connection of its own to the coordinator", () => {
    const world = lab();
    const coordinator = new ScriptedCoordinator(world);
    member(world);
    world.run(1000);
    expect(world.client.channel(1, "coordinator").state).toBe("ready");
    expect(coordinator.of("JoinGroup")).toHaveLength(2);
  });

  it("heartbeats every heartbeat.interval.ms, also while the application is busy", () => {
    const world = lab();
    const coordinator = new ScriptedCoordinator(world);
    world.fill(0, 1, [0]);
    member(world, {}, { processing: { timeUs: ms(60_000), per: "record" } });
    world.run(20_000);
    const beats = coordinator.at("Heartbeat");
    expect(beats).toHaveLength(6);
    expect((beats[1] ?? 0) - (beats[0] ?? 0)).toBe(3000);
  });

  it("keeps its assignment when it is not the leader, and sends none", () => {
    const world = lab();
    const coordinator = new ScriptedCoordinator(world);
    coordinator.isLeader = false;
    coordinator.assignment = [partition(world, 1)];
    member(world);
    world.run(1000);
    expect(coordinator.of("SyncGroup")).toMatchObject([{ assignments: [] }]);
    expect(callbacks(world)).toEqual(["assigned 1"]);
  });

  it("assigns for all members as leader, by the protocol that the coordinator chose", () => {
    const world = lab(4);
    const coordinator = new ScriptedCoordinator(world);
    coordinator.protocol = "roundrobin";
    const subscription = {
      topics: ["t"],
      ownedPartitions: [],
      generationId: -1,
      rackId: undefined,
      userData: undefined,
    };
    coordinator.others = [{ memberId: "z", groupInstanceId: undefined, subscription }];
    member(world, { "partition.assignment.strategy": "range,roundrobin" });
    world.run(1000);
    const [sync] = coordinator.of("SyncGroup");
    const given = sync?.assignments.map(({ memberId, assignment }) => [
      memberId,
      assignment.partitions.map((p) => p.name),
    ]);
    expect(given).toEqual([
      [ME, ["t-0", "t-2"]],
      ["z", ["t-1", "t-3"]],
    ]);
  });
});

describe("a rebalance", () => {
  const settled = (settings = {}, spec = {}): { world: Lab; coordinator: ScriptedCoordinator } => {
    const world = lab();
    const coordinator = new ScriptedCoordinator(world);
    member(world, settings, spec);
    world.run(1000);
    return { world, coordinator };
  };

  it("EAGER: all partitions are revoked before the member joins again, then assigned in full", () => {
    const { world, coordinator } = settled();
    coordinator.fail("Heartbeat", "REBALANCE_IN_PROGRESS");
    world.run(5000);
    expect(callbacks(world)).toEqual(["assigned 0,1,2", "revoked 0,1,2", "assigned 0,1,2"]);
    const rejoin = coordinator.of("JoinGroup").at(-1);
    expect(rejoin?.memberId).toBe(ME);
    expect(rejoin?.protocols[0]?.subscription.ownedPartitions).toEqual([]);
  });

  it("EAGER: revoked is called even when there is nothing to revoke, but not before the first join", () => {
    const world = lab();
    const coordinator = new ScriptedCoordinator(world);
    coordinator.assignment = [];
    member(world);
    world.run(1000);
    coordinator.fail("Heartbeat", "REBALANCE_IN_PROGRESS");
    world.run(5000);
    expect(callbacks(world)).toEqual(["assigned", "revoked", "assigned"]);
  });

  it("COOPERATIVE: the member keeps what it has, gives up only what it lost, and joins again at once", () => {
    const { world, coordinator } = settled({
      "partition.assignment.strategy": "cooperative-sticky",
    });
    coordinator.assignment = [partition(world, 0), partition(world, 1)];
    coordinator.fail("Heartbeat", "REBALANCE_IN_PROGRESS");
    world.run(5000);
    expect(callbacks(world)).toEqual(["assigned 0,1,2", "revoked 2", "assigned", "assigned"]);
    const joins = coordinator.of("JoinGroup");
    const owned = joins.map((join) => join.protocols[0]?.subscription.ownedPartitions.length);
    expect(owned).toEqual([0, 0, 3, 2]);
    expect(joins.at(-1)?.reason).toBe("need to revoke partitions and re-join");
    // Partitions that stayed were never without a position: no committed offset is asked for again.
    expect(coordinator.of("OffsetFetch")).toHaveLength(1);
  });

  it("COOPERATIVE: assigned is called with what was added alone", () => {
    const world = lab();
    const coordinator = new ScriptedCoordinator(world);
    coordinator.assignment = [partition(world, 1)];
    member(world, { "partition.assignment.strategy": "cooperative-sticky" });
    world.run(1000);
    coordinator.assignment = [partition(world, 0), partition(world, 1)];
    coordinator.fail("Heartbeat", "REBALANCE_IN_PROGRESS");
    world.run(5000);
    expect(callbacks(world)).toEqual(["assigned 1", "assigned 0"]);
  });

  it("is EAGER as soon as one assignor is (range, cooperative-sticky)", () => {
    const { world, coordinator } = settled({
      "partition.assignment.strategy": "range,cooperative-sticky",
    });
    coordinator.fail("Heartbeat", "REBALANCE_IN_PROGRESS");
    world.run(5000);
    expect(callbacks(world)).toContain("revoked 0,1,2");
  });

  it("COOPERATIVE: records go on coming while the join is under way", () => {
    const { world, coordinator } = settled({
      "partition.assignment.strategy": "cooperative-sticky",
    });
    coordinator.fail("Heartbeat", "REBALANCE_IN_PROGRESS");
    coordinator.silent.add("JoinGroup");
    world.run(5000);
    world.fill(0, 4, [0]);
    world.run(6000);
    expect(world.of("consumer.polled")).toHaveLength(1);
  });

  it("is asked for by the leader when the number of partitions changes, and by no other member", () => {
    for (const isLeader of [true, false]) {
      const world = lab(2);
      const coordinator = new ScriptedCoordinator(world);
      coordinator.isLeader = isLeader;
      member(world, { "metadata.max.age.ms": 1000 });
      world.run(1500);
      const before = coordinator.of("JoinGroup").length;
      world.addPartition(1);
      world.run(4000);
      expect(coordinator.of("JoinGroup").length - before).toBe(isLeader ? 1 : 0);
    }
  });
});

describe("errors", () => {
  const joined = (): { world: Lab; coordinator: ScriptedCoordinator } => {
    const world = lab();
    const coordinator = new ScriptedCoordinator(world);
    member(world);
    world.run(1000);
    return { world, coordinator };
  };

  it("UNKNOWN_MEMBER_ID in a heartbeat: partitions are lost, and the member joins without an id", () => {
    const { world, coordinator } = joined();
    coordinator.fail("Heartbeat", "UNKNOWN_MEMBER_ID");
    world.run(5000);
    expect(callbacks(world)).toEqual(["assigned 0,1,2", "lost 0,1,2", "assigned 0,1,2"]);
    expect(coordinator.of("JoinGroup").map(({ memberId }) => memberId)).toEqual(["", ME, "", ME]);
    expect(world.of("consumer.left")).toHaveLength(1);
  });

  it("ILLEGAL_GENERATION in a heartbeat: partitions are lost, the member id is kept", () => {
    const { world, coordinator } = joined();
    coordinator.fail("Heartbeat", "ILLEGAL_GENERATION");
    world.run(5000);
    expect(callbacks(world).slice(1)).toEqual(["lost 0,1,2", "assigned 0,1,2"]);
    expect(coordinator.of("JoinGroup").map(({ memberId }) => memberId)).toEqual(["", ME, ME]);
  });

  it("NOT_COORDINATOR in a heartbeat: the coordinator is looked up again, the member does not join again", () => {
    const { world, coordinator } = joined();
    coordinator.fail("Heartbeat", "NOT_COORDINATOR");
    world.run(12_000);
    expect(coordinator.of("FindCoordinator").length).toBeGreaterThanOrEqual(2);
    expect(coordinator.of("FindCoordinator").length).toBeLessThanOrEqual(4);
    expect(coordinator.of("JoinGroup")).toHaveLength(2);
    expect(coordinator.of("Heartbeat").length).toBeGreaterThan(2);
  });

  it("a coordinator that moved is found where it is now", () => {
    const world = new Lab({ partitions: 2, brokers: 2 });
    const coordinator = new ScriptedCoordinator(world);
    member(world);
    world.run(1000);
    coordinator.node = 2;
    coordinator.fail("Heartbeat", "NOT_COORDINATOR");
    world.run(10_000);
    const brokers = coordinator.asked.filter(({ api }) => api === "Heartbeat").map((a) => a.broker);
    expect(brokers.slice(0, 2)).toEqual([1, 2]);
  });

  it("COORDINATOR_NOT_AVAILABLE from FindCoordinator is tried again with a pause", () => {
    const world = lab();
    const coordinator = new ScriptedCoordinator(world);
    coordinator.fail("FindCoordinator", ...Array(5).fill("COORDINATOR_NOT_AVAILABLE"));
    member(world);
    world.run(3000);
    const times = coordinator.at("FindCoordinator");
    expect(times).toHaveLength(6);
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThan(75);
    expect(callbacks(world)).toEqual(["assigned 0,1,2"]);
  });

  it("COORDINATOR_LOAD_IN_PROGRESS in JoinGroup is tried again", () => {
    const world = lab();
    const coordinator = new ScriptedCoordinator(world);
    coordinator.fail("JoinGroup", "COORDINATOR_LOAD_IN_PROGRESS", "COORDINATOR_LOAD_IN_PROGRESS");
    member(world);
    world.run(3000);
    expect(callbacks(world)).toEqual(["assigned 0,1,2"]);
  });

  it("REBALANCE_IN_PROGRESS in SyncGroup: joins again at once, with its id and nothing revoked", () => {
    const world = lab();
    const coordinator = new ScriptedCoordinator(world);
    coordinator.fail("SyncGroup", "REBALANCE_IN_PROGRESS");
    member(world);
    world.run(1000);
    expect(coordinator.of("JoinGroup").map(({ memberId }) => memberId)).toEqual(["", ME, ME]);
    expect(callbacks(world)).toEqual(["assigned 0,1,2"]);
  });

  it("FENCED_INSTANCE_ID ends the application", () => {
    const world = lab();
    const coordinator = new ScriptedCoordinator(world);
    member(world, { "group.instance.id": "i1" });
    world.run(1000);
    coordinator.fail("Heartbeat", "FENCED_INSTANCE_ID");
    world.run(20_000);
    expect(world.of("consumer.left").at(-1)?.why).toBe("poll() threw FENCED_INSTANCE_ID");
    expect(coordinator.of("JoinGroup")).toHaveLength(1);
    expect(coordinator.of("LeaveGroup")).toEqual([]);
    expect(callbacks(world).at(-1)).toBe("lost 0,1,2");
  });

  it("a coordinator that does not answer for the session timeout is looked up again", () => {
    const { world, coordinator } = joined();
    coordinator.silent.add("Heartbeat");
    world.run(60_000);
    // The first heartbeat that expires after request.timeout.ms closes the connection.
    expect(coordinator.of("FindCoordinator").length).toBeGreaterThanOrEqual(2);
    expect(coordinator.of("JoinGroup")).toHaveLength(2);
  });

  it("a JoinGroup may take the rebalance timeout and 5 s, not the request timeout", () => {
    const world = lab();
    const coordinator = new ScriptedCoordinator(world);
    coordinator.silent.add("JoinGroup");
    member(world, { "max.poll.interval.ms": 60_000 });
    world.run(64_900);
    expect(coordinator.of("JoinGroup")).toHaveLength(1);
    world.run(66_000);
    expect(coordinator.of("JoinGroup").length).toBeGreaterThan(1);
  });
});

describe("max.poll.interval.ms", () => {
  const hanging = (settings = {}): { world: Lab; coordinator: ScriptedCoordinator } => {
    const world = lab();
    const coordinator = new ScriptedCoordinator(world);
    const consumer = member(world, { "max.poll.interval.ms": 10_000, ...settings });
    world.run(1000);
    consumer.stopPolling();
    world.run(20_000);
    world.world.kernel.after(0, () => consumer.resumePolling());
    world.run(25_000);
    return { world, coordinator };
  };

  it("exceeded: a dynamic member leaves the group, and its next poll loses its partitions and joins anew", () => {
    const { world, coordinator } = hanging();
    expect(coordinator.of("LeaveGroup")).toMatchObject([
      { members: [{ memberId: ME, reason: "consumer poll timeout has expired" }] },
    ]);
    const [left] = coordinator.at("LeaveGroup");
    expect(left).toBeGreaterThan(10_900);
    expect(left).toBeLessThan(11_100);
    expect(coordinator.at("Heartbeat").filter((at) => at > 11_100 && at < 20_000)).toEqual([]);
    expect(callbacks(world)).toEqual(["assigned 0,1,2", "lost 0,1,2", "assigned 0,1,2"]);
    expect(coordinator.of("JoinGroup").map(({ memberId }) => memberId)).toEqual(["", ME, "", ME]);
  });

  it("exceeded: a static member only stops heartbeating", () => {
    const { world, coordinator } = hanging({ "group.instance.id": "i1" });
    expect(coordinator.of("LeaveGroup")).toEqual([]);
    expect(coordinator.at("Heartbeat").filter((at) => at > 11_100 && at < 20_000)).toEqual([]);
    expect(callbacks(world)).toEqual(["assigned 0,1,2", "lost 0,1,2", "assigned 0,1,2"]);
  });
});

describe("a static member", () => {
  it("is admitted without a round for its member id, and names its instance everywhere", () => {
    const world = lab();
    const coordinator = new ScriptedCoordinator(world);
    const consumer = member(world, { "group.instance.id": "i1" });
    world.run(5000);
    expect(coordinator.of("JoinGroup")).toHaveLength(1);
    expect(coordinator.of("Heartbeat")[0]?.groupInstanceId).toBe("i1");
    consumer.stop();
    world.run(6000);
    expect(coordinator.of("LeaveGroup")).toEqual([]);
    expect(callbacks(world)).toEqual(["assigned 0,1,2", "revoked 0,1,2"]);
  });
});

describe("close()", () => {
  it("commits, then revokes, then leaves", () => {
    const world = lab();
    const coordinator = new ScriptedCoordinator(world);
    world.fill(0, 5, [0]);
    const consumer = member(world);
    world.run(1000);
    consumer.stop();
    world.run(2000);
    expect(coordinator.asked.slice(-2).map(({ api }) => api)).toEqual([
      "OffsetCommit",
      "LeaveGroup",
    ]);
    const order = world.events
      .filter(({ type }) =>
        ["consumer.committed", "consumer.rebalanced", "consumer.left"].includes(type),
      )
      .slice(-3)
      .map(({ type }) => type);
    expect(order).toEqual(["consumer.committed", "consumer.rebalanced", "consumer.left"]);
    expect(coordinator.committed.get(partition(world, 0))?.offset).toBe(5);
    expect(callbacks(world).at(-1)).toBe("revoked 0,1,2");
    const beats = coordinator.of("Heartbeat").length;
    world.run(10_000);
    expect(coordinator.of("Heartbeat")).toHaveLength(beats);
  });

  it("in the middle of a rebalance loses its partitions instead", () => {
    const world = lab();
    const coordinator = new ScriptedCoordinator(world);
    const consumer = member(world, { "partition.assignment.strategy": "cooperative-sticky" });
    world.run(1000);
    coordinator.silent.add("JoinGroup");
    coordinator.fail("Heartbeat", "REBALANCE_IN_PROGRESS");
    world.run(5000);
    consumer.stop();
    world.run(6000);
    expect(callbacks(world)).toEqual(["assigned 0,1,2", "lost 0,1,2"]);
  });

  it("is what SIGTERM does, and the process ends after it", () => {
    const world = lab();
    const coordinator = new ScriptedCoordinator(world);
    member(world);
    world.run(1000);
    world.client.terminate();
    world.run(3000);
    expect(coordinator.of("LeaveGroup")).toHaveLength(1);
    expect(world.client.state).toBe("down");
  });
});
