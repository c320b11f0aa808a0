// Which key a generated record has: a pure function of its stream and number, so that a range of records needs no key of its own.
// A producer draws how many records each partition gets; which of the partition's keys a record has follows here, with the same
// probabilities as if the key had been drawn first, and in the same order where keys take turns.
import { pow } from "../sim/math.ts";
import { partitionForKey } from "./murmur2.ts";

export interface KeyRange {
  readonly distribution: "sequential" | "uniform" | "zipf" | "list";
  readonly cardinality: number;
  /** Of zipf. */
  readonly exponent: number;
  /** Of list. */
  readonly keys: readonly string[] | undefined;
}

export const keyName = ({ keys }: KeyRange, index: number): string =>
  keys === undefined ? `key-${index}` : (keys[index] as string);

/** The keys of one partition, and for zipf how much of the load they and those before them have. */
interface KeysOfPartition {
  readonly indices: readonly number[];
  readonly cumulative: Float64Array | undefined;
}

export class RecordKeys {
  readonly range: KeyRange;
  /** Keys are hashed over these, in this order. */
  readonly partitions: readonly number[];
  /** Keys drawn before, which is where those that take turns go on. */
  readonly #drawn: number;
  #byPartition: Map<number, KeysOfPartition> | undefined;

  constructor(range: KeyRange, partitions: readonly number[], drawn: number) {
    this.range = range;
    this.partitions = partitions;
    this.#drawn = drawn;
  }

  /** Index of the key of a record of this stream; `nth`: how many came before it since keys were hashed this way. */
  keyAt(partition: number, stream: number, number: number, nth: number): number {
    const keys = this.#keysOf(partition);
    const { indices, cumulative } = keys;
    const { distribution, cardinality } = this.range;
    if (distribution === "sequential" || distribution === "list") {
      const turn = this.#drawn % cardinality;
      return indices[(firstFrom(indices, turn) + nth) % indices.length] as number;
    }
    const u = fraction(stream, number);
    if (cumulative === undefined) return indices[Math.floor(u * indices.length)] as number;
    const at = u * (cumulative[cumulative.length - 1] as number);
    return indices[firstFrom(cumulative, at)] as number;
  }

  #keysOf(partition: number): KeysOfPartition {
    this.#byPartition ??= this.#sorted();
    return this.#byPartition.get(partition) as KeysOfPartition;
  }

  #sorted(): Map<number, KeysOfPartition> {
    const indices = new Map<number, number[]>(this.partitions.map((p) => [p, []]));
    const count = this.partitions.length;
    for (let i = 0; i < this.range.cardinality; i++) {
      const partition = this.partitions[partitionForKey(keyName(this.range, i), count)] as number;
      (indices.get(partition) as number[]).push(i);
    }
    const sorted = new Map<number, KeysOfPartition>();
    for (const [partition, of] of indices)
      sorted.set(partition, { indices: of, cumulative: this.#cumulative(of) });
    return sorted;
  }

  #cumulative(indices: readonly number[]): Float64Array | undefined {
    if (this.range.distribution !== "zipf") return undefined;
    let sum = 0;
    return Float64Array.from(indices, (index) => {
      sum += pow(index + 1, -this.range.exponent);
      return sum;
    });
  }
}

/** Index of the first entry that is not below `bound`, or 0 when all are. */
function firstFrom(sorted: ArrayLike<number>, bound: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] as number) < bound) low = middle + 1;
    else high = middle;
  }
  return low === sorted.length ? 0 : low;
}

/** In [0, 1), from two numbers: the finalizer of murmur3 over their mixture. */
function fraction(stream: number, number: number): number {
  let h = Math.imul(stream + 1, 0x9e3779b1) ^ Math.imul(number + 1, 0x85ebca77);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return ((h ^ (h >>> 16)) >>> 0) / 0x1_0000_0000;
}
