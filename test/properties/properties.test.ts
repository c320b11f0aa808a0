// Generated runs of correct settings: nothing may throw, and no check that the contract calls a bug may be violated.
// A few in every test run; `npm run properties` takes 2,000, with every template among them.
import { describe, expect, it } from "vitest";
import { generated } from "./generate.ts";
import { loaded, verdictOf } from "./verdict.ts";

const RUNS = Number(process.env.FAULTLINE_PROPERTIES ?? 24);
/** Not those of npm run properties: two ways to look are better than one. */
const SEED = 4711;

describe("generated runs of correct settings", () => {
  const texts = generated(SEED, RUNS);

  it("are the same whenever they are drawn", () => {
    expect(generated(SEED, 3)).toEqual(texts.slice(0, 3));
  });

  it.each(texts.map((text, i) => [i, text] as const))("run %i raises no alarm", (_, text) => {
    for (const scenario of loaded(text)) {
      const { alarms, acked } = verdictOf(scenario);
      expect(alarms).toEqual([]);
      expect(acked).toBeGreaterThan(0);
    }
  });
});
