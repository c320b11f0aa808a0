// What is wrong with a scenario, where, and what to do: data first, text by renderDiagnostics. The form is that of compilers.

export type Path = readonly (string | number)[];

export interface Diagnostic {
  readonly severity: "error" | "warning";
  /** The scenario file's name, or "--set" for what the command line changed. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
  /** Characters to underline. */
  readonly length: number;
  readonly message: string;
  readonly path: Path;
  readonly hint: string | undefined;
}

/** Bad input. Carries everything that is wrong, not only the first thing. */
export class ScenarioError extends Error {
  override readonly name = "ScenarioError";
  readonly diagnostics: readonly Diagnostic[];
  readonly file: string;
  readonly text: string;
  /** Texts by the names that diagnostics use. */
  readonly sources: ReadonlyMap<string, string>;

  constructor(
    diagnostics: readonly Diagnostic[],
    file: string,
    text: string,
    sources: ReadonlyMap<string, string> = new Map([[file, text]]),
  ) {
    super(renderDiagnostics(diagnostics, sources));
    this.diagnostics = diagnostics;
    this.file = file;
    this.text = text;
    this.sources = sources;
  }
}

const SHOWN = 40;
const WIDTH = 110;

/** `clients.producers[0].config.acks` */
export const pathText = (path: Path): string =>
  path.reduce<string>(
    (text, key) =>
      typeof key === "number" ? `${text}[${key}]` : text === "" ? key : `${text}.${key}`,
    "",
  );

/** The text a person reads: each diagnostic with its lines, then how many there are. */
export function renderDiagnostics(
  diagnostics: readonly Diagnostic[],
  sources: ReadonlyMap<string, string>,
): string {
  const linesOf = new Map<string, readonly string[]>();
  for (const [name, text] of sources) linesOf.set(name, text.split(/\r?\n/));
  const blocks = diagnostics.slice(0, SHOWN).map((d) => render(d, linesOf.get(d.file) ?? []));
  if (diagnostics.length > SHOWN) blocks.push(`... and ${diagnostics.length - SHOWN} more\n`);
  return `${blocks.join("\n")}\n${summary(diagnostics)}`;
}

function summary(diagnostics: readonly Diagnostic[]): string {
  const errors = diagnostics.filter((d) => d.severity === "error").length;
  const warnings = diagnostics.length - errors;
  const counts = [
    errors > 0 ? `${errors} ${errors === 1 ? "error" : "errors"}` : "",
    warnings > 0 ? `${warnings} ${warnings === 1 ? "warning" : "warnings"}` : "",
  ].filter((part) => part !== "");
  const files = [...new Set(diagnostics.map((d) => d.file))];
  return `${counts.join(", ") || "nothing wrong"} in ${files.join(", ")}`;
}

function render(d: Diagnostic, lines: readonly string[]): string {
  const at = d.path.length === 0 ? "" : `  (${pathText(d.path)})`;
  const out = [`${d.file}:${d.line}:${d.column}: ${d.severity}: ${d.message}${at}`];
  const gutter = " ".repeat(String(d.line).length);
  const shown = windowAround(printable(lines[d.line - 1] ?? ""), d.column - 1, d.length);
  const before = lines[d.line - 2];
  if (before !== undefined) {
    const number = String(d.line - 1).padStart(gutter.length);
    out.push(`${number} | ${clip(printable(before), shown.from)}`);
  }
  out.push(`${d.line} | ${shown.text}`);
  out.push(`${gutter} | ${" ".repeat(shown.caret)}${"^".repeat(shown.length)}`);
  if (d.hint !== undefined) out.push(`${gutter} | hint: ${d.hint}`);
  return `${out.map((line) => line.trimEnd()).join("\n")}\n`;
}

/** Control characters would disturb the terminal; a tab would move the caret. */
const printable = (line: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is replaced.
  line.replace(/\t/g, " ").replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, "\ufffd");

interface Window {
  readonly text: string;
  readonly from: number;
  readonly caret: number;
  readonly length: number;
}

/** A long line is cut to what surrounds the caret. */
function windowAround(line: string, caret: number, length: number): Window {
  const start = Math.min(caret, line.length);
  if (line.length <= WIDTH) {
    const fits = Math.max(1, Math.min(length, line.length - start));
    return { text: line, from: 0, caret: start, length: fits };
  }
  const from = Math.max(0, Math.min(start - 40, line.length - WIDTH));
  const lead = from > 0 ? "..." : "";
  const end = from + WIDTH;
  const text = lead + line.slice(from, end) + (end < line.length ? "..." : "");
  const fits = Math.max(1, Math.min(length, end - start, line.length - start));
  return { text, from, caret: start - from + lead.length, length: fits };
}

function clip(line: string, from: number): string {
  if (from === 0) return line.length <= WIDTH ? line : `${line.slice(0, WIDTH)}...`;
  return line.length <= from ? "" : `...${line.slice(from, from + WIDTH)}`;
}
