// faultline diff: two runs, two seeds or two variants, side by side.
import { compareRuns } from "../explore/compare.ts";
import { diffText } from "../report/diff-text.ts";
import type { Scenario } from "../scenario/model.ts";
import { EXIT, type ExitCode, UsageError } from "./failure.ts";
import { givenScenario, type ScenarioFlags } from "./given-scenario.ts";
import type { Output } from "./run.ts";
import { driveTasks } from "./tasks.ts";

export interface DiffFlags {
  /** One for both, or one for each, in order. */
  readonly seed?: readonly string[];
  readonly variant?: readonly string[];
  /** For B alone. */
  readonly set?: readonly string[];
  readonly out?: string;
  readonly json?: boolean;
}

export async function diffCommand(
  a: string,
  b: string | undefined,
  flags: DiffFlags,
  output: Output,
): Promise<ExitCode> {
  const [first, second] = bothOf(a, b, flags);
  const done = await driveTasks(compareRuns(first, second), output.progress);
  if (done === undefined) {
    output.stderr("interrupted\n");
    return EXIT.interrupted;
  }
  const comparison = done.result;
  output.stdout(
    flags.json === true
      ? `${JSON.stringify(comparison, null, 2)}\n`
      : diffText(comparison, output.style),
  );
  return comparison.divergence === null ? EXIT.ok : EXIT.unexpected;
}

/** The flags are for files; without B it is A again, with the second of what was given twice. */
function bothOf(a: string, b: string | undefined, flags: DiffFlags): [Scenario, Scenario] {
  for (const flag of ["seed", "variant"] as const) {
    if ((flags[flag]?.length ?? 0) > 2)
      throw new UsageError(`--${flag} can be given twice, for A and for B`);
  }
  const hasTwo = [flags.seed, flags.variant].some((values) => values?.length === 2);
  if (b === undefined && !hasTwo && flags.set === undefined)
    throw new UsageError(
      "diff takes two runs, or one and what B has different: --seed 1 --seed 2, --variant x --variant y, --set path=value",
    );
  const files = [a, b ?? a];
  const [first, second] = files.map(
    (given, i) => givenScenario(given, flagsFor(given, i, flags)).scenario,
  );
  return [first as Scenario, second as Scenario];
}

function flagsFor(given: string, which: number, flags: DiffFlags): ScenarioFlags {
  const out = flags.out === undefined ? {} : { out: flags.out };
  if (!/\.ya?ml$/.test(given)) return out;
  const pick = (values: readonly string[] | undefined): string | undefined =>
    values?.[which] ?? values?.[0];
  const [seed, variant] = [pick(flags.seed), pick(flags.variant)];
  return {
    ...out,
    ...(seed === undefined ? {} : { seed }),
    ...(variant === undefined ? {} : { variant }),
    ...(which === 1 && flags.set !== undefined ? { set: flags.set } : {}),
  };
}
