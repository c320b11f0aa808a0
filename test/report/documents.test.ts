import { expect, test } from "vitest";
import { githubReport } from "../../src/report/github.ts";
import { junitReport } from "../../src/report/junit.ts";
import { bug, check, lesson, passing, resultOf } from "./reports.ts";

test("JUnit has a suite a run and counts only what is unexpected as a failure", () => {
  const xml = junitReport([passing(), lesson(), bug()].map((report) => report.result));
  expect(xml.match(/<testsuite name="[^"]*" tests="\d+" failures="\d+"/g)).toEqual([
    '<testsuite name="steady (seed 42)" tests="5" failures="0"',
    '<testsuite name="unclean-election-loss / unclean (seed 42)" tests="6" failures="0"',
    '<testsuite name="unclean-election-loss / unclean (seed 42)" tests="7" failures="5"',
  ]);
});

test("JUnit carries any message", () => {
  const first = { event: 1, atMs: 1, message: 'a<b & "c" \u0000' };
  const checks = [check("x", { status: "violated", expected: false, first })];
  const xml = junitReport([resultOf({ outcome: "unexpected", checks })]);
  expect(xml).toContain('message="a&lt;b &amp; &quot;c&quot; \ufffd"');
});

test("JUnit tells of a run that is unexpected for its warnings alone", () => {
  const xml = junitReport([
    resultOf({ outcome: "unexpected", warnings: ["w"], checks: [], assertions: [] }),
  ]);
  expect(xml).toContain("1 warning under --strict");
});

test("GitHub gets one error a run that is not as expected, on the scenario's file", () => {
  const text = githubReport([
    { file: "scenarios/a.yaml", result: lesson().result },
    { file: "scenarios/b,c.yaml", result: bug().result },
  ]);
  const lines = text.trimEnd().split("\n");
  expect(lines.map((line) => line.slice(0, 40))).toEqual([
    "::warning file=scenarios/b%2Cc.yaml,titl",
    "::error file=scenarios/b%2Cc.yaml,title=",
  ]);
  expect(lines[1]).toContain("lost-write violated%0A");
});
