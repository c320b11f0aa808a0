// Known bugs, planted one at a time in a whole cluster: each is caught by the check named beside it, in a scenario whose correct
// twin passes that check. A check that has never caught anything has proved nothing. `npm run mutants` prints the table.
import { describe, expect, it } from "vitest";
import type { CheckName } from "../src/check/index.ts";
import type { RunResult } from "../src/runner/result.ts";
import { CASES, caughtBy, run } from "./mutants/cases.ts";

const countOf = (result: RunResult, check: CheckName): number =>
  result.checks.find(({ name }) => name === check)?.count ?? -1;

describe.each(CASES)("$mutant", (c) => {
  it(`is caught by ${c.caughtBy} when ${c.story}`, () => {
    expect(countOf(run(c, c.mutant), c.caughtBy)).toBeGreaterThan(0);
  });

  it("its correct twin passes", () => {
    const result = run(c, "none");
    const weak = ["lost-write", "durability", "inconsistent-offsets", "nonmonotonic-send"];
    const allowed = c.producer === "acks: 1" ? weak : [];
    // What a group does twice when a member is paused is a lesson, and permitted.
    if (c.consumer !== undefined) allowed.push("processed-twice", "nonmonotonic-poll");
    const occurred = caughtBy(result);
    expect(occurred.filter((name) => !allowed.includes(name) && name !== "duplicate")).toEqual([]);
    expect(result.checks.filter(({ status }) => status === "violated")).toEqual([]);
    expect(countOf(result, c.caughtBy)).toBe(0);
    expect(result.warnings).toEqual([]);
  });
});
