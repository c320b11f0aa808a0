// The key of a generated record, from its stream and number alone, against keys drawn one by one.
import { describe, expect, it } from "vitest";
import { partitionForKey } from "../../src/protocol/murmur2.ts";
import { type KeyRange, keyName, RecordKeys } from "../../src/protocol/record-keys.ts";
import { Kernel } from "../../src/sim/kernel.ts";
import { zipf } from "../../src/sim/rng.ts";

const PARTITIONS = [0, 1, 2, 3, 4, 5];
const range = (distribution: KeyRange["distribution"], cardinality: number): KeyRange => ({
  distribution,
  cardinality,
  exponent: 1,
  keys: undefined,
});
const homeOf = (of: KeyRange, key: number): number => partitionForKey(keyName(of, key), 6);

describe.each(["sequential", "uniform", "zipf"] as const)("%s keys", (distribution) => {
  it("belong to the partition that their record is in", () => {
    const of = range(distribution, 200);
    const keys = new RecordKeys(of, PARTITIONS, 17);
    for (const partition of PARTITIONS)
      for (let n = 0; n < 300; n++)
        expect(homeOf(of, keys.keyAt(partition, 9, n, n))).toBe(partition);
  });
});

it("keys that take turns come in the order of the draws, also when the partitions change in between", () => {
  const of = range("sequential", 50);
  const drawn = 130;
  const keys = new RecordKeys(of, PARTITIONS, drawn);
  const seen = PARTITIONS.map(() => 0);
  for (let i = 0; i < 200; i++) {
    const key = (drawn + i) % 50;
    const partition = homeOf(of, key);
    const nth = seen[partition] as number;
    seen[partition] = nth + 1;
    expect(keys.keyAt(partition, partition, 1000 + nth, nth)).toBe(key);
  }
});

it("zipf keys are as frequent as drawn ones", () => {
  const of = range("zipf", 20);
  const keys = new RecordKeys(of, PARTITIONS, 0);
  const rng = new Kernel({ seed: "keys" }).rng("draws");
  const draw = zipf(20, 1);
  const [drawn, computed] = [new Array(20).fill(0), new Array(20).fill(0)] as [number[], number[]];
  const perPartition = new Map<number, number>();
  for (let i = 0; i < 60_000; i++) {
    const key = draw(rng);
    drawn[key] = (drawn[key] as number) + 1;
    const partition = homeOf(of, key);
    const nth = perPartition.get(partition) ?? 0;
    perPartition.set(partition, nth + 1);
    const same = keys.keyAt(partition, partition, nth, nth);
    computed[same] = (computed[same] as number) + 1;
  }
  for (let key = 0; key < 20; key++) {
    const [a, b] = [drawn[key] as number, computed[key] as number];
    expect(Math.abs(a - b)).toBeLessThan(6 * Math.sqrt(a) + 10);
  }
});
