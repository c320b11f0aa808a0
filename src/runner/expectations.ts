// What a scenario expects of its checks, and whether that is what happened.
import type { CheckResult } from "../check/judge.ts";
import type { ExpectSpec } from "../scenario/model.ts";
import type { CheckEntry } from "./result.ts";

/**
 * violates: must occur, whether the contract permits it or not. absent: must not occur, even where it is permitted.
 * Any other check may not be violated; permitted anomalies that nobody asked about are a lesson, not a failure.
 */
export function judgeChecks(
  results: readonly CheckResult[],
  expect: ExpectSpec,
  explained: (result: CheckResult) => readonly string[],
): CheckEntry[] {
  return results.map((result) => ({
    name: result.name,
    kind: result.kind,
    status: result.status,
    count: result.count,
    permittedBy: result.permittedBy,
    forms: result.forms,
    expected: isExpected(result, expect),
    first: result.first,
    note: result.note ?? null,
    explanation: explained(result),
  }));
}

function isExpected({ name, status }: CheckResult, expect: ExpectSpec): boolean {
  const occurred = status === "violated" || status === "permitted";
  if (expect.violates.includes(name)) return occurred;
  if (expect.absent.includes(name)) return !occurred;
  return status !== "violated";
}
