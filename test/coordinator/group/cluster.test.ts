import { describe, expect, it } from "vitest";
import { GroupCluster } from "./cluster.ts";
import {
  assignmentOf,
  commitRequest,
  heartbeatRequest,
  joinRequest,
  leaveRequest,
  syncRequest,
} from "./requests.ts";

/** A dynamic member's two rounds; the second is still parked when this returns. */
function startJoin(cluster: GroupCluster, node: number, client: number) {
  const clientId = `client-${client + 1}`;
  const first = cluster.ask(node, "JoinGroup", joinRequest({ clientId }), client);
  expect(first.error).toBe("MEMBER_ID_REQUIRED");
  const { memberId } = first;
  const request = joinRequest({ clientId, memberId });
  return { memberId, sent: cluster.send(node, "JoinGroup", request, client) };
}

/** Two members, each with one partition of orders. */
function stableGroup(cluster: GroupCluster) {
  const node = cluster.coordinatorOf("my-group");
  const members = [startJoin(cluster, node, 0), startJoin(cluster, node, 1)];
  cluster.until(() => members.every(({ sent }) => sent.response !== undefined));
  const [a, b] = members.map(({ sent }) => sent.response) as [
    NonNullable<(typeof members)[0]["sent"]["response"]>,
    NonNullable<(typeof members)[0]["sent"]["response"]>,
  ];
  const [leader, follower] = a.leader === a.memberId ? [a, b] : [b, a];
  const assignments = {
    [leader.memberId]: assignmentOf(cluster.partition("orders-0")),
    [follower.memberId]: assignmentOf(cluster.partition("orders-1")),
  };
  const waiting = cluster.send(node, "SyncGroup", syncRequest(follower.memberId, 1), 1);
  cluster.run(20);
  expect(waiting.response).toBeUndefined();
  const own = cluster.ask(node, "SyncGroup", syncRequest(leader.memberId, 1, assignments));
  cluster.until(() => waiting.response !== undefined);
  return { node, leader, follower, own, other: waiting.response };
}

describe("a cluster with groups", () => {
  it("creates __consumer_offsets when the first group looks for its coordinator", () => {
    const cluster = new GroupCluster();
    cluster.start();
    const find = { key: "my-group", keyType: "group" } as const;
    expect(cluster.ask(2, "FindCoordinator", find)).toEqual({
      error: "COORDINATOR_NOT_AVAILABLE",
      nodeId: -1,
    });
    const node = cluster.coordinatorOf("my-group");
    const topic = cluster.of("topic.created").find((e) => e.topic === "__consumer_offsets");
    expect(topic).toMatchObject({ partitions: 50, replicationFactor: 3 });
    expect(cluster.offsetsPartition("my-group").name).toBe("__consumer_offsets-12");
    for (const id of [1, 2, 3]) expect(cluster.findCoordinator("my-group", id)).toBe(node);
    const other = (node % 3) + 1;
    const refused = cluster.ask(other, "JoinGroup", joinRequest());
    expect(refused.error).toBe("NOT_COORDINATOR");
  });

  it("does not create it with fewer brokers than offsets.topic.replication.factor", () => {
    const cluster = new GroupCluster({ brokers: 1 });
    cluster.start();
    for (let i = 0; i < 5; i++) {
      const found = cluster.ask(1, "FindCoordinator", { key: "my-group", keyType: "group" });
      expect(found.error).toBe("COORDINATOR_NOT_AVAILABLE");
      cluster.run(500);
    }
    const alone = new GroupCluster({
      brokers: 1,
      config: { "offsets.topic.replication.factor": 1 },
    });
    alone.start();
    expect(alone.coordinatorOf("my-group")).toBe(1);
  });

  it("joins two members into one generation and hands each what the leader assigned", () => {
    const cluster = new GroupCluster();
    cluster.start();
    const { leader, follower, own, other } = stableGroup(cluster);
    expect([leader.generationId, follower.generationId]).toEqual([1, 1]);
    expect(leader.members.map((m) => m.memberId).sort()).toEqual(
      [leader.memberId, follower.memberId].sort(),
    );
    expect(follower.members).toEqual([]);
    expect(leader.memberId).toMatch(/^client-\d-[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-/);
    expect(own.assignment.partitions.map((p) => p.name)).toEqual(["orders-0"]);
    expect(other?.assignment.partitions.map((p) => p.name)).toEqual(["orders-1"]);
    expect(cluster.of("group.stateChanged").map((e) => e.to)).toEqual([
      "PreparingRebalance",
      "CompletingRebalance",
      "Stable",
    ]);
    expect(cluster.of("group.assigned")).toHaveLength(2);
  });

  it("keeps heartbeats, commits and leaving in one generation", () => {
    const cluster = new GroupCluster();
    cluster.start();
    const { node, leader, follower } = stableGroup(cluster);
    const beat = (id: string, generation: number) =>
      cluster.ask(node, "Heartbeat", heartbeatRequest(id, generation)).error;
    expect(beat(leader.memberId, 1)).toBe("NONE");
    expect(beat(leader.memberId, 0)).toBe("ILLEGAL_GENERATION");
    expect(beat("who", 1)).toBe("UNKNOWN_MEMBER_ID");
    const orders0 = cluster.partition("orders-0");
    const member = { generationId: 1, memberId: leader.memberId };
    const commit = cluster.ask(node, "OffsetCommit", commitRequest(orders0, 42, member));
    expect(commit.partitions).toEqual([{ partition: orders0, error: "NONE" }]);
    const nowhere = cluster.partition("nowhere-0");
    const unknown = cluster.ask(node, "OffsetCommit", commitRequest(nowhere, 1, member));
    expect(unknown.partitions).toEqual([
      { partition: nowhere, error: "UNKNOWN_TOPIC_OR_PARTITION" },
    ]);
    const fetch = { groupId: "my-group", partitions: [orders0], requireStable: true };
    expect(cluster.ask(node, "OffsetFetch", fetch).partitions[0]).toMatchObject({ offset: 42 });
    cluster.ask(node, "LeaveGroup", leaveRequest({ memberId: follower.memberId }));
    expect(beat(leader.memberId, 1)).toBe("REBALANCE_IN_PROGRESS");
    expect(cluster.of("group.memberRemoved").map((e) => e.member)).toEqual([follower.memberId]);
  });

  it("carries a group over to the next coordinator, stable and at the same generation", () => {
    const cluster = new GroupCluster();
    cluster.start();
    const { node, leader } = stableGroup(cluster);
    const orders0 = cluster.partition("orders-0");
    const member = { generationId: 1, memberId: leader.memberId };
    cluster.ask(node, "OffsetCommit", commitRequest(orders0, 42, member));
    cluster.world.host(node).crash("kill");
    const loads = cluster.of("group.loaded").length;
    const ask = (node % 3) + 1;
    cluster.until(() => {
      const found = cluster.ask(ask, "FindCoordinator", { key: "my-group", keyType: "group" });
      return found.error === "NONE" && found.nodeId !== node;
    });
    const next = cluster.findCoordinator("my-group", ask);
    const mine = () =>
      cluster
        .of("group.loaded")
        .slice(loads)
        .find((e) => e.partition === cluster.offsetsPartition("my-group"));
    cluster.until(() => mine() !== undefined);
    expect(mine()).toMatchObject({ node: next, groups: 1, offsets: 1 });
    expect(cluster.of("group.stateChanged").at(-1)).toMatchObject({
      from: "Dead",
      to: "Stable",
      generation: 1,
    });
    const beat = cluster.ask(next, "Heartbeat", heartbeatRequest(leader.memberId, 1));
    expect(beat.error).toBe("NONE");
    const all = { groupId: "my-group", partitions: undefined, requireStable: false };
    expect(cluster.ask(next, "OffsetFetch", all).partitions).toMatchObject([{ offset: 42 }]);
    // Sessions start again, so the follower that is silent is removed one session timeout later.
    cluster.run(10_100);
    expect(cluster.of("group.memberRemoved").at(-1)?.why).toBe("session timeout");
  });

  it("sends parked members elsewhere when it hands its partition over", () => {
    const cluster = new GroupCluster();
    cluster.start();
    const { node } = stableGroup(cluster);
    const { sent } = startJoin(cluster, node, 0);
    expect(sent.response).toBeUndefined();
    cluster.world.host(node).terminate();
    cluster.until(() => sent.response !== undefined || sent.failed, 20_000);
    expect(sent.response?.error).toBe("NOT_COORDINATOR");
    const next = cluster.findCoordinator("my-group", (node % 3) + 1);
    expect(next).not.toBe(node);
    // Who was being added is not in the log: the group is what it was in generation 1.
    const described = () => cluster.ask(next, "DescribeGroups", { groups: ["my-group"] }).groups[0];
    cluster.until(() => described()?.state === "Stable");
    expect(described()?.members).toHaveLength(2);
  });

  it("answers that it loads, the longer the more there is, and takes heartbeats meanwhile", () => {
    const cluster = new GroupCluster({ config: { "offsets.load.buffer.size": 100 } });
    cluster.start();
    const { node, leader } = stableGroup(cluster);
    const orders0 = cluster.partition("orders-0");
    const member = { generationId: 1, memberId: leader.memberId };
    // Every 100 bytes cost one read: some kilobytes take a while.
    for (let i = 0; i < 300; i++) {
      cluster.ask(
        node,
        "OffsetCommit",
        commitRequest(orders0, i, { ...member, metadata: "x".repeat(900) }),
      );
    }
    cluster.world.host(node).terminate();
    const elected = cluster.offsetsPartition("my-group");
    const ask = (node % 3) + 1;
    const leads = () => cluster.of("replica.becameLeader").filter((e) => e.partition === elected);
    const before = leads().length;
    cluster.until(() => leads().length > before);
    const next = leads().at(-1)?.node as number;
    expect(next).not.toBe(node);
    const beat = cluster.ask(next, "Heartbeat", heartbeatRequest(leader.memberId, 1));
    const all = { groupId: "my-group", partitions: undefined, requireStable: false };
    const fetch = cluster.ask(next, "OffsetFetch", all);
    expect([beat.error, fetch.error]).toEqual(["NONE", "COORDINATOR_LOAD_IN_PROGRESS"]);
    cluster.until(() => cluster.ask(next, "OffsetFetch", all).error === "NONE");
    expect(cluster.ask(next, "OffsetFetch", all).partitions).toMatchObject([{ offset: 299 }]);
    expect(cluster.findCoordinator("my-group", ask)).toBe(next);
  });

  it("refuses commits while too few replicas are in sync, and loses none that it accepted", () => {
    const cluster = new GroupCluster({
      config: { "min.insync.replicas": 2, "replica.lag.time.max.ms": 2_000 },
    });
    cluster.start();
    const node = cluster.coordinatorOf("my-group");
    const orders0 = cluster.partition("orders-0");
    const commit = (offset: number) =>
      cluster.ask(node, "OffsetCommit", commitRequest(orders0, offset)).partitions[0]?.error;
    expect(commit(1)).toBe("NONE");
    const others = [1, 2, 3].filter((id) => id !== node);
    for (const id of others) cluster.world.host(id).pause();
    const late = cluster.send(node, "OffsetCommit", commitRequest(orders0, 2));
    cluster.until(() => late.response !== undefined);
    // Appended, but not replicated in time: it may count in the end.
    expect(late.response?.partitions[0]?.error).toBe("COORDINATOR_NOT_AVAILABLE");
    cluster.run(5_000);
    expect(commit(3)).toBe("COORDINATOR_NOT_AVAILABLE");
    const all = { groupId: "my-group", partitions: undefined, requireStable: false };
    expect(cluster.ask(node, "OffsetFetch", all).partitions).toMatchObject([{ offset: 1 }]);
  });
});
