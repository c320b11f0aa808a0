// The file of --from-file, as --export writes it: topic,partition,offset for a single group, group,topic,partition,offset for several
// (OffsetsUtils.parseResetPlan).
import type { NewOffset } from "../report/kafka-tools/reset-offsets.ts";

/** By group. */
export type ResetPlan = ReadonlyMap<string, readonly NewOffset[]>;

/** `group`: the only one that was asked for. A text is what is wrong with the file. */
export function resetPlanOf(text: string, group: string | undefined): ResetPlan | string {
  // As Java's split: empty lines at the end do not count.
  const lines = text.replace(/\n+$/, "").split("\n");
  const isWithoutGroup = group !== undefined && cellsOf(lines[0] ?? "").length === 3;
  const plan = new Map<string, NewOffset[]>();
  for (const [i, line] of lines.entries()) {
    const cells = isWithoutGroup ? [group, ...cellsOf(line)] : cellsOf(line);
    const [id, topic, partition, offset] = cells;
    const isRow = cells.length === 4 && isNumber(partition) && isNumber(offset);
    if (!isRow || id === undefined || topic === undefined) {
      const form = isWithoutGroup ? "topic,partition,offset" : "group,topic,partition,offset";
      return `line ${i + 1} is not ${form}`;
    }
    const entries = plan.get(id) ?? [];
    entries.push({ topic, partition: Number(partition), newOffset: Number(offset) });
    plan.set(id, entries);
  }
  return plan;
}

const isNumber = (text: string | undefined): boolean => /^\s*[+-]?\d{1,15}\s*$/.test(text ?? "");

/** The cells of a line of CSV; in quotes a comma counts for nothing, and two quotes are one. */
function cellsOf(line: string): string[] {
  const cells: string[] = [];
  const pattern = /(?:"((?:[^"]|"")*)"|([^,]*))(?:,|$)/y;
  const text = line.replace(/\r$/, "");
  while (pattern.lastIndex < text.length) {
    const match = pattern.exec(text);
    if (match === null) return [];
    cells.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? "");
  }
  return cells;
}
