// The table of `npm run mutants`: checks in their order, with the bugs each has to catch.
import { CHECK_NAMES, type CheckName } from "../../src/check/index.ts";
import { MUTANT_NAMES } from "../../src/protocol/releases.ts";
import type { RunResult } from "../../src/runner/result.ts";
import { type Case, caught, isMutant, nameOf } from "./case.ts";

/** What came of one case. */
export interface Row {
  readonly check: CheckName;
  readonly bug: string;
  readonly source: string;
  /** Occurrences that the check reported and nothing permits; 0: it missed the bug. */
  readonly count: number;
  readonly firstAtMs: number;
  readonly others: readonly string[];
}

export function rowOf(c: Case, result: RunResult): Row {
  const all = caught(result);
  const own = all.find(({ name, status }) => name === c.caughtBy && status === "violated");
  const others = all.map(({ name }) => name).filter((name) => name !== c.caughtBy);
  return {
    check: c.caughtBy,
    bug: nameOf(c),
    source: c.source,
    count: own?.count ?? 0,
    firstAtMs: own?.first?.atMs ?? 0,
    others,
  };
}

const HEAD = ["check", "bug", "after", "source", "caught also by"] as const;

export function tableOf(rows: readonly Row[]): string {
  const order = (row: Row): number => CHECK_NAMES.indexOf(row.check);
  const cells = [...rows]
    .sort((a, b) => order(a) - order(b))
    .map((row) => [
      row.check,
      row.bug,
      row.count > 0 ? `${(row.firstAtMs / 1000).toFixed(1)} s` : "MISSED",
      row.source,
      row.others.length === 0 ? "- (alone)" : row.others.join(", "),
    ]);
  const widths = HEAD.map((_, column) =>
    Math.max(...[HEAD, ...cells].map((line) => (line[column] as string).length)),
  );
  const rule = widths.slice(0, -1).map((width) => "-".repeat(width));
  return [HEAD, [...rule, "-".repeat(HEAD[4].length)], ...cells]
    .map((line) => {
      const padded = line.map((cell, i) =>
        i === 2 ? cell.padStart(widths[i] as number) : cell.padEnd(widths[i] as number),
      );
      return padded.join("  ").trimEnd();
    })
    .join("\n");
}

/** What nobody catches, and who catches nothing, of all there are. */
export function gapsIn(cases: readonly Case[], rows: readonly Row[]): readonly string[] {
  const missed = rows
    .filter(({ count }) => count === 0)
    .map(({ bug, check }) => `${bug} (${check})`);
  const caughtBy = new Set(rows.filter(({ count }) => count > 0).map(({ check }) => check));
  const idle = CHECK_NAMES.filter((name) => !caughtBy.has(name));
  const unused = MUTANT_NAMES.filter((name) => !cases.some(({ bug }) => bug === name));
  return [
    ...missed.map((what) => `missed: ${what}`),
    ...idle.map((name) => `catches nothing: ${name}`),
    ...unused.map((name) => `mutant without a case: ${name}`),
  ];
}

export function summaryOf(cases: readonly Case[], rows: readonly Row[]): string {
  const gaps = gapsIn(cases, rows);
  const bugs = new Set(cases.map(({ bug }) => bug));
  const mutants = [...bugs].filter(isMutant).length;
  const alone = new Set(
    rows.filter(({ count, others }) => count > 0 && others.length === 0).map(({ check }) => check),
  );
  const shared = CHECK_NAMES.filter((name) => !alone.has(name));
  return [
    `${mutants} mutants, ${bugs.size - mutants} old rules, ${CHECK_NAMES.length} checks, ${cases.length} cases: ${gaps.length === 0 ? "every bug is caught, and every check catches one" : "NOT ALL CAUGHT"}`,
    `${alone.size} checks catch a bug that no other check sees; the others: ${shared.join(", ")}`,
    ...gaps,
  ].join("\n");
}
