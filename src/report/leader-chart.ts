// Who led each partition when, as bands over virtual time, with the faults on the same axis. A leader's sign stands where it begins.
// A band shows what the controller decided; what single brokers believed is in the trace.
import type { PartitionSummary, RunReport } from "../runner/result.ts";
import { shorten, span } from "./format.ts";
import { LEADER_ROLES, type Style } from "./style.ts";

const MAX_PARTITIONS = 12;
const MAX_NAME = 24;
const OFFLINE = -1;
/** No segment: the partition did not exist yet. */
const ABSENT = -2;
/** More than one change of leader within one column. */
const MANY = -3;

interface Layout {
  readonly endUs: number;
  readonly nameWidth: number;
  readonly cells: number;
  readonly style: Style;
  /** Sign and colour by broker. */
  readonly signs: ReadonlyMap<number, { readonly sign: string; readonly index: number }>;
}

export function leaderChart(report: RunReport, style: Style): string[] {
  if (report.partitions.length === 0) return [];
  const shown = mostEventful(report.partitions);
  const layout = layoutFor(report, shown, style);
  const bands = shown.map((partition) => band(partition, layout));
  const lines = [axis(layout), ...markers(report, layout), ...bands.map((b) => b.line)];
  const hidden = report.partitions.length - shown.length;
  if (hidden > 0)
    lines.push(`  ${style.paint("dim", `${style.glyphs.ellipsis} and ${hidden} more`)}`);
  const cells = bands.flatMap((b) => b.cells);
  return [...lines, ...legend(report, layout, cells)].map((line) => line.trimEnd());
}

/** Those whose leadership changed most, in their given order. */
function mostEventful(partitions: readonly PartitionSummary[]): readonly PartitionSummary[] {
  const ranked = partitions
    .map((partition, index) => ({ partition, index }))
    .sort((a, b) => b.partition.leaders.length - a.partition.leaders.length || a.index - b.index);
  return ranked
    .slice(0, MAX_PARTITIONS)
    .sort((a, b) => a.index - b.index)
    .map((ranking) => ranking.partition);
}

function layoutFor(report: RunReport, shown: readonly PartitionSummary[], style: Style): Layout {
  let endUs = Math.max(1, Math.round(report.result.virtualTimeMs * 1000));
  const ids = new Set<number>();
  for (const partition of shown) {
    for (const { toUs, leader } of partition.leaders) {
      endUs = Math.max(endUs, toUs);
      if (leader >= 0) ids.add(leader);
    }
  }
  const sorted = [...ids].sort((a, b) => a - b);
  const digits = sorted.every((id) => id < 10);
  const sign = (id: number, i: number): string =>
    digits
      ? String(id)
      : i < 26
        ? String.fromCharCode(65 + i)
        : i < 52
          ? String.fromCharCode(71 + i)
          : "#";
  const longest = shown.reduce((w, partition) => Math.max(w, partition.name.length), 6);
  const nameWidth = Math.min(longest, MAX_NAME, Math.floor(style.width / 3));
  const right =
    style.width >= 72 ? shown.reduce((w, p) => Math.max(w, ending(p).length), 0) + 2 : 0;
  return {
    endUs,
    nameWidth,
    cells: Math.max(12, style.width - nameWidth - 4 - right),
    style,
    signs: new Map(sorted.map((id, i) => [id, { sign: sign(id, i), index: i }])),
  };
}

/** How it ended, at the end of the band. */
function ending(partition: PartitionSummary): string {
  const isr =
    partition.isr.length <= 5 ? partition.isr.join(",") : `${partition.isr.length} replicas`;
  return `epoch ${partition.leaderEpoch}  ISR ${isr === "" ? "none" : isr}`;
}

function band(
  partition: PartitionSummary,
  layout: Layout,
): { cells: readonly number[]; line: string } {
  const { style, nameWidth } = layout;
  const cells = cellsOf(partition, layout);
  const name = shorten(partition.name, nameWidth, style.glyphs.ellipsis).padEnd(nameWidth);
  let line = `  ${name}  ${painted(cells, layout)}`;
  if (style.width >= 72) {
    const short = partition.isr.length < partition.replicas.length;
    const text = ending(partition);
    line += `  ${partition.leader < 0 ? style.paint("fail", text) : style.paint(short ? "warn" : "dim", text)}`;
  }
  return { cells, line };
}

function cellsOf(partition: PartitionSummary, layout: Layout): number[] {
  const cells: number[] = [];
  const { leaders } = partition;
  let first = 0;
  for (let c = 0; c < layout.cells; c++) {
    const from = (c * layout.endUs) / layout.cells;
    const to = ((c + 1) * layout.endUs) / layout.cells;
    while (first < leaders.length && (leaders[first]?.toUs as number) <= from) first++;
    const within: number[] = [];
    for (let i = first; i < leaders.length && (leaders[i]?.fromUs as number) < to; i++) {
      const { leader } = leaders[i] as PartitionSummary["leaders"][number];
      if (within.at(-1) !== leader) within.push(leader);
    }
    cells.push(cellOf(within));
  }
  return cells;
}

/** An outage shorter than a column still shows; three leaders within one column cannot. */
function cellOf(within: readonly number[]): number {
  if (within.length === 0) return ABSENT;
  if (within.length === 1) return within[0] as number;
  const leaders = new Set(within.filter((leader) => leader >= 0));
  if (leaders.size > 2 || (leaders.size === 2 && within.length > 3)) return MANY;
  if (within.includes(OFFLINE)) return OFFLINE;
  return within.length === 2 ? (within[1] as number) : MANY;
}

function painted(cells: readonly number[], layout: Layout): string {
  const { glyphs, paint } = layout.style;
  let out = "";
  for (let c = 0; c < cells.length; ) {
    const leader = cells[c] as number;
    let end = c + 1;
    while (end < cells.length && cells[end] === leader) end++;
    const length = end - c;
    const known = layout.signs.get(leader);
    if (leader === ABSENT) out += " ".repeat(length);
    else if (leader === OFFLINE) out += paint("fail", glyphs.offline.repeat(length));
    else if (leader === MANY) out += paint("warn", glyphs.many.repeat(length));
    else {
      const role = LEADER_ROLES[(known?.index ?? 0) % LEADER_ROLES.length] ?? "leader0";
      out += paint(role, (known?.sign ?? "?") + glyphs.bar.repeat(length - 1));
    }
    c = end;
  }
  return out;
}

const STEPS_US = [
  1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 2e5, 5e5, 1e6, 2e6, 5e6, 10e6, 15e6, 30e6,
].concat([60e6, 120e6, 300e6, 600e6, 900e6, 1800e6, 3600e6, 7200e6, 21600e6, 86400e6, 604800e6]);

function axis(layout: Layout): string {
  const step = STEPS_US.find((us) => (us / layout.endUs) * layout.cells >= 9) ?? layout.endUs;
  const row: string[] = Array(layout.cells).fill(" ");
  for (let us = 0; us <= layout.endUs; us += step) {
    const at = Math.floor((us / layout.endUs) * layout.cells);
    const label = us === 0 ? "0s" : span(us);
    if (at + label.length > layout.cells) break;
    for (let i = 0; i < label.length; i++) row[at + i] = label[i] as string;
  }
  return `  ${" ".repeat(layout.nameWidth)}  ${layout.style.paint("dim", row.join("").trimEnd())}`;
}

const hasEnded = (text: string): boolean => / (ended|healed)\b/.test(text);

/** One row: where faults begin and end, and where the run settles. */
function markers(report: RunReport, layout: Layout): string[] {
  const { glyphs, paint } = layout.style;
  const row: string[] = Array(layout.cells).fill(" ");
  const column = (us: number): number =>
    Math.min(layout.cells - 1, Math.max(0, Math.floor((us / layout.endUs) * layout.cells)));
  for (const entry of report.timeline) {
    const c = column(entry.atUs);
    if (entry.kind === "settling" && row[c] === " ") row[c] = glyphs.settles;
    if (entry.kind !== "fault") continue;
    const sign = hasEnded(entry.text) ? glyphs.ends : glyphs.begins;
    const other = sign === glyphs.ends ? glyphs.begins : glyphs.ends;
    row[c] = row[c] === other || row[c] === glyphs.both ? glyphs.both : sign;
  }
  const text = row.join("").trimEnd();
  if (text === "") return [];
  return [`  ${"faults".padEnd(layout.nameWidth)}  ${paint("warn", text)}`];
}

/** Explains the signs that occur, and no others. */
function legend(report: RunReport, layout: Layout, cells: readonly number[]): string[] {
  const { glyphs } = layout.style;
  const parts: string[] = [];
  const named = [...layout.signs].filter(([id, { sign }]) => String(id) !== sign);
  if (layout.signs.size > 0) {
    parts.push(
      named.length === 0
        ? "digits: the leading broker"
        : named
            .slice(0, 8)
            .map(([id, { sign }]) => `${sign} broker-${id}`)
            .join("  "),
    );
  }
  if (cells.includes(OFFLINE)) parts.push(`${glyphs.offline} offline`);
  if (cells.includes(MANY)) parts.push(`${glyphs.many} several changes`);
  const faults = report.timeline.filter((entry) => entry.kind === "fault");
  if (faults.length > 0) parts.push(`${glyphs.begins} fault begins`);
  if (faults.some((entry) => hasEnded(entry.text))) parts.push(`${glyphs.ends} fault ends`);
  if (report.timeline.some((entry) => entry.kind === "settling"))
    parts.push(`${glyphs.settles} settling`);
  const lines: string[] = [];
  for (const part of parts) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + part.length + 5 <= layout.style.width) {
      lines[lines.length - 1] = `${last}   ${part}`;
    } else lines.push(`  ${part}`);
  }
  return lines.map((line) => layout.style.paint("dim", line));
}
