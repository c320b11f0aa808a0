// JUnit XML for continuous integration: a suite a run, a case a check, an assertion or a threshold. Times are left out: they would be
// wall time, and two runs of one seed must give the same bytes.
import type { RunResult } from "../runner/result.ts";
import { occurred, reasons, runName } from "./verdict.ts";

interface Case {
  readonly group: string;
  readonly name: string;
  readonly failure: string | undefined;
  readonly skipped: boolean;
}

export function junitReport(results: readonly RunResult[]): string {
  const suites = results.map((result) => suite(result));
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="faultline">\n${suites.join("")}</testsuites>\n`;
}

function suite(result: RunResult): string {
  const cases = casesOf(result);
  const failures = cases.filter((c) => c.failure !== undefined).length;
  const skipped = cases.filter((c) => c.skipped).length;
  const name = escaped(`${runName(result)} (seed ${result.seed})`);
  const open = `  <testsuite name="${name}" tests="${cases.length}" failures="${failures}" errors="0" skipped="${skipped}">\n`;
  return `${open}${cases.map((c) => caseXml(c, result)).join("")}  </testsuite>\n`;
}

function casesOf(result: RunResult): Case[] {
  const checks = result.checks.map((check): Case => {
    const why = occurred(check)
      ? (check.first?.message ?? check.status)
      : `${check.status}, but expected to occur`;
    return {
      group: "check",
      name: check.name,
      failure: check.expected ? undefined : why,
      skipped: check.status === "not-exercised" && check.expected,
    };
  });
  const entries = (["assertions", "thresholds"] as const).flatMap((group) =>
    result[group].map((entry): Case => {
      const actual = `actual: ${JSON.stringify(entry.actual) ?? "nothing"}`;
      return { group, name: entry.text, failure: entry.ok ? undefined : actual, skipped: false };
    }),
  );
  const cases = [...checks, ...entries];
  if (result.outcome === "as-expected" || cases.some((c) => c.failure !== undefined)) return cases;
  return [
    ...cases,
    { group: "run", name: "outcome", failure: reasons(result).join("; "), skipped: false },
  ];
}

function caseXml(c: Case, result: RunResult): string {
  const open = `    <testcase classname="${escaped(`${runName(result)}.${c.group}`)}" name="${escaped(c.name)}"`;
  if (c.skipped) return `${open}><skipped/></testcase>\n`;
  if (c.failure === undefined) return `${open}/>\n`;
  const body = `${c.failure}\nreplay: ${result.replay}`;
  return `${open}><failure message="${escaped(c.failure)}">${escaped(body)}</failure></testcase>\n`;
}

/** Characters that XML 1.0 cannot carry at all become a replacement character. */
function escaped(text: string): string {
  return (
    text
      .replace(/&/g, "&amp;")
      .replace(/</g, "&lt;")
      .replace(/>/g, "&gt;")
      .replace(/"/g, "&quot;")
      // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is replaced.
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "\ufffd")
  );
}
