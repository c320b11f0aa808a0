// A run that was kept: its directory, what was run, and the scenario as it was then.
import { existsSync } from "node:fs";
import path from "node:path";
import { UsageError } from "./failure.ts";
import { readText, type ScenarioFile } from "./files.ts";
import type { RunFile } from "./run.ts";

export interface StoredRun {
  readonly directory: string;
  readonly run: RunFile;
  readonly file: ScenarioFile;
}

export function storedRun(given: string, out?: string): StoredRun {
  const directory = found(given, out);
  const run = parsed<RunFile>(path.join(directory, "run.json"));
  const text = readText(path.join(directory, "scenario.yaml"));
  return { directory, run, file: { name: run.file, text } };
}

/** The directory as named, or below the directory of all runs. */
function found(given: string, out = "reports/runs"): string {
  const candidates = [
    given,
    path.join(out, given),
    path.join(given, "latest"),
    path.join(out, given, "latest"),
  ];
  const run = candidates.find((candidate) => existsSync(path.join(candidate, "result.json")));
  if (run !== undefined) return run;
  if (/\.ya?ml$/.test(given))
    throw new UsageError(`${given}: a scenario, not a run; faultline run ${given} makes one`);
  throw new UsageError(`${given}: no run here (a directory with result.json, like ${out}/latest)`);
}

export function parsed<T>(file: string): T {
  const text = readText(file);
  try {
    return JSON.parse(text) as T;
  } catch {
    throw new UsageError(`${file}: not JSON`);
  }
}
