import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { scenarioFiles } from "../../src/cli/files.ts";
import {
  LineFile,
  linkLatest,
  prepareOut,
  runDirectory,
  writeFile,
} from "../../src/cli/run-directory.ts";
import type { Scenario } from "../../src/scenario/model.ts";

let root = "";
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), "faultline-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function plant(...files: string[]): void {
  for (const file of files) {
    mkdirSync(path.join(root, path.dirname(file)), { recursive: true });
    writeFileSync(path.join(root, file), `name: ${file}`);
  }
}
const names = (...given: string[]): string[] =>
  scenarioFiles(given.map((one) => path.join(root, one))).map((file) => file.text.slice(6));

test("a directory is searched in the order of names, hidden files left alone", () => {
  plant("b.yaml", "a/z.yml", "a/.hidden.yaml", "a/notes.md", ".git/x.yaml");
  expect(names(".")).toEqual(["a/z.yml", "b.yaml"]);
});

test("a pattern stays within a directory unless it says **", () => {
  plant("x/a.yaml", "x/y/b.yaml", "x/c.yaml");
  expect(names("x/*.yaml")).toEqual(["x/a.yaml", "x/c.yaml"]);
  expect(names("x/**/*.yaml")).toEqual(["x/a.yaml", "x/c.yaml", "x/y/b.yaml"]);
  expect(names("x/?.yaml")).toEqual(["x/a.yaml", "x/c.yaml"]);
});

test("a file named twice is run once", () => {
  plant("a.yaml");
  expect(names("a.yaml", ".", "./a.yaml")).toEqual(["a.yaml"]);
});

test("a missing file is told with the nearest one that exists", () => {
  plant("election.yaml");
  expect(() => names("elction.yaml")).toThrow(
    /elction.yaml: no such file; did you mean .*election.yaml\?/,
  );
  expect(() => names("*.yml")).toThrow("no scenario matches");
});

test("a file is shown as one names it from the working directory, never by its absolute path", () => {
  plant("a.yaml");
  const shown = scenarioFiles([path.join(root, "a.yaml")])[0]?.name ?? "";
  expect(path.isAbsolute(shown)).toBe(false);
  expect(path.resolve(shown)).toBe(path.join(root, "a.yaml"));
});

const scenario = (seed: string, variant?: string): Scenario =>
  ({ name: "story", variant, seed, durationUs: 1 }) as unknown as Scenario;
const directory = (given: Scenario, options: string[] = []): string =>
  runDirectory("out", { scenario: given, version: "1", options });

test("a run's directory is named by what was run, and by nothing else", () => {
  expect(directory(scenario("42"))).toMatch(/^out\/story\/42-[0-9a-f]{8}$/);
  expect(directory(scenario("42"))).toBe(directory(scenario("42")));
  expect(directory(scenario("42", "clean"))).toMatch(/^out\/story-clean\/42-/);
  expect(directory(scenario("42"), ["--strict"])).not.toBe(directory(scenario("42")));
});

test("a seed cannot leave the directory", () => {
  expect(directory(scenario("../../etc/passwd"))).toMatch(/^out\/story\/_etc_passwd-[0-9a-f]{8}$/);
  expect(directory(scenario("a/b"))).not.toBe(directory(scenario("a b")));
});

test("files appear whole, and leave no others behind", () => {
  const run = path.join(root, "story", "42-00000000");
  writeFile(run, "report.txt", "one");
  writeFile(run, "report.txt", "two");
  const lines = new LineFile(run, "events.jsonl");
  lines.write("1");
  expect(readdirSync(run)).not.toContain("events.jsonl");
  lines.write("2");
  lines.commit();
  const dropped = new LineFile(run, "other.jsonl");
  dropped.write("x");
  dropped.discard();
  expect(readdirSync(run).sort()).toEqual(["events.jsonl", "report.txt"]);
  expect(readFileSync(path.join(run, "report.txt"), "utf8")).toBe("two");
  expect(readFileSync(path.join(run, "events.jsonl"), "utf8")).toBe("1\n2\n");
});

test("a place where nothing can be kept is refused before the first run", () => {
  plant("file");
  expect(() => prepareOut(path.join(root, "file", "runs"))).toThrow(
    /--out .*cannot keep runs there/,
  );
});

test("latest follows the last run", () => {
  for (const id of ["1-aa", "2-bb"]) {
    writeFile(path.join(root, "story", id), "result.json", id);
    linkLatest(root, path.join(root, "story", id));
  }
  expect(readlinkSync(path.join(root, "latest"))).toBe("story/2-bb");
  expect(readFileSync(path.join(root, "story", "latest", "result.json"), "utf8")).toBe("2-bb");
});
