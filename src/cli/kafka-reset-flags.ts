// Flags of kafka-consumer-groups --reset-offsets (ConsumerGroupCommandOptions.checkArgs), and what can be said of them before a run is looked at.
import { atLeast, type Release } from "../protocol/releases.ts";
import { UsageError } from "./failure.ts";

/** As commander gives them. */
export interface ResetFlags {
  readonly resetOffsets?: boolean;
  readonly dryRun?: boolean;
  readonly execute?: boolean;
  readonly export?: boolean;
  readonly topic?: readonly string[];
  readonly allTopics?: boolean;
  readonly toOffset?: string;
  readonly toEarliest?: boolean;
  readonly toLatest?: boolean;
  readonly toCurrent?: boolean;
  readonly shiftBy?: string;
  readonly byDuration?: string;
  readonly toDatetime?: string;
  readonly fromFile?: string;
}

const SPECIFICATIONS = {
  toOffset: "to-offset",
  toDatetime: "to-datetime",
  byDuration: "by-duration",
  toEarliest: "to-earliest",
  toLatest: "to-latest",
  toCurrent: "to-current",
  shiftBy: "shift-by",
  fromFile: "from-file",
} as const;

const NOT_EXECUTED = `--execute would change a run that is over. Without it the tool shows what would be reset; to reset offsets in the
course of a run, let the scenario do it:
  operations: [{ at: 90s, run: kafka-consumer-groups, args: { reset-offsets: true, group: ..., topic: ..., to-earliest: true, execute: true } }]`;

export function checkResetFlags(
  flags: ResetFlags & { readonly group?: readonly string[]; readonly allGroups?: boolean },
): void {
  const { dryRun, execute, group, allGroups } = flags;
  if (dryRun === true && execute === true) {
    throw new UsageError("Option [reset-offsets] only accepts one of [execute] and [dry-run]");
  }
  if (execute === true) throw new UsageError(NOT_EXECUTED);
  if (group === undefined && allGroups !== true) {
    throw new UsageError(
      "Option [reset-offsets] takes one of these options: [all-groups], [group]",
    );
  }
  const names = Object.keys(SPECIFICATIONS) as (keyof typeof SPECIFICATIONS)[];
  const [first, second] = names.filter((name) => flags[name] !== undefined);
  if (first === undefined) {
    const all = Object.values(SPECIFICATIONS).map((name) => `[${name}]`);
    throw new UsageError(
      `Option '[reset-offsets]' requires one of the following scenarios: [${all.join(", ")}]`,
    );
  }
  if (second !== undefined) {
    const [used, other] = [SPECIFICATIONS[first], SPECIFICATIONS[second]];
    throw new UsageError(`Option "[${used}]" can't be used with option "[${other}]"`);
  }
  checkNumber("to-offset", flags.toOffset);
  checkNumber("shift-by", flags.shiftBy);
}

/** As joptsimple says it. */
function checkNumber(option: string, value: string | undefined): void {
  if (value === undefined || /^[+-]?\d{1,15}$/.test(value)) return;
  throw new UsageError(`Cannot parse argument '${value}' of option ${option}`);
}

/** What the tool says on stderr when neither --dry-run nor --execute is given. */
export function noActionWarning(release: Release): string {
  // The space was put in with 4.0.
  const space = atLeast(release, "4.0") ? " " : "";
  return `WARN: No action will be performed as the --execute option is missing.${space}In a future major release, the default behavior of this command will be to prompt the user before executing the reset rather than doing a dry run. You should add the --dry-run option explicitly if you are scripting this command and want to keep the current default behavior without prompting.\n`;
}
