// What is said of recordings that nothing is compared with: where they differ from those of a KRaft cluster.
import { expect, test } from "vitest";
import type { ComparableTrace, PartitionStep } from "./comparable.ts";
import { aside, sequence } from "./later.ts";
import { laterText } from "./later-report.ts";
import type { RecordedRun, Recording } from "./recorded.ts";

const step = (change: Partial<PartitionStep>): PartitionStep => ({
  ...{ partitionEpoch: 0, leader: 1, leaderEpoch: 0, isr: [1, 2, 3], elr: [], atMs: -1 },
  ...change,
});
const run = (parts: Partial<ComparableTrace>, about: Partial<RecordedRun> = {}): RecordedRun => ({
  ...{ recordedAt: "2026-01-02T03:04:05.678Z", command: "npm run", java: "openjdk 17" },
  trace: {
    ...{ partitions: {}, brokers: {}, controllers: [], producers: {}, consumers: {} },
    ...{ groups: {}, transactions: {}, points: [] },
    ...parts,
  },
  ...about,
});
const recording = (...runs: readonly RecordedRun[]): Recording => ({
  ...{ scenario: "follower-kill", release: "3.9.1", played: "text", runs },
});
const shrunk = step({ partitionEpoch: 1, isr: [1, 3] });
const kraft = recording(
  run({
    partitions: { "t-0": [step({}), shrunk] },
    brokers: {
      "broker-1": [
        { change: "shuttingDown", atMs: 4000 },
        { change: "fenced", atMs: 6500 },
      ],
      "broker-2": [{ change: "fenced", atMs: 6500 }],
    },
  }),
);

test("a sequence is short, and steps that change neither leader nor ISR are no part of it", () => {
  const last = step({ partitionEpoch: 3, leader: -1, leaderEpoch: 1, isr: [3] });
  const steps = [step({}), shrunk, { ...shrunk, partitionEpoch: 2 }, last];
  expect(sequence(steps)).toBe("0:1[1,2,3] 0:1[1,3] 1:none[3]");
});

test("only what no run on the other side did is done otherwise; who shuts down is not known", () => {
  const raised = step({ partitionEpoch: 1, leaderEpoch: 1, isr: [1, 3] });
  const brokers = { "broker-1": [{ change: "fenced", atMs: 5000 } as const], "broker-2": [] };
  const once = run({ partitions: { "t-0": [step({}), raised] }, brokers });
  const again = run({ partitions: { "t-0": [step({}), shrunk] }, brokers });
  expect(aside(recording(once), kraft).otherwise).toEqual([
    {
      unit: "partition t-0",
      kraft: ["0:1[1,2,3] 0:1[1,3]"],
      zookeeper: ["0:1[1,2,3] 1:1[1,3]"],
    },
    { unit: "broker broker-2", kraft: ["fenced"], zookeeper: ["nothing"] },
  ]);
  const units = aside(recording(once, again), kraft).otherwise.map(({ unit }) => unit);
  expect(units).toEqual(["broker broker-2"]);
});

test("times of both stand side by side", () => {
  const brokers = { "broker-2": [{ change: "fenced", atMs: 7000 } as const] };
  expect(aside(recording(run({ brokers })), kraft).times).toEqual([
    { what: "broker-2 fenced after dies", kraftMs: [3000], zookeeperMs: [3500] },
  ]);
});

test("the report names the controllers, and what there is nothing to hold against", () => {
  const controllerBrokers = [
    { broker: 3, epoch: 0, atMs: -5 },
    { broker: 1, epoch: 1, atMs: 900 },
  ];
  const one = recording(run({}, { controllerBrokers }));
  const text = laterText([aside(one, { ...one, played: "text" }), aside(one, undefined)]);
  expect(text).toContain("The controller was broker-3, then broker-1.");
  expect(text).toContain("Nothing was done otherwise.");
  expect(text).toContain("There is no run of the same scenario in KRaft mode");
  expect(aside(one, { ...one, played: "another text" }).kraft).toBeUndefined();
});
