// Two runs side by side: the first difference is found where it was planted, and the end of both is compared.
import { describe, expect, it } from "vitest";
import { compareRuns } from "../../src/explore/compare.ts";
import { complete } from "../../src/explore/task.ts";
import { loadScenario } from "../../src/scenario/load.ts";
import type { Scenario } from "../../src/scenario/model.ts";

const TEXT = `
apiVersion: faultline/v1
name: planted
title: A short run with three records by name
seed: 1
duration: 12s
cluster: { version: "4.1", brokers: 3, controllers: 3 }
topics: [{ name: orders, replicas: { 0: [1, 2, 3] } }]
clients:
  producers:
    - name: checkout
      topic: orders
      config: { acks: all, delivery.timeout.ms: 5s, request.timeout.ms: 2s, linger.ms: 0 }
      send: [{ at: 1s, records: [m1] }, { at: 5s, records: [m2] }, { at: 9s, records: [m3] }]
  consumers: [{ name: billing, topics: [orders], config: { auto.offset.reset: earliest } }]
`;

const scenario = (extra = "", options: { seed?: string; set?: string[] } = {}): Scenario =>
  loadScenario(TEXT + extra, "planted.yaml", options).scenarios[0] as Scenario;

const KILL = `
faults:
  - { id: dies, kind: ProcessChaos, action: kill, at: 4700ms, selector: [broker-1], duration: 20s }
`;

describe("diff", () => {
  it("finds no difference between a run and itself", () => {
    const { divergence, checks, records, outcomes, metrics } = complete(
      compareRuns(scenario(), scenario()),
    );
    expect(divergence).toBeNull();
    expect([...checks, ...records, ...outcomes, ...metrics]).toEqual([]);
  });

  it("finds a planted fault as the first difference, with what comes before and after", () => {
    const { divergence } = complete(compareRuns(scenario(), scenario(KILL)));
    expect(divergence?.b[0]).toMatchObject({
      event: (divergence?.same ?? 0) + 1,
      atMs: 4700,
      type: "fault.injected",
    });
    expect(divergence?.a[0]?.event).toBe((divergence?.same ?? 0) + 1);
    expect(divergence?.a[0]?.atMs).toBeGreaterThanOrEqual(4700);
    expect(divergence?.before.map(({ event }) => event)).toEqual(
      [3, 2, 1, 0].map((back) => (divergence?.same ?? 0) - back),
    );
  });

  it("tells which records had another outcome, by name", () => {
    const { outcomes, records } = complete(compareRuns(scenario(), scenario(KILL)));
    // Both come to their delivery.timeout.ms before the leader's session times out and another is elected.
    const stream = "checkout on orders-0";
    const one = { count: 2, first: "m2" };
    const none = { count: 0, first: null };
    expect(outcomes).toContainEqual({ stream, outcome: "acked", onlyA: one, onlyB: none });
    expect(outcomes).toContainEqual({ stream, outcome: "failed", onlyA: none, onlyB: one });
    expect(records).toContainEqual({ name: "acked", a: 3, b: 1 });
  });

  it("tells one seed from another", () => {
    const { divergence, a, b } = complete(compareRuns(scenario(), scenario("", { seed: "2" })));
    expect(divergence).not.toBeNull();
    expect(a.traceHash).not.toBe(b.traceHash);
  });

  it("goes on to the end of the longer run", () => {
    const longer = scenario("", { set: ["duration=20s"] });
    const { a, b, divergence } = complete(compareRuns(scenario(), longer));
    expect(b.virtualTimeMs - a.virtualTimeMs).toBe(8000);
    expect(divergence).not.toBeNull();
  });
});
