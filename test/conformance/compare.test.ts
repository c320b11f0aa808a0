// How a simulated trace is held against recorded ones.
import { expect, test } from "vitest";
import type { ComparableTrace, PartitionStep, RecordResult } from "./comparable.ts";
import { compareTraces } from "./compare.ts";

const step = (change: Partial<PartitionStep>): PartitionStep => ({
  partitionEpoch: 0,
  leader: 1,
  leaderEpoch: 0,
  isr: [1, 2, 3],
  elr: [],
  atMs: -1,
  ...change,
});
const result = (offset: number, error = "NONE"): RecordResult => ({
  id: "m0",
  partition: "t-0",
  offset,
  error,
  atMs: 5,
});
const trace = (parts: Partial<ComparableTrace>): ComparableTrace => ({
  partitions: {},
  brokers: {},
  controllers: [],
  producers: {},
  consumers: {},
  groups: {},
  transactions: {},
  points: [],
  ...parts,
});
const verdicts = (real: readonly ComparableTrace[], simulated: ComparableTrace): string[] =>
  compareTraces(real, simulated)
    .filter(({ unit }) => unit !== "controller epochs")
    .map(({ unit, verdict }) => `${unit}: ${verdict}`);

test("times are no part of a sequence, values and order are", () => {
  const ab = trace({ partitions: { "t-0": [step({}), step({ partitionEpoch: 1, isr: [2, 3] })] } });
  const later = trace({
    partitions: { "t-0": [step({ atMs: 7 }), step({ partitionEpoch: 1, isr: [2, 3], atMs: 99 })] },
  });
  const other = trace({
    partitions: { "t-0": [step({}), step({ partitionEpoch: 1, isr: [3, 2] })] },
  });
  expect(verdicts([ab, ab], later)).toEqual(["partition t-0: equal"]);
  expect(verdicts([ab, ab], other)).toEqual(["partition t-0: different"]);
});

test("what differed between real runs is a set of values, and a range of numbers", () => {
  const at = (offset: number, error?: string): ComparableTrace =>
    trace({ producers: { p: [result(offset, error)] } });
  expect(verdicts([at(3), at(9)], at(9))).toEqual(["producer p m0: within"]);
  expect(verdicts([at(3), at(9)], at(5))).toEqual(["producer p m0: within"]);
  expect(verdicts([at(3), at(9)], at(10))).toEqual(["producer p m0: different"]);
  expect(verdicts([at(3), at(9)], at(5, "TIMEOUT"))).toEqual(["producer p m0: different"]);
  expect(verdicts([at(3), at(3)], at(4))).toEqual(["producer p m0: different"]);
});

test("a unit that only one side has is a difference", () => {
  const some = trace({ groups: { g: [] } });
  expect(verdicts([trace({})], some)).toEqual(["group g: different"]);
  expect(verdicts([some], trace({}))).toEqual(["group g: different"]);
});
