// From `expect` and `thresholds` as written to checks, assertions and k6 expressions of the model.
import type { EventName } from "../../protocol/events.ts";
import { CHECK_NAMES, TRANSACTIONAL } from "../check-names.ts";
import type { Path } from "../diagnostics.ts";
import { formatDuration, parseDuration } from "../duration.ts";
import { EVENT_FIELDS } from "../event-fields.ts";
import { checkedMetricKey } from "../metrics.ts";
import type { AssertionSpec, Comparator, ExpectSpec, ThresholdSpec } from "../model.ts";
import type { ScenarioInput } from "../schema/scenario.ts";
import { didYouMean } from "../suggest.ts";
import type { Surroundings } from "./clients.ts";
import { SUBJECT_NAMES, subjectOf } from "./subject.ts";
import { patternOf } from "./trigger.ts";

type ExpectInput = NonNullable<ScenarioInput["expect"]>;
type AssertionInput = NonNullable<ExpectInput["assert"]>[number];

const COMPARATORS = ["equals", "not", "in", "atLeast", "atMost", "within"] as const;
const COMMON = ["at", "from", "to", "tolerance", ...COMPARATORS];

export function expectOf(input: ExpectInput | undefined, around: Surroundings): ExpectSpec {
  const path = ["expect"];
  return {
    violates: checksOf(input?.violates, [...path, "violates"], around),
    absent: checksOf(input?.absent, [...path, "absent"], around),
    assertions: (input?.assert ?? []).flatMap(
      (assertion, i) => assertionOf(assertion, [...path, "assert", i], around) ?? [],
    ),
  };
}

function checksOf(names: readonly string[] | undefined, path: Path, { problems }: Surroundings) {
  names?.forEach((name, i) => {
    if (CHECK_NAMES.includes(name)) return;
    if (TRANSACTIONAL.includes(name)) {
      problems.error([...path, i], `"${name}" needs transactions, which are not supported yet`);
      return;
    }
    problems.error([...path, i], `unknown check "${name}"`, didYouMean(name, CHECK_NAMES));
  });
  return names ?? [];
}

function assertionOf(
  input: AssertionInput,
  path: Path,
  around: Surroundings,
): AssertionSpec | undefined {
  const when = whenOf(input, path, around);
  const body =
    input.event === undefined ? aboutValue(input, path, around) : aboutEvents(input, path, around);
  if (body === undefined) return undefined;
  const { subject, comparator, text } = body;
  const full = `${text} ${whenText(when)} ${comparatorText(comparator)}`.replace(/ +/g, " ");
  return { text: full, path, when, subject, comparator };
}

type Body = Pick<AssertionSpec, "subject" | "comparator" | "text">;

function aboutEvents(input: AssertionInput, path: Path, around: Surroundings): Body | undefined {
  const {
    event = "",
    count,
    at: _at,
    from: _from,
    to: _to,
    tolerance: _tolerance,
    ...fields
  } = input;
  const match = patternOf(event, { ...statesIn(input), ...fields }, path, around);
  const compared = typeof count === "number" ? { equals: count } : (count ?? { atLeast: 1 });
  const comparator = comparatorOf(
    compared as Readonly<Record<string, unknown>>,
    [...path, "count"],
    around,
    0,
  );
  if (comparator === undefined) return undefined;
  const pattern = Object.entries(match).map(([field, value]) => ` ${field}=${shown(value)}`);
  const text = `count of ${event}${pattern.join("")}`;
  return { subject: { kind: "event", event, match }, comparator, text };
}

/** `from` and `to` where the event has texts of that name (group.stateChanged: Stable) and what is given is no time. */
function statesIn({ event = "", from, to }: AssertionInput): { from?: string; to?: string } {
  const fields: Readonly<Record<string, string>> = Object.hasOwn(EVENT_FIELDS, event)
    ? EVENT_FIELDS[event as EventName]
    : {};
  const isState = (field: string, value: unknown): value is string =>
    fields[field] === "text" && typeof value === "string" && !parseDuration(value).ok;
  return {
    ...(isState("from", from) ? { from } : {}),
    ...(isState("to", to) ? { to } : {}),
  };
}

function aboutValue(input: AssertionInput, path: Path, around: Surroundings): Body | undefined {
  const { problems } = around;
  const found = SUBJECT_NAMES.filter((name) => input[name] !== undefined);
  const [name] = found;
  if (name === undefined || found.length > 1) {
    const message =
      found.length > 1 ? `asserts two things: ${found.join(" and ")}` : "asserts nothing";
    const unknown = Object.keys(input).find((key) => !COMMON.includes(key));
    const hint =
      unknown === undefined ? undefined : didYouMean(unknown, [...SUBJECT_NAMES, "event"]);
    problems.error(path, message, hint ?? `subjects: ${SUBJECT_NAMES.join(", ")}`, "key");
    return undefined;
  }
  const subject = subjectOf(name, input, path, around, COMMON);
  if (subject === undefined) return undefined;
  if (name === "slope" && (input.from === undefined || input.to === undefined)) {
    problems.error(path, "slope needs from and to", undefined, "key");
  }
  const names = subject.subject.kind === "records" ? subject.subject.names : undefined;
  const given = COMPARATORS.some((op) => input[op] !== undefined);
  const compared = names !== undefined && !given ? { equals: names.length } : input;
  const comparator = comparatorOf(compared, path, around, input.tolerance ?? 0);
  return comparator === undefined ? undefined : { ...subject, comparator };
}

function comparatorOf(
  input: Readonly<Record<string, unknown>>,
  path: Path,
  { problems }: Surroundings,
  tolerance: number,
): Comparator | undefined {
  const found = COMPARATORS.filter((op) => input[op] !== undefined);
  const [op] = found;
  if (op === undefined || found.length > 1) {
    problems.error(path, `needs one of ${COMPARATORS.join(", ")}`, undefined, "key");
    return undefined;
  }
  const value = input[op];
  if (op === "within") {
    if (Array.isArray(value) && value.length === 2 && value.every((v) => typeof v === "number")) {
      return { op, value: value as unknown as readonly [number, number], tolerance };
    }
    problems.error([...path, op], "within is a list of two numbers");
    return undefined;
  }
  if ((op === "atLeast" || op === "atMost") && typeof value !== "number") {
    problems.error([...path, op], `${op} must be a number`);
    return undefined;
  }
  if (op === "in" && !Array.isArray(value)) {
    problems.error([...path, op], "in must be a list of values");
    return undefined;
  }
  return { op, value, tolerance };
}

function whenOf(
  input: AssertionInput,
  path: Path,
  { problems, durationUs }: Surroundings,
): AssertionSpec["when"] {
  const { at } = input;
  const states = statesIn(input);
  const [from, to] = [input.from, input.to].map((value, i) =>
    (i === 0 ? states.from : states.to) === undefined ? value : undefined,
  );
  // In a pattern of hw.advanced and its like `from` and `to` are payload fields only by name: as an interval they come with a unit.
  if (from !== undefined || to !== undefined) {
    const fromUs = from === undefined ? 0 : timeOf(from, [...path, "from"]);
    const toUs = to === undefined ? durationUs : timeOf(to, [...path, "to"]);
    if (toUs < fromUs) problems.error([...path, "to"], "to must not come before from");
    return { kind: "during", fromUs, toUs };
  }
  if (at === undefined && input.event === undefined) {
    problems.error(
      path,
      "needs at, or from and to",
      "at: end is after the cluster has settled",
      "key",
    );
  }
  if (at === undefined || at === "end") return { kind: "end" };
  if (at > durationUs) {
    problems.warning(
      [...path, "at"],
      "comes after the scenario's duration",
      "at: end is after settling",
    );
  }
  return { kind: "at", atUs: at };

  function timeOf(value: unknown, where: Path): number {
    const parsed =
      typeof value === "string" || typeof value === "number"
        ? parseDuration(value)
        : { ok: false as const, error: "must be a time" };
    if (parsed.ok) return parsed.value;
    problems.error(where, `${JSON.stringify(value)}: ${parsed.error}`);
    return 0;
  }
}

function whenText(when: AssertionSpec["when"]): string {
  if (when.kind === "end") return "at end";
  if (when.kind === "at") return `at ${formatDuration(when.atUs)}`;
  return `from ${formatDuration(when.fromUs)} to ${formatDuration(when.toUs)}`;
}

const WORDS = {
  equals: "equals",
  not: "is not",
  in: "is in",
  atLeast: "is at least",
  atMost: "is at most",
  within: "is within",
} as const;

function comparatorText({ op, value, tolerance }: Comparator): string {
  const loosened = tolerance > 0 ? ` +- ${tolerance * 100}%` : "";
  return `${WORDS[op]} ${shown(value)}${loosened}`;
}

const shown = (value: unknown): string =>
  typeof value === "string" ? value : JSON.stringify(value);

const EXPRESSION =
  /^\s*(min|max|avg|med|count|rate|p\((\d+(?:\.\d+)?)\))\s*(<=|>=|==|!=|<|>)\s*(-?\d+(?:\.\d+)?)\s*$/;

export function thresholdsOf(
  input: ScenarioInput["thresholds"],
  { names, problems }: Surroundings,
): ThresholdSpec[] {
  return Object.entries(input ?? {}).flatMap(([key, given]) => {
    const at = ["thresholds", key];
    const context = { names, problems, path: at, labelsPath: at, on: "key" } as const;
    const metric = checkedMetricKey(key, context);
    return (typeof given === "string" ? [given] : given).flatMap((text, i) => {
      const [, aggregate, percentile, op, value] = EXPRESSION.exec(text) ?? [];
      if (op === undefined || Number(percentile ?? 0) > 100) {
        const path = typeof given === "string" ? at : [...at, i];
        problems.error(
          path,
          `"${text}" is not a threshold`,
          'like "p(99)<250", "max<30000" or "avg<=10"',
        );
        return [];
      }
      const of = percentile === undefined ? aggregate : { percentile: Number(percentile) };
      const threshold = { metric, text, aggregate: of, op, value: Number(value) };
      return [threshold as ThresholdSpec];
    });
  });
}
