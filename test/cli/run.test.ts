import { describe, expect, test } from "vitest";
import { starter } from "../../src/cli/init.ts";
import { type Output, runFiles } from "../../src/cli/run.ts";
import { type RunFlags, runSettings } from "../../src/cli/run-options.ts";
import type { StartRun } from "../../src/cli/stepper.ts";
import { PLAIN } from "../../src/report/style.ts";
import type { RunResult } from "../../src/runner/result.ts";
import { SimulatorBug } from "../../src/sim/assert.ts";
import { reportOf } from "../report/reports.ts";

const file = (name: string) => ({ name: `${name}.yaml`, text: starter(name) });

/** A runner that ends at once; what becomes of a run is decided by the scenario's name. */
const fake: StartRun = (scenario, { replay }) => ({
  progress: { nowUs: 1_500_000, endUs: 2_000_000, phase: "run", events: 17 },
  advance() {
    if (scenario.name === "broken") throw new SimulatorBug("log end below log start");
    if (scenario.name === "crashing") throw new TypeError("x is undefined");
    return false;
  },
  finish: () => {
    const outcome: RunResult["outcome"] = scenario.name === "bad" ? "unexpected" : "as-expected";
    return reportOf({}, { scenario: scenario.name, outcome, replay: replay(scenario) });
  },
});

async function run(names: readonly string[], flags: RunFlags = {}) {
  let [stdout, stderr] = ["", ""];
  const output: Output = {
    stdout: (text) => {
      stdout += text;
    },
    stderr: (text) => {
      stderr += text;
    },
    style: PLAIN,
    progress: false,
    debug: false,
    version: "0.1.0",
  };
  const settings = runSettings({ out: false, ...flags });
  const { code } = await runFiles(names.map(file), settings, output, fake);
  return { code, stdout, stderr };
}

describe("the exit status", () => {
  test.each([
    [["good"], 0],
    [["good", "bad"], 1],
    [["broken"], 70],
    [["bad", "crashing", "good"], 70],
  ])("of %j is %i", async (names, code) => {
    expect(await run(names)).toMatchObject({ code });
  });
});

test("a bug of the simulator does not keep the other runs from being run", async () => {
  const { stdout, stderr } = await run(["crashing", "good"]);
  expect(stderr).toContain("faultline has a bug in crashing, seed 42");
  expect(stderr).toContain("replay: faultline run crashing.yaml --seed 42");
  expect(stdout).toContain("PASS  good");
});

test("--bail ends with the first run that is not as expected", async () => {
  const { stdout, stderr } = await run(["bad", "good"], { bail: true, quiet: true });
  expect(stdout).toContain("FAIL  bad");
  expect(stdout).not.toContain("good");
  expect(stderr).toBe("1 of 2 runs were finished\n");
});

test("several runs have a line each, and the whole report of those that are not as expected", async () => {
  const { stdout } = await run(["good", "bad"]);
  expect(stdout).toMatch(/^PASS {2}good {2}as expected\n/);
  expect(stdout).toContain("FAIL  bad");
  expect(stdout).toContain("2 runs: 1 unexpected, 1 as expected");
  expect(stdout.trimEnd().split("\n").at(-1)).toBe("replay: faultline run bad.yaml --seed 42");
});

test("JSON of several runs is an array even when a bug leaves one of them", async () => {
  const { stdout } = await run(["good", "broken"], { json: true });
  expect(JSON.parse(stdout)).toMatchObject([{ scenario: "good" }]);
});

test("every variant is a run of its own", async () => {
  let stdout = "";
  const text = `${starter("two")}\nvariants:\n  a: {}\n  b: { duration: 30s }\n`;
  const write = (t: string): void => {
    stdout += t;
  };
  const output = {
    stdout: write,
    stderr: write,
    style: PLAIN,
    progress: false,
    debug: false,
    version: "1",
  };
  const settings = runSettings({ out: false, json: true });
  await runFiles([{ name: "two.yaml", text }], settings, output, fake);
  expect(JSON.parse(stdout).map((r: RunResult) => r.replay)).toEqual([
    "faultline run two.yaml --variant a --seed 42",
    "faultline run two.yaml --variant b --seed 42",
  ]);
});
