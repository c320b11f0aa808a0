import { describe, expect, it } from "vitest";
import { exponentialBackoff, retryBackoff } from "../../src/client/backoff.ts";
import { rulesFor } from "../../src/protocol/releases.ts";
import { ms } from "../../src/sim/kernel.ts";
import { type Rng, rngFor } from "../../src/sim/rng.ts";

const fixed = (value: number): Rng => ({ ...rngFor("x"), float: () => value }) as Rng;
const CONFIG = { "retry.backoff.ms": 100, "retry.backoff.max.ms": 1000 };

describe("back-off", () => {
  it("doubles from the first pause up to the longest", () => {
    const backoff = exponentialBackoff(100, 1000, fixed(0.5));
    expect([0, 1, 2, 3, 4, 5, 60].map(backoff)).toEqual(
      [100, 200, 400, 800, 1000, 1000, 1000].map(ms),
    );
  });

  it("varies by 20 % to either side and never exceeds the longest", () => {
    expect(exponentialBackoff(100, 1000, fixed(0))(0)).toBe(ms(80));
    expect(exponentialBackoff(100, 1000, fixed(0.9999))(0)).toBe(ms(119));
    expect(exponentialBackoff(100, 1000, fixed(0.9999))(9)).toBe(ms(1000));
    expect(exponentialBackoff(100, 1000, fixed(0))(9)).toBe(ms(800));
  });

  it("is constant, without jitter, when the longest is not longer than the first", () => {
    expect([0, 5].map(exponentialBackoff(100, 100, fixed(0)))).toEqual([ms(100), ms(100)]);
    expect(exponentialBackoff(100, 50, fixed(0))(3)).toBe(ms(50));
  });

  it("stays at nothing when it starts at nothing", () => {
    expect(exponentialBackoff(0, 1000, fixed(0.5))(7)).toBe(0);
  });

  it("is retry.backoff.ms for ever before KIP-580", () => {
    const old = retryBackoff(rulesFor("3.6"), CONFIG, fixed(0.5));
    const now = retryBackoff(rulesFor("3.7"), CONFIG, fixed(0.5));
    expect([old(0), old(5)]).toEqual([ms(100), ms(100)]);
    expect([now(0), now(1)]).toEqual([ms(100), ms(200)]);
  });
});
