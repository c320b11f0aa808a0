import { describe, expect, it } from "vitest";
import { KeySource } from "../../src/client/keys.ts";
import { partitionForKey } from "../../src/protocol/murmur2.ts";
import { rngFor } from "../../src/sim/rng.ts";

describe("keys", () => {
  it("taken in turn go where Kafka's hash sends them", () => {
    const keys = new KeySource({ kind: "sequential", cardinality: 10 }, rngFor("k"));
    const expected = new Int32Array(4);
    for (let n = 0; n < 10; n++) {
      const partition = partitionForKey(`key-${n}`, 4);
      expected[partition] = (expected[partition] as number) + 1;
    }
    expect(keys.spread(10, 4)).toEqual(expected);
    expect(keys.spread(10, 4)).toEqual(expected);
  });

  it("go elsewhere when there are more partitions", () => {
    const keys = new KeySource({ kind: "list", keys: ["abc"] }, rngFor("k"));
    expect([...keys.spread(2, 3)]).toEqual([2, 0, 0]);
    expect([...keys.spread(2, 4)]).toEqual([0, 0, 0, 2]);
  });

  it("of a skewed distribution favour the partition of the first key", () => {
    const zipf = { kind: "zipf", cardinality: 1000, exponent: 1.2 } as const;
    const counts = new KeySource(zipf, rngFor("z")).spread(10_000, 8);
    const hot = partitionForKey("key-0", 8);
    expect(counts.reduce((sum, n) => sum + n, 0)).toBe(10_000);
    expect(counts.indexOf(Math.max(...counts))).toBe(hot);
  });

  it("count as long as the longest of them", () => {
    expect(new KeySource({ kind: "uniform", cardinality: 1000 }, rngFor("k")).keyBytes).toBe(7);
    expect(new KeySource({ kind: "list", keys: ["a", "日本"] }, rngFor("k")).keyBytes).toBe(6);
  });
});
