// The one scenario that a command is about: of a run that was kept, or of a file, with its variant, seed and overrides.
import { type LoadOptions, loadScenario } from "../scenario/load.ts";
import type { Scenario } from "../scenario/model.ts";
import { UsageError } from "./failure.ts";
import { type ScenarioFile, scenarioFiles } from "./files.ts";
import { storedRun } from "./stored-run.ts";

export interface ScenarioFlags {
  readonly seed?: string;
  readonly variant?: string;
  readonly set?: readonly string[];
  readonly out?: string;
}

export interface GivenScenario {
  readonly scenario: Scenario;
  /** As the line that repeats the run names it. */
  readonly file: string;
  readonly set: readonly string[];
}

export const givenScenario = (given: string, flags: ScenarioFlags): GivenScenario =>
  /\.ya?ml$/.test(given) ? fromFile(given, flags) : fromRun(given, flags);

function fromRun(given: string, flags: ScenarioFlags): GivenScenario {
  for (const flag of ["seed", "variant", "set"] as const) {
    if (flags[flag] === undefined) continue;
    throw new UsageError(`--${flag} goes with a scenario file; ${given} names a run that was kept`);
  }
  const { run, file } = storedRun(given, flags.out);
  const { seed, set, variant } = run;
  const options = { seed, set, ...(variant === null ? {} : { variant }) };
  return { scenario: onlyScenario(file, options), file: file.name, set };
}

function fromFile(given: string, { seed, variant, set = [] }: ScenarioFlags): GivenScenario {
  if (seed === "") throw new UsageError("--seed must not be empty");
  const [file] = scenarioFiles([given]) as [ScenarioFile];
  const options = {
    set,
    ...(seed === undefined ? {} : { seed }),
    ...(variant === undefined ? {} : { variant }),
  };
  return { scenario: onlyScenario(file, options), file: file.name, set };
}

function onlyScenario(file: ScenarioFile, options: LoadOptions): Scenario {
  const { scenarios } = loadScenario(file.text, file.name, options);
  if (scenarios.length === 1) return scenarios[0] as Scenario;
  const variants = scenarios.map(({ variant }) => variant).join(", ");
  throw new UsageError(`${file.name} has variants: choose one with --variant (${variants})`);
}
