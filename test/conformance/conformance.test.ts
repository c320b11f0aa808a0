// The simulator against what real Kafka did. Needs no Java: the recorded data is in the repository.
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { COMPARED_LESS, KNOWN } from "./differences.ts";
import { compareAll, comparedRuns } from "./judge.ts";
import { laterOf } from "./later.ts";
import { REASONS } from "./later-reasons.ts";
import { UNKNOWN_WITH_ZOOKEEPER } from "./real/zookeeper-told.ts";
import { recordedReleases } from "./recorded.ts";
import { REPORT, reportOf } from "./report.ts";
import { played, scenarioNames } from "./scenarios.ts";

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

test("what clusters with ZooKeeper do otherwise has a reason, in every scenario", () => {
  const later = laterOf(scenarioNames());
  const otherwise = later.filter((row) => row.otherwise.length > 0).map((row) => row.scenario);
  const explained = REASONS.flatMap((reason) => reason.scenarios);
  expect(otherwise.filter((scenario) => !explained.includes(scenario))).toEqual([]);
  expect(explained.filter((name) => !scenarioNames().includes(name))).toEqual([]);
});

test("recordings with ZooKeeper say where they come from, and what they cannot know", () => {
  for (const { recording } of laterOf(scenarioNames())) {
    expect(recording).toMatchObject({ release: "3.9.1", controlPlane: "zookeeper" });
    expect(recording.unknown).toEqual(UNKNOWN_WITH_ZOOKEEPER);
    expect(recording.played).toBe(played(recording.scenario));
    for (const { recordedAt, command, controllerBrokers } of recording.runs) {
      expect(recordedAt).toMatch(/^\d{4}-\d\d-\d\dT/);
      expect(command).toContain(`record ${recording.scenario} --release 3.9.1 --zookeeper`);
      expect(controllerBrokers?.[0]?.epoch).toBe(0);
    }
  }
});

test("reports/conformance.md is what npm run conformance -- compare writes", () => {
  expect(readFileSync(REPORT, "utf8")).toBe(reportOf(comparisons, laterOf(scenarioNames())));
});
