// A table in text: padded columns, numbers to the right. Cells are plain; colour comes after padding.

export interface Column {
  readonly title: string;
  readonly align: "left" | "right";
  /** Longest the column may become. */
  readonly max?: number;
}

export type Cell = string;
export type PaintCell = (padded: string, row: number, column: number) => string;

/** Row -1 is the heading for `paint`. */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  paint: PaintCell = (padded) => padded,
): string[] {
  const widths = columns.map((column, c) => {
    const longest = rows.reduce(
      (w, row) => Math.max(w, (row[c] ?? "").length),
      column.title.length,
    );
    return Math.min(longest, column.max ?? longest);
  });
  const line = (cells: readonly Cell[], r: number): string =>
    columns
      .map((column, c) => paint(pad(cells[c] ?? "", widths[c] as number, column.align), r, c))
      .join("  ")
      .trimEnd();
  return [
    line(
      columns.map((column) => column.title),
      -1,
    ),
    ...rows.map((row, r) => line(row, r)),
  ];
}

const pad = (text: string, width: number, align: "left" | "right"): string => {
  const cut = text.length > width ? text.slice(0, width) : text;
  return align === "right" ? cut.padStart(width) : cut.padEnd(width);
};
