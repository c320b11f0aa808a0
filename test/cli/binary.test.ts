// The command as a shell sees it: what goes to which stream, which files appear, which status comes back.
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { starter } from "../../src/cli/init.ts";

const MAIN = new URL("../../src/cli/main.ts", import.meta.url).pathname;
const TSX = createRequire(import.meta.url).resolve("tsx");
const ARGUMENTS = ["--import", TSX, MAIN];

let cwd = "";
const plant = (name: string, change: (text: string) => string = (text) => text): void =>
  writeFileSync(path.join(cwd, `${name}.yaml`), change(starter(name)));
const brief = (text: string): string =>
  text
    .replace("duration: 60s", "duration: 3s")
    .replace("at: 20s", "at: 1s")
    .replace("duration: 20s", "duration: 1s");
const calm = (text: string): string =>
  brief(text)
    .replace(/\nfaults:[\s\S]*?\nexpect:/, "\nexpect:")
    .replace(/ +- \{ event:.*\n/, "");

beforeAll(() => {
  cwd = mkdtempSync(path.join(tmpdir(), "faultline-cli-"));
  plant("calm", calm);
  plant("wrong", (text) => calm(text).replace("equals: [1, 2, 3]", "equals: [9]"));
  plant("invalid", (text) => text.replace("seed:", "seeed:"));
});
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

const ENVIRONMENT = { PATH: process.env.PATH ?? "", CI: "", NO_COLOR: "", FORCE_COLOR: "0" };

function faultline(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const options = { cwd, encoding: "utf8", env: ENVIRONMENT, maxBuffer: 1 << 26 } as const;
  return spawnSync(process.execPath, [...ARGUMENTS, ...args], options);
}

describe("faultline run", () => {
  test("gives the report on stdout, keeps the run, and does it byte for byte again", () => {
    const first = faultline("run", "calm.yaml", "--trace");
    expect(first).toMatchObject({
      status: 0,
      stderr: expect.stringMatching(/^written: reports\/runs\/calm\/42-\w{8}\n$/),
    });
    expect(first.stdout).toMatch(/^PASS {2}calm: as expected\n/);
    expect(first.stdout).toMatch(/\nreplay: faultline run calm.yaml --seed 42\n$/);
    const latest = path.join(cwd, "reports/runs/latest");
    const files = (): string[] => readdirSync(latest).sort();
    const names = ["events.jsonl", "report.txt", "result.json", "run.json", "scenario.yaml"];
    expect(files()).toEqual(names);
    expect(readFileSync(path.join(latest, "report.txt"), "utf8")).toBe(first.stdout);
    const before = names.map((name) => readFileSync(path.join(latest, name), "utf8"));
    expect(faultline("replay", "latest")).toMatchObject({ status: 0, stdout: first.stdout });
    faultline("run", "calm.yaml", "--trace");
    expect(names.map((name) => readFileSync(path.join(latest, name), "utf8"))).toEqual(before);
    expect(before.join("")).not.toContain(cwd);
  });

  test("prints one JSON document for one run and an array for several, and nothing else", () => {
    const one = faultline("run", "wrong.yaml", "--json", "--no-out");
    expect(one).toMatchObject({ status: 1, stderr: "" });
    expect(JSON.parse(one.stdout)).toMatchObject({ scenario: "wrong", outcome: "unexpected" });
    const two = faultline("run", "calm.yaml", "wrong.yaml", "--json", "--no-out");
    expect(two.status).toBe(1);
    expect(JSON.parse(two.stdout)).toMatchObject([{ scenario: "calm" }, { scenario: "wrong" }]);
  });

  test("runs nothing when one of the files is invalid", () => {
    const { status, stdout, stderr } = faultline("run", "calm.yaml", "invalid.yaml", "--no-out");
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toMatch(/^invalid\.yaml:\d+:1: error: unknown key "seeed"/);
    expect(stderr).toContain('did you mean "seed"?');
  });

  test("ends in order when it is interrupted", async () => {
    plant("endless", (text) => calm(text).replace("duration: 3s", "duration: 7d"));
    const child = spawn(
      process.execPath,
      [...ARGUMENTS, "run", "calm.yaml", "endless.yaml", "--no-out"],
      { cwd, env: ENVIRONMENT },
    );
    let [stdout, stderr] = ["", ""];
    let isAsked = false;
    child.stderr.on("data", (data) => {
      stderr += String(data);
    });
    child.stdout.on("data", (data) => {
      stdout += String(data);
      // The first run is done, so the second has begun or is about to. Once: a second signal may find a process that is ending.
      if (!isAsked && stdout.includes("PASS")) {
        isAsked = true;
        setTimeout(() => child.kill("SIGINT"), 100);
      }
    });
    const status = await new Promise((resolve) => child.on("exit", resolve));
    expect(status).toBe(130);
    expect(stderr).toMatch(
      /interrupted: endless at [\d.-]+s, event #\d+\n1 of 2 runs were finished\n/,
    );
    expect(stdout).toContain("1 run: 1 as expected");
  });
});

describe("wrong usage", () => {
  test.each([
    [["rnu"], "Did you mean run?"],
    [["run", "--sede", "1", "calm.yaml"], "Did you mean --seed?"],
    [["run", "clam.yaml"], "clam.yaml: no such file; did you mean calm.yaml?"],
    [["run", "calm.yaml", "--only", "lost-writ"], 'did you mean "lost-write"?'],
    [["init", "calm"], "calm.yaml exists already"],
    [["docs", "ackss"], 'did you mean "acks"?'],
    [["replay", "calm.yaml"], "calm.yaml: a scenario, not a run"],
    [["run", "calm.yaml", "--seed", ""], "--seed must not be empty"],
    [["explain", "calm.yaml", "--seed", ""], "--seed must not be empty"],
    [["run"], "(faultline run --help explains)"],
  ])("%j is status 2 with a hint", (args, hint) => {
    const { status, stdout, stderr } = faultline(...args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toContain(hint);
  });
});
