// From metadata records and callbacks to the comparable trace.
import { expect, test } from "vitest";
import { loadScenario } from "../../../src/scenario/load.ts";
import type { Observation } from "./driver.ts";
import {
  brokerSteps,
  byNumber,
  consumerTraces,
  controllerSteps,
  generations,
  type MetadataLog,
  partitionSteps,
  recordResults,
} from "./told.ts";

const ZERO = 1000;
const log = (...records: readonly [at: number, type: string, data: object][]): MetadataLog => ({
  records: records.map(([at, type, data]) => ({ at, type, data })),
  epochs: [],
});
const TOPIC = { name: "t", topicId: "id" };
const PARTITION = {
  topicId: "id",
  partitionId: 0,
  leader: 1,
  leaderEpoch: 0,
  partitionEpoch: 0,
  isr: [1, 2],
};
const CHANGE = { topicId: "id", partitionId: 0 };

test("a change of the leader raises the leader epoch, any change the partition epoch", () => {
  const { "t-0": steps } = partitionSteps(
    log(
      [900, "TOPIC_RECORD", TOPIC],
      [900, "PARTITION_RECORD", PARTITION],
      [2000, "PARTITION_CHANGE_RECORD", { ...CHANGE, isr: [1] }],
      [3000, "PARTITION_CHANGE_RECORD", { ...CHANGE, leader: -1, eligibleLeaderReplicas: [2, 1] }],
      [4000, "PARTITION_CHANGE_RECORD", { ...CHANGE, leader: 1 }],
      [5000, "PARTITION_CHANGE_RECORD", { ...CHANGE, directories: ["a", "b"] }],
    ),
    new Set(["t"]),
    ZERO,
  );
  expect(steps).toEqual([
    { partitionEpoch: 0, leader: 1, leaderEpoch: 0, isr: [1, 2], elr: [], atMs: -100 },
    { partitionEpoch: 1, leader: 1, leaderEpoch: 0, isr: [1], elr: [], atMs: 1000 },
    { partitionEpoch: 2, leader: -1, leaderEpoch: 1, isr: [1], elr: [1, 2], atMs: 2000 },
    { partitionEpoch: 3, leader: 1, leaderEpoch: 2, isr: [1], elr: [1, 2], atMs: 3000 },
    { partitionEpoch: 4, leader: 1, leaderEpoch: 2, isr: [1], elr: [1, 2], atMs: 4000 },
  ]);
});

test("a topic that was deleted and created again begins anew, other topics do not count", () => {
  const again = { ...PARTITION, topicId: "id2", leader: 2 };
  const steps = partitionSteps(
    log(
      [100, "TOPIC_RECORD", TOPIC],
      [100, "PARTITION_RECORD", PARTITION],
      [200, "PARTITION_RECORD", { ...PARTITION, partitionId: 1 }],
      [300, "TOPIC_RECORD", { name: "t", topicId: "id2" }],
      [300, "PARTITION_RECORD", again],
      [300, "TOPIC_RECORD", { name: "other", topicId: "id3" }],
      [300, "PARTITION_RECORD", { ...PARTITION, topicId: "id3" }],
    ),
    new Set(["t"]),
    ZERO,
  );
  expect(Object.keys(steps)).toEqual(["t-0"]);
  expect(steps["t-0"]?.[0]?.leader).toBe(2);
});

test("a registration fences a broker that was not fenced, and says nothing of one that was", () => {
  const register = { brokerId: 1 };
  const change = (fenced: number) => ({ brokerId: 1, fenced });
  const { "broker-1": steps } = brokerSteps(
    log(
      [100, "REGISTER_BROKER_RECORD", register],
      [200, "BROKER_REGISTRATION_CHANGE_RECORD", change(-1)],
      [2000, "REGISTER_BROKER_RECORD", register],
      [2500, "BROKER_REGISTRATION_CHANGE_RECORD", change(-1)],
      [3000, "BROKER_REGISTRATION_CHANGE_RECORD", { ...change(0), inControlledShutdown: 1 }],
      [3500, "BROKER_REGISTRATION_CHANGE_RECORD", change(1)],
      [4000, "REGISTER_BROKER_RECORD", register],
    ),
    [1],
    ZERO,
  );
  expect(steps).toEqual([
    { change: "fenced", atMs: 1000 },
    { change: "unfenced", atMs: 1500 },
    { change: "shuttingDown", atMs: 2000 },
    { change: "fenced", atMs: 2500 },
  ]);
});

test("controller epochs count from the one at time zero", () => {
  const epochs = [
    { epoch: 4, at: 10 },
    { epoch: 5, at: 900 },
    { epoch: 7, at: 2000 },
  ];
  expect(controllerSteps({ records: [], epochs }, ZERO)).toEqual([{ epoch: 2, atMs: 1000 }]);
});

test("a generation stored twice is one", () => {
  const row = { group: "g", at: 2000, generation: 1, members: { b: ["t-10", "t-2"], a: [] } };
  const rows = [row, { ...row, at: 2100 }, { ...row, at: 2200, members: {} }];
  expect(generations(rows, ["g"], ZERO)).toEqual({
    g: [
      { generation: 1, state: "Stable", members: { a: [], b: ["t-2", "t-10"] }, atMs: 1000 },
      { generation: 1, state: "Empty", members: {}, atMs: 1200 },
    ],
  });
  expect(byNumber(["t-10", "t-9", "s-1"])).toEqual(["s-1", "t-9", "t-10"]);
});

const scenario = loadScenario(
  `
apiVersion: faultline/v1
name: x
title: x
duration: 1s
cluster: { brokers: 1 }
topics: [{ name: t }]
clients:
  producers: [{ name: p, topic: t, send: [{ at: 0s, records: [m0] }] }]
  consumers: [{ name: c, topics: [t], config: { group.id: g } }]
`,
  "x.yaml",
).scenarios[0] as ReturnType<typeof loadScenario>["scenarios"][number];

test("records are told in the order of send(), answered or not", () => {
  const seen: Observation[] = [
    { event: "sending", at: 1, producer: "p", record: "m0" },
    { event: "sending", at: 1, producer: "p", record: "m1" },
    {
      event: "result",
      at: 1500,
      producer: "p",
      record: "m0",
      partition: "t-0",
      offset: 4,
      error: "NONE",
    },
  ];
  expect(recordResults(seen, scenario, ZERO)).toEqual({
    p: [
      { id: "m0", partition: "t-0", offset: 4, error: "NONE", atMs: 500 },
      { id: "m1", partition: null, offset: -1, error: "NO_ANSWER", atMs: -1 },
    ],
  });
});

test("polled records make runs, which end where a consumer goes back or jumps", () => {
  const polled = (...records: readonly [number, string][]): Observation => ({
    event: "polled",
    at: 1,
    consumer: "c",
    partition: "t-0",
    records,
  });
  const seen = [
    polled([0, "m0"], [1, "m1"]),
    polled([2, "m2"]),
    polled([1, "m1"]),
    polled([5, "m5"]),
  ];
  expect(consumerTraces(seen, scenario, ZERO).c?.polled).toEqual({
    "t-0": [
      { from: 0, to: 2, records: ["m0..2"] },
      { from: 1, to: 1, records: ["m1"] },
      { from: 5, to: 5, records: ["m5"] },
    ],
  });
});
