// Variants and --set: trees laid over the file. Maps are merged deeply, lists and scalars replaced.

export type Tree = { readonly [key: string]: unknown };

export const isTree = (value: unknown): value is Tree =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** `patch` over `base`. */
export function merge(base: unknown, patch: unknown): unknown {
  if (!isTree(base) || !isTree(patch)) return patch;
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(patch)) {
    merged[key] = Object.hasOwn(merged, key) ? merge(merged[key], value) : value;
  }
  return merged;
}

/** `value` at `path` in a copy of `base`; maps on the way are made, list items must exist. */
export function setAt(base: unknown, path: readonly (string | number)[], value: unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  if (Array.isArray(base)) {
    return base.map((item, index) => (index === Number(step) ? setAt(item, rest, value) : item));
  }
  const tree = isTree(base) ? base : {};
  const below = Object.hasOwn(tree, String(step)) ? tree[String(step)] : undefined;
  return { ...tree, [String(step)]: setAt(below, rest, value) };
}

export type ResolvedPath =
  | { readonly ok: true; readonly path: readonly (string | number)[] }
  | { readonly ok: false; readonly error: string };

/** Maps whose keys are Kafka's dotted names (or ours with dots): the rest of a path is one key. */
const DOTTED = ["config", "rules"];

/** `clients.producers.0.config.linger.ms` as steps: at each map the longest key that exists, below `config` and `rules` the whole rest. */
export function resolvePath(base: unknown, text: string): ResolvedPath {
  const parts = text.replace(/\[(\d+)\]/g, ".$1").split(".");
  const path: (string | number)[] = [];
  let here = base;
  while (parts.length > 0) {
    if (Array.isArray(here)) {
      const step = parts.shift() as string;
      const index = /^\d+$/.test(step) ? Number(step) : here.length;
      if (index >= here.length) {
        const list = path.join(".");
        const items =
          here.length === 1 ? "1 item: 0" : `${here.length} items: 0 to ${here.length - 1}`;
        const has = here.length === 0 ? "is empty" : `has ${items}`;
        return { ok: false, error: `there is no item ${list}.${step}: ${list} ${has}` };
      }
      path.push(index);
      here = here[index];
      continue;
    }
    const key = longestKey(here, parts, DOTTED.includes(String(path.at(-1))));
    if (key === "" || key === "__proto__") return { ok: false, error: "not a path" };
    path.push(key);
    parts.splice(0, key.split(".").length);
    here = isTree(here) && Object.hasOwn(here, key) ? here[key] : undefined;
  }
  return { ok: true, path };
}

function longestKey(here: unknown, parts: readonly string[], dotted: boolean): string {
  if (isTree(here)) {
    for (let length = parts.length; length > 0; length--) {
      const key = parts.slice(0, length).join(".");
      if (Object.hasOwn(here, key)) return key;
    }
  }
  return dotted ? parts.join(".") : (parts[0] ?? "");
}
