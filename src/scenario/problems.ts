// What is wrong at a path of the merged scenario; positions come later. Also: zod's issues in words.
import type { z } from "zod";
import type { Path } from "./diagnostics.ts";
import { SEPARATOR } from "./schema/fields.ts";

export interface Problem {
  readonly severity: "error" | "warning";
  readonly path: Path;
  readonly on: "key" | "value";
  readonly message: string;
  readonly hint: string | undefined;
}

/** Collects problems; most are about a value. */
export class Problems {
  readonly list: Problem[] = [];

  error(path: Path, message: string, hint?: string, on: "key" | "value" = "value"): void {
    this.list.push({ severity: "error", path, on, message, hint });
  }

  warning(path: Path, message: string, hint?: string): void {
    this.list.push({ severity: "warning", path, on: "value", message, hint });
  }

  get hasErrors(): boolean {
    return this.list.some((problem) => problem.severity === "error");
  }
}

type Issue = z.core.$ZodIssue;

/** The words for what zod finds; schemas with better ones of their own win. */
export function messageFor(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case "invalid_type":
      return issue.input === undefined
        ? undefined
        : `must be ${NOUNS[issue.expected as string] ?? `a ${issue.expected}`}`;
    case "too_small":
      return issue.origin === "string" || issue.origin === "array"
        ? "must not be empty"
        : `must be ${issue.inclusive === false ? "more than" : "at least"} ${issue.minimum}`;
    case "too_big":
      return issue.origin === "string"
        ? `is longer than ${issue.maximum}`
        : `must be at most ${issue.maximum}`;
    case "invalid_value":
      return `must be ${(issue.values as unknown[]).join(" or ")}`;
    default:
      return undefined;
  }
}

const NOUNS: Readonly<Record<string, string>> = {
  object: "a map of keys and values",
  record: "a map of keys and values",
  array: "a list",
  string: "a text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
};

/** Adds zod's issues. Of a union the branch that fits the value's kind speaks, not "invalid input". */
export function addIssues(
  problems: Problems,
  issues: readonly Issue[],
  value: unknown,
  at: Path = [],
): void {
  for (const issue of issues) addIssue(problems, issue, value, at);
}

function addIssue(problems: Problems, issue: Issue, root: unknown, at: Path): void {
  const path = [...at, ...(issue.path as Path)];
  if (issue.code === "unrecognized_keys") {
    const messages = issue.message.split(SEPARATOR);
    issue.keys.forEach((key, i) => {
      const [message, hint] = halves(messages[i] ?? `unknown key "${key}"`);
      problems.error([...path, key], message, hint, "key");
    });
    return;
  }
  if (issue.code === "invalid_union") {
    const fitting = issue.errors.filter((branch) => !branch.some(isWrongKind));
    const [branch] = fitting;
    if (fitting.length === 1 && branch !== undefined)
      return addIssues(problems, branch, root, path);
  }
  if (issue.code === "invalid_key" || issue.code === "invalid_element") {
    for (const inner of issue.issues) {
      const [message, hint] = halves(inner.message);
      problems.error([...path, ...(inner.path as Path)], message, hint, "key");
    }
    return;
  }
  if (isMissing(issue, root, path)) {
    const key = String(path.at(-1));
    return problems.error(path.slice(0, -1), `missing key "${key}"`, undefined, "key");
  }
  const [message, hint] = halves(issue.message);
  problems.error(path, message, hint);
}

function isWrongKind(issue: Issue): boolean {
  if (issue.path.length > 0) return false;
  if (issue.code === "invalid_union")
    return issue.errors.length > 0 && issue.errors.every((branch) => branch.some(isWrongKind));
  return issue.code === "invalid_type" || issue.code === "invalid_value";
}

function isMissing(issue: Issue, root: unknown, path: Path): boolean {
  if (path.length === 0 || issue.code === "custom") return false;
  let here: unknown = root;
  for (const key of path) {
    if (typeof here !== "object" || here === null || !Object.hasOwn(here, key)) return true;
    here = (here as Record<string | number, unknown>)[key];
  }
  return false;
}

function halves(text: string): readonly [string, string | undefined] {
  const [message = "", hint] = text.split("\n", 2);
  return [message, hint];
}
