import fc from "fast-check";
import { expect, it } from "vitest";
import { type Interval, IntervalSet } from "../../src/check/interval-set.ts";

const HIGHEST = 120;

/** The numbers of [from, to) that a set has, or has not, as ranges. */
function ranges(plain: ReadonlySet<number>, from: number, to: number, has: boolean): Interval[] {
  const found: { from: number; to: number }[] = [];
  for (let n = from; n < to; n++) {
    if (plain.has(n) !== has) continue;
    const last = found.at(-1);
    if (last?.to === n) last.to++;
    else found.push({ from: n, to: n + 1 });
  }
  return found;
}

const step = fc.record({
  do: fc.constantFrom("add", "add", "add at the end", "remove"),
  from: fc.integer({ min: 0, max: 60 }),
  length: fc.integer({ min: 1, max: 8 }),
});

it("IntervalSet is a set of numbers that coalesces", () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 10, maxLength: 40 }), (steps) => {
      const set = new IntervalSet();
      const plain = new Set<number>();
      for (const { do: what, length, ...s } of steps) {
        const from = what === "add at the end" ? Math.min(set.end, HIGHEST - length) : s.from;
        const to = from + length;
        const numbers = Array.from({ length }, (_, i) => from + i);
        const before = numbers.filter((n) => plain.has(n)).length;
        expect(set.overlap(from, to)).toBe(before);
        expect(set.held(from, to)).toEqual(ranges(plain, from, to, true));
        expect(set.missing(from, to)).toEqual(ranges(plain, from, to, false));
        if (what === "remove") {
          set.remove(from, to);
          for (const n of numbers) plain.delete(n);
        } else {
          expect(set.add(from, to)).toBe(before);
          for (const n of numbers) plain.add(n);
        }
        const all = ranges(plain, 0, HIGHEST, true);
        expect(set.size).toBe(plain.size);
        expect(set.end).toBe(all.at(-1)?.to ?? 0);
        expect(Array.from({ length: set.ranges }, (_, i) => set.at(i))).toEqual(all);
        const had = Array.from({ length: HIGHEST }, (_, n) => n).filter((n) => set.has(n));
        expect(had).toEqual([...plain].sort((a, b) => a - b));
      }
    }),
    { numRuns: 60, seed: 7 },
  );
});
