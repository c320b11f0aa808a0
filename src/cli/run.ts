// faultline run: scenarios in, verdicts out. Loads everything first, so that a mistake in the last file does not cost the first run.
import { PLAIN, type Style } from "../report/style.ts";
import { textReport } from "../report/text.ts";
import type { RunReport } from "../runner/result.ts";
import type { RunOptions } from "../runner/run.ts";
import { renderDiagnostics, ScenarioError } from "../scenario/diagnostics.ts";
import { loadScenario } from "../scenario/load.ts";
import type { Scenario } from "../scenario/model.ts";
import { eventJson, eventText } from "./event-lines.ts";
import { bugText, EXIT, type ExitCode } from "./failure.ts";
import type { ScenarioFile } from "./files.ts";
import { NO_PROGRESS, progressLine } from "./progress.ts";
import { replayLine } from "./replay-line.ts";
import { type FinishedRun, reporterFor, resultJson } from "./reporters.ts";
import { LineFile, linkLatest, prepareOut, runDirectory, writeFile } from "./run-directory.ts";
import { optionWords, type RunSettings } from "./run-options.ts";
import { drive, interruptible, type StartRun } from "./stepper.ts";

/** Where output goes; the command line gives the process's streams. */
export interface Output {
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  readonly style: Style;
  readonly progress: boolean;
  readonly debug: boolean;
  readonly version: string;
}

interface Job {
  readonly file: ScenarioFile;
  readonly scenario: Scenario;
}

export async function runFiles(
  files: readonly ScenarioFile[],
  settings: RunSettings,
  output: Output,
  startRun: StartRun,
): Promise<{ readonly code: ExitCode; readonly runs: readonly FinishedRun[] }> {
  const jobs = loadAll(files, settings, output);
  if (jobs === undefined) return { code: EXIT.usage, runs: [] };
  if (settings.out !== undefined) prepareOut(settings.out);
  const reporter = reporterFor(settings.reporter, {
    write: output.stdout,
    style: output.style,
    quiet: settings.quiet,
    planned: jobs.length,
    brief: files.length > 1,
  });
  const { interrupted, release } = interruptible();
  const runs: FinishedRun[] = [];
  let code: ExitCode = EXIT.ok;
  for (const job of jobs) {
    const outcome = await runOne(job, settings, output, startRun, interrupted);
    if (outcome === "interrupted") {
      code = EXIT.interrupted;
      break;
    }
    if (outcome === "bug") code = EXIT.bug;
    else {
      const run = { file: job.file.name, report: outcome };
      runs.push(run);
      reporter.finished(run);
      if (outcome.result.outcome === "unexpected" && code === EXIT.ok) code = EXIT.unexpected;
    }
    if (settings.bail && code !== EXIT.ok) break;
  }
  release();
  reporter.end(runs);
  if (runs.length < jobs.length && jobs.length > 1) {
    output.stderr(`${runs.length} of ${jobs.length} runs were finished\n`);
  }
  return { code, runs };
}

function loadAll(
  files: readonly ScenarioFile[],
  { seed, variant, set, quiet }: RunSettings,
  output: Output,
): Job[] | undefined {
  const jobs: Job[] = [];
  let failed = false;
  const options = {
    ...(seed === undefined ? {} : { seed }),
    ...(variant === undefined ? {} : { variant }),
    set,
  };
  for (const file of files) {
    try {
      const { scenarios, warnings } = loadScenario(file.text, file.name, options);
      jobs.push(...scenarios.map((scenario) => ({ file, scenario })));
      if (warnings.length > 0 && !quiet) {
        output.stderr(`${renderDiagnostics(warnings, new Map([[file.name, file.text]]))}\n`);
      }
    } catch (error) {
      if (!(error instanceof ScenarioError)) throw error;
      output.stderr(`${error.message}\n`);
      failed = true;
    }
  }
  return failed ? undefined : jobs;
}

async function runOne(
  job: Job,
  settings: RunSettings,
  output: Output,
  startRun: StartRun,
  interrupted: () => boolean,
): Promise<RunReport | "interrupted" | "bug"> {
  const { scenario, file } = job;
  const words = optionWords(settings);
  const replay = replayLine(file.name, scenario, words);
  const name =
    scenario.variant === undefined ? scenario.name : `${scenario.name}/${scenario.variant}`;
  const identity = { scenario, version: output.version, options: words };
  const directory = settings.out === undefined ? undefined : runDirectory(settings.out, identity);
  const events =
    settings.trace && directory !== undefined ? new LineFile(directory, "events.jsonl") : undefined;
  const progress = output.progress ? progressLine(name) : NO_PROGRESS;
  let at = { nowUs: 0, events: 0 };
  try {
    const run = startRun(scenario, runOptions(replay, settings, output, events));
    const report = await drive(run, interrupted, (now) => {
      at = now;
      progress.update(now);
    });
    progress.stop();
    if (report === undefined) {
      events?.discard();
      output.stderr(
        `interrupted: ${name} at ${(at.nowUs / 1e6).toFixed(3)}s, event #${at.events}\n`,
      );
      return "interrupted";
    }
    events?.commit();
    if (directory !== undefined) keep(directory, settings, job, report, output);
    return report;
  } catch (error) {
    progress.stop();
    events?.discard();
    if (isFileSystemError(error)) throw error;
    const { variant, seed } = scenario;
    const context = { scenario: scenario.name, variant, seed, ...at, replay };
    output.stderr(bugText(error, context, output.debug));
    return "bug";
  }
}

const isFileSystemError = (error: unknown): boolean =>
  error instanceof Error && "syscall" in error && "code" in error;

function runOptions(
  replay: string,
  settings: RunSettings,
  output: Output,
  events: LineFile | undefined,
): RunOptions {
  return {
    replay: () => replay,
    strict: settings.strict,
    ...(settings.only.length > 0 ? { only: settings.only } : {}),
    ...(settings.untilUs === undefined ? {} : { untilUs: settings.untilUs }),
    ...(settings.trace
      ? {
          onEvent: (event, text, host) => {
            if (events === undefined) output.stderr(`${eventText(event, text, host)}\n`);
            else events.write(eventJson(event, text));
          },
        }
      : {}),
  };
}

/** What `replay` needs to run the same again. */
export interface RunFile {
  readonly apiVersion: "faultline.run/v1";
  readonly file: string;
  readonly variant: string | null;
  readonly seed: string;
  readonly set: readonly string[];
  readonly only: readonly string[];
  readonly strict: boolean;
}

/** result.json comes last: where it is, the rest is complete. */
function keep(
  directory: string,
  settings: RunSettings,
  { file, scenario }: Job,
  report: RunReport,
  output: Output,
): void {
  const run: RunFile = {
    apiVersion: "faultline.run/v1",
    file: file.name,
    variant: scenario.variant ?? null,
    seed: scenario.seed,
    set: settings.set,
    only: settings.only,
    strict: settings.strict,
  };
  writeFile(directory, "scenario.yaml", file.text);
  writeFile(directory, "run.json", `${JSON.stringify(run, null, 2)}\n`);
  writeFile(directory, "report.txt", textReport(report, PLAIN));
  writeFile(directory, "result.json", `${resultJson(report.result)}\n`);
  linkLatest(settings.out as string, directory);
  if (!settings.quiet) output.stderr(`${output.style.paint("dim", `written: ${directory}`)}\n`);
}
