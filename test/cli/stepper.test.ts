import { expect, test } from "vitest";
import { drive, type Stepper } from "../../src/cli/stepper.ts";
import { passing } from "../report/reports.ts";

/** Finishes when `endUs` of virtual time were asked for. */
function fake(endUs: number): Stepper & { readonly slices: number[] } {
  const slices: number[] = [];
  let nowUs = 0;
  return {
    slices,
    advance(sliceUs) {
      slices.push(sliceUs);
      nowUs = Math.min(endUs, nowUs + sliceUs);
      return nowUs < endUs;
    },
    finish: passing,
    get progress() {
      return { nowUs, endUs, phase: "run" as const, events: slices.length };
    },
  };
}

test("a run is driven to its end", async () => {
  const seen: number[] = [];
  const report = await drive(
    fake(10e6),
    () => false,
    ({ nowUs }) => seen.push(nowUs),
  );
  expect(report?.result.scenario).toBe("steady");
  expect(seen).toEqual([...seen].sort((a, b) => a - b));
});

test("slices grow while they are quick", async () => {
  const run = fake(100e6);
  await drive(
    run,
    () => false,
    () => {},
  );
  expect(run.slices[1]).toBeGreaterThan(run.slices[0] as number);
});

test("an interruption is seen after the slice at hand", async () => {
  const run = fake(1e12);
  const report = await drive(
    run,
    () => run.slices.length >= 3,
    () => {},
  );
  expect(report).toBeUndefined();
  expect(run.slices).toHaveLength(3);
});
