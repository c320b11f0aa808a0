// From a hand-made trace to the rows of Kafka's tools.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { EventName, TraceEvent } from "../../src/protocol/events.ts";
import { PartitionNames } from "../../src/protocol/types.ts";
import { Snapshot } from "../../src/runner/snapshot.ts";
import { ToolFacts } from "../../src/runner/tool-facts.ts";
import { uuidOf } from "../../src/runner/uuid.ts";
import { loadScenario } from "../../src/scenario/load.ts";
import { ClusterFold } from "../../src/view/cluster-fold.ts";
import { Dispatch } from "../../src/view/listeners.ts";
import { HOSTS, type PayloadOf } from "../check/support.ts";

const NAME = "leader-election";
const FILE = new URL(`../../scenarios/demos/${NAME}.yaml`, import.meta.url);
const TEXT = readFileSync(FILE, "utf8");

function story(set: readonly string[] = []) {
  const [scenario] = loadScenario(TEXT, `${NAME}.yaml`, { set }).scenarios;
  if (scenario === undefined) throw new Error("no scenario");
  const view = new ClusterFold(HOSTS);
  const facts = new ToolFacts();
  const dispatch = new Dispatch();
  for (const part of [...view.parts(), facts.listeners]) dispatch.add(part);
  let at = 0;
  let seq = 0;
  const tell = <K extends EventName>(node: number, type: K, payload: PayloadOf<K>): void => {
    at += 1000;
    dispatch.on({ type, seq: ++seq, at, node, cause: 0, ...payload } as unknown as TraceEvent);
  };
  const snapshot = (nowUs = at): Snapshot => new Snapshot({ scenario, view, facts, nowUs });
  for (const { id } of HOSTS.hosts) tell(id, "host.booted", { incarnation: 1 });
  return { tell, snapshot, partition: new PartitionNames().of("orders", 0) };
}

function withTopic(set?: readonly string[]) {
  const told = story(set);
  const { partition, tell } = told;
  for (const broker of [1, 2, 3]) {
    tell(11, "broker.registered", { broker, brokerEpoch: broker, incarnation: 1 });
    tell(11, "broker.unfenced", { broker });
  }
  const registration = { partition, leader: 1, leaderEpoch: 0, partitionEpoch: 0, isr: [1, 2, 3] };
  tell(11, "partition.created", { ...registration, replicas: [1, 2, 3], minIsr: 2 });
  return told;
}

describe("topics", () => {
  it("show what the controller decided, the ELR, and the leader that was", () => {
    const { tell, snapshot, partition } = withTopic();
    expect(snapshot().topics[0]?.partitions[0]).toMatchObject({ leader: 1, lastKnownElr: [] });
    const gone = { partition, leader: -1, leaderEpoch: 1, partitionEpoch: 1, isr: [] };
    tell(11, "leader.lost", { ...gone, previous: 1, why: "" });
    tell(11, "elr.changed", { ...gone, elr: [1] });
    tell(11, "broker.fenced", { broker: 1, why: "" });
    const [topic] = snapshot().topics;
    expect(topic).toMatchObject({ topic: "orders", configs: [["min.insync.replicas", 2]] });
    expect(topic?.partitions).toEqual([
      {
        ...{ partition: 0, leader: undefined, replicas: [1, 2, 3], isr: [] },
        ...{ elr: [1], lastKnownElr: [1], reassignment: undefined },
      },
    ]);
    expect(snapshot().liveBrokers).toEqual([2, 3]);
    expect(snapshot().reachableBrokers).toEqual([1, 2, 3]);
    const back = { partition, leader: 1, leaderEpoch: 2, partitionEpoch: 2, isr: [1] };
    tell(11, "leader.elected", { ...back, previous: -1, unclean: false, why: "" });
    expect(snapshot().topics[0]?.partitions[0]).toMatchObject({ leader: 1, lastKnownElr: [] });
  });

  it("before there was an ELR do not report one, and show only settings that were made", () => {
    const { snapshot } = withTopic(["cluster.version='4.0'", "cluster.config={}"]);
    expect(snapshot().topics[0]).toMatchObject({
      configs: [],
      minInsyncReplicas: 1,
      partitions: [{ elr: undefined, lastKnownElr: undefined }],
    });
  });
});

describe("the quorum", () => {
  const appended = { baseOffset: 0, count: 4, epoch: 1 };

  it("is not known without a leader that runs", () => {
    const { tell, snapshot } = story();
    expect(snapshot().quorum).toBe(undefined);
    tell(11, "quorum.roleChanged", { role: "leader", epoch: 1, leaderId: 11, why: "" });
    expect(snapshot().quorum).toMatchObject({ leaderId: 11, leaderEpoch: 1 });
    tell(11, "host.crashed", { how: "kill" });
    expect(snapshot().quorum).toBe(undefined);
  });

  it("tells how far voters are, and brokers until they stop", () => {
    const { tell, snapshot } = withTopic();
    tell(11, "quorum.roleChanged", { role: "leader", epoch: 1, leaderId: 11, why: "" });
    tell(11, "quorum.appended", { ...appended, leader: true });
    tell(12, "quorum.appended", { ...appended, count: 3, leader: false });
    tell(11, "quorum.hwAdvanced", { to: 3, epoch: 1, leader: true });
    tell(3, "host.crashed", { how: "kill" });
    tell(11, "quorum.appended", { ...appended, baseOffset: 4, count: 1, leader: true });
    tell(11, "quorum.hwAdvanced", { to: 5, epoch: 1, leader: true });
    const quorum = snapshot().quorum;
    expect(quorum?.highWatermark).toBe(5);
    expect(quorum?.voters.map((v) => [v.replicaId, v.logEndOffset])).toEqual([
      [11, 5],
      [12, 3],
      [13, -1],
    ]);
    const [, behind, silent] = quorum?.voters ?? [];
    expect(behind?.lastCaughtUpTimestamp).toBe(undefined);
    expect(silent?.lastFetchTimestamp).toBe(undefined);
    expect(quorum?.observers.map((o) => [o.replicaId, o.logEndOffset])).toEqual([
      [1, 5],
      [2, 5],
      [3, 3],
    ]);
    const much = snapshot(400_000_000).quorum;
    expect(much?.observers).toEqual([]);
  });
});

describe("groups", () => {
  it("are described by the leader of their partition, and have members, offsets and a log end", () => {
    const { tell, snapshot, partition } = withTopic();
    const change = { group: "billing", generation: 1, members: 1, why: "" };
    tell(1, "group.stateChanged", { ...change, from: "Empty", to: "PreparingRebalance" });
    const member = { group: "billing", generation: 1, member: "m-1", client: 102 };
    tell(1, "group.assigned", { ...member, partitions: [partition] });
    const during = snapshot().groups.describe("billing");
    expect(during).toMatchObject({ state: "PreparingRebalance", members: [{ assignment: [] }] });
    tell(1, "group.stateChanged", { ...change, from: "CompletingRebalance", to: "Stable" });
    const committed = { group: "billing", partition, offset: 7, client: 102, generation: 1 };
    tell(1, "offset.committed", committed);
    tell(1, "offset.committed", { ...committed, group: "loner" });
    expect(snapshot().groups.describe("billing")).toMatchObject({
      state: "Stable",
      coordinator: { id: 1, host: "broker-1", port: 9092 },
      members: [{ consumerId: "m-1", host: "/billing", clientId: "billing" }],
      committed: [{ topic: "orders", partition: 0, offset: 7 }],
    });
    expect(snapshot().groups.describe("loner")).toMatchObject({ state: "Empty" });
    expect(snapshot().groups.describe("nobody")).toMatchObject({ state: "Dead" });
    expect(snapshot().groups.listed.map(({ groupId }) => groupId)).toEqual(["loner", "billing"]);
    expect(snapshot().groups.logEndOffset({ topic: "orders", partition: 0 })).toBe(undefined);
  });
});

describe("ids", () => {
  it("are UUIDs of version 4 that follow from seed, kind and name", () => {
    const id = uuidOf("42", "topic", "orders");
    expect(uuidOf("42", "topic", "orders")).toBe(id);
    const ids = ["a", "b", "c", "d"].map((name) => uuidOf("42", "topic", name));
    const others = [uuidOf("43", "topic", "orders"), uuidOf("42", "directory", "orders")];
    expect(new Set([id, ...ids, ...others]).size).toBe(7);
    for (const one of [id, ...ids]) {
      expect(one).toMatch(/^[A-Za-z0-9_][A-Za-z0-9_-]{21}$/);
      const bytes = Buffer.from(one, "base64url");
      expect(bytes).toHaveLength(16);
      expect([(bytes[6] as number) >> 4, (bytes[8] as number) >> 6]).toEqual([4, 2]);
      expect(bytes.toString("base64url")).toBe(one);
    }
  });
});
