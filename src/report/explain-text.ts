// An explanation in text: the anomaly, how it came about in numbered sentences, what would have prevented it, and where the nearest run in
// which it does not happen takes another way.
import type {
  Biography,
  BiographyEntry,
  Divergence,
  Explanation,
  Trial,
} from "../explain/explanation.ts";
import { eventLines } from "./event-lines-text.ts";
import { count, hanging, plural, wrap } from "./format.ts";
import type { Style } from "./style.ts";
import { type Column, table } from "./table.ts";
import { runName } from "./verdict.ts";

export function explanationText(
  explanation: Explanation,
  others: readonly string[],
  style: Style,
): string {
  const blocks = [
    headline(explanation, style),
    section("How it came about", sentences(explanation, style), style),
    section("What would have prevented it", trialsText(explanation.trials, style), style),
    section("The nearest run in which it does not happen", nearestText(explanation, style), style),
    others.length === 0
      ? []
      : wrap(
          `Also in this run: ${others.join(", ")} (--check NAME explains one).`,
          style.width,
        ).map((line) => style.paint("dim", line)),
  ];
  return `${blocks
    .filter((block) => block.length > 0)
    .map((block) => block.join("\n"))
    .join("\n\n")}\n`;
}

function headline(e: Explanation, style: Style): string[] {
  const { width, glyphs, paint } = style;
  const isBug = e.status === "violated";
  const glyph = isBug ? glyphs.fail : glyphs.lesson;
  const lead = `${glyph} ${e.check} ${glyphs.times}${count(e.count)}  `;
  const by =
    e.permittedBy === null
      ? "violated: no setting and no fault permits it"
      : `occurred, permitted by ${e.permittedBy}`;
  return [
    ...hanging(
      { text: paint(isBug ? "fail" : "lesson", lead), width: lead.length },
      `${by}  (${runName(e)}, seed ${e.seed})`,
      width,
    ),
    ...wrap(e.message, width - 2).map((line) => `  ${line}`),
  ];
}

function sentences({ sentences: told }: Explanation, style: Style): string[] {
  return told.flatMap(({ text }, i) => {
    const lead = `${String(i + 1).padStart(3)}. `;
    return hanging({ text: lead, width: lead.length }, text, style.width);
  });
}

function trialsText(trials: readonly Trial[], style: Style): string[] {
  if (trials.length === 0) return [];
  const columns: Column[] = [
    { title: "the same run with", align: "left", max: 60 },
    { title: "", align: "left" },
    { title: "acked", align: "right" },
    { title: "refused", align: "right" },
    { title: "lost", align: "right" },
  ];
  const ordered = [...trials].sort((a, b) => Number(b.prevents) - Number(a.prevents));
  const rows = ordered.map(({ change, prevents, count: left, records }) => [
    change,
    prevents ? `${style.glyphs.pass} prevented` : `${style.glyphs.fail} still ${count(left)}`,
    count(records.acked),
    count(records.failed + records.unknown),
    count(records.lost),
  ]);
  const lines = table(columns, rows, (padded, row, column) => {
    if (row < 0) return style.paint("dim", padded);
    if (column !== 1) return padded;
    return style.paint(ordered[row]?.prevents === true ? "pass" : "dim", padded);
  });
  const settings = trials.filter(({ kind, prevents }) => kind === "setting" && prevents);
  const none =
    settings.length > 0
      ? []
      : ["  No single setting that was tried prevents it with this seed; each was run."];
  return [...lines.map((line) => `  ${line}`), ...none];
}

function nearestText({ nearest }: Explanation, style: Style): string[] {
  if (nearest === null) return [];
  const { change, divergence } = nearest;
  const lead = { text: "  ", width: 2 };
  if (divergence === null)
    return hanging(lead, `With ${change}; its events are the same.`, style.width);
  const name = change.startsWith("without") ? change : `with ${change}`;
  const text = `The same seed, ${name}. The two runs share ${plural(divergence.same, "event")} and then part:`;
  return [
    ...hanging(lead, text, style.width),
    ...divergenceText(divergence, style, ["this run", "that run"]),
  ];
}

/** The last common events, and how each run goes on. */
export function divergenceText(
  { before, a, b }: Divergence,
  style: Style,
  labels: readonly [string, string],
): string[] {
  const width = Math.max(...labels.map((label) => label.length), 4) + 2;
  const block = (events: Divergence["a"], label: string, dim: boolean): string[] => {
    if (events.length === 0) return [`  ${label.padEnd(width)}(no more events)`];
    return eventLines(events, style, {
      lead: (e) => `  ${(e === events[0] ? label : "").padEnd(width)}`,
      ...(dim ? { role: () => "dim" as const } : {}),
    });
  };
  return [
    ...(before.length === 0 ? [] : block(before.slice(-2), "both", true)),
    ...block(a, labels[0], false),
    ...block(b, labels[1], false),
  ];
}

const ROLE_LEADS: Readonly<Record<BiographyEntry["role"], string>> = {
  step: "  ",
  cause: "  because  ",
  subject: "  this     ",
  effect: "  led to   ",
};

export function biographyText(biography: Biography, style: Style): string {
  const { of, summary, entries, leftOut } = biography;
  const title = `${of}  (${runName(biography)}, seed ${biography.seed})`;
  const lines = [
    ...wrap(title, style.width).map((line) => style.paint("strong", line)),
    ...summary.flatMap((text) => wrap(text, style.width)),
    "",
    ...eventLines(entries, style, {
      lead: ({ role }) => ROLE_LEADS[role],
      role: ({ role }) => (role === "subject" ? "strong" : undefined),
    }),
  ];
  if (leftOut > 0)
    lines.push(style.paint("dim", `  ${style.glyphs.ellipsis} ${count(leftOut)} more left out`));
  return `${lines.join("\n")}\n`;
}

function section(title: string, lines: readonly string[], style: Style): string[] {
  return lines.length === 0 ? [] : [style.paint("heading", title), ...lines];
}
