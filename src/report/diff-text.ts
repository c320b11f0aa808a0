// The comparison of two runs in text: who they are, where they part, then what differs in checks, records and metrics.
import type {
  Comparison,
  Differing,
  OutcomeDifference,
  RunIdentity,
} from "../explain/comparison.ts";
import { divergenceText } from "./explain-text.ts";
import { count, decimal, hanging, instant, plural, shorten } from "./format.ts";
import type { Style } from "./style.ts";
import { type Column, table } from "./table.ts";
import { runName } from "./verdict.ts";

const MAX_METRICS = 24;
const MAX_NAME = 48;

export function diffText(comparison: Comparison, style: Style): string {
  const { a, b, divergence } = comparison;
  const blocks = [
    [identityLine("A", a, style), identityLine("B", b, style)].flat(),
    section("Where they part", parting(comparison, style), style),
    ...(divergence === null
      ? []
      : [
          section("Checks", checks(comparison, style), style),
          section("Records", records(comparison, style), style),
          section("Metrics", metrics(comparison.metrics, style), style),
        ]),
  ];
  return `${blocks
    .filter((block) => block.length > 0)
    .map((block) => block.join("\n"))
    .join("\n\n")}\n`;
}

function identityLine(letter: string, run: RunIdentity, style: Style): string[] {
  const text = `${runName(run)}, seed ${run.seed}: ${run.outcome}, ${plural(run.events, "event")} in ${instant(run.virtualTimeMs * 1000)}, trace ${run.traceHash}`;
  return hanging({ text: style.paint("strong", `${letter}  `), width: 3 }, text, style.width);
}

function parting({ divergence }: Comparison, style: Style): string[] {
  if (divergence === null) return ["  Nowhere: every event is the same."];
  const at = divergence.a[0] ?? divergence.b[0];
  const when = at === undefined ? "" : `, at ${instant(at.atMs * 1000)}`;
  return [
    `  After ${plural(divergence.same, "common event")}${when}:`,
    ...divergenceText(divergence, style, ["A", "B"]),
  ];
}

function checks({ checks: differing }: Comparison, style: Style): string[] {
  if (differing.length === 0) return [style.paint("dim", "  the same verdicts")];
  const word = ({ status, count: n }: { status: string; count: number }): string =>
    n > 0 ? `${status} ${style.glyphs.times}${count(n)}` : status;
  const columns = titled(["", "A", "B"], ["left", "left", "left"]);
  return indented(
    table(
      columns,
      differing.map((c) => [c.name, word(c.a), word(c.b)]),
      dimHead(style),
    ),
  );
}

function records({ records: totals, outcomes }: Comparison, style: Style): string[] {
  if (totals.length === 0 && outcomes.length === 0)
    return [style.paint("dim", "  the same outcome for every record")];
  const lines: string[] = [];
  if (totals.length > 0) lines.push(...numbers(totals, style));
  if (outcomes.length > 0) lines.push(...singles(outcomes, style));
  return lines;
}

/** Which records had another outcome; the first of them by name. */
function singles(outcomes: readonly OutcomeDifference[], style: Style): string[] {
  const cell = ({ count: n, first }: { count: number; first: string | null }): string =>
    n === 0 ? "" : `${count(n)} (${first}${n > 1 ? " ..." : ""})`;
  const columns = titled(
    ["stream", "records", "only in A", "only in B"],
    ["left", "left", "left", "left"],
  );
  const rows = outcomes.map(({ stream, outcome, onlyA, onlyB }) => [
    shorten(stream, MAX_NAME, style.glyphs.ellipsis),
    outcome,
    cell(onlyA),
    cell(onlyB),
  ]);
  return ["", ...indented(table(columns, rows, dimHead(style)))];
}

/** Plain figures before those of single partitions, clients and groups; what changed most comes first. */
function metrics(all: readonly Differing[], style: Style): string[] {
  if (all.length === 0) return [style.paint("dim", "  the same figures")];
  const isLabelled = ({ name }: Differing): boolean => name.includes("{");
  const ordered = [...all].sort(
    (x, y) => Number(isLabelled(x)) - Number(isLabelled(y)) || change(y) - change(x),
  );
  const lines = numbers(ordered.slice(0, MAX_METRICS), style);
  const hidden = all.length - MAX_METRICS;
  if (hidden > 0)
    lines.push(style.paint("dim", `  ${style.glyphs.ellipsis} ${count(hidden)} more with --json`));
  return lines;
}

/** How far apart two figures are, between 0 and 1. */
function change({ a, b }: Differing): number {
  if (a === null || b === null) return 1;
  const larger = Math.max(Math.abs(a), Math.abs(b));
  return larger === 0 ? 0 : Math.abs(a - b) / larger;
}

function numbers(differing: readonly Differing[], style: Style): string[] {
  const columns = titled(["", "A", "B", "B - A"], ["left", "right", "right", "right"]);
  const show = (n: number | null): string => (n === null ? "-" : decimal(n));
  const rows = differing.map(({ name, a, b }) => [
    shorten(name, MAX_NAME, style.glyphs.ellipsis),
    show(a),
    show(b),
    a === null || b === null ? "" : `${b > a ? "+" : ""}${decimal(b - a)}`,
  ]);
  return indented(table(columns, rows, dimHead(style)));
}

const titled = (titles: readonly string[], aligns: readonly Column["align"][]): Column[] =>
  titles.map((title, i) => ({ title, align: aligns[i] ?? "left" }));

const indented = (lines: readonly string[]): string[] => lines.map((line) => `  ${line}`);

const dimHead =
  (style: Style) =>
  (padded: string, row: number): string =>
    row < 0 ? style.paint("dim", padded) : padded;

function section(title: string, lines: readonly string[], style: Style): string[] {
  return lines.length === 0 ? [] : [style.paint("heading", title), ...lines];
}
