// faultline replay: runs again what a run directory holds, and says whether the trace is the same.
import { statSync } from "node:fs";
import path from "node:path";
import type { RunResult } from "../runner/result.ts";
import { EXIT, type ExitCode, UsageError } from "./failure.ts";
import { readText } from "./files.ts";
import { type Output, type RunFile, runFiles } from "./run.ts";
import { type RunFlags, runSettings } from "./run-options.ts";
import type { StartRun } from "./stepper.ts";

export async function replay(
  given: string,
  flags: RunFlags,
  output: Output,
  startRun: StartRun,
): Promise<ExitCode> {
  const directory = found(given, flags.out === false ? undefined : flags.out);
  const run = parsed<RunFile>(path.join(directory, "run.json"));
  const before = parsed<RunResult>(path.join(directory, "result.json"));
  const file = { name: run.file, text: readText(path.join(directory, "scenario.yaml")) };
  const settings = runSettings({
    ...flags,
    out: false,
    seed: run.seed,
    set: run.set,
    only: run.only,
    strict: run.strict,
    ...(run.variant === null ? {} : { variant: run.variant }),
  });
  const { code, runs } = await runFiles([file], settings, output, startRun);
  const after = runs[0]?.report.result;
  if (after === undefined || settings.untilUs !== undefined) return code;
  if (after.traceHash === before.traceHash) {
    if (!settings.quiet) output.stderr(`same trace as recorded: ${after.traceHash}\n`);
    return code;
  }
  if (after.version !== before.version) {
    output.stderr(`another trace: recorded with ${before.version}, this is ${after.version}\n`);
    return code;
  }
  output.stderr(
    `faultline has a bug: trace ${after.traceHash}, but ${before.traceHash} was recorded with the same version\n`,
  );
  return EXIT.bug;
}

/** The directory as named, or below the directory of all runs. */
function found(given: string, out = "reports/runs"): string {
  const candidates = [
    given,
    path.join(out, given),
    path.join(given, "latest"),
    path.join(out, given, "latest"),
  ];
  for (const candidate of candidates) {
    const result = statSync(path.join(candidate, "result.json"), { throwIfNoEntry: false });
    if (result !== undefined) return candidate;
  }
  throw new UsageError(`${given}: no run here (a directory with result.json, like ${out}/latest)`);
}

function parsed<T>(file: string): T {
  const text = readText(file);
  try {
    return JSON.parse(text) as T;
  } catch {
    throw new UsageError(`${file}: not JSON`);
  }
}
