// What happened, in order, in aligned columns: time, event number, who, what. The selection is the view's; this only sets it in type.
import type { RunReport, TimelineEntry } from "../runner/result.ts";
import { count, hanging, instant, shorten } from "./format.ts";
import type { Role, Style } from "./style.ts";

const MAX_WHO = 16;

const ROLES: Readonly<Record<TimelineEntry["kind"], Role | undefined>> = {
  fault: "warn",
  host: undefined,
  election: "strong",
  isr: undefined,
  controller: undefined,
  offline: "fail",
  client: undefined,
  run: "dim",
  settling: "dim",
};

export function timelineText(report: RunReport, style: Style): string[] {
  const { timeline } = report;
  if (timeline.length === 0) return [];
  const timeWidth = timeline.reduce((w, e) => Math.max(w, instant(e.atUs).length), 0);
  const whoWidth = Math.min(
    MAX_WHO,
    timeline.reduce((w, e) => Math.max(w, e.who.length), 0),
  );
  const numberWidth =
    style.width >= 72 ? timeline.reduce((w, e) => Math.max(w, String(e.event).length + 1), 0) : 0;
  const lines = timeline.flatMap((e) => line(e, { timeWidth, whoWidth, numberWidth }, style));
  if (report.timelineOmitted > 0) {
    const text = `${style.glyphs.ellipsis} ${count(report.timelineOmitted)} more left out`;
    lines.push(`  ${style.paint("dim", text)}`);
  }
  return lines;
}

/** A member's id is its client's name and a UUID: enough of it to tell one from another. */
const withShortIds = (text: string, ellipsis: string): string =>
  text.replace(/-([0-9a-f]{4})[0-9a-f]{4}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, `-$1${ellipsis}`);

interface Widths {
  readonly timeWidth: number;
  readonly whoWidth: number;
  readonly numberWidth: number;
}

function line(entry: TimelineEntry, widths: Widths, style: Style): string[] {
  const time = instant(entry.atUs).padStart(widths.timeWidth);
  const number =
    widths.numberWidth > 0
      ? `  ${style.paint("dim", `#${entry.event}`.padStart(widths.numberWidth))}`
      : "";
  const who = shorten(entry.who, widths.whoWidth, style.glyphs.ellipsis).padEnd(widths.whoWidth);
  const lead = { text: `  ${time}${number}  ${who}  `, width: leadWidth(widths) };
  const records = entry.records > 0 ? `, ${count(entry.records)} records in all` : "";
  const repeat = entry.times > 1 ? ` ${style.glyphs.times}${count(entry.times)}${records}` : "";
  const role = ROLES[entry.kind];
  return hanging(
    lead,
    withShortIds(entry.text, style.glyphs.ellipsis) + repeat,
    style.width,
    (text) => (role === undefined ? text : style.paint(role, text)),
  );
}

const leadWidth = ({ timeWidth, whoWidth, numberWidth }: Widths): number =>
  2 + timeWidth + (numberWidth > 0 ? 2 + numberWidth : 0) + 2 + whoWidth + 2;
