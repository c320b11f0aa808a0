// The words both sides use for runs of records.
import { expect, test } from "vitest";
import { loadRecord, runsOf } from "./comparable.ts";

test("ids with consecutive numbers become runs, everything else stays as it is", () => {
  expect(runsOf([])).toEqual([]);
  expect(runsOf(["m0", "m1", "m2"])).toEqual(["m0..2"]);
  expect(runsOf(["m0", "m2", "m3", "x", "m4"])).toEqual(["m0", "m2..3", "x", "m4"]);
  expect(runsOf(["a1", "b2"])).toEqual(["a1", "b2"]);
  expect(runsOf(["m9", "m10"])).toEqual(["m9..10"]);
  expect(runsOf(["m1", "m1"])).toEqual(["m1", "m1"]);
  expect(runsOf(["x", "x0", "x1"])).toEqual(["x", "x0..1"]);
});

test("a load's records are numbered", () => {
  expect(runsOf([0, 1, 2].map((n) => loadRecord("checkout", n)))).toEqual(["checkout#0..2"]);
});
