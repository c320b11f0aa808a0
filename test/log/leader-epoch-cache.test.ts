import { describe, expect, test } from "vitest";
import { LeaderEpochCache } from "../../src/log/leader-epoch-cache.ts";
import { LogWorld } from "./support.ts";

function cacheOf(...entries: [epoch: number, startOffset: number][]) {
  const { disk } = new LogWorld().host;
  const cache = new LeaderEpochCache(disk, "epochs");
  for (const [epoch, startOffset] of entries) cache.assign(epoch, startOffset);
  const reload = () => new LeaderEpochCache(disk, "epochs").entries;
  return { cache, reload };
}

const pairs = (cache: Pick<LeaderEpochCache, "entries">) =>
  cache.entries.map(({ epoch, startOffset }) => [epoch, startOffset]);

describe("LeaderEpochCache", () => {
  test("answers with the largest epoch not above the requested one and the start of the next (vector 19)", () => {
    const { cache } = cacheOf([0, 10], [2, 13], [4, 17]);
    expect(cache.endOffsetFor(1, 20)).toEqual({ leaderEpoch: 0, endOffset: 13 });
    expect(cache.endOffsetFor(2, 20)).toEqual({ leaderEpoch: 2, endOffset: 17 });
    expect(cache.endOffsetFor(3, 20)).toEqual({ leaderEpoch: 2, endOffset: 17 });
  });

  test("knows the ends a leader needs to find divergence (vector 10)", () => {
    const { cache } = cacheOf([0, 0], [3, 2], [4, 8], [7, 13], [9, 14], [10, 17]);
    expect(cache.endOffsetFor(2, 17)).toEqual({ leaderEpoch: 0, endOffset: 2 });
    expect(cache.endOffsetFor(0, 17)).toEqual({ leaderEpoch: 0, endOffset: 2 });
    expect(cache.endOffsetFor(6, 17)).toEqual({ leaderEpoch: 4, endOffset: 13 });
    expect(cache.endOffsetFor(10, 17)).toEqual({ leaderEpoch: 10, endOffset: 17 });
    expect(cache.endOffsetFor(7, 17)).toEqual({ leaderEpoch: 7, endOffset: 14 });
    expect(cache.endOffsetFor(9, 17)).toEqual({ leaderEpoch: 9, endOffset: 17 });
    expect(cache.endOffsetFor(11, 17)).toBeUndefined();
  });

  test("answers a request below all known epochs with the start of the first", () => {
    const { cache } = cacheOf([5, 11], [6, 12]);
    expect(cache.endOffsetFor(3, 20)).toEqual({ leaderEpoch: 3, endOffset: 11 });
    expect(cache.endOffsetFor(-1, 20)).toBeUndefined();
  });

  test("an assignment deletes what does not lie below it in both epoch and offset (vector 20)", () => {
    const { cache } = cacheOf([2, 6], [3, 5]);
    expect(pairs(cache)).toEqual([[3, 5]]);
    cache.assign(7, 9);
    cache.assign(5, 12);
    expect(pairs(cache)).toEqual([
      [3, 5],
      [5, 12],
    ]);
  });

  test("an epoch keeps its first start offset", () => {
    const { cache } = cacheOf([1, 4]);
    cache.assign(1, 9);
    expect(pairs(cache)).toEqual([[1, 4]]);
    cache.assign(1, 3);
    expect(pairs(cache)).toEqual([[1, 3]]);
  });

  test("a truncation drops epochs that begin at or after the new end", () => {
    const { cache } = cacheOf([0, 0], [1, 5], [2, 9]);
    cache.truncateFromEnd(9);
    expect(pairs(cache)).toEqual([
      [0, 0],
      [1, 5],
    ]);
    cache.truncateFromEnd(6);
    expect(cache.latestEpoch).toBe(1);
    cache.truncateFromEnd(0);
    expect(cache.latestEpoch).toBe(-1);
  });

  test("a new log start becomes the start of the epoch it lies in", () => {
    const { cache } = cacheOf([0, 0], [1, 5], [2, 9]);
    cache.truncateFromStart(7);
    expect(pairs(cache)).toEqual([
      [1, 7],
      [2, 9],
    ]);
    cache.truncateFromStart(9);
    expect(pairs(cache)).toEqual([[2, 9]]);
  });

  test("names the epoch of an offset", () => {
    const { cache } = cacheOf([1, 5], [2, 9]);
    expect([4, 5, 8, 9, 100].map((offset) => cache.epochAt(offset))).toEqual([-1, 1, 1, 2, 2]);
  });

  test("is on disk as soon as it changes", () => {
    const { cache, reload } = cacheOf([0, 0], [1, 5]);
    expect(reload()).toEqual(cache.entries);
    cache.truncateFromEnd(3);
    expect(reload()).toEqual([{ epoch: 0, startOffset: 0 }]);
    cache.clear();
    expect(reload()).toEqual([]);
  });
});
