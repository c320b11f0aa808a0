// Who writes results to stdout: the text report while the runs go on, the documents (JSON, JUnit, GitHub annotations) at their end.
import { githubReport } from "../report/github.ts";
import { junitReport } from "../report/junit.ts";
import type { Style } from "../report/style.ts";
import { textReport, totals, verdictLine } from "../report/text.ts";
import { variantsText } from "../report/variants-text.ts";
import type { RunReport, RunResult } from "../runner/result.ts";
import type { ReporterName } from "./run-options.ts";

export interface FinishedRun {
  readonly file: string;
  readonly report: RunReport;
}

export interface Reporter {
  finished(run: FinishedRun): void;
  /** `runs` is what was finished; fewer than planned after an interruption or --bail. */
  end(runs: readonly FinishedRun[]): void;
}

export interface ReporterOptions {
  readonly write: (text: string) => void;
  readonly style: Style;
  readonly quiet: boolean;
  /** Runs to come. */
  readonly planned: number;
  /** More than one file: a line a run, the whole report only where it is needed. */
  readonly brief: boolean;
}

export function reporterFor(name: ReporterName, options: ReporterOptions): Reporter {
  if (name === "default") return textReporter(options);
  return {
    finished: () => {},
    end: (runs) => options.write(documentOf(name, runs, options.planned)),
  };
}

export const resultJson = (result: RunResult): string => JSON.stringify(result, null, 2);

function documentOf(
  name: Exclude<ReporterName, "default">,
  runs: readonly FinishedRun[],
  planned: number,
): string {
  const results = runs.map(({ report }) => report.result);
  switch (name) {
    case "json": {
      const only = results[0];
      if (planned === 1) return only === undefined ? "" : `${resultJson(only)}\n`;
      return `${JSON.stringify(results, null, 2)}\n`;
    }
    case "junit":
      return junitReport(results);
    case "github":
      return githubReport(runs.map(({ file, report }) => ({ file, result: report.result })));
  }
}

const MAX_REPLAYS = 10;

function textReporter({ write, style, quiet, planned, brief }: ReporterOptions): Reporter {
  let reports = 0;
  return {
    finished({ report }) {
      const bad = report.result.outcome === "unexpected";
      if (quiet || (brief && !bad)) return write(`${verdictLine(report.result, style)}\n`);
      const rule = style.paint("dim", style.glyphs.bar.repeat(Math.min(style.width, 100)));
      write(`${reports++ > 0 || brief ? `${rule}\n` : ""}${textReport(report, style)}`);
      if (brief) write(`${rule}\n`);
    },
    end(runs) {
      if (planned === 1 || runs.length === 0) return;
      const results = runs.map(({ report }) => report.result);
      if (!quiet && !brief) for (const line of variantsText(results, style)) write(`${line}\n`);
      write(`\n${totals(results, style)}\n`);
      const bad = results.filter((result) => result.outcome === "unexpected");
      for (const { replay } of bad.slice(0, MAX_REPLAYS)) write(`replay: ${replay}\n`);
    },
  };
}
