// Runs that the exhibits share: each scenario and variant once.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { CheckResult } from "../../src/check/judge.ts";
import { startRun } from "../../src/runner/run.ts";
import { loadScenario } from "../../src/scenario/load.ts";
import { ms } from "../../src/sim/kernel.ts";
import { type Bite, BiteMarks } from "./bites.ts";

export interface Shown {
  readonly results: ReadonlyMap<string, CheckResult>;
  readonly bites: ReadonlySet<Bite>;
  readonly warnings: readonly string[];
}

const ROOT = new URL("../..", import.meta.url).pathname;
const FOLDERS = ["scenarios/demos", "scenarios/formulas", "test/contract/scenarios"];

/** Where the scenario of a run ("name variant" or "name variant seed") stands. */
export function fileOf(run: string): string {
  const name = `${run.split(" ")[0]}.yaml`;
  const folder = FOLDERS.find((at) => readdirSync(join(ROOT, at)).includes(name));
  if (folder === undefined) throw new Error(`no scenario is called ${name}`);
  return join(folder, name);
}

const known = new Map<string, Shown>();

export function shown(run: string): Shown {
  const before = known.get(run);
  if (before !== undefined) return before;
  const file = fileOf(run);
  const [, variant, seed] = run.split(" ");
  const text = readFileSync(join(ROOT, file), "utf8");
  const { scenarios } = loadScenario(text, file, seed === undefined ? {} : { seed });
  const scenario = scenarios.find((s) => s.variant === variant);
  if (scenario === undefined) throw new Error(`${file} has no variant ${variant}`);
  const running = startRun(scenario, { replay: () => "" });
  const marks = new BiteMarks(() => running.view);
  running.observe(marks.listeners);
  while (running.advance(scenario.durationUs + scenario.settleUs + ms(60_000)));
  const { warnings } = running.finish().result;
  const results = new Map(running.results.map((result) => [result.name as string, result]));
  const made = { results, bites: marks.seen, warnings };
  known.set(run, made);
  return made;
}
