// From what a person names on the command line to scenario files: files, directories (searched for *.yaml) and quoted patterns.
import { readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { nearest } from "../scenario/suggest.ts";
import { UsageError } from "./failure.ts";

export interface ScenarioFile {
  /** As reports show it: relative to the working directory, with forward slashes. */
  readonly name: string;
  readonly text: string;
}

const isScenario = (name: string): boolean => /\.ya?ml$/.test(name) && !name.startsWith(".");
const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Every file once, in the order given; a directory's in the order of their paths. */
export function scenarioFiles(given: readonly string[]): ScenarioFile[] {
  const paths = new Map<string, string>();
  for (const one of given) {
    for (const file of expand(one)) paths.set(path.resolve(file), file);
  }
  return [...paths.values()].map((file) => ({ name: shownName(file), text: readText(file) }));
}

export function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new UsageError(`${file}: ${reason(error)}`);
  }
}

function expand(given: string): string[] {
  const stats = statSync(given, { throwIfNoEntry: false });
  if (stats?.isDirectory() === true) {
    const found = walk(given).sort(order);
    if (found.length === 0)
      throw new UsageError(`${given}: no scenario (*.yaml) in this directory`);
    return found;
  }
  if (stats !== undefined) return [given];
  if (!/[*?]/.test(given)) throw new UsageError(`${given}: no such file${hint(given)}`);
  const matches = walk(baseOf(given)).filter((file) => matcher(given).test(slashed(file)));
  if (matches.length === 0) throw new UsageError(`${given}: no scenario matches`);
  return matches.sort(order);
}

function walk(directory: string): string[] {
  let entries: import("node:fs").Dirent[];
  try {
    entries = readdirSync(directory, { withFileTypes: true });
  } catch (error) {
    throw new UsageError(`${directory}: ${reason(error)}`);
  }
  return entries.flatMap((entry) => {
    if (entry.name.startsWith(".") || entry.name === "node_modules") return [];
    const full = path.join(directory, entry.name);
    if (entry.isDirectory()) return walk(full);
    return isScenario(entry.name) ? [full] : [];
  });
}

/** The part of a pattern before its first wildcard. */
function baseOf(pattern: string): string {
  const fixed = pattern.slice(0, pattern.search(/[*?]/));
  const slash = fixed.lastIndexOf("/");
  return slash < 0 ? "." : fixed.slice(0, slash) || "/";
}

/** `*` and `?` stay within a directory, `**` crosses them. */
function matcher(pattern: string): RegExp {
  const source = path.posix
    .normalize(slashed(pattern))
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replace(/\*\*\/|\*\*|\*|\?/g, (wild) =>
      wild === "**/" ? "(?:.*/)?" : wild === "**" ? ".*" : wild === "*" ? "[^/]*" : "[^/]",
    );
  return new RegExp(`^${source}$`);
}

function hint(given: string): string {
  const directory = path.dirname(given);
  try {
    const found = nearest(path.basename(given), readdirSync(directory));
    return found === undefined ? "" : `; did you mean ${path.join(directory, found)}?`;
  } catch {
    return "";
  }
}

const slashed = (file: string): string =>
  path.sep === "/" ? file : file.split(path.sep).join("/");

/** As one names it from the working directory, so that the replay line can be pasted; never absolute. */
function shownName(file: string): string {
  const relative = path.relative(process.cwd(), path.resolve(file));
  return slashed(path.isAbsolute(relative) ? path.basename(file) : relative);
}

function reason(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === "ENOENT") return "no such file";
  if (code === "EISDIR") return "is a directory";
  if (code === "EACCES") return "permission denied";
  return error instanceof Error ? error.message : String(error);
}
