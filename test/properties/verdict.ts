// What may not come of a scenario with correct settings: an exception, or a violated check that the contract calls a bug.
import { runScenario } from "../../src/runner/run.ts";
import { loadScenario } from "../../src/scenario/load.ts";
import type { Scenario } from "../../src/scenario/model.ts";

export interface Alarm {
  readonly check: string;
  readonly message: string;
}

/** Checks that were violated, and those that were exercised at all. */
export interface Verdict {
  readonly alarms: readonly Alarm[];
  readonly exercised: readonly string[];
  readonly permitted: readonly string[];
  readonly acked: number;
}

export function verdictOf(scenario: Scenario): Verdict {
  try {
    const { result } = runScenario(scenario, { replay: () => "" });
    const { violates } = scenario.expect;
    return {
      alarms: result.checks
        .filter(({ name, status }) => status === "violated" && !violates.includes(name))
        .map(({ name, first }) => ({ check: name, message: first?.message ?? "" })),
      exercised: result.checks.filter((c) => c.status !== "not-exercised").map((c) => c.name),
      permitted: result.checks.filter((c) => c.status === "permitted").map((c) => c.name),
      acked: result.records.acked,
    };
  } catch (error) {
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { alarms: [{ check: "exception", message }], exercised: [], permitted: [], acked: 0 };
  }
}

export function loaded(text: string, file = "generated.yaml", seed?: string): Scenario[] {
  return [...loadScenario(text, file, seed === undefined ? {} : { seed }).scenarios];
}
