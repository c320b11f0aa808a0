// Settings that can be judged only when the release is known: bounds and settings that came later.
import { absentValue, defaultOf, minOf, type Row, type Table } from "../../protocol/config/row.ts";
import { atLeast, type Release } from "../../protocol/releases.ts";
import type { Path } from "../diagnostics.ts";
import type { Settings } from "../model.ts";
import type { Problems } from "../problems.ts";

/** The settings that are given, without the absent ones, in the table's order. */
export function settingsOf(
  table: Table,
  given: Readonly<Record<string, unknown>> | undefined,
  release: Release,
  path: Path,
  problems: Problems,
): Settings {
  const settings: Record<string, string | number | boolean> = {};
  for (const [name, row] of Object.entries(table)) {
    const value = given?.[name] as string | number | boolean | undefined;
    if (value === undefined) continue;
    settings[name] = value;
    checkRelease(name, row, value, release, [...path, name], problems);
  }
  return settings;
}

function checkRelease(
  name: string,
  row: Row,
  value: string | number | boolean,
  release: Release,
  path: Path,
  problems: Problems,
): void {
  if (row.added !== undefined && !atLeast(release, row.added)) {
    problems.error(
      path,
      `${name} exists since Kafka ${row.added}`,
      `this cluster is ${release}`,
      "key",
    );
  }
  const absent = absentValue(row, value, release);
  if (absent !== undefined) {
    problems.error(path, `${name}: ${absent}`, `this cluster is ${release}`);
  }
  const min = minOf(row, release);
  if (typeof value === "number" && min !== undefined && value < min) {
    problems.error(path, `${name} must be at least ${min} in Kafka ${release}`);
  }
}

/** A setting as it will be: given, or the release's default. */
export function numberOf(table: Table, settings: Settings, name: string, release: Release): number {
  return Number(settings[name] ?? defaultOf(table[name] as Row, release));
}
