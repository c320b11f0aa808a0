// Expected values are Java's own: String.hashCode, HashMap and HashSet of OpenJDK 17, and Kafka's TopicPartition.
import { describe, expect, it } from "vitest";
import {
  abs,
  groupPartitionFor,
  JavaHashMap,
  JavaHashSet,
  listHash,
  stringHash,
  topicPartitionHash,
} from "../../src/protocol/java-hash.ts";

describe("hash codes", () => {
  it("hashes strings over UTF-16 code units, wrapping at 32 bits", () => {
    expect(stringHash("")).toBe(0);
    expect(stringHash("abc")).toBe(96354);
    expect(stringHash("hello world")).toBe(1794106052);
    expect(stringHash("polygenelubricants")).toBe(-2147483648);
    expect(stringHash("😀")).toBe(1772899);
  });

  it("hashes lists and topic partitions as Java and Kafka do", () => {
    expect(listHash([])).toBe(1);
    expect(listHash([stringHash("a"), stringHash("b")])).toBe(4066);
    expect(topicPartitionHash({ topic: "orders", partition: 0 })).toBe(-1008769370);
    expect(topicPartitionHash({ topic: "orders", partition: 7 })).toBe(-1008769153);
  });

  it("finds the coordinator's partition of a group or transactional id", () => {
    expect(abs(-2147483648)).toBe(0);
    expect(abs(-7)).toBe(7);
    expect(
      ["my-group", "group1", "test-group", "connect-cluster", "polygenelubricants", "my-txn"].map(
        (id) => groupPartitionFor(id),
      ),
    ).toEqual([12, 40, 12, 13, 0, 45]);
    expect(groupPartitionFor("group1", 3)).toBe(1);
  });
});

describe("HashMap order", () => {
  const strings = (...keys: string[]): string[] => {
    const set = new JavaHashSet<string>(stringHash);
    for (const key of keys) set.add(key);
    return [...set];
  };
  const numbers = (keys: readonly number[], capacity = 16): number[] => {
    const map = new JavaHashMap<number, true>((key) => key, Object.is, capacity);
    for (const key of keys) map.set(key, true);
    return [...map.keys()];
  };

  it("goes bucket by bucket, whatever the order of insertion", () => {
    const order = ["consumer4", "consumer3", "consumer2", "consumer1"];
    expect(strings("consumer1", "consumer2", "consumer3", "consumer4")).toEqual(order);
    expect(strings("consumer3", "consumer1", "consumer4", "consumer2")).toEqual(order);
  });

  it("keeps the order of insertion inside a bucket", () => {
    expect(numbers([33, 1, 17])).toEqual([33, 1, 17]);
    expect(numbers([17, 33, 1])).toEqual([17, 33, 1]);
  });

  it("doubles the table beyond three quarters full, which reorders keys", () => {
    const twelve = [16, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
    expect(numbers(twelve)[0]).toBe(16);
    expect(numbers([...twelve, 11]).slice(0, 2)).toEqual([0, 1]);
    expect(numbers([...twelve, 11]).at(-1)).toBe(16);
  });

  it("rounds the initial capacity up to a power of two", () => {
    expect(numbers([16, 0], 17)).toEqual([0, 16]);
    expect(numbers([16, 0], 16)).toEqual([16, 0]);
    expect(numbers([2, 1, 0], 1)).toEqual([0, 1, 2]);
  });

  it("grows a small table when nine keys share a bucket", () => {
    const multiples = [144, 128, 112, 96, 80, 64, 48, 32];
    expect(numbers(multiples)).toEqual(multiples);
    expect(numbers([...multiples, 0])).toEqual([128, 96, 64, 32, 0, 144, 112, 80, 48]);
  });

  it("never shrinks the table", () => {
    const map = new JavaHashMap<number, true>((key) => key);
    for (let key = 0; key < 13; key++) map.set(key, true);
    for (let key = 0; key < 13; key++) expect(map.delete(key)).toBe(true);
    map.set(16, true).set(0, true);
    expect([...map.keys()]).toEqual([0, 16]);
    expect(map.size).toBe(2);
  });

  it("puts what computeIfAbsent adds at the front of its bucket", () => {
    const map = new JavaHashMap<number, number[]>((key) => key);
    for (const key of [1, 17, 33, 1]) map.computeIfAbsent(key, () => []).push(key);
    expect([...map]).toEqual([
      [33, [33]],
      [17, [17]],
      [1, [1, 1]],
    ]);
  });

  it("compares keys by value when told how", () => {
    const partition = (n: number) => ({ topic: "orders", partition: n });
    const map = new JavaHashMap<{ topic: string; partition: number }, string>(
      topicPartitionHash,
      (a, b) => a.topic === b.topic && a.partition === b.partition,
    );
    map.set(partition(1), "one").set(partition(1), "uno").set(partition(0), "zero");
    expect(map.size).toBe(2);
    expect(map.get(partition(1))).toBe("uno");
    expect(map.has(partition(2))).toBe(false);
    expect([...map.values()]).toEqual(["zero", "uno"]);
  });
});
