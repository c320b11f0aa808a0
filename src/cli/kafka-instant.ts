// What Kafka's tools look at here: a run, or a scenario that is run for the purpose, stopped at an instant.

import { ScenarioRun } from "../runner/run.ts";
import { Snapshot } from "../runner/snapshot.ts";
import { ToolFacts } from "../runner/tool-facts.ts";
import type { Scenario } from "../scenario/model.ts";
import { UsageError } from "./failure.ts";
import { givenScenario, type ScenarioFlags } from "./given-scenario.ts";
import { instantOf } from "./run-options.ts";

export interface InstantFlags extends ScenarioFlags {
  readonly at?: string;
}

export interface Stopped {
  readonly scenario: Scenario;
  readonly snapshot: Snapshot;
  readonly nowUs: number;
}

const SLICE_US = 10_000_000;

export function stoppedAt(given: string, flags: InstantFlags): Stopped {
  const { scenario } = givenScenario(given, flags);
  const untilUs = flags.at === undefined ? undefined : instantOf("--at", flags.at);
  const run = new ScenarioRun(scenario, {
    replay: () => "",
    only: [],
    ...(untilUs === undefined ? {} : { untilUs }),
  });
  const facts = new ToolFacts();
  run.observe(facts.listeners);
  run.observe(facts.recordTimes.listeners);
  while (run.advance(SLICE_US));
  const { nowUs } = run.progress;
  if (untilUs !== undefined && nowUs < untilUs) {
    throw new UsageError(
      `--at ${flags.at}: the run is over at ${nowUs / 1e6}s; without --at its end is shown`,
    );
  }
  return { scenario, snapshot: new Snapshot({ scenario, view: run.view, facts, nowUs }), nowUs };
}
