import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LoadSchedule, type LoadSpec } from "../../src/client/load.ts";
import { seconds } from "../../src/sim/kernel.ts";

const constant = (perSecond: number, total?: number): LoadSpec => ({
  stages: [{ durationUs: undefined, fromPerSecond: perSecond, toPerSecond: perSecond }],
  total,
});

/** Follows the schedule as a producer does, in chunks of at least 1 ms. */
function chunks(schedule: LoadSchedule, until: number): { at: number; count: number }[] {
  const found: { at: number; count: number }[] = [];
  let arrived = 0;
  let notBefore = 0;
  for (;;) {
    const at = schedule.nextArrival(arrived, notBefore);
    if (at === undefined || at > until) return found;
    const count = schedule.arrivedBy(at) - arrived;
    found.push({ at, count });
    arrived += count;
    notBefore = at + 1000;
  }
}

describe("a load", () => {
  it("of a constant rate gives rate times time, for any rate and time", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 400_000_000 }),
        fc.integer({ min: 0, max: 600_000_000 }),
        (milliRate, at) => {
          const schedule = new LoadSchedule(constant(milliRate / 1000), 0);
          const exact = Number((BigInt(milliRate) * BigInt(at)) / 1_000_000_000n);
          expect(schedule.arrivedBy(at)).toBe(exact);
        },
      ),
    );
  });

  it("comes in chunks that are never empty, at least 1 ms apart, and add up to the total", () => {
    const stage = fc.record({
      durationUs: fc.integer({ min: 1, max: 50_000 }),
      fromPerSecond: fc.integer({ min: 0, max: 50_000 }),
      toPerSecond: fc.integer({ min: 0, max: 50_000 }),
    });
    fc.assert(
      fc.property(fc.array(stage, { minLength: 1, maxLength: 4 }), (stages) => {
        const schedule = new LoadSchedule({ stages, total: undefined }, 0);
        const found = chunks(schedule, seconds(10));
        for (let i = 0; i < found.length; i++) {
          const { at, count } = found[i] as { at: number; count: number };
          expect(count).toBeGreaterThan(0);
          // Nothing could have come earlier: one microsecond before there was nothing new, or the chunk was held back.
          const previous = found[i - 1]?.at ?? -1000;
          const before = found.slice(0, i).reduce((sum, c) => sum + c.count, 0);
          if (at > previous + 1000) expect(schedule.arrivedBy(at - 1)).toBe(before);
          expect(at - previous).toBeGreaterThanOrEqual(1000);
        }
        const sum = found.reduce((total, c) => total + c.count, 0);
        expect(sum).toBe(schedule.arrivedBy(seconds(10)));
        const area = stages.reduce(
          (total, s) => total + (s.durationUs * (s.fromPerSecond + s.toPerSecond)) / 2e6,
          0,
        );
        expect(Math.abs(sum - area)).toBeLessThanOrEqual(1);
      }),
      { numRuns: 60 },
    );
  });

  it("rises linearly in a ramp", () => {
    const ramp = { durationUs: seconds(10), fromPerSecond: 0, toPerSecond: 100 };
    const schedule = new LoadSchedule({ stages: [ramp], total: undefined }, 0);
    expect([1, 2, 5, 10, 20].map((s) => schedule.arrivedBy(seconds(s)))).toEqual([
      5, 20, 125, 500, 500,
    ]);
  });

  it("starts when it is told to", () => {
    const schedule = new LoadSchedule(constant(10), seconds(5));
    expect(schedule.arrivedBy(seconds(5))).toBe(0);
    expect(schedule.nextArrival(0, 0)).toBe(seconds(5) + 100_000);
  });

  it("stops at its total", () => {
    const schedule = new LoadSchedule(constant(1000, 7), 0);
    const found = chunks(schedule, seconds(10));
    expect(found.reduce((sum, c) => sum + c.count, 0)).toBe(7);
    expect(schedule.nextArrival(7, 0)).toBeUndefined();
  });

  it("that is only a total comes at once", () => {
    const schedule = new LoadSchedule({ stages: [], total: 1000 }, seconds(1));
    expect(chunks(schedule, seconds(9))).toEqual([{ at: seconds(1), count: 1000 }]);
  });

  it("of less than a record in a chunk's time gives each record its own time", () => {
    const found = chunks(new LoadSchedule(constant(3), 0), seconds(1));
    expect(found).toEqual([
      { at: 333_334, count: 1 },
      { at: 666_667, count: 1 },
      { at: 1_000_000, count: 1 },
    ]);
  });
});
