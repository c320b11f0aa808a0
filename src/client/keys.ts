// Keys of generated records: key-<n>, n drawn from a distribution. Only how many records each partition gets is kept; which of its keys a
// record has follows from its number (record-keys.ts). Every record counts as long as the longest key of its distribution, so that a range of records has one size.

import { partitionForKey, utf8 } from "../protocol/murmur2.ts";
import type { KeyRange } from "../protocol/record-keys.ts";
import type { Rng } from "../sim/rng.ts";
import { zipf } from "../sim/rng.ts";
import type { KeyRouting } from "./producer/region-partitioner.ts";

export type KeySpec =
  | { readonly kind: "none" }
  | { readonly kind: "sequential"; readonly cardinality: number }
  | { readonly kind: "uniform"; readonly cardinality: number }
  | { readonly kind: "zipf"; readonly cardinality: number; readonly exponent: number }
  | { readonly kind: "list"; readonly keys: readonly string[] };

/** Partitions of more keys than this are computed each time. */
const CACHED_KEYS = 1_000_000;

export class KeySource {
  readonly keyBytes: number;
  readonly range: KeyRange;
  /** Keys drawn so far. */
  drawn = 0;
  readonly #draw: () => number;
  readonly #keyOf: (n: number) => string;
  readonly #cardinality: number;
  #cache: Int32Array | undefined;
  #cachedFor = 0;
  #cachedVersion = 0;

  constructor(spec: Exclude<KeySpec, { kind: "none" }>, rng: Rng) {
    this.#cardinality = spec.kind === "list" ? spec.keys.length : spec.cardinality;
    this.#keyOf = spec.kind === "list" ? (n) => spec.keys[n] as string : (n) => `key-${n}`;
    this.#draw = drawFrom(spec, this.#cardinality, rng);
    this.range = {
      distribution: spec.kind,
      cardinality: this.#cardinality,
      exponent: spec.kind === "zipf" ? spec.exponent : 0,
      keys: spec.kind === "list" ? spec.keys : undefined,
    };
    this.keyBytes =
      spec.kind === "list"
        ? spec.keys.reduce((longest, key) => Math.max(longest, utf8(key).length), 0)
        : this.#keyOf(this.#cardinality - 1).length;
  }

  /** Draws keys for `count` records: how many go to each of the partitions. */
  spread(count: number, partitions: number, routing?: KeyRouting): Int32Array {
    const counts = new Int32Array(partitions);
    this.drawn += count;
    const cache = this.#cacheFor(partitions, routing?.version ?? 0);
    for (let i = 0; i < count; i++) {
      const key = this.#draw();
      let partition = cache === undefined ? -1 : (cache[key] as number);
      if (partition < 0) {
        const name = this.#keyOf(key);
        partition = routing === undefined ? partitionForKey(name, partitions) : routing.of(name);
        if (cache !== undefined) cache[key] = partition;
      }
      counts[partition] = (counts[partition] as number) + 1;
    }
    return counts;
  }

  #cacheFor(partitions: number, version: number): Int32Array | undefined {
    if (this.#cardinality > CACHED_KEYS) return undefined;
    const isStale = this.#cachedFor !== partitions || this.#cachedVersion !== version;
    if (this.#cache === undefined || isStale) {
      this.#cache = new Int32Array(this.#cardinality).fill(-1);
      this.#cachedFor = partitions;
      this.#cachedVersion = version;
    }
    return this.#cache;
  }
}

function drawFrom(
  spec: Exclude<KeySpec, { kind: "none" }>,
  cardinality: number,
  rng: Rng,
): () => number {
  if (spec.kind === "uniform") return () => rng.integer(0, cardinality - 1);
  if (spec.kind === "zipf") {
    const rank = zipf(cardinality, spec.exponent);
    return () => rank(rng);
  }
  let next = 0;
  return () => {
    const key = next;
    next = next + 1 === cardinality ? 0 : next + 1;
    return key;
  };
}
