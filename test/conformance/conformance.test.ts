// The simulator against what real Kafka did. Needs no Java: the recorded data is in the repository.
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { COMPARED_LESS, KNOWN } from "./differences.ts";
import { compareAll, comparedRuns } from "./judge.ts";
import { laterOf } from "./later.ts";
import { recordedReleases } from "./recorded.ts";
import { REPORT, reportOf } from "./report.ts";
import { scenarioNames } from "./scenarios.ts";

const comparisons = compareAll(scenarioNames());

describe.each(recordedReleases())("on Kafka %s", (release) => {
  test.each(comparisons.filter((c) => c.release === release))("$scenario", (comparison) => {
    const { different, times } = comparison;
    const unlisted = different
      .filter(({ known }) => known === undefined)
      .map(({ unit, real, simulated }) => ({ unit, real, simulated }));
    expect(unlisted).toEqual([]);
    expect(times.filter(({ ok }) => !ok)).toEqual([]);
  });
});

test("a listed difference that no longer occurs is taken off the list", () => {
  const occurring = new Set(comparisons.flatMap((c) => c.different.map(({ known }) => known)));
  expect(KNOWN.filter((known) => !occurring.has(known))).toEqual([]);
});

test("a run is set aside only where another run of the same scenario and release is compared", () => {
  for (const { recording } of comparisons) expect(comparedRuns(recording)).not.toEqual([]);
});

test("what is compared less strictly occurs", () => {
  for (const { scenario } of COMPARED_LESS.filter((row) => row.scenario !== "*"))
    expect(comparisons.map((c) => c.scenario)).toContain(scenario);
});

test("reports/conformance.md is what npm run conformance -- compare writes", () => {
  expect(readFileSync(REPORT, "utf8")).toBe(reportOf(comparisons, laterOf(scenarioNames())));
});
