// Checks, assertions, thresholds and warnings in text: what went wrong first, with its evidence; what merely held in one line.
import type { AssertionEntry, CheckEntry, RunResult } from "../runner/result.ts";
import { count, decimal, hanging, instant } from "./format.ts";
import type { Role, Style } from "./style.ts";
import { isLesson, occurred } from "./verdict.ts";

type Group = "bug" | "lesson" | "missing" | "tolerated";

const groupOf = (check: CheckEntry): Group | undefined => {
  if (!occurred(check)) return check.expected ? undefined : "missing";
  if (isLesson(check)) return "lesson";
  return check.status === "violated" ? "bug" : "tolerated";
};

const ORDER: readonly Group[] = ["bug", "tolerated", "missing", "lesson"];
const LOOK: Readonly<Record<Group, { readonly role: Role; readonly glyph: "fail" | "lesson" }>> = {
  bug: { role: "fail", glyph: "fail" },
  tolerated: { role: "fail", glyph: "fail" },
  missing: { role: "fail", glyph: "fail" },
  lesson: { role: "lesson", glyph: "lesson" },
};

export function checksText(result: RunResult, style: Style): string[] {
  const lines: string[] = [];
  /** Sentences already on the page, and the check they stand under. */
  const told = new Map<string, string>();
  for (const group of ORDER) {
    for (const check of result.checks) {
      if (groupOf(check) === group)
        lines.push(...detailed(check, group, style), ...why(check, told, style));
    }
  }
  const quiet = result.checks.filter((check) => groupOf(check) === undefined);
  lines.push(...named(quiet, "held", style), ...named(quiet, "not-exercised", style));
  for (const check of quiet) {
    if (check.note === null) continue;
    lines.push(...hanging({ text: "    ", width: 4 }, `${check.name}: ${check.note}`, style.width));
  }
  return lines;
}

function headline(check: CheckEntry, group: Group): string {
  const by = check.permittedBy === null ? "" : `, permitted by ${check.permittedBy}`;
  switch (group) {
    case "bug":
      return `violated${by === "" ? ": no setting and no fault permits it" : by}`;
    case "tolerated":
      return `occurred${by}, but the scenario does not expect it`;
    case "missing":
      return check.status === "held"
        ? "held, but the scenario expects it to occur"
        : "not exercised, but the scenario expects it to occur";
    case "lesson":
      return check.status === "permitted"
        ? `occurred${by}`
        : `violated, as the scenario expects${by}`;
  }
}

function detailed(check: CheckEntry, group: Group, style: Style): string[] {
  const { role, glyph } = LOOK[group];
  const { width, glyphs, paint } = style;
  const times = check.count > 0 ? ` ${glyphs.times}${count(check.count)}` : "";
  const lead = `  ${glyphs[glyph]} ${check.name}${times}${formsText(check)}  `;
  const lines = hanging(
    { text: paint(role, lead), width: lead.length },
    headline(check, group),
    width,
  );
  if (check.first !== null) {
    const { atMs, event, message } = check.first;
    const at = { text: "      ", width: 6 };
    lines.push(...hanging(at, `${instant(atMs * 1000)} #${event}  ${message}`, width));
  }
  if (check.note !== null) lines.push(...hanging({ text: "      ", width: 6 }, check.note, width));
  return lines;
}

/** One chain of events often breaks several checks: it is told once. */
function why(check: CheckEntry, told: Map<string, string>, { width, paint }: Style): string[] {
  const fresh = check.explanation.filter((sentence) => !told.has(sentence));
  if (check.explanation.length === 0) return [];
  const elsewhere = check.explanation.map((sentence) => told.get(sentence)).find(Boolean);
  for (const sentence of check.explanation) if (!told.has(sentence)) told.set(sentence, check.name);
  const lead = { text: "      ", width: 6 };
  const dim = (line: string): string => paint("dim", line);
  if (elsewhere !== undefined && fresh.length < 2)
    return hanging(lead, [...fresh, `Why: see ${elsewhere}.`].join(" "), width, dim);
  return hanging(lead, check.explanation.join(" "), width, dim);
}

/** ` (log loss)`, ` (3 log loss, 2 skipped)` */
function formsText({ forms }: CheckEntry): string {
  const known = Object.entries(forms);
  if (known.length === 0) return "";
  const [only] = known;
  if (known.length === 1 && only !== undefined) return ` (${only[0]})`;
  return ` (${known.map(([form, times]) => `${count(times)} ${form}`).join(", ")})`;
}

function named(
  checks: readonly CheckEntry[],
  status: "held" | "not-exercised",
  style: Style,
): string[] {
  const names = checks.filter((check) => check.status === status).map((check) => check.name);
  if (names.length === 0) return [];
  const { glyphs, paint, width } = style;
  const lead = status === "held" ? `  ${glyphs.pass} held  ` : `  ${glyphs.idle} not exercised  `;
  const role = status === "held" ? "pass" : "dim";
  return hanging({ text: paint(role, lead), width: lead.length }, names.join(", "), width);
}

export function assertionsText(entries: readonly AssertionEntry[], style: Style): string[] {
  return entries.flatMap((entry) => {
    const { glyphs, paint, width } = style;
    const lead = `  ${entry.ok ? glyphs.pass : glyphs.fail} `;
    const actual = entry.ok ? heldWith(entry) : `  (actual: ${actualText(entry.actual)})`;
    const role = entry.ok ? "pass" : "fail";
    return hanging({ text: paint(role, lead), width: lead.length }, entry.text + actual, width);
  });
}

/** Where a bound was met, or a value within a tolerance, what it was. */
const heldWith = ({ text, actual }: AssertionEntry): string =>
  typeof actual === "number" && / is (at least|at most|within|not) | \+- /.test(text)
    ? `  (${actualText(actual)})`
    : "";

export function thresholdsText(entries: readonly AssertionEntry[], style: Style): string[] {
  return entries.flatMap((entry) => {
    const { glyphs, paint, width } = style;
    const lead = `  ${entry.ok ? glyphs.pass : glyphs.fail} `;
    const role = entry.ok ? "pass" : "fail";
    const text = `${entry.text}  (${actualText(entry.actual)})`;
    return hanging({ text: paint(role, lead), width: lead.length }, text, width);
  });
}

function actualText(actual: unknown): string {
  if (actual === undefined || actual === null) return "nothing";
  if (typeof actual === "number") return decimal(actual);
  if (typeof actual === "string") return actual;
  const json = JSON.stringify(actual) ?? String(actual);
  return json.length > 200 ? `${json.slice(0, 200)}...` : json;
}

export function warningsText(warnings: readonly string[], style: Style): string[] {
  const lead = { text: style.paint("warn", "  ! "), width: 4 };
  return warnings.flatMap((warning) => hanging(lead, warning, style.width));
}

/** For the heading: `1 violated, 2 permitted, 12 held`. */
export function tally(checks: readonly CheckEntry[]): string {
  const of = (status: CheckEntry["status"]): number =>
    checks.filter((check) => check.status === status).length;
  return [
    of("violated") > 0 ? `${of("violated")} violated` : "",
    of("permitted") > 0 ? `${of("permitted")} permitted` : "",
    of("held") > 0 ? `${of("held")} held` : "",
    of("not-exercised") > 0 ? `${of("not-exercised")} not exercised` : "",
  ]
    .filter((part) => part !== "")
    .join(", ");
}

/** `4 held`, or `3 of 4 held`. */
export const passed = (entries: readonly AssertionEntry[], verb: string): string => {
  const ok = entries.filter((entry) => entry.ok).length;
  return ok === entries.length ? `${ok} ${verb}` : `${ok} of ${entries.length} ${verb}`;
};
