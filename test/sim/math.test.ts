import { describe, expect, it } from "vitest";
import { TraceHash } from "../../src/sim/hash.ts";
import { exp, ln, pow, sqrt } from "../../src/sim/math.ts";
import { rngFor } from "../../src/sim/rng.ts";

/** Two units in the last place, and a little for the error of Math.* itself, which is about one. */
const ERROR = 4.5e-16;
const N = 50_000;

function worst(draws: () => [number, number]): number {
  let error = 0;
  for (let i = 0; i < N; i++) {
    const [ours, theirs] = draws();
    if (ours !== theirs) error = Math.max(error, Math.abs((ours - theirs) / theirs));
  }
  return error;
}

describe("against Math", () => {
  const rng = rngFor("math");
  const positive = (): number => 2 ** rng.integer(-1000, 1000) * (1 + rng.float());

  it("ln is within the error, also near 1 where it vanishes", () => {
    const draw = (x: number): [number, number] => [ln(x), Math.log(x)];
    expect(worst(() => draw(positive()))).toBeLessThan(ERROR);
    expect(worst(() => draw(1 + rng.float() * 2 ** -rng.integer(1, 50)))).toBeLessThan(ERROR);
    expect(worst(() => draw(rng.float() + 1e-9))).toBeLessThan(ERROR);
  });

  it("exp is within the error", () => {
    const draw = (x: number): [number, number] => [exp(x), Math.exp(x)];
    expect(worst(() => draw((rng.float() - 0.5) * 1400))).toBeLessThan(ERROR);
    expect(worst(() => draw((rng.float() - 0.5) * 2 ** -rng.integer(0, 40)))).toBeLessThan(ERROR);
  });

  it("pow is exact where the power is a double, and inverts the root", () => {
    for (let i = -300; i <= 300; i++) expect(Math.abs(pow(2, i) / 2 ** i - 1)).toBeLessThan(ERROR);
    for (let x = 2; x < 90; x++) {
      for (let y = 1; x ** y < 2 ** 53; y++) {
        expect(Math.abs(pow(x, y) / x ** y - 1)).toBeLessThan(ERROR);
      }
    }
    // The square root is correctly rounded, so it is a second opinion for fractional powers.
    for (let i = 0; i < 5000; i++) {
      const x = positive();
      expect(Math.abs(pow(x, 0.5) / sqrt(x) - 1)).toBeLessThan(ERROR);
      expect(Math.abs(pow(x, -0.25) * sqrt(sqrt(x)) - 1)).toBeLessThan(2 * ERROR);
    }
  });

  it("pow agrees with BigInt arithmetic at large exponents", () => {
    for (let x = 3; x < 200; x += 2) {
      for (const y of [7, 50, 101, 129]) {
        const exact = Number(BigInt(x) ** BigInt(y)); // correctly rounded
        if (exact < 1e300) expect(Math.abs(pow(x, y) / exact - 1)).toBeLessThan(ERROR);
      }
    }
  });
});

describe("special values", () => {
  it("are those of Math", () => {
    const xs = [0, 1, Infinity, NaN, -1, 5e-324, 2.2250738585072014e-308, Number.MAX_VALUE];
    for (const x of xs)
      expect(Math.abs(ln(x) - Math.log(x)) < 1e-12 || Object.is(ln(x), Math.log(x))).toBe(true);
    for (const x of [0, -0, -Infinity, Infinity, NaN, 710, -746]) expect(exp(x)).toBe(Math.exp(x));
    expect(exp(-743.5)).toBe(Math.exp(-743.5));
    for (const [x, y] of [
      [0, 0],
      [0, 2],
      [0, -2],
      [1, NaN],
      [NaN, 0],
      [NaN, 1],
      [2, NaN],
    ] as const) {
      expect(pow(x, y)).toBe(x === 1 ? 1 : x ** y);
    }
    for (const y of [2, -2, Infinity, -Infinity]) {
      for (const x of [0, 0.5, 2, Infinity]) expect([x, y, pow(x, y)]).toEqual([x, y, x ** y]);
    }
    expect(pow(-8, 3)).toBeNaN();
  });
});

describe("bits", () => {
  it("are the same on every engine", () => {
    const hash = new TraceHash();
    const rng = rngFor("golden bits");
    for (let i = 0; i < 20_000; i++) {
      const x = rng.float() * 2 ** rng.integer(-60, 60);
      hash.fold(ln(x));
      hash.fold(exp((rng.float() - 0.5) * 200));
      hash.fold(pow(x, rng.float() * 8 - 4));
    }
    expect(hash.digest()).toBe("0a53c4a3fe6e09c5");
  });
});
