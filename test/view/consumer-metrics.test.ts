// What consumers and connections report of themselves, from events alone.
import { beforeEach, describe, expect, it } from "vitest";
import { ConnectionMetricsFold } from "../../src/view/connection-metrics.ts";
import { ConsumerMetricsFold } from "../../src/view/consumer-metrics.ts";
import { HostDirectory } from "../../src/view/hosts.ts";
import type { Listeners } from "../../src/view/listeners.ts";

const s = (seconds: number): number => seconds * 1_000_000;
const NODES = [
  { id: 5001, name: "checkout", kind: "client" as const, rack: undefined },
  { id: 5002, name: "billing", kind: "client" as const, rack: undefined },
  { id: 5003, name: "audit", kind: "client" as const, rack: undefined },
];
const BILLING = 5002;
const AUDIT = 5003;
const ORDERS = { topic: "orders", partition: 0, index: 0, name: "orders-0" };

let consumers: ConsumerMetricsFold;
let connections: ConnectionMetricsFold;

function tell(type: keyof Listeners & string, at: number, node: number, payload: object): void {
  const event = { type, at: s(at), node, seq: 0, cause: 0, ...payload };
  for (const { listeners } of [consumers, connections]) {
    const listener = listeners[type] as ((e: never) => void) | undefined;
    listener?.(event as never);
  }
}

const done = (at: number, node: number, api: string, ms: number, error = "NONE"): void =>
  tell("client.requestDone", at, node, {
    api,
    broker: 1,
    latencyUs: ms * 1000,
    outcome: error === "timeout" ? "timeout" : "answered",
    error: error === "timeout" ? "NONE" : error,
    requestBytes: 100,
    responseBytes: error === "timeout" ? 0 : 50,
  });

beforeEach(() => {
  const directory = new HostDirectory(NODES);
  consumers = new ConsumerMetricsFold(directory);
  connections = new ConnectionMetricsFold(directory);
});

describe("a member's sensors", () => {
  it("time a rebalance from its first JoinGroup, refused ones included, to the SyncGroup that succeeds", () => {
    done(1.002, BILLING, "JoinGroup", 2, "MEMBER_ID_REQUIRED");
    done(4, BILLING, "JoinGroup", 2990);
    done(4.005, BILLING, "SyncGroup", 5);
    done(4.005, AUDIT, "SyncGroup", 5, "REBALANCE_IN_PROGRESS");
    const metrics = consumers.snapshot(s(34.5));
    expect(metrics["rebalance-latency-avg{client-id=billing}"]).toBe(3005);
    expect(metrics["rebalance-latency-total"]).toBe(3005);
    expect(metrics["rebalance-total"]).toBe(1);
    expect(metrics["failed-rebalance-total"]).toBe(2);
    expect(metrics["join-time-max{client-id=billing}"]).toBe(2990);
    expect(metrics["sync-total{client-id=audit}"]).toBe(0);
    expect(metrics["last-rebalance-seconds-ago{client-id=billing}"]).toBe(30);
    expect(metrics["last-rebalance-seconds-ago{client-id=audit}"]).toBe(-1);
  });

  it("count heartbeats and commits that are answered", () => {
    for (let at = 3; at <= 30; at += 3) done(at, BILLING, "Heartbeat", at);
    done(31, BILLING, "Heartbeat", 30_000, "timeout");
    done(31, BILLING, "OffsetCommit", 4);
    done(32, BILLING, "OffsetCommit", 8);
    const metrics = consumers.snapshot(s(33));
    expect(metrics["heartbeat-total"]).toBe(10);
    expect(metrics["heartbeat-rate"]).toBeCloseTo(10 / 30, 1);
    expect(metrics["heartbeat-response-time-max"]).toBe(30);
    expect(metrics["last-heartbeat-seconds-ago"]).toBe(3);
    expect(metrics["commit-latency-avg"]).toBe(6);
    expect(metrics["commit-total{client-id=billing}"]).toBe(2);
  });

  it("know what is assigned, until it is revoked or the member is out", () => {
    const assigned = (callback: string): void =>
      tell("consumer.rebalanced", 1, BILLING, { group: "g", callback, partitions: [ORDERS] });
    assigned("assigned");
    expect(consumers.snapshot(s(1))["assigned-partitions"]).toBe(1);
    assigned("revoked");
    expect(consumers.snapshot(s(1))["assigned-partitions"]).toBe(0);
    assigned("assigned");
    tell("consumer.left", 2, BILLING, { group: "g", why: "fenced" });
    expect(consumers.snapshot(s(2))["assigned-partitions{client-id=billing}"]).toBe(0);
  });
});

describe("a reader's sensors", () => {
  const polled = (at: number, position: number, highWatermark: number): void =>
    tell("consumer.polled", at, BILLING, {
      partition: ORDERS,
      count: 10,
      position,
      highWatermark,
      leader: 1,
    });

  it("take the lag after a poll, not between its batches", () => {
    polled(1, 10, 100);
    polled(1, 20, 100);
    polled(2, 30, 105);
    const metrics = consumers.snapshot(s(3));
    expect(metrics["records-lag-max{client-id=billing}"]).toBe(80);
    expect(metrics["records-consumed-total"]).toBe(30);
    expect(metrics["records-consumed-total{topic=orders}"]).toBe(30);
  });

  it("tell empty fetches from those with data", () => {
    const fetched = (at: number, partitions: number, sizeBytes: number, outcome = "answered") =>
      tell("consumer.fetchDone", at, BILLING, {
        broker: 2,
        latencyUs: 500_000,
        outcome,
        partitions,
        sizeBytes,
        requestBytes: 60,
        responseBytes: sizeBytes + 20,
      });
    fetched(1, 0, 0);
    fetched(2, 1, 4000);
    fetched(3, 0, 0, "disconnected");
    const metrics = { ...consumers.snapshot(s(4)), ...connections.snapshot(s(4)) };
    expect(metrics["fetch-total"]).toBe(2);
    expect(metrics["fetch-latency-avg"]).toBe(500);
    expect(metrics["fetch-size-avg"]).toBe(4000);
    expect(metrics["bytes-consumed-total"]).toBe(4000);
    expect(metrics["request-total{client-id=billing,node-id=node-2}"]).toBe(3);
    expect(metrics["response-total{client-id=billing,node-id=node-2}"]).toBe(2);
    expect(metrics["network-io-total"]).toBe(5);
    expect(metrics["incoming-byte-total{client-id=billing}"]).toBe(4040);
    expect(metrics["request-latency-max{client-id=billing,node-id=node-2}"]).toBe(500);
  });

  it("average polls over all that were told of", () => {
    const told = { polls: 4, betweenUs: 1_000_000, longestBetweenUs: 400_000, idleRatios: 3 };
    tell("consumer.pollTimes", 5, BILLING, told);
    const metrics = consumers.snapshot(s(7.9));
    expect(metrics["time-between-poll-avg"]).toBe(250);
    expect(metrics["time-between-poll-max"]).toBe(400);
    expect(metrics["poll-idle-ratio-avg"]).toBe(0.75);
    expect(metrics["last-poll-seconds-ago{client-id=billing}"]).toBe(2);
    // A producer has none of them.
    done(6, 5001, "Metadata", 1);
    expect(consumers.snapshot(s(7))["commit-total{client-id=checkout}"]).toBeUndefined();
  });
});
