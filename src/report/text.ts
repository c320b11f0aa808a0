// The text report of a run: the verdict first, then the story, who led when, what happened, what became of the records, and why the
// verdict is what it is; the line that repeats the run comes last. A pure function of the run's report.
import type { RunReport, RunResult } from "../runner/result.ts";
import {
  assertionsText,
  checksText,
  passed,
  tally,
  thresholdsText,
  warningsText,
} from "./checks-text.ts";
import { count, hanging, plural, span, wrap } from "./format.ts";
import { groupsText } from "./groups-text.ts";
import { leaderChart } from "./leader-chart.ts";
import { ledgerText } from "./ledger-text.ts";
import { latencyText, recordsText } from "./records-text.ts";
import type { Role, Style } from "./style.ts";
import { timelineText } from "./timeline-text.ts";
import { isLesson, lessons, reasons, runName } from "./verdict.ts";

const MIN_WIDTH = 40;

export function textReport(report: RunReport, given: Style): string {
  const style = given.width < MIN_WIDTH ? { ...given, width: MIN_WIDTH } : given;
  const { result } = report;
  const blocks: (readonly string[])[] = [
    verdict(result, style),
    story(report, style),
    section("Who led when", "", leaderChart(report, style), style),
    section("What happened", "", timelineText(report, style), style),
    section("Records", "", [...recordsText(result, style), ...latencyText(result, style)], style),
    section("Groups", "", groupsText(report, style), style),
    section("Availability", "", ledgerText(result, style), style),
    section("Checks", tally(result.checks), checksText(result, style), style),
    section(
      "Assertions",
      passed(result.assertions, "held"),
      assertionsText(result.assertions, style),
      style,
    ),
    section(
      "Thresholds",
      passed(result.thresholds, "met"),
      thresholdsText(result.thresholds, style),
      style,
    ),
    section(
      "Warnings",
      plural(result.warnings.length, "warning"),
      warningsText(result.warnings, style),
      style,
    ),
    replay(result, style),
  ];
  const shown = blocks.filter((block) => block.length > 0);
  return `${shown.map((block) => block.join("\n")).join("\n\n")}\n`;
}

/** The one line for a list of runs: `PASS  name / variant  as expected`. */
export function verdictLine(result: RunResult, style: Style): string {
  const bad = result.outcome === "unexpected";
  const why = bad ? summarized(reasons(result)) : lessonLine(result);
  const sign = bad ? style.paint("fail", "FAIL") : style.paint("pass", "PASS");
  return `${sign}  ${style.paint("strong", runName(result))}  ${why}`.trimEnd();
}

function lessonLine(result: RunResult): string {
  const shown = result.checks.filter(isLesson).map((check) => check.name);
  return shown.length === 0 ? "as expected" : `as expected, shows ${shown.join(", ")}`;
}

function summarized(texts: readonly string[]): string {
  if (texts.length <= 3) return texts.join("; ");
  return `${texts.slice(0, 2).join("; ")}; and ${texts.length - 2} more`;
}

function verdict(result: RunResult, style: Style): string[] {
  const bad = result.outcome === "unexpected";
  const role: Role = bad ? "fail" : "pass";
  const word = bad ? "FAIL" : "PASS";
  const tail = bad ? summarized(reasons(result)) : "as expected";
  const lead = `${word}  `;
  const lines = hanging(
    { text: style.paint(role, lead), width: lead.length },
    `${runName(result)}: ${tail}`,
    style.width,
    (line) => style.paint("strong", line),
  );
  const shows = lessons(result);
  for (const [i, lesson] of shows.entries()) {
    const label = i === 0 ? "shows " : "      ";
    lines.push(
      ...hanging(
        { text: `${label.padStart(lead.length)}`, width: Math.max(6, lead.length) },
        lesson,
        style.width,
        (line) => style.paint("lesson", line),
      ),
    );
  }
  return lines;
}

function story(report: RunReport, style: Style): string[] {
  const { result } = report;
  const source = report.source === undefined ? "" : ` (${report.source})`;
  const lines = wrap(report.title + source, style.width).map((l) => style.paint("strong", l));
  if (report.story !== undefined) lines.push(...wrap(report.story, style.width), "");
  const facts = [
    `seed ${result.seed}`,
    `${span(Math.round(result.virtualTimeMs * 1000))} simulated`,
    plural(result.events, "event"),
    `trace ${result.traceHash}`,
  ];
  const run = `${report.clusterText}; ${facts.join(", ")}`;
  return [...lines, ...wrap(run, style.width).map((l) => style.paint("dim", l))];
}

function section(title: string, note: string, lines: readonly string[], style: Style): string[] {
  if (lines.length === 0) return [];
  const shown = note === "" ? "" : `  ${style.paint("dim", note)}`;
  return [style.paint("heading", title) + shown, ...lines];
}

/** Never wrapped: it is there to be copied. */
function replay(result: RunResult, style: Style): string[] {
  const bad = result.outcome === "unexpected";
  return [
    `replay: ${bad ? style.paint("strong", result.replay) : style.paint("dim", result.replay)}`,
  ];
}

/** The last line of several runs. */
export function totals(results: readonly RunResult[], style: Style): string {
  const bad = results.filter((result) => result.outcome === "unexpected").length;
  const events = results.reduce((n, result) => n + result.events, 0);
  const good = `${count(results.length - bad)} as expected`;
  const parts = bad > 0 ? [style.paint("fail", `${count(bad)} unexpected`)] : [];
  parts.push(style.paint("pass", good));
  return `${plural(results.length, "run")}: ${parts.join(", ")}; ${plural(events, "event")}`;
}
