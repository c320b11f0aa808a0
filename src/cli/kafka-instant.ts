// What Kafka's tools look at here: a run, or a scenario that is run for the purpose, stopped at an instant.

import { ScenarioRun } from "../runner/run.ts";
import { Snapshot } from "../runner/snapshot.ts";
import { ToolFacts } from "../runner/tool-facts.ts";
import { formatDuration } from "../scenario/duration.ts";
import { type LoadOptions, loadScenario } from "../scenario/load.ts";
import type { Scenario } from "../scenario/model.ts";
import { UsageError } from "./failure.ts";
import { type ScenarioFile, scenarioFiles } from "./files.ts";
import { instantOf } from "./run-options.ts";
import { storedRun } from "./stored-run.ts";

export interface InstantFlags {
  readonly at?: string;
  readonly seed?: string;
  readonly variant?: string;
  readonly set?: readonly string[];
  readonly out?: string;
}

export interface Stopped {
  readonly scenario: Scenario;
  readonly snapshot: Snapshot;
  readonly nowUs: number;
}

const SLICE_US = 10_000_000;

export function stoppedAt(given: string, flags: InstantFlags): Stopped {
  const scenario = /\.ya?ml$/.test(given) ? fromFile(given, flags) : fromRun(given, flags);
  const untilUs = flags.at === undefined ? undefined : instantOf("--at", flags.at);
  const run = new ScenarioRun(scenario, {
    replay: () => "",
    only: [],
    ...(untilUs === undefined ? {} : { untilUs }),
  });
  const facts = new ToolFacts();
  run.observe(facts.listeners);
  while (run.advance(SLICE_US));
  const { nowUs } = run.progress;
  if (untilUs !== undefined && nowUs < untilUs) {
    throw new UsageError(
      `--at ${flags.at}: the run is over at ${formatDuration(nowUs)}; without --at its end is shown`,
    );
  }
  return { scenario, snapshot: new Snapshot({ scenario, view: run.view, facts, nowUs }), nowUs };
}

function fromRun(given: string, flags: InstantFlags): Scenario {
  for (const flag of ["seed", "variant", "set"] as const) {
    if (flags[flag] === undefined) continue;
    throw new UsageError(`--${flag} goes with a scenario file; ${given} names a run that was kept`);
  }
  const { run, file } = storedRun(given, flags.out);
  const { seed, set, variant } = run;
  return onlyScenario(file, { seed, set, ...(variant === null ? {} : { variant }) });
}

function fromFile(given: string, { seed, variant, set = [] }: InstantFlags): Scenario {
  const [file] = scenarioFiles([given]);
  return onlyScenario(file as ScenarioFile, {
    set,
    ...(seed === undefined ? {} : { seed }),
    ...(variant === undefined ? {} : { variant }),
  });
}

function onlyScenario(file: ScenarioFile, options: LoadOptions): Scenario {
  const { scenarios } = loadScenario(file.text, file.name, options);
  if (scenarios.length === 1) return scenarios[0] as Scenario;
  const variants = scenarios.map(({ variant }) => variant).join(", ");
  throw new UsageError(`${file.name} has variants: choose one with --variant (${variants})`);
}
