// What the flags of `run` mean, checked: names that exist, times that can be read.
import { CHECK_NAMES } from "../check/index.ts";
import { formatDuration, parseDuration } from "../scenario/duration.ts";
import { didYouMean } from "../scenario/suggest.ts";
import { UsageError } from "./failure.ts";

export const REPORTERS = ["default", "json", "junit", "github"] as const;
export type ReporterName = (typeof REPORTERS)[number];

/** As commander gives them. */
export interface RunFlags {
  readonly seed?: string;
  readonly variant?: string;
  readonly set?: readonly string[];
  readonly only?: readonly string[];
  readonly strict?: boolean;
  readonly until?: string;
  readonly json?: boolean;
  readonly reporter?: ReporterName;
  readonly quiet?: boolean;
  readonly trace?: boolean;
  readonly bail?: boolean;
  /** false: --no-out. */
  readonly out?: string | false;
  /** false: --no-color. */
  readonly color?: boolean;
}

export interface RunSettings {
  readonly seed: string | undefined;
  readonly variant: string | undefined;
  readonly set: readonly string[];
  readonly only: readonly string[];
  readonly strict: boolean;
  readonly untilUs: number | undefined;
  readonly reporter: ReporterName;
  readonly quiet: boolean;
  readonly trace: boolean;
  readonly bail: boolean;
  readonly out: string | undefined;
}

export function runSettings(flags: RunFlags): RunSettings {
  if (flags.json === true && flags.reporter !== undefined && flags.reporter !== "json") {
    throw new UsageError(`--json and --reporter ${flags.reporter} exclude each other`);
  }
  if (flags.seed === "") throw new UsageError("--seed must not be empty");
  return {
    seed: flags.seed,
    variant: flags.variant,
    set: flags.set ?? [],
    only: checkNames(flags.only ?? []),
    strict: flags.strict === true,
    untilUs: flags.until === undefined ? undefined : instantOf("--until", flags.until),
    reporter: flags.json === true ? "json" : (flags.reporter ?? "default"),
    quiet: flags.quiet === true,
    trace: flags.trace === true,
    bail: flags.bail === true,
    out: flags.out === false ? undefined : (flags.out ?? "reports/runs"),
  };
}

/** `--only a,b --only c` */
function checkNames(given: readonly string[]): string[] {
  const names = given.flatMap((list) => list.split(",")).map((name) => name.trim());
  for (const name of names) {
    if ((CHECK_NAMES as readonly string[]).includes(name)) continue;
    const hint = didYouMean(name, CHECK_NAMES) ?? "faultline docs checks lists them";
    throw new UsageError(`--only: there is no check "${name}"; ${hint}`);
  }
  return [...new Set(names)];
}

/** A time on the command line; a bare number is milliseconds. */
export function instantOf(flag: string, text: string): number {
  const parsed = parseDuration(/^\d+$/.test(text) ? Number(text) : text);
  if (!parsed.ok) throw new UsageError(`${flag} ${text}: ${parsed.error}`);
  return parsed.value;
}

/** Options that change a run's result, as words: for its identity and for the line that repeats it. */
export function optionWords(
  settings: Pick<RunSettings, "set" | "only" | "strict" | "untilUs">,
): string[] {
  const words = settings.set.flatMap((set) => ["--set", set]);
  if (settings.only.length > 0) words.push("--only", settings.only.join(","));
  if (settings.strict) words.push("--strict");
  if (settings.untilUs !== undefined) words.push("--until", formatDuration(settings.untilUs));
  return words;
}
