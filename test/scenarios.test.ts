// Every scenario ends as it expects to, and its report is a committed file: a change of behaviour shows up in review.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { PLAIN } from "../src/report/style.ts";
import { textReport } from "../src/report/text.ts";
import { runScenario } from "../src/runner/run.ts";
import { loadScenario } from "../src/scenario/load.ts";
import { lossFlaws } from "./explain/loss-claims.ts";
import { contradictions } from "./report/contradictions.ts";

const root = new URL("..", import.meta.url).pathname;

function* scenarioFiles(folder: string): Generator<string> {
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* scenarioFiles(path);
    else if (entry.name.endsWith(".yaml")) yield path;
  }
}

describe.each([...scenarioFiles("scenarios")])("%s", (file) => {
  const { scenarios, warnings } = loadScenario(readFileSync(join(root, file), "utf8"), file, {});

  it("loads without warnings", () => {
    expect(warnings).toEqual([]);
  });

  it.each(scenarios.map((scenario) => [scenario.variant ?? "as written", scenario] as const))(
    "%s: ends as expected",
    async (_, scenario) => {
      const report = runScenario(scenario, {
        replay: ({ seed }) => `faultline run ${file} --seed ${seed}`,
        strict: true,
      });
      const { checks, assertions, thresholds, warnings, outcome } = report.result;
      expect({
        checks: checks.filter((check) => !check.expected),
        assertions: [...assertions, ...thresholds].filter((entry) => !entry.ok),
        warnings,
        outcome,
      }).toEqual({ checks: [], assertions: [], warnings: [], outcome: "as-expected" });
      expect(contradictions(report)).toEqual([]);
      expect(lossFlaws(scenario, report.result)).toEqual([]);
      const name =
        scenario.variant === undefined ? scenario.name : `${scenario.name}-${scenario.variant}`;
      await expect(textReport(report, PLAIN)).toMatchFileSnapshot(
        join(root, "reports/scenarios", `${name}.txt`),
      );
    },
    // A loss is run twice more to be explained.
    180_000,
  );
});
