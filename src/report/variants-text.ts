// The variants of one scenario side by side: what each setting bought, and what it cost.
import type { LedgerEntry, LedgerSide, RunResult } from "../runner/result.ts";
import { count, shorten } from "./format.ts";
import { duration, percent } from "./ledger-text.ts";
import type { Style } from "./style.ts";
import { type Column, table } from "./table.ts";

const MAX_NAME = 28;

/** A table for each scenario that ran in several variants and in which not everybody was served, or something was lost. */
export function variantsText(results: readonly RunResult[], style: Style): string[] {
  const groups = new Map<string, RunResult[]>();
  for (const result of results) {
    const group = groups.get(result.scenario) ?? [];
    groups.set(result.scenario, [...group, result]);
  }
  return [...groups].flatMap(([name, runs]) =>
    runs.length > 1 && runs.some(tells) ? ["", ...compared(name, runs, style)] : [],
  );
}

const tells = ({ ledger, records }: RunResult): boolean =>
  ledger.sides.length > 0 ||
  records.lost > 0 ||
  records.duplicated > 0 ||
  ledger.partitions.some(({ servedPercent }) => servedPercent < 100);

function compared(name: string, runs: readonly RunResult[], style: Style): string[] {
  const isCut = runs.some(({ ledger }) => ledger.sides.length > 0);
  const right = (title: string): Column => ({ title, align: "right" });
  const columns: Column[] = [
    { title: name, align: "left", max: MAX_NAME },
    ...["acked", "refused", "lost", "dup", "no acks", "no reads", "stale by"].map(right),
    // While the network was cut.
    ...(isCut ? ["worst side", "best side"].map(right) : []),
  ];
  const rows = runs.map(({ variant, seed, records, ledger }) => {
    const worst = (field: keyof LedgerEntry & `${string}Ms`): string =>
      duration(ledger.partitions.reduce((most, entry) => Math.max(most, entry[field]), 0));
    return [
      shorten(variant ?? `seed ${seed}`, MAX_NAME, style.glyphs.ellipsis),
      percent(records.sent === 0 ? 100 : (records.acked * 100) / records.sent),
      count(records.failed + records.unknown),
      count(records.lost),
      count(records.duplicated),
      worst("produceOutageMs"),
      worst("consumeOutageMs"),
      worst("stalenessMs"),
      ...(isCut ? servedOf(ledger.sides) : []),
    ];
  });
  return table(columns, rows, (padded, row, column) => {
    if (row < 0) return style.paint("dim", padded);
    return (column === 3 || column === 4) && padded.trim() !== "0"
      ? style.paint("strong", padded)
      : padded;
  });
}

/** The sides that write: the one that was served least, and the one that was served best. */
function servedOf(sides: readonly LedgerSide[]): string[] {
  const served = sides.filter(({ sent }) => sent > 0).map(({ servedPercent }) => servedPercent);
  if (served.length === 0) return ["", ""];
  return [percent(Math.min(...served)), percent(Math.max(...served))];
}
