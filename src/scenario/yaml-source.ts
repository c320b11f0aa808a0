// A YAML text as nodes with positions, and everything YAML itself finds wrong with it. YAML 1.2, one document, plain keys, no tags.
import {
  type Document,
  isAlias,
  isCollection,
  isMap,
  isNode,
  isPair,
  isScalar,
  LineCounter,
  type Node,
  parseDocument,
} from "yaml";
import type { Diagnostic } from "./diagnostics.ts";

const MAX_DEPTH = 40;
const MAX_ALIASES = 100;
export const MAX_BYTES = 1024 * 1024;

export interface YamlSource {
  readonly file: string;
  readonly document: Document.Parsed;
  position(offset: number): { readonly line: number; readonly column: number };
}

export interface ParsedYaml {
  readonly source: YamlSource | undefined;
  readonly value: unknown;
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads a text; `value` means something only if there are no diagnostics. */
export function parseYaml(text: string, file: string): ParsedYaml {
  const lines = new LineCounter();
  const position = (offset: number): { line: number; column: number } => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const diagnostics: Diagnostic[] = [];
  const report = (offset: number, length: number, message: string, hint?: string): void => {
    const at = { file, ...position(offset), length: Math.max(1, length) };
    diagnostics.push({ severity: "error", ...at, message, path: [], hint });
  };
  if (text.length > MAX_BYTES) {
    report(0, 1, "the file is larger than 1 MiB", "a scenario is a few kilobytes of YAML");
    return { source: undefined, value: undefined, diagnostics };
  }
  try {
    const document = parseDocument(text, {
      lineCounter: lines,
      prettyErrors: false,
      schema: "core",
      resolveKnownTags: false,
      // Quadratic in the number of keys; checkNode does it with a set.
      uniqueKeys: false,
    });
    for (const problem of [...document.errors, ...document.warnings]) {
      const [from, to] = problem.pos;
      report(from, Math.min(to - from, 80), yamlMessage(problem.code, problem.message));
    }
    if (diagnostics.length === 0) checkNode(document.contents, 0, report);
    const source: YamlSource = { file, document, position };
    if (diagnostics.length > 0) return { source, value: undefined, diagnostics };
    return { source, value: document.toJS({ maxAliasCount: MAX_ALIASES }), diagnostics };
  } catch (error) {
    // The parser recurses: absurd nesting ends as a RangeError, too many aliases as a ReferenceError.
    const isDeep = error instanceof RangeError;
    const why = isDeep ? TOO_DEEP : "its aliases (*name) repeat too much of it";
    report(0, 1, `the file cannot be read as YAML: ${why}`);
    return { source: undefined, value: undefined, diagnostics };
  }
}

const TOO_DEEP = "it is nested too deeply";

function yamlMessage(code: string, message: string): string {
  if (code === "MULTIPLE_DOCS") return "a scenario file holds one YAML document";
  if (code === "TAB_AS_INDENT") return "YAML is indented with spaces, not with tabs";
  // The parser tells of its own overflow as of any mistake.
  if (message.includes("call stack")) return TOO_DEEP;
  const text = message.replace(/\s+at line \d+, column \d+:?[\s\S]*$/, "");
  return text.charAt(0).toLowerCase() + text.slice(1);
}

type Report = (offset: number, length: number, message: string, hint?: string) => void;

/** What YAML allows and a scenario does not: duplicate and structured keys, tags, endless nesting. */
function checkNode(node: unknown, depth: number, report: Report): void {
  if (!isNode(node) || isAlias(node)) return;
  const start = node.range?.[0] ?? 0;
  if (node.tag?.startsWith("!")) report(start, 1, `tags like ${node.tag} are not allowed`);
  if (!isCollection(node)) return;
  if (depth > MAX_DEPTH) return report(start, 1, `nested more than ${MAX_DEPTH} levels deep`);
  const seen = new Set<string>();
  for (const item of node.items) {
    if (!isPair(item)) checkNode(item, depth + 1, report);
    else {
      if (isMap(node)) checkKey(item.key, seen, report);
      checkNode(item.value, depth + 1, report);
    }
  }
}

function checkKey(key: unknown, seen: Set<string>, report: Report): void {
  const node = key as Node | null;
  const [from, to] = node?.range ?? [0, 1];
  if (!isScalar(key) || key.value === null) {
    return report(from, 1, "a key must be a plain word");
  }
  const name = String(key.value);
  if (name === "__proto__") report(from, to - from, `unknown key "${name}"`);
  if (seen.has(name)) report(from, to - from, `key "${name}" is written twice in the same place`);
  seen.add(name);
}
