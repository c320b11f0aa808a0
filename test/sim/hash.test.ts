import { describe, expect, it } from "vitest";
import { TraceHash } from "../../src/sim/hash.ts";

const of = (...numbers: number[]): string => {
  const hash = new TraceHash();
  for (const n of numbers) hash.fold(n);
  return hash.digest();
};
const ofString = (...strings: string[]): string => {
  const hash = new TraceHash();
  for (const s of strings) hash.foldString(s);
  return hash.digest();
};

describe("the trace hash", () => {
  it("is 16 hex digits and does not change by being read", () => {
    const hash = new TraceHash();
    hash.fold(1);
    expect(hash.digest()).toMatch(/^[0-9a-f]{16}$/);
    hash.digest();
    hash.fold(2);
    expect(hash.digest()).toBe(of(1, 2));
  });

  it("depends on order and number", () => {
    expect(new Set([of(), of(0), of(0, 0), of(1, 2), of(2, 1), of(1), of(2)]).size).toBe(7);
  });

  it("takes -0 for 0", () => {
    expect(of(-0)).toBe(of(0));
  });

  it("tells apart integers, fractions and numbers beyond 2^53 by their last bit", () => {
    const numbers = [
      ...[0, 1, -1, 0.5, 0.1, 0.1 + 2 ** -56, NaN, Infinity, -Infinity, 2 ** 31, -(2 ** 31)],
      ...[2 ** 32, 2 ** 32 + 1, 2 ** 53 - 1, 2 ** 53 - 2, 2 ** 60, 2 ** 60 + 2 ** 8, 5e-324],
    ];
    expect(new Set(numbers.map((n) => of(n))).size).toBe(numbers.length);
  });

  it("has no collision among 200,000 neighbouring sequences in either half", () => {
    const seen = new Set<string>();
    for (let i = 0; i < 200_000; i++) seen.add(of(1000 + (i % 500), Math.floor(i / 500)));
    expect(seen.size).toBe(200_000);
  });

  it("changes about half of the bits for one changed bit", () => {
    let changed = 0;
    for (let i = 0; i < 1000; i++) {
      const x = BigInt(`0x${of(i, 5)}`) ^ BigInt(`0x${of(i, 4)}`);
      changed += x.toString(2).replaceAll("0", "").length;
    }
    expect(Math.abs(changed / 1000 - 32)).toBeLessThan(3);
  });

  it("keeps the borders of strings", () => {
    expect(ofString("ab", "c")).not.toBe(ofString("a", "bc"));
    expect(ofString("ab")).toBe(ofString("ab"));
  });

  it("is the same on every engine", () => {
    const hash = new TraceHash();
    hash.foldEvent(1_234_567, 3, 42);
    hash.foldEvent(9_007_199_254_740_991, 3, -1);
    hash.fold(0.1);
    hash.foldString("broker-1");
    expect(hash.digest()).toBe("2678d20722034236");
  });

  it("folds late events by all bits of their time", () => {
    const at = (time: number): string => {
      const hash = new TraceHash();
      hash.foldEvent(time, 1, 1);
      return hash.digest();
    };
    const times = [5, 5 + 2 ** 32, 5 + 2 ** 33, 5 + 2 ** 31, 5 + 2 ** 52];
    expect(new Set(times.map(at)).size).toBe(times.length);
  });
});
