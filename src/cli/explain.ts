// faultline explain: why an anomaly came about and what would have prevented it; or the life of a record, an event, a partition.
import type { CheckName } from "../check/check-name.ts";
import { CHECK_NAMES } from "../check/index.ts";
import type { Biography } from "../explain/explanation.ts";
import { eventBiography, partitionBiography, recordBiography } from "../explore/biography.ts";
import { explainRun } from "../explore/explain-run.ts";
import type { Tasks } from "../explore/task.ts";
import { biographyText, explanationText } from "../report/explain-text.ts";
import { runName } from "../report/verdict.ts";
import type { Scenario } from "../scenario/model.ts";
import { didYouMean } from "../scenario/suggest.ts";
import { EXIT, type ExitCode, UsageError } from "./failure.ts";
import { givenScenario, type ScenarioFlags } from "./given-scenario.ts";
import { replayLine } from "./replay-line.ts";
import type { Output } from "./run.ts";
import { driveTasks } from "./tasks.ts";

export interface ExplainFlags extends ScenarioFlags {
  readonly check?: string;
  readonly record?: string;
  readonly event?: string;
  readonly partition?: string;
  /** false: --no-reruns. */
  readonly reruns?: boolean;
  readonly json?: boolean;
}

const SUBJECTS = ["check", "record", "event", "partition"] as const;

export async function explainCommand(
  given: string,
  flags: ExplainFlags,
  output: Output,
): Promise<ExitCode> {
  const subjects = SUBJECTS.filter((name) => flags[name] !== undefined);
  if (subjects.length > 1)
    throw new UsageError(`${subjects.map((name) => `--${name}`).join(" and ")} exclude each other`);
  const { scenario, file, set } = givenScenario(given, flags);
  if (flags.record !== undefined) return await life(record(scenario, flags.record), flags, output);
  if (flags.event !== undefined) return await life(event(scenario, flags.event), flags, output);
  if (flags.partition !== undefined)
    return await life(partition(scenario, flags.partition), flags, output);
  const replay = replayLine(
    file,
    scenario,
    set.flatMap((one) => ["--set", one]),
  );
  return await anomaly(scenario, flags, output, replay);
}

async function anomaly(
  scenario: Scenario,
  flags: ExplainFlags,
  output: Output,
  replay: string,
): Promise<ExitCode> {
  const check = checkName(flags.check);
  const done = await driveTasks(
    explainRun(scenario, { check, reruns: flags.reruns !== false }),
    output.progress,
  );
  if (done === undefined) return interruptedIn(output, scenario);
  const { explanation, result, others } = done.result;
  if (flags.json === true) {
    output.stdout(`${JSON.stringify(explanation ?? null, null, 2)}\n`);
    return EXIT.ok;
  }
  if (explanation === undefined) {
    const what = check === undefined ? "no check was violated" : `${check} did not occur`;
    const also = others.length > 0 ? `; what did: ${others.join(", ")}` : "";
    output.stdout(`${runName(result)}, seed ${result.seed}: nothing to explain, ${what}${also}\n`);
    return EXIT.ok;
  }
  output.stdout(explanationText(explanation, others, output.style));
  output.stdout(`\n${output.style.paint("dim", `replay: ${replay}`)}\n`);
  return EXIT.ok;
}

async function life(
  tasks: Tasks<Biography>,
  flags: ExplainFlags,
  output: Output,
): Promise<ExitCode> {
  const done = await driveTasks(tasks, output.progress);
  if (done === undefined) return interruptedIn(output, undefined);
  output.stdout(
    flags.json === true
      ? `${JSON.stringify(done.result, null, 2)}\n`
      : biographyText(done.result, output.style),
  );
  return EXIT.ok;
}

function interruptedIn(output: Output, scenario: Scenario | undefined): ExitCode {
  output.stderr(`interrupted${scenario === undefined ? "" : `: ${scenario.name}`}\n`);
  return EXIT.interrupted;
}

function checkName(given: string | undefined): CheckName | undefined {
  if (given === undefined) return undefined;
  const found = CHECK_NAMES.find((name) => name === given);
  if (found !== undefined) return found;
  const hint = didYouMean(given, CHECK_NAMES) ?? "faultline docs checks lists them";
  throw new UsageError(`--check: there is no check "${given}"; ${hint}`);
}

/** `m1`, `0/17` or `0#17` (stream and number, as reports write it), `orders-0@4988`. */
function* record(scenario: Scenario, given: string): Tasks<Biography> {
  const [, stream, number] = /^(\d+)[/#](\d+)$/.exec(given) ?? [];
  const [, place, offset] = /^(.+)@(\d+)$/.exec(given) ?? [];
  const query =
    stream !== undefined
      ? ({ kind: "number", stream: Number(stream), number: Number(number) } as const)
      : place !== undefined
        ? ({ kind: "place", partition: place, offset: Number(offset) } as const)
        : ({ kind: "name", name: given } as const);
  const found = yield* recordBiography(scenario, query);
  if (found !== undefined) return found;
  throw new UsageError(
    `--record ${given}: no such record was sent; name one by its name, stream/number (0/17), or place (orders-0@17)`,
  );
}

function* event(scenario: Scenario, given: string): Tasks<Biography> {
  const seq = Number(given.replace(/^#/, ""));
  if (!Number.isInteger(seq) || seq < 1)
    throw new UsageError(`--event ${given}: an event has a number, like 4302`);
  const { biography, last } = yield* eventBiography(scenario, seq);
  if (biography !== undefined) return biography;
  throw new UsageError(`--event ${given}: the run has ${last} events`);
}

function* partition(scenario: Scenario, name: string): Tasks<Biography> {
  const { biography, known } = yield* partitionBiography(scenario, name);
  if (biography !== undefined) return biography;
  const hint = didYouMean(name, known) ?? `there are ${known.slice(0, 8).join(", ")}`;
  throw new UsageError(`--partition: there is no partition "${name}"; ${hint}`);
}
