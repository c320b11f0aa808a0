// KIP-98: with producer ids and sequence numbers a retry neither duplicates nor reorders what a producer sends.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { runScenario } from "../../src/runner/run.ts";
import { loadScenario } from "../../src/scenario/load.ts";

type RunReport = ReturnType<typeof runScenario>;

function runs(name: string): Map<string, RunReport> {
  const file = new URL(`../../scenarios/demos/${name}.yaml`, import.meta.url);
  const { scenarios } = loadScenario(readFileSync(file, "utf8"), `${name}.yaml`, {});
  return new Map(scenarios.map((s) => [s.variant ?? "", runScenario(s, { replay: () => "" })]));
}

const count = (report: RunReport | undefined, check: string): number | undefined =>
  report?.result.checks.find(({ name }) => name === check)?.count;

describe("an answer that is lost", () => {
  const reports = runs("retry-duplicates");

  it("makes a plain producer write its record twice", () => {
    expect(count(reports.get("plain"), "duplicate")).toBe(1);
  });

  it("is repeated to an idempotent producer, which writes once", () => {
    expect(count(reports.get("idempotent"), "duplicate")).toBe(0);
    expect(reports.get("idempotent")?.result.records).toMatchObject({ acked: 2, delivered: 2 });
  });
});

describe("several requests that fail together", () => {
  const reports = runs("inflight-reorder");

  it("come in reverse from a plain producer", () => {
    expect(count(reports.get("plain"), "nonmonotonic-send")).toBe(2);
  });

  it("come in order with one request in flight, or with sequence numbers", () => {
    expect(count(reports.get("one-in-flight"), "nonmonotonic-send")).toBe(0);
    expect(count(reports.get("idempotent"), "nonmonotonic-send")).toBe(0);
  });
});
