// Java's hash codes and the order in which java.util.HashMap iterates (JDK 8 and later). Kafka's outcomes depend on both: the
// coordinator of a group, and who keeps what in the sticky assignors. Left out: bins turned into trees (nine keys in one of 64 or
// more buckets), which may put another key of the same bucket first.

/** String.hashCode: over UTF-16 code units, 32-bit, wrapping. */
export function stringHash(text: string): number {
  let hash = 0;
  for (let i = 0; i < text.length; i++) hash = (Math.imul(31, hash) + text.charCodeAt(i)) | 0;
  return hash;
}

/** List.hashCode and Objects.hash, from the hash codes of the elements. */
export const listHash = (hashes: readonly number[]): number =>
  hashes.reduce((hash, element) => (Math.imul(31, hash) + element) | 0, 1);

/** org.apache.kafka.common.TopicPartition.hashCode. */
export const topicPartitionHash = (partition: {
  readonly topic: string;
  readonly partition: number;
}): number => (Math.imul(31, 31 + partition.partition) + stringHash(partition.topic)) | 0;

/** Utils.abs: as Math.abs, but 0 for the one int that has no absolute value. */
export const abs = (n: number): number => (n === -2147483648 ? 0 : Math.abs(n));

/**
 * The partition of `__consumer_offsets` or `__transaction_state` whose leader coordinates this group or transactional id
 * (GroupCoordinatorService.partitionFor, TransactionStateManager.partitionFor).
 */
export const groupPartitionFor = (id: string, partitions = 50): number =>
  abs(stringHash(id)) % partitions;

interface Entry<K, V> {
  readonly hash: number;
  readonly key: K;
  value: V;
}

const LOAD_FACTOR = 0.75;
const MAX_CAPACITY = 1073741824;
const MIN_TREEIFY_CAPACITY = 64;
const TREEIFY_THRESHOLD = 8;

/** java.util.HashMap: the same keys put in the same order iterate as they do in Java. */
export class JavaHashMap<K, V> implements Iterable<readonly [K, V]> {
  readonly #hashOf: (key: K) => number;
  readonly #equal: (a: K, b: K) => boolean;
  #buckets: Entry<K, V>[][] = [];
  #capacity: number;
  #size = 0;

  /** Keys of one identity each (strings, interned objects) need no `equal`. */
  constructor(
    hashOf: (key: K) => number,
    equal: (a: K, b: K) => boolean = Object.is,
    initialCapacity = 16,
  ) {
    this.#hashOf = hashOf;
    this.#equal = equal;
    this.#capacity = tableSizeFor(initialCapacity);
  }

  get size(): number {
    return this.#size;
  }

  get(key: K): V | undefined {
    return this.#find(key)?.value;
  }

  has(key: K): boolean {
    return this.#find(key) !== undefined;
  }

  set(key: K, value: V): this {
    const known = this.#find(key);
    if (known !== undefined) known.value = value;
    else this.#add({ hash: spread(this.#hashOf(key)), key, value });
    return this;
  }

  /** As Java's computeIfAbsent, which puts a new key at the front of its bucket and grows the table only before that. */
  computeIfAbsent(key: K, make: () => V): V {
    if (this.#size > this.#capacity * LOAD_FACTOR) this.#grow();
    const known = this.#find(key);
    if (known !== undefined) return known.value;
    const entry = { hash: spread(this.#hashOf(key)), key, value: make() };
    const bucket = this.#bucketOf(entry);
    bucket.unshift(entry);
    this.#size++;
    if (bucket.length >= TREEIFY_THRESHOLD && this.#capacity < MIN_TREEIFY_CAPACITY) this.#grow();
    return entry.value;
  }

  /** The table never shrinks, so what was once in it can still be seen in the order. */
  delete(key: K): boolean {
    const entry = this.#find(key);
    if (entry === undefined) return false;
    const bucket = this.#buckets[entry.hash & (this.#capacity - 1)] as Entry<K, V>[];
    bucket.splice(bucket.indexOf(entry), 1);
    this.#size--;
    return true;
  }

  *[Symbol.iterator](): Generator<readonly [K, V]> {
    for (let b = 0; b < this.#capacity; b++) {
      for (const entry of this.#buckets[b] ?? []) yield [entry.key, entry.value];
    }
  }

  *keys(): Generator<K> {
    for (const [key] of this) yield key;
  }

  *values(): Generator<V> {
    for (const [, value] of this) yield value;
  }

  #find(key: K): Entry<K, V> | undefined {
    const hash = spread(this.#hashOf(key));
    const bucket = this.#buckets[hash & (this.#capacity - 1)];
    return bucket?.find((entry) => entry.hash === hash && this.#equal(entry.key, key));
  }

  #add(entry: Entry<K, V>): void {
    const bucket = this.#bucketOf(entry);
    bucket.push(entry);
    this.#size++;
    // A crowded bucket makes a small table grow, however few keys it holds.
    if (bucket.length > TREEIFY_THRESHOLD && this.#capacity < MIN_TREEIFY_CAPACITY) this.#grow();
    if (this.#size > this.#capacity * LOAD_FACTOR) this.#grow();
  }

  #grow(): void {
    if (this.#capacity >= MAX_CAPACITY) return;
    const before = this.#buckets;
    this.#buckets = [];
    this.#capacity *= 2;
    // A split keeps the order inside each bucket.
    for (const bucket of before) {
      for (const entry of bucket ?? []) this.#bucketOf(entry).push(entry);
    }
  }

  #bucketOf(entry: Entry<K, V>): Entry<K, V>[] {
    const index = entry.hash & (this.#capacity - 1);
    let bucket = this.#buckets[index];
    if (bucket === undefined) {
      bucket = [];
      this.#buckets[index] = bucket;
    }
    return bucket;
  }
}

/** java.util.HashSet. */
export class JavaHashSet<K> implements Iterable<K> {
  readonly #map: JavaHashMap<K, true>;

  constructor(
    hashOf: (key: K) => number,
    equal: (a: K, b: K) => boolean = Object.is,
    initialCapacity = 16,
  ) {
    this.#map = new JavaHashMap(hashOf, equal, initialCapacity);
  }

  get size(): number {
    return this.#map.size;
  }

  has(key: K): boolean {
    return this.#map.has(key);
  }

  add(key: K): this {
    this.#map.set(key, true);
    return this;
  }

  delete(key: K): boolean {
    return this.#map.delete(key);
  }

  [Symbol.iterator](): Iterator<K> {
    return this.#map.keys();
  }
}

/** HashMap.hash: high bits reach the few low ones that choose the bucket. */
const spread = (hash: number): number => hash ^ (hash >>> 16);

function tableSizeFor(capacity: number): number {
  let size = 1;
  while (size < capacity && size < MAX_CAPACITY) size *= 2;
  return size;
}
