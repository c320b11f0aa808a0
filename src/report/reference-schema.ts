// The scenario format as Markdown, from its JSON Schema: one row a key, nested keys by path. Left out: patterns and bounds, which the
// schema itself and the error messages tell.

interface Node {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Node;
  readonly items?: Node;
  readonly anyOf?: readonly Node[];
  readonly oneOf?: readonly Node[];
  readonly pattern?: string;
}

export interface SchemaRow {
  readonly path: string;
  readonly type: string;
  readonly required: boolean;
  readonly doc: string;
}

/** Kafka's own settings and the protocol rules have pages of their own. */
const isElsewhere = (path: string): boolean => /(^|\.)(config|rules)$/.test(path);

export function schemaRows(schema: object): SchemaRow[] {
  const rows = new Map<string, SchemaRow>();
  collect(schema as Node, "", rows);
  return [...rows.values()];
}

function collect(node: Node, path: string, rows: Map<string, SchemaRow>): void {
  for (const branch of [...(node.anyOf ?? []), ...(node.oneOf ?? [])]) collect(branch, path, rows);
  if (node.items !== undefined) collect(node.items, `${path}[]`, rows);
  for (const [key, child] of Object.entries(node.properties ?? {})) {
    const at = path === "" ? key : `${path}.${key}`;
    const known = rows.get(at);
    const type = typeOf(child);
    rows.set(at, {
      path: at,
      // The same key in several shapes (fault kinds): each type once.
      type:
        known === undefined
          ? type
          : [...new Set([...known.type.split(" or "), ...type.split(" or ")])].join(" or "),
      required: (known?.required ?? true) && (node.required ?? []).includes(key),
      doc: known?.doc || child.description || "",
    });
    if (!isElsewhere(at)) collect(child, at, rows);
  }
}

function typeOf(node: Node): string {
  if (node.const !== undefined) return `\`${String(node.const)}\``;
  if (node.enum !== undefined) return node.enum.map((value) => `\`${String(value)}\``).join(" or ");
  const branches = [...(node.anyOf ?? []), ...(node.oneOf ?? [])];
  if (branches.length > 0) return unionText(branches);
  if (node.pattern !== undefined) return patternText(node.pattern);
  if (node.type === "array")
    return node.items === undefined ? "list" : `list of ${typeOf(node.items)}`;
  if (node.type === "object") return "map";
  if (Array.isArray(node.type)) return node.type.join(" or ");
  return typeof node.type === "string" ? node.type : "any";
}

function unionText(branches: readonly Node[]): string {
  const types = [...new Set(branches.flatMap((branch) => typeOf(branch).split(" or ")))];
  // A bare number beside a quantity is that quantity in its smallest usual unit.
  const quantity = types.find((type) => ["duration", "size", "rate"].includes(type));
  return types.filter((type) => quantity === undefined || type !== "number").join(" or ");
}

function patternText(pattern: string): string {
  if (pattern.includes("KiB") && pattern.includes("bps")) return "bandwidth";
  if (pattern.includes("KiB")) return "size";
  if (pattern.includes("us|ms")) return "duration";
  if (pattern.includes("/(s|m|h)")) return "rate";
  return pattern.endsWith("%$") ? "percentage" : "string";
}
