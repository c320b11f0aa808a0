import { expect, test } from "vitest";
import { replayLine } from "../../src/cli/replay-line.ts";
import { optionWords, runSettings } from "../../src/cli/run-options.ts";
import type { Scenario } from "../../src/scenario/model.ts";

test("checks may be given as lists and repeatedly", () => {
  expect(runSettings({ only: ["lost-write,duplicate", "lost-write"] }).only).toEqual([
    "lost-write",
    "duplicate",
  ]);
});

test("a check that does not exist is refused with a suggestion", () => {
  expect(() => runSettings({ only: ["lost-writes"] })).toThrow('did you mean "lost-write"?');
});

test("--json is the json reporter, and no other beside it", () => {
  expect(runSettings({ json: true }).reporter).toBe("json");
  expect(() => runSettings({ json: true, reporter: "junit" })).toThrow("exclude each other");
});

test("--until takes a time with its unit, a bare number is milliseconds", () => {
  expect(runSettings({ until: "91.2s" }).untilUs).toBe(91_200_000);
  expect(runSettings({ until: "250" }).untilUs).toBe(250_000);
  expect(() => runSettings({ until: "soon" })).toThrow("--until soon: a duration");
});

test("--no-out keeps nothing", () => {
  expect(runSettings({ out: false }).out).toBeUndefined();
  expect(runSettings({}).out).toBe("reports/runs");
});

test("the replay line survives a shell", () => {
  const settings = runSettings({ set: ["a.b=it's [1, 2]"], strict: true, until: "1s" });
  const scenario = { variant: "v", seed: "a b" } as Scenario;
  expect(replayLine("dir/x.yaml", scenario, optionWords(settings))).toBe(
    "faultline run dir/x.yaml --variant v --seed 'a b' --set 'a.b=it'\\''s [1, 2]' --strict --until 1s",
  );
});
