// Named random streams over seedrandom's alea. A draw in one stream never shifts another, so a scenario that loses one
// fault keeps all its other draws.

import seedrandom from "seedrandom";
import { assert, SimulatorBug } from "./assert.ts";
import { exp, ln, pow, sqrt } from "./math.ts";

export interface Rng {
  /** In [0, 1), multiples of 2^-32. */
  float(): number;
  /** Between min and max, both included, each equally likely. */
  integer(min: number, max: number): number;
  chance(p: number): boolean;
  pick<T>(items: readonly T[]): T;
  /** Fisher-Yates in place. */
  shuffle<T>(items: T[]): T[];
  sample(distribution: Distribution): number;
}

export type Distribution =
  | { readonly kind: "constant"; readonly value: number }
  | { readonly kind: "uniform"; readonly min: number; readonly max: number }
  | { readonly kind: "exponential"; readonly mean: number }
  | {
      readonly kind: "normal";
      readonly mean: number;
      readonly deviation: number;
    }
  | {
      readonly kind: "lognormal";
      readonly median: number;
      readonly sigma: number;
    }
  | { readonly kind: "pareto"; readonly scale: number; readonly shape: number };

/** The stream of that name: the same name gives the same draws. */
export function rngFor(name: string): Rng {
  return new AleaRng(seedrandom.alea(name));
}

const TWO_32 = 4294967296;
/** Draws made at a time: a big cluster has thousands of streams, and a generator's state lies in many places of the memory. */
const AHEAD = 16;

class AleaRng implements Rng {
  readonly #generate: () => number;
  readonly #draws: number[] = [];
  #used = 0;

  constructor(generate: () => number) {
    this.#generate = generate;
  }

  #next(): number {
    if (this.#used === this.#draws.length) this.#drawAhead();
    return this.#draws[this.#used++] as number;
  }

  #drawAhead(): void {
    for (let i = 0; i < AHEAD; i++) this.#draws[i] = this.#generate();
    this.#used = 0;
  }

  float(): number {
    return this.#next();
  }

  integer(min: number, max: number): number {
    const span = max - min + 1;
    if (
      !(Number.isSafeInteger(min) && Number.isSafeInteger(max)) ||
      !(span >= 1 && span <= 9007199254740992)
    )
      throw new SimulatorBug(`integer(${min}, ${max})`);
    return min + this.#below(span);
  }

  chance(p: number): boolean {
    return this.#next() < p;
  }

  pick<T>(items: readonly T[]): T {
    assert(items.length > 0, () => "pick from nothing");
    return items[this.#below(items.length)] as T;
  }

  shuffle<T>(items: T[]): T[] {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.#below(i + 1);
      const swapped = items[i] as T;
      items[i] = items[j] as T;
      items[j] = swapped;
    }
    return items;
  }

  sample(distribution: Distribution): number {
    switch (distribution.kind) {
      case "constant":
        return distribution.value;
      case "uniform":
        return distribution.min + (distribution.max - distribution.min) * this.#next();
      case "exponential":
        return -distribution.mean * ln(1 - this.#next());
      case "normal":
        return distribution.mean + distribution.deviation * this.#normal();
      case "lognormal":
        return distribution.median * exp(distribution.sigma * this.#normal());
      case "pareto":
        return distribution.scale * pow(1 - this.#next(), -1 / distribution.shape);
    }
  }

  /** Whole number below n without modulo bias: draws in the incomplete last round are drawn again. */
  #below(n: number): number {
    if (n > TWO_32) return this.#belowLarge(n);
    if (n === TWO_32) return this.#next() * TWO_32;
    // In unsigned 32-bit arithmetic: a remainder of float64 is a call into C.
    const span = n >>> 0;
    const limit = TWO_32 - (((4294967295 % span) + 1) % span);
    for (;;) {
      const draw = this.#next() * TWO_32;
      if (draw < limit) return (draw >>> 0) % span;
    }
  }

  #belowLarge(n: number): number {
    const full = 9007199254740992; // 2^53
    const limit = full - (full % n);
    for (;;) {
      const draw = Math.floor(this.#next() * 2097152) * TWO_32 + this.#next() * TWO_32;
      if (draw < limit) return draw % n;
    }
  }

  /** Marsaglia's polar method: needs ln and sqrt only. The second value is dropped so that no draw is carried over. */
  #normal(): number {
    for (;;) {
      const u = 2 * this.#next() - 1;
      const v = 2 * this.#next() - 1;
      const square = u * u + v * v;
      if (square > 0 && square < 1) return u * sqrt((-2 * ln(square)) / square);
    }
  }
}

/**
 * Ranks 0 .. cardinality-1 with probability proportional to 1 / (rank + 1)^exponent, in constant time and memory:
 * rejection-inversion after Hörmann and Derflinger (1996), as YCSB-like load generators use it.
 */
export function zipf(cardinality: number, exponent: number): (rng: Rng) => number {
  assert(Number.isSafeInteger(cardinality) && cardinality >= 1, () => `zipf over ${cardinality}`);
  assert(exponent >= 0, () => `zipf exponent ${exponent}`);
  const q = 1 - exponent;
  const weight = (x: number): number => pow(x, -exponent);
  const integral = (x: number): number => (q === 0 ? ln(x) : (pow(x, q) - 1) / q);
  const inverse = (y: number): number => (q === 0 ? exp(y) : pow(Math.max(0, 1 + y * q), 1 / q));
  const low = integral(1.5) - 1;
  const high = integral(cardinality + 0.5);
  const shortcut = 2 - inverse(integral(2.5) - weight(2));
  return (rng) => {
    for (;;) {
      const y = high + rng.float() * (low - high);
      const x = inverse(y);
      const k = Math.min(cardinality, Math.max(1, Math.round(x)));
      if (k - x <= shortcut || y >= integral(k + 0.5) - weight(k)) return k - 1;
    }
  };
}
