// From a path in the merged scenario back to the text it came from: the file, a variant's patch in the file, or a --set argument.
import { isAlias, isMap, isScalar, isSeq, type Node, type Pair } from "yaml";
import type { Path } from "./diagnostics.ts";
import type { YamlSource } from "./yaml-source.ts";

export interface Position {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly length: number;
}

/** A tree that was laid over those below it. */
export interface Layer {
  readonly source: YamlSource;
  /** Where in the merged scenario the tree begins. */
  readonly at: Path;
  readonly root: Node | null;
  /** Set when the text is a piece of a longer one: its place there. */
  readonly offset?: { readonly line: number; readonly column: number };
  /** Where in the longer text the key of the tree's root is. */
  readonly key?: { readonly column: number; readonly length: number };
}

interface Found {
  readonly layer: Layer;
  /** Path elements that were found. */
  readonly depth: number;
  readonly key: Node | undefined;
  readonly node: Node | null;
  /** Lists and scalars replace what is below them. */
  readonly replaces: boolean;
}

export class SourceMap {
  readonly #layers: readonly Layer[];

  /** The lowest layer first. */
  constructor(layers: readonly Layer[]) {
    this.#layers = layers;
  }

  /** The place of a path, or of the nearest thing around it that is written down. */
  locate(path: Path, on: "key" | "value"): Position {
    let best: Found | undefined;
    for (const layer of [...this.#layers].reverse()) {
      const found = findIn(layer, path);
      if (found === undefined) continue;
      if (best === undefined || found.depth > best.depth) best = found;
      if (found.depth === path.length || found.replaces) break;
    }
    if (best === undefined || best.depth < path.length) best = this.#above(path) ?? best;
    return best === undefined ? this.#start() : positionOf(best, on);
  }

  /** A map that exists only because a layer was laid deeper inside it. */
  #above(path: Path): Found | undefined {
    const layer = this.#layers.find(
      ({ at }) => at.length > path.length && path.every((key, i) => String(key) === String(at[i])),
    );
    if (layer === undefined) return undefined;
    return { layer, depth: path.length, key: undefined, node: layer.root, replaces: false };
  }

  #start(): Position {
    return { file: this.#layers[0]?.source.file ?? "", line: 1, column: 1, length: 1 };
  }
}

function findIn(layer: Layer, path: Path): Found | undefined {
  if (path.length < layer.at.length) return undefined;
  for (let i = 0; i < layer.at.length; i++) {
    if (String(path[i]) !== String(layer.at[i])) return undefined;
  }
  let node = resolved(layer, layer.root);
  let key: Node | undefined;
  for (let depth = layer.at.length; depth < path.length; depth++) {
    const step = path[depth] as string | number;
    const next = childOf(node, step);
    if (next === undefined) return { layer, depth, key, node, replaces: !isMap(node) };
    key = next.key;
    node = resolved(layer, next.value);
  }
  return { layer, depth: path.length, key, node, replaces: true };
}

function childOf(
  node: Node | null,
  step: string | number,
): { key: Node | undefined; value: Node | null } | undefined {
  if (isSeq(node)) {
    const item = node.items[Number(step)];
    return item === undefined ? undefined : { key: undefined, value: item as Node | null };
  }
  if (!isMap(node)) return undefined;
  const pair = node.items.find((p) => isScalar(p.key) && String(p.key.value) === String(step)) as
    | Pair<Node, Node | null>
    | undefined;
  return pair === undefined ? undefined : { key: pair.key, value: pair.value };
}

const resolved = (layer: Layer, node: Node | null): Node | null =>
  isAlias(node) ? (node.resolve(layer.source.document) ?? node) : node;

function positionOf(found: Found, on: "key" | "value"): Position {
  const { layer, key, node } = found;
  if (on === "key" && layer.key !== undefined && found.depth === layer.at.length)
    return { file: layer.source.file, line: layer.offset?.line ?? 1, ...layer.key };
  const [from, to] = rangeOf(on === "key" ? undefined : node) ??
    rangeOf(key) ??
    rangeOf(firstKey(node)) ?? [node?.range?.[0] ?? 0, 1];
  const at = layer.source.position(from);
  const shift = layer.offset ?? { line: 1, column: 1 };
  return {
    file: layer.source.file,
    line: at.line + shift.line - 1,
    column: at.line === 1 ? at.column + shift.column - 1 : at.column,
    length: Math.max(1, to - from),
  };
}

/** Only a scalar is worth underlining; a collection is shown by its key. */
function rangeOf(node: Node | null | undefined): readonly [number, number] | undefined {
  if (!isScalar(node) || !node.range) return undefined;
  const [from, to] = node.range;
  return to > from ? [from, to] : undefined;
}

const firstKey = (node: Node | null): Node | undefined =>
  isMap(node) ? ((node.items[0]?.key as Node | undefined) ?? undefined) : undefined;
