import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Histogram } from "../../src/view/histogram.ts";

describe("Histogram", () => {
  it("gives every percentile to within 0.8 %, and extremes and mean exactly", () => {
    const value = fc.oneof(
      fc.integer({ min: 0, max: 300 }),
      fc.integer({ min: 0, max: 2_000_000_000 }),
    );
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 200 }), (values) => {
        const histogram = new Histogram();
        for (const v of values) histogram.record(v);
        const sorted = [...values].sort((a, b) => a - b);
        for (const percent of [0, 1, 50, 90, 99, 99.9, 100]) {
          const rank = Math.max(1, Math.ceil((sorted.length * percent) / 100 - 1e-9));
          const exact = sorted[rank - 1] as number;
          const answer = histogram.percentile(percent);
          expect(answer).toBeGreaterThanOrEqual(exact);
          expect(answer - exact).toBeLessThanOrEqual(exact / 127);
        }
        const { min, max, avg, count } = histogram.summary();
        expect([min, max, count]).toEqual([sorted[0], sorted.at(-1), sorted.length]);
        expect(avg).toBeCloseTo(values.reduce((a, b) => a + b, 0) / values.length, 3);
      }),
      { numRuns: 200, seed: 7 },
    );
  });

  it("counts weights as so many records", () => {
    const histogram = new Histogram();
    histogram.record(1000, 99);
    histogram.record(50_000, 1);
    expect(histogram.summary(1000)).toMatchObject({ min: 1, max: 50, count: 100 });
    expect(histogram.percentile(99)).toBeLessThan(1010);
    expect(histogram.percentile(99.9)).toBe(50_000);
  });

  it("is all zeros when empty", () => {
    const empty = { min: 0, avg: 0, med: 0, p90: 0, p95: 0, p99: 0, p999: 0, max: 0, count: 0 };
    expect(new Histogram().summary()).toEqual(empty);
  });
});
