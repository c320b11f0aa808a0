// The simulator's side of a comparison, told of a run whose outcome is known: a leader dies between two sends, and a group reads.
import { describe, expect, it } from "vitest";
import { loadScenario } from "../../src/scenario/load.ts";
import type { Scenario } from "../../src/scenario/model.ts";
import { epochsOf, ReplicaLogs } from "./replica-logs.ts";
import { simulatedTrace } from "./simulated.ts";

const TEXT = `
apiVersion: faultline/v1
name: told
title: A leader dies between two sends
seed: 7
duration: 40s
cluster:
  brokers: 3
  controllers: 3
  config: { min.insync.replicas: 2 }
topics:
  - { name: t, replicas: { 0: [1, 2, 3] } }
clients:
  producers:
    - name: p
      topic: t
      config: { acks: all }
      send:
        - { at: 1s, records: [a0, a1, a2] }
        - { at: 20s, records: [b0, x] }
    - name: load
      topic: t
      start: 25s
      load: { rate: 2/s, total: 4 }
  consumers:
    - { name: c, topics: [t], config: { group.id: g, auto.offset.reset: earliest }, processing: { commit: sync } }
faults:
  - { id: dies, kind: ProcessChaos, action: kill, at: 2s, selector: [broker-1], duration: 28s }
expect:
  assert:
    - { at: 15s, leader: t-0, equals: 2 }
`;

function scenario(text: string): Scenario {
  const [first] = loadScenario(text, "told.yaml", {}).scenarios;
  return first as Scenario;
}

describe("a simulated run as a comparable trace", () => {
  const trace = simulatedTrace(scenario(TEXT));

  it("has a step for each decision of the controller, with the ISR in its order", () => {
    const steps = trace.partitions["t-0"]?.map(({ atMs: _, ...step }) => step);
    expect(steps).toEqual([
      { partitionEpoch: 0, leader: 1, leaderEpoch: 0, isr: [1, 2, 3], elr: [] },
      { partitionEpoch: 1, leader: 2, leaderEpoch: 1, isr: [2, 3], elr: [] },
      { partitionEpoch: 2, leader: 2, leaderEpoch: 1, isr: [2, 3, 1], elr: [] },
    ]);
    expect(trace.brokers["broker-1"]?.map(({ change }) => change)).toEqual(["fenced", "unfenced"]);
    expect(trace.brokers["broker-2"]).toEqual([]);
    expect(trace.controllers).toEqual([]);
  });

  it("has a result for each record in the order of send()", () => {
    const results = (producer: string) =>
      trace.producers[producer]?.map(({ id, offset, error }) => [id, offset, error]);
    expect(results("p")).toEqual([
      ["a0", 0, "NONE"],
      ["a1", 1, "NONE"],
      ["a2", 2, "NONE"],
      ["b0", 3, "NONE"],
      ["x", 4, "NONE"],
    ]);
    expect(results("load")?.map(([id]) => id)).toEqual([0, 1, 2, 3].map((n) => `load#${n}`));
  });

  it("has what the consumer was told and read, and the group's generations", () => {
    const { callbacks = [], polled = {}, errors } = trace.consumers.c ?? {};
    expect(callbacks[0]).toMatchObject({ callback: "assigned", partitions: ["t-0"] });
    expect(polled["t-0"]).toEqual([{ from: 0, to: 8, records: ["a0..2", "b0", "x", "load#0..3"] }]);
    expect(errors).toEqual([]);
    // Its coordinator dies before the first generation; the next one begins with a group that it stores as empty.
    expect(trace.groups.g?.map(({ atMs: _, ...step }) => step)).toEqual([
      { generation: 0, state: "Empty", members: {} },
      { generation: 1, state: "Stable", members: { c: ["t-0"] } },
    ]);
  });

  it("looks where an assertion does, and at the end", () => {
    expect(trace.points.map(({ at }) => at)).toEqual([15_000, "end"]);
    const [before, end] = trace.points;
    expect(before?.partitions["t-0"]).toMatchObject({ leader: 2, isr: [2, 3], highWatermark: 3 });
    expect(before?.partitions["t-0"]?.replicas["broker-1"]).toEqual({
      ...{ logStartOffset: 0, logEndOffset: 3, highWatermark: null },
      ...{ epochs: [[0, 0]], records: ["a0..2"] },
    });
    expect(end?.partitions["t-0"]?.replicas["broker-1"]).toEqual({
      ...{ logStartOffset: 0, logEndOffset: 9, highWatermark: 9 },
      epochs: [
        [0, 0],
        [1, 3],
      ],
      records: ["a0..2", "b0", "x", "load#0..3"],
    });
    expect(end?.groups.g).toMatchObject({ state: "Stable", committed: { "t-0": 9 } });
    expect(end?.positions).toEqual({ c: { "t-0": 9 } });
  });

  it("is the same each time", () => {
    expect(simulatedTrace(scenario(TEXT))).toEqual(trace);
  });
});

describe("replica logs", () => {
  const partition = { index: 0, topic: "t", partition: 0, name: "t-0" };
  const log = new ReplicaLogs();
  const { listeners } = log;
  const tell = (type: "log.appended" | "log.truncated" | "log.startAdvanced", payload: object) =>
    (listeners[type] as (event: unknown) => void)({ node: 1, partition, ...payload });
  const batch = (baseOffset: number, count: number, firstNumber: number, leaderEpoch: number) =>
    tell("log.appended", { baseOffset, count, firstNumber, leaderEpoch, stream: 5 });

  it("cut batches where the log is cut, at its end and at its head", () => {
    batch(0, 4, 0, 0);
    batch(4, 4, 4, 0);
    tell("log.truncated", { from: 8, to: 6 });
    batch(6, 2, 20, 1);
    tell("log.startAdvanced", { from: 0, to: 1 });
    expect(log.of(partition, 1)).toEqual([
      { base: 1, count: 3, stream: 5, first: 1, epoch: 0 },
      { base: 4, count: 2, stream: 5, first: 4, epoch: 0 },
      { base: 6, count: 2, stream: 5, first: 20, epoch: 1 },
    ]);
    expect(epochsOf(log.of(partition, 1))).toEqual([
      [0, 1],
      [1, 6],
    ]);
  });
});

describe("eligible leader replicas", () => {
  const text = TEXT.replace("duration: 40s", "duration: 60s")
    .replace(
      /faults:[\s\S]*expect:/,
      `faults:
  - { id: f3, kind: ProcessChaos, action: kill, at: 2s, selector: [broker-3] }
  - { id: f2, kind: ProcessChaos, action: kill, at: 14s, selector: [broker-2], duration: 26s }
expect:`,
    )
    .replace("equals: 2", "equals: 1");

  it("are in the step of the change that made them, and there is no epoch without a step", () => {
    const steps = simulatedTrace(scenario(text)).partitions["t-0"] ?? [];
    expect(steps.map(({ partitionEpoch }) => partitionEpoch)).toEqual(steps.map((_, i) => i));
    expect(steps.map(({ isr, elr }) => [isr, elr])).toContainEqual([[1], [2]]);
  });
});
