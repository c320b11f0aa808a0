import seedrandom from "seedrandom";
import { describe, expect, it } from "vitest";
import { SimulatorBug } from "../../src/sim/assert.ts";
import { type Distribution, type Rng, rngFor, zipf } from "../../src/sim/rng.ts";

const N = 100_000;

/** An rng that gives the listed floats. */
function scripted(...floats: number[]): Rng {
  const real = rngFor("unused");
  return { ...real, float: () => floats.shift() ?? 0 };
}

const samples = (distribution: Distribution, count = N): number[] => {
  const rng = rngFor(`sample/${distribution.kind}`);
  return Array.from({ length: count }, () => rng.sample(distribution));
};
const mean = (values: readonly number[]) => values.reduce((sum, x) => sum + x, 0) / values.length;
const quantile = (values: readonly number[], q: number) =>
  [...values].sort((x, y) => x - y)[Math.floor(q * values.length)] as number;

describe("a stream", () => {
  it("is seedrandom's alea of its name", () => {
    const alea = seedrandom.alea("seed/name");
    const rng = rngFor("seed/name");
    for (let i = 0; i < 100; i++) expect(rng.float()).toBe(alea());
  });

  it("draws integers of the whole range, each equally often", () => {
    const rng = rngFor("integer");
    const counts = new Map<number, number>();
    for (let i = 0; i < N; i++) {
      const n = rng.integer(-3, 3);
      counts.set(n, (counts.get(n) ?? 0) + 1);
    }
    expect([...counts.keys()].sort((x, y) => x - y)).toEqual([-3, -2, -1, 0, 1, 2, 3]);
    for (const count of counts.values()) expect(Math.abs(count / (N / 7) - 1)).toBeLessThan(0.04);
  });

  it("has no modulo bias: with 3 * 2^30 values, the lowest third is not hit twice as often", () => {
    const rng = rngFor("bias");
    let low = 0;
    for (let i = 0; i < N; i++) if (rng.integer(0, 3 * 2 ** 30 - 1) < 2 ** 30) low++;
    expect(Math.abs(low / N - 1 / 3)).toBeLessThan(0.01);
  });

  it("draws integers beyond 2^32, odd ones too", () => {
    const rng = rngFor("large");
    const draws = Array.from({ length: 2000 }, () => rng.integer(0, 2 ** 52));
    expect(draws.every((n) => Number.isSafeInteger(n) && n >= 0 && n <= 2 ** 52)).toBe(true);
    expect(Math.abs(mean(draws) / 2 ** 51 - 1)).toBeLessThan(0.05);
    const odd = draws.filter((n) => n % 2 === 1).length;
    expect(Math.abs(odd / 1000 - 1)).toBeLessThan(0.15);
  });

  it("refuses an empty range and a pick from nothing", () => {
    const rng = rngFor("empty");
    expect(() => rng.integer(2, 1)).toThrow(SimulatorBug);
    expect(() => rng.integer(0, 0.5)).toThrow(SimulatorBug);
    expect(() => rng.pick([])).toThrow(SimulatorBug);
  });

  it("shuffles in place to every order equally often", () => {
    const rng = rngFor("shuffle");
    const counts = new Map<string, number>();
    for (let i = 0; i < 24_000; i++) {
      const items = ["a", "b", "c", "d"];
      expect(rng.shuffle(items)).toBe(items);
      const order = items.join("");
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(24);
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });

  it("takes a chance never at 0 and always at 1", () => {
    const rng = rngFor("chance");
    for (let i = 0; i < 1000; i++) expect([rng.chance(0), rng.chance(1)]).toEqual([false, true]);
  });
});

describe("a sample", () => {
  it.each<[Distribution, number, number]>([
    [{ kind: "constant", value: 5 }, 5, 5],
    [{ kind: "uniform", min: 2, max: 4 }, 3, 3],
    [{ kind: "exponential", mean: 10 }, 10, 10 * Math.LN2],
    [{ kind: "normal", mean: 10, deviation: 2 }, 10, 10],
    [{ kind: "lognormal", median: 10, sigma: 0.5 }, 10 * Math.exp(0.125), 10],
    [{ kind: "pareto", scale: 3, shape: 4 }, 4, 3 * 2 ** 0.25],
  ])("of %o has its mean %d and median %d", (distribution, expectedMean, expectedMedian) => {
    const values = samples(distribution);
    expect(Math.abs(mean(values) / expectedMean - 1)).toBeLessThan(0.02);
    expect(Math.abs(quantile(values, 0.5) / expectedMedian - 1)).toBeLessThan(0.02);
  });

  it("of the normal distribution has its deviation and tails", () => {
    const values = samples({ kind: "normal", mean: 0, deviation: 1 });
    expect(Math.abs(mean(values.map((x) => x * x)) - 1)).toBeLessThan(0.02);
    expect(Math.abs(quantile(values, 0.9772) - 2)).toBeLessThan(0.06);
  });

  it("is the same in every run", () => {
    const rng = rngFor("golden");
    expect(rng.sample({ kind: "lognormal", median: 100, sigma: 1 })).toBe(56.37575833623516);
    expect(rng.integer(0, 999)).toBe(774);
  });
});

describe("zipf", () => {
  it.each([
    [1000, 0.99],
    [50, 1],
    [100, 1.5],
    [10, 0],
  ])("gives each of %d ranks its share at exponent %d", (cardinality, exponent) => {
    const draw = zipf(cardinality, exponent);
    const rng = rngFor("zipf");
    const counts = new Array<number>(cardinality).fill(0);
    for (let i = 0; i < N; i++) {
      const rank = draw(rng);
      counts[rank] = (counts[rank] as number) + 1;
    }
    expect(counts.length).toBe(cardinality);
    const weights = counts.map((_, rank) => (rank + 1) ** -exponent);
    const total = weights.reduce((sum, x) => sum + x, 0);
    for (let rank = 0; rank < 10; rank++) {
      const expected = ((weights[rank] as number) / total) * N;
      expect(Math.abs((counts[rank] as number) - expected)).toBeLessThan(5 * Math.sqrt(expected));
    }
  });

  it("has the only rank there is with one", () => {
    expect(zipf(1, 1)(scripted(0.5))).toBe(0);
  });
});
