import { describe, expect, it } from "vitest";
import {
  adaptive,
  ignoresKeys,
  loadTable,
  partitionerFor,
  roundRobin,
  stickyPerBatch,
  type TopicView,
} from "../../../src/client/producer/partitioner.ts";
import { PRODUCER_CONFIG } from "../../../src/protocol/config/producer.ts";
import { resolveConfig } from "../../../src/protocol/config/row.ts";
import { type Release, rulesFor } from "../../../src/protocol/releases.ts";
import { rngFor } from "../../../src/sim/rng.ts";

const topic = (partitionCount: number, available?: number[]): TopicView => ({
  partitionCount,
  available: available ?? Array.from({ length: partitionCount }, (_, i) => i),
});

/** Draws the given numbers in turn. */
function draws(...numbers: number[]): () => number {
  let next = 0;
  return () => numbers[next++ % numbers.length] as number;
}

describe("the adaptive partitioner (KIP-794)", () => {
  it("turns queues of 0, 3, 1 into the cumulative weights 4, 5, 8", () => {
    expect(loadTable([0, 3, 1], [0, 1, 2], 3)?.cumulative).toEqual([4, 5, 8]);
  });

  it("weighs nothing when all queues are the same, unless a partition is left out", () => {
    expect(loadTable([2, 2, 2], [0, 1, 2], 3)).toBeUndefined();
    expect(loadTable([2, 2, 0], [0, 1, 2], 2)?.cumulative).toEqual([1, 2]);
    expect(loadTable([5], [0], 1)).toBeUndefined();
    expect(loadTable([5, 5], [], 0)).toBeUndefined();
  });

  it("picks the first weight above the draw", () => {
    const picked = [0, 3, 4, 5, 7, 8].map((draw) => {
      const partitioner = adaptive(topic(3), 100, () => draw);
      partitioner.updateLoad([0, 3, 1], [10, 11, 12], 3);
      return partitioner.current();
    });
    expect(picked).toEqual([10, 10, 11, 12, 12, 10]);
  });

  it("stays until batch.size bytes are out and no batch has room", () => {
    const partitioner = adaptive(topic(4), 1000, draws(0, 1, 2, 3));
    expect(partitioner.current()).toBe(0);
    partitioner.appended(999, true);
    expect(partitioner.current()).toBe(0);
    partitioner.appended(1, false);
    expect(partitioner.current()).toBe(0);
    partitioner.appended(0, true);
    expect(partitioner.current()).toBe(1);
  });

  it("moves on after twice batch.size in any case", () => {
    const partitioner = adaptive(topic(4), 1000, draws(0, 1));
    partitioner.current();
    partitioner.appended(1999, false);
    expect(partitioner.current()).toBe(0);
    expect(partitioner.limit(100, false)).toBe(1);
    partitioner.appended(1, false);
    expect(partitioner.current()).toBe(1);
  });

  it("draws among the partitions with a leader, or among all when there is none", () => {
    expect(adaptive(topic(6, [1, 4]), 100, draws(3)).current()).toBe(4);
    expect(adaptive(topic(6, []), 100, draws(3)).current()).toBe(3);
  });
});

describe("the sticky partitioner (KIP-480)", () => {
  it("takes another partition for each new batch", () => {
    const partitioner = stickyPerBatch(topic(3), draws(1, 1, 1, 2));
    expect(partitioner.current()).toBe(1);
    partitioner.appended(1e9, true);
    expect(partitioner.current()).toBe(1);
    expect(partitioner.switchesForNewBatch()).toBe(true);
    expect(partitioner.current()).toBe(2);
  });

  it("stays where it is when only one partition has a leader", () => {
    const partitioner = stickyPerBatch(topic(3, [2]), draws(0));
    expect(partitioner.current()).toBe(2);
    partitioner.switchesForNewBatch();
    expect(partitioner.current()).toBe(2);
  });
});

describe("round robin", () => {
  it("goes to the next partition with every record", () => {
    const partitioner = roundRobin(topic(3, [0, 2]), 0, false);
    const seen: number[] = [];
    for (let i = 0; i < 4; i++) {
      seen.push(partitioner.current());
      partitioner.appended(100, false);
    }
    expect(seen).toEqual([0, 2, 0, 2]);
  });

  it("skips a partition when a record opens a batch (KAFKA-9965)", () => {
    const partitioner = roundRobin(topic(4), 0, true);
    expect(partitioner.current()).toBe(0);
    expect(partitioner.switchesForNewBatch()).toBe(true);
    expect(partitioner.current()).toBe(1);
    partitioner.appended(100, false);
    expect(partitioner.current()).toBe(2);
  });
});

/** Where 12 records go, when each opens a batch, or when batches of two records fill up. */
function places(release: Release, name: string, perBatch: number): number[] {
  const aliases = PRODUCER_CONFIG["partitioner.class"].aliases ?? {};
  const config = resolveConfig(PRODUCER_CONFIG, release, {
    "partitioner.class": name === "" ? "" : (aliases[name] as string),
    "batch.size": 1000,
  });
  const partitioner = partitionerFor(rulesFor(release), config, topic(4), rngFor("places"));
  const open = new Map<number, number>();
  return Array.from({ length: 12 }, () => {
    let number = partitioner.current();
    if ((open.get(number) ?? 0) % perBatch === 0 && partitioner.switchesForNewBatch()) {
      number = partitioner.current();
    }
    open.set(number, (open.get(number) ?? 0) + 1);
    partitioner.appended(400, (open.get(number) ?? 0) % perBatch === 0);
    return number;
  });
}

const isInTurn = (numbers: readonly number[]): boolean =>
  numbers.every((n, i) => i === 0 || n === ((numbers[i - 1] as number) + 1) % 4);
const changes = (numbers: readonly number[]): number =>
  numbers.filter((n, i) => i > 0 && n !== numbers[i - 1]).length;

describe("A release's partitioner", () => {
  it("goes round from a random start before 2.4", () => {
    expect(isInTurn(places("2.3", "", 1))).toBe(true);
    expect(isInTurn(places("2.3", "DefaultPartitioner", 1))).toBe(true);
  });

  it("sticks to a partition for a batch from 2.4 on, by bytes from 3.3 on", () => {
    expect(changes(places("2.4", "", 2))).toBe(5);
    expect(changes(places("2.4", "UniformStickyPartitioner", 2))).toBe(5);
    // batch.size 1000, 400 a record: three records to a partition, unless the same one is drawn again.
    const adaptively = places("3.3", "", 3);
    expect(new Set(adaptively.slice(0, 3)).size).toBe(1);
    expect(changes(adaptively)).toBeLessThan(4);
    expect(changes(places("3.9", "DefaultPartitioner", 2))).toBe(5);
  });

  it("in turn leaves every other partition out where each record opens a batch, until 4.0 (KAFKA-9965)", () => {
    expect(new Set(places("3.9", "RoundRobinPartitioner", 1))).toEqual(new Set([1, 3]));
    expect(isInTurn(places("4.0", "RoundRobinPartitioner", 1))).toBe(true);
  });

  it("looks at keys, unless it is RoundRobin or UniformSticky; partitioner.ignore.keys is for the built-in one", () => {
    const { aliases = {} } = PRODUCER_CONFIG["partitioner.class"];
    const ignores = (name: string, ignoreKeys: boolean): boolean =>
      ignoresKeys({
        "partitioner.class": aliases[name] ?? "",
        "partitioner.ignore.keys": ignoreKeys,
        "batch.size": 1000,
      });
    expect(["", "DefaultPartitioner"].map((name) => ignores(name, false))).toEqual([false, false]);
    expect(["", "DefaultPartitioner"].map((name) => ignores(name, true))).toEqual([true, false]);
    expect(ignores("RoundRobinPartitioner", false)).toBe(true);
    expect(ignores("UniformStickyPartitioner", false)).toBe(true);
  });
});
