// The availability ledger in text: who was served and who was not. Shown when the network was cut or somebody was refused; a run in which everybody
// was served has nothing to say here.
import type { Ledger, LedgerEntry, LedgerSide, RunResult } from "../runner/result.ts";
import { count, shorten, span, wrap } from "./format.ts";
import type { Style } from "./style.ts";
import { type Column, table } from "./table.ts";

const MAX_ROWS = 8;
const MIN_WIDTH = 84;
const LAST_WIDTH = 24;

type Row = readonly [name: string, entry: LedgerEntry | LedgerSide, last: string];

export function ledgerText({ ledger }: RunResult, style: Style): string[] {
  const refused = ledger.partitions.some(({ servedPercent }) => servedPercent < 100);
  if (!refused && ledger.sides.length === 0) return [];
  return [...wholeRun(ledger, style), ...whileCut(ledger, style)];
}

export const duration = (n: number): string => (n < 1000 ? `${Math.round(n)}ms` : span(n * 1000));

function wholeRun(ledger: Ledger, style: Style): string[] {
  const partitions = ledger.partitions.filter(({ sent, delivered }) => sent + delivered > 0);
  const clients = ledger.clients.filter(({ sent, delivered }) => sent + delivered > 0);
  const rows: Row[] = [
    ...partitions
      .slice(0, MAX_ROWS)
      .map(
        (entry): Row => [
          entry.name,
          entry,
          entry.recoveryMs === "never"
            ? "never"
            : entry.recoveryMs === null
              ? ""
              : duration(entry.recoveryMs),
        ],
      ),
    ...clients.slice(0, MAX_ROWS).map((entry): Row => [entry.name, entry, ""]),
  ];
  const hidden = partitions.length + clients.length - rows.length;
  const lines = tableOf(rows, "acked", "recovered in", style);
  if (hidden > 0)
    lines.push(`  ${style.paint("dim", `${style.glyphs.ellipsis} ${hidden} more in result.json`)}`);
  return lines;
}

function whileCut(ledger: Ledger, style: Style): string[] {
  if (ledger.sides.length === 0) return [];
  const title = `While the network was cut (${span(ledger.cutMs * 1000)}), by what a client could reach`;
  const rows = ledger.sides.map(
    (side): Row => [side.name, side, namesWithin(side.clients, LAST_WIDTH)],
  );
  return [
    ...wrap(title, style.width - 2).map((line) => `  ${style.paint("dim", line)}`),
    ...tableOf(rows, "served", "clients", style),
  ];
}

/** As many names as there is room for, and how many more. */
function namesWithin(names: readonly string[], width: number): string {
  const whole = names.join(", ");
  if (whole.length <= width) return whole;
  for (let shown = names.length - 1; shown > 0; shown--) {
    const text = `${names.slice(0, shown).join(", ")} +${names.length - shown}`;
    if (text.length <= width) return text;
  }
  return `${names.length} clients`;
}

function tableOf(rows: readonly Row[], word: string, last: string, style: Style): string[] {
  if (style.width < MIN_WIDTH) return rows.flatMap((row) => paragraph(row, word, last, style));
  const right = (title: string): Column => ({ title, align: "right" });
  const columns: Column[] = [
    { title: "", align: "left", max: 24 },
    ...["sent", word, "refused", "lost", "dup", "no acks", "no reads", "stale by"].map(right),
    { title: last, align: last === "clients" ? "left" : "right", max: LAST_WIDTH },
  ];
  const cells = rows.map(([name, entry, tail]) => [
    shorten(name, 24, style.glyphs.ellipsis),
    ...cellsOf(entry),
    shorten(tail, LAST_WIDTH, style.glyphs.ellipsis),
  ]);
  return table(columns, cells, (padded, row, column) => {
    if (row < 0) return style.paint("dim", padded);
    const bad = (column === 3 || column === 4 || column === 5) && !/^\s*[0-]?$/.test(padded);
    return bad ? style.paint("strong", padded) : padded;
  }).map((line) => `  ${line}`);
}

/** Figures that mean nothing for a client that only reads, or only writes, stay empty. */
function cellsOf(entry: LedgerEntry | LedgerSide): string[] {
  const writes = entry.sent > 0;
  const reads = entry.delivered > 0 || entry.consumeOutageMs > 0 || entry.stalenessMs > 0;
  const written = (text: string): string => (writes ? text : "");
  return [
    written(count(entry.sent)),
    written(percent(entry.servedPercent)),
    written(count(entry.refused + entry.unknown)),
    written(count(entry.lost)),
    written(count(entry.duplicated)),
    written(duration(entry.produceOutageMs)),
    reads ? duration(entry.consumeOutageMs) : "",
    reads ? duration(entry.stalenessMs) : "",
  ];
}

/** Never 100 when something is missing, never 0 when something is there. */
export function percent(n: number): string {
  if (n > 0 && n < 0.1) return "<0.1%";
  if (n < 100 && n > 99.9) return ">99.9%";
  const tenths = Math.round(n * 10);
  return `${Math.floor(tenths / 10)}${tenths % 10 === 0 ? "" : `.${tenths % 10}`}%`;
}

function paragraph([name, entry, tail]: Row, word: string, last: string, style: Style): string[] {
  const [sent, served, refused, lost, dup, acks, reads, stale] = cellsOf(entry);
  const parts: (readonly [string, string | undefined])[] = [
    ["sent", sent],
    [word, served],
    ["refused", refused],
    ["lost", lost],
    ["dup", dup],
    ["no acks for", acks],
    ["no reads for", reads],
    ["stale by", stale],
    [last, tail],
  ];
  const text = parts.flatMap(([label, value]) => (value ? [`${label} ${value}`] : [])).join(", ");
  return wrap(`${name}: ${text}`, style.width - 2).map((line) => `  ${line}`);
}
