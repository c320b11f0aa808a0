// Known bugs, one at a time in a whole cluster: each is caught by the check named beside it, in a scenario whose correct twin passes
// every check. A check that has never caught anything has proved nothing. `npm run mutants` prints the table.
import { describe, expect, it } from "vitest";
import { CHECK_NAMES } from "../src/check/index.ts";
import { MUTANT_NAMES } from "../src/protocol/releases.ts";
import { caught, nameOf, run } from "./mutants/case.ts";
import { CASES } from "./mutants/cases.ts";
import { gapsIn, type Row, rowOf, summaryOf, tableOf } from "./mutants/table.ts";

describe.each(CASES.map((c) => ({ ...c, name: nameOf(c), case: c })))("$name", (c) => {
  it(`is caught by ${c.caughtBy}${c.alone ? " alone" : ""} when ${c.story}`, () => {
    const { count, others } = rowOf(c.case, run(c.case, true));
    expect(count).toBeGreaterThan(0);
    if (c.alone) expect(others).toEqual([]);
  });

  it(`its correct twin passes when ${c.story}`, () => {
    const result = run(c.case, false);
    const found = caught(result);
    expect(found.filter(({ status }) => status === "violated")).toEqual([]);
    const lessons: readonly string[] = c.lessons ?? [];
    expect(found.map(({ name }) => name).filter((name) => !lessons.includes(name))).toEqual([]);
    expect(lessons).not.toContain(c.caughtBy);
    expect(result.warnings).toEqual([]);
  });
});

it("every check is the one that has to catch some bug, and every mutant is planted", () => {
  const named = CASES.map(({ caughtBy }) => caughtBy);
  expect(CHECK_NAMES.filter((name) => !named.includes(name))).toEqual([]);
  const planted = CASES.map(({ bug }) => bug);
  expect(MUTANT_NAMES.filter((name) => !planted.includes(name))).toEqual([]);
});

describe("the table", () => {
  const rowsWith = (count: (row: number) => number, others: readonly string[]): Row[] =>
    CASES.map((c, i) => ({
      check: c.caughtBy,
      bug: nameOf(c),
      source: c.source,
      count: count(i),
      firstAtMs: 1500,
      others,
    }));

  it("has a line a case, checks in their order, columns under their heads", () => {
    const [head, rule, ...lines] = tableOf(rowsWith(() => 1, ["unseen"])).split("\n");
    expect(lines).toHaveLength(CASES.length);
    for (const column of ["bug", "source", "caught also by"]) {
      const at = head?.indexOf(column) ?? -1;
      for (const line of [rule, ...lines]) expect(line?.slice(at - 2, at + 1)).toMatch(/^ {2}\S/);
    }
    expect(lines[0]).toMatch(/^lost-write /);
    expect(lines[0]).toContain(" 1.5 s  ");
  });

  it("says when a bug is missed, and which check is left without one", () => {
    const first = CASES.findIndex(({ caughtBy }) => caughtBy === "unseen");
    const rows = rowsWith((i) => (i === first ? 0 : 1), []);
    expect(tableOf(rows)).toContain("MISSED");
    expect(gapsIn(CASES, rows)).toEqual([
      "missed: new-partitions-overlooked (unseen)",
      "catches nothing: unseen",
    ]);
    expect(summaryOf(CASES, rows)).toContain("NOT ALL CAUGHT");
    expect(
      summaryOf(
        CASES,
        rowsWith(() => 1, []),
      ),
    ).toContain("every check catches one");
    expect(
      gapsIn(
        CASES.slice(1),
        rowsWith(() => 1, []),
      ),
    ).toEqual([]);
  });
});
