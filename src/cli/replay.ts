// faultline replay: runs again what a run directory holds, and says whether the trace is the same.
import path from "node:path";
import type { RunResult } from "../runner/result.ts";
import { EXIT, type ExitCode } from "./failure.ts";
import { type Output, runFiles } from "./run.ts";
import { type RunFlags, runSettings } from "./run-options.ts";
import type { StartRun } from "./stepper.ts";
import { parsed, storedRun } from "./stored-run.ts";

export async function replay(
  given: string,
  flags: RunFlags,
  output: Output,
  startRun: StartRun,
): Promise<ExitCode> {
  const { directory, run, file } = storedRun(given, flags.out === false ? undefined : flags.out);
  const before = parsed<RunResult>(path.join(directory, "result.json"));
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
