// What a result comes down to: the reasons why a run is not as expected, and what an expected anomaly teaches. A lesson (the settings
// permit it, or the scenario announces it) must never read like a bug.
import type { CheckEntry, RunResult } from "../runner/result.ts";
import { count, instant, plural } from "./format.ts";

/** Did the anomaly happen at all? */
export const occurred = (check: CheckEntry): boolean =>
  check.status === "violated" || check.status === "permitted";

/** An anomaly that the scenario wants to show. */
export const isLesson = (check: CheckEntry): boolean => occurred(check) && check.expected;

export const runName = (result: Pick<RunResult, "scenario" | "variant">): string =>
  result.variant === null ? result.scenario : `${result.scenario} / ${result.variant}`;

/** One short text for everything that is not as expected. */
export function reasons(result: RunResult): string[] {
  const checks = result.checks.filter((check) => !check.expected).map(reasonOfCheck);
  const assertions = result.assertions
    .filter((a) => !a.ok)
    .map((a) => `assertion failed: ${a.text}`);
  const thresholds = result.thresholds
    .filter((t) => !t.ok)
    .map((t) => `threshold crossed: ${t.text}`);
  const all = [...checks, ...assertions, ...thresholds];
  if (all.length > 0 || result.outcome === "as-expected") return all;
  return [
    result.warnings.length > 0
      ? `${plural(result.warnings.length, "warning")} under --strict`
      : "see below",
  ];
}

function reasonOfCheck(check: CheckEntry): string {
  switch (check.status) {
    case "violated":
      return `${check.name} violated`;
    case "permitted":
      return `${check.name} occurred`;
    case "held":
      return `${check.name} expected, but it held`;
    case "not-exercised":
      return `${check.name} expected, but not exercised`;
  }
}

/** What the run shows: one sentence for all anomalies that have the same reason. */
export function lessons(result: RunResult): string[] {
  const groups = new Map<string, CheckEntry[]>();
  for (const check of result.checks.filter(isLesson)) {
    const because =
      check.permittedBy === null ? "as the scenario expects" : `permitted by ${check.permittedBy}`;
    groups.set(because, [...(groups.get(because) ?? []), check]);
  }
  return [...groups].map(([because, checks]) => {
    const names = checks.map((check) => `${check.name} (${count(check.count)})`).join(", ");
    const times = checks.flatMap((check) => check.first?.atMs ?? []);
    const at = times.length === 0 ? "" : ` at ${instant(Math.min(...times) * 1000)}`;
    return `${names}${at}, ${because}`;
  });
}
