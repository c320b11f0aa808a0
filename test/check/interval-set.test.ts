import fc from "fast-check";
import { expect, it } from "vitest";
import { IntervalSet } from "../../src/check/interval-set.ts";

it("IntervalSet is a set of numbers that coalesces", () => {
  const step = fc.record({
    add: fc.boolean(),
    from: fc.integer({ min: 0, max: 60 }),
    length: fc.integer({ min: 1, max: 15 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const set = new IntervalSet();
      const plain = new Set<number>();
      for (const { add, from, length } of steps) {
        const numbers = Array.from({ length }, (_, i) => from + i);
        const before = numbers.filter((n) => plain.has(n));
        expect(set.overlap(from, from + length)).toBe(before.length);
        expect(
          set
            .held(from, from + length)
            .flatMap((p) => Array.from({ length: p.to - p.from }, (_, i) => p.from + i)),
        ).toEqual(before);
        expect(set.missing(from, from + length).reduce((sum, p) => sum + p.to - p.from, 0)).toBe(
          length - before.length,
        );
        if (add) expect(set.add(from, from + length)).toBe(before.length);
        else set.remove(from, from + length);
        for (const n of numbers) {
          if (add) plain.add(n);
          else plain.delete(n);
        }
        expect(set.size).toBe(plain.size);
        const wrong = Array.from({ length: 80 }, (_, n) => n).filter(
          (n) => set.has(n) !== plain.has(n),
        );
        expect(wrong).toEqual([]);
        for (let i = 1; i < set.ranges; i++)
          expect(set.at(i).from).toBeGreaterThan(set.at(i - 1).to);
      }
    }),
    { numRuns: 60, seed: 7 },
  );
});
