import { describe, expect, it } from "vitest";
import { murmur2, partitionForKey, toPositive, utf8 } from "../../src/protocol/murmur2.ts";

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
const COUNTS = [3, 4, 6, 8, 10, 12, 50];

/** Key, hash, and the partition for each of COUNTS: UtilsTest.testMurmur2, and Kafka's method executed. */
const VECTORS: [string | Uint8Array, number, number[]][] = [
  ["21", -973932308, [0, 0, 0, 4, 0, 0, 40]],
  ["foobar", -790332482, [0, 2, 0, 6, 6, 6, 16]],
  ["a-little-bit-long-string", -985981536, [2, 0, 2, 0, 2, 8, 12]],
  ["a-little-bit-longer-string", -1486304829, [2, 3, 5, 3, 9, 11, 19]],
  ["lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971, [2, 1, 5, 5, 7, 5, 27]],
  ["abc", 479470107, [0, 3, 3, 3, 7, 3, 7]],
  ["", 275646681, [0, 1, 3, 1, 1, 9, 31]],
  ["a", -1563381124, [1, 0, 4, 4, 4, 4, 24]],
  ["0", 971027396, [2, 0, 2, 4, 6, 8, 46]],
  ["hello", 2132663229, [0, 1, 3, 5, 9, 9, 29]],
  ["key1", 28543940, [2, 0, 2, 4, 0, 8, 40]],
  ["order-1", 1221710326, [1, 2, 4, 6, 6, 10, 26]],
  ["user-1", 1404122828, [2, 0, 2, 4, 8, 8, 28]],
  ["日本", -700811021, [0, 3, 3, 3, 7, 3, 27]],
  [bytes(0, 0, 0, 1), -173113808, [0, 0, 0, 0, 0, 0, 40]],
  [bytes(0xff, 0xfe, 0x80), -160726397, [0, 3, 3, 3, 1, 3, 1]],
];

describe("murmur2", () => {
  it.each(VECTORS)("hashes %s as Kafka does", (key, hash, partitions) => {
    const asBytes = typeof key === "string" ? utf8(key) : key;
    expect(murmur2(asBytes)).toBe(hash);
    expect(COUNTS.map((count) => toPositive(murmur2(asBytes)) % count)).toEqual(partitions);
    if (typeof key === "string") expect(partitionForKey(key, 50)).toBe(partitions[6]);
  });

  it("encodes text as a browser's encoder does", () => {
    for (const text of ["", "abc", "ü", "日本", "😀", "a\u0000b", "\u07ff\u0800\uffff"]) {
      expect([...utf8(text)]).toEqual([...new TextEncoder().encode(text)]);
    }
  });

  it("turns a lone surrogate into a question mark, as Java does", () => {
    expect([...utf8("a\ud800b")]).toEqual([0x61, 0x3f, 0x62]);
  });
});
