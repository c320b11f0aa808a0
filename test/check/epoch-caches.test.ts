// log-sound: a replica's leader epoch cache and its records, through everything that may befall a log.
import { expect, it } from "vitest";
import type { KafkaEvent } from "../../src/protocol/events.ts";
import { Story } from "./support.ts";

type Epochs = readonly (readonly [epoch: number, startOffset: number])[];

/** Replica 2 of a story that tells itself what the replica remembers. */
class Cache {
  readonly story = new Story(["log-sound"]).begin();

  constructor() {
    this.story.epochs = undefined;
  }

  knows(...epochs: Epochs): this {
    const { partition } = this.story;
    const told = epochs.map(([epoch, startOffset]) => ({ epoch, startOffset }));
    this.story.tell(2, "log.epochsChanged", { partition, epochs: told });
    return this;
  }

  append(base: number, count: number, epoch: number): this {
    this.story.append(2, base, count, base, 1, epoch);
    return this;
  }

  truncate(from: number, to: number): this {
    this.story.truncate(2, from, to);
    return this;
  }

  begin(at: number): this {
    const { partition } = this.story;
    this.story.tell(2, "log.startAdvanced", { partition, from: 0, to: at, why: "retention" });
    return this;
  }

  open(logStartOffset: number, logEndOffset: number): this {
    const { partition } = this.story;
    const extent = { logStartOffset, logEndOffset, highWatermark: logEndOffset, clean: false };
    this.story.tell(2, "log.opened", { partition, ...extent });
    return this;
  }

  lead(leaderEpoch: number, epochStartOffset: number): this {
    const became: Omit<
      KafkaEvent<"replica.becameLeader">,
      "type" | "seq" | "at" | "node" | "cause"
    > = {
      partition: this.story.partition,
      leaderEpoch,
      partitionEpoch: 1,
      isr: [2],
      epochStartOffset,
      highWatermark: 0,
    };
    this.story.tell(2, "replica.becameLeader", became);
    return this;
  }

  get problems(): string[] {
    return this.story.result("log-sound").findings.map(({ message }) => message);
  }
}

/** Two epochs: 0 from 0, 3 from 10; the log ends at 20. */
const grown = (): Cache =>
  new Cache().knows([0, 0]).append(0, 10, 0).knows([0, 0], [3, 10]).append(10, 10, 3);

it("each epoch begins where its first record is", () => {
  expect(grown().append(20, 5, 3).problems).toEqual([]);
  expect(new Cache().append(0, 5, 0).problems).toEqual([
    "broker-2 has the leader epochs [] where its records have [0 from 0] in orders-0",
  ]);
  expect(grown().append(20, 5, 4).append(25, 5, 4).problems).toEqual([
    "broker-2 has the leader epochs [0 from 0, 3 from 10] where its records have [0 from 0, 3 from 10, 4 from 20] in orders-0",
  ]);
  expect(grown().knows([0, 0], [3, 10], [4, 21]).append(20, 5, 4).problems).toHaveLength(1);
  expect(grown().knows([0, 0], [3, 10], [5, 20]).append(20, 5, 4).problems).toHaveLength(1);
});

it("records without an epoch are of none", () => {
  expect(new Cache().append(0, 5, -1).append(5, 5, -1).problems).toEqual([]);
});

it("an older epoch that comes again begins there, however wrong its records are", () => {
  const fallen = grown().knows([0, 0], [3, 10], [4, 20]).append(20, 5, 4);
  expect(fallen.knows([0, 0], [3, 25]).append(25, 5, 3).problems).toEqual([
    "broker-2 has records of epoch 3 behind records of epoch 4 in orders-0",
  ]);
});

it("what is cut goes from the cache, and what is told twice is one finding", () => {
  expect(grown().knows([0, 0]).truncate(20, 10).problems).toEqual([]);
  expect(grown().truncate(20, 11).problems).toEqual([]);
  expect(grown().truncate(20, 10).problems).toEqual([
    "broker-2 has the leader epochs [0 from 0, 3 from 10] where its records have [0 from 0] in orders-0",
  ]);
  expect(grown().truncate(20, 10).begin(0).problems).toHaveLength(1);
  expect(grown().truncate(20, 10).truncate(10, 5).problems).toHaveLength(2);
  expect(grown().truncate(20, 10).knows([0, 0], [4, 10]).append(10, 5, 4).problems).toHaveLength(1);
  expect(grown().knows([0, 0]).truncate(20, 15).problems).toHaveLength(1);
});

it("a log that goes on elsewhere has forgotten everything", () => {
  expect(grown().knows().truncate(20, 50).problems).toEqual([]);
  expect(grown().knows().truncate(20, 20).problems).toEqual([]);
  expect(grown().truncate(20, 50).problems).toHaveLength(1);
});

it("the epoch that a new start lies in begins there", () => {
  expect(grown().knows([0, 4], [3, 10]).begin(4).problems).toEqual([]);
  expect(grown().knows([3, 10]).begin(10).problems).toEqual([]);
  expect(grown().knows([3, 15]).begin(15).problems).toEqual([]);
  expect(grown().knows([3, 20]).begin(20).problems).toEqual([]);
  expect(grown().begin(4).problems).toEqual([
    "broker-2 has the leader epochs [0 from 0, 3 from 10] where its records have [0 from 4, 3 from 10] in orders-0",
  ]);
  // Below the first known epoch: nothing is known of what lies there.
  expect(grown().knows([3, 15]).begin(15).begin(12).problems).toEqual([]);
});

it("a leader's epoch counts from its beginning, and goes if it never had a record", () => {
  const led = (): Cache => grown().knows([0, 0], [3, 10], [4, 20]).lead(4, 20);
  expect(led().append(20, 5, 4).lead(4, 20).problems).toEqual([]);
  expect(led().knows([0, 0], [3, 10]).begin(0).problems).toEqual([]);
  expect(led().knows([0, 0], [3, 10], [5, 20]).append(20, 5, 5).problems).toEqual([]);
  expect(led().append(20, 5, 4).knows([0, 0], [3, 10]).begin(0).problems).toHaveLength(1);
  expect(grown().lead(4, 20).begin(0).problems).toHaveLength(1);
  // What an older epoch goes on with (LeaderEpochFileCache.maybeTruncateNonMonotonicEntries): its beginning is forgotten, too.
  expect(led().knows([0, 0], [3, 20]).append(20, 5, 3).problems).toEqual([]);
  // An older one does not.
  expect(led().knows([0, 0]).begin(0).problems).toHaveLength(1);
});

it("a crash takes no epoch but those of records that it took", () => {
  expect(grown().open(0, 20).problems).toEqual([]);
  expect(grown().knows([0, 0]).open(0, 10).problems).toEqual([]);
  expect(grown().open(0, 10).problems).toHaveLength(1);
  expect(grown().knows([0, 0]).open(0, 20).problems).toHaveLength(1);
  expect(grown().knows([3, 12]).open(12, 20).problems).toEqual([]);
  expect(grown().open(12, 20).problems).toHaveLength(1);
});

it("a new log has a new cache", () => {
  const gone = (cache: Cache, how: "deleted" | "wiped"): Cache => {
    if (how === "wiped") cache.story.tell(2, "host.wiped", { incarnation: 1 });
    else cache.story.tell(2, "log.deleted", { partition: cache.story.partition, why: "test" });
    return cache;
  };
  for (const how of ["deleted", "wiped"] as const) {
    expect(gone(grown(), how).knows([5, 0]).append(0, 5, 5).problems).toEqual([]);
    expect(gone(grown(), how).append(0, 5, 5).problems).toHaveLength(1);
  }
});

it("replicas are told apart", () => {
  const cache = grown();
  cache.story.tell(3, "host.wiped", { incarnation: 1 });
  cache.story.tell(3, "log.deleted", { partition: cache.story.partition, why: "test" });
  cache.append(20, 5, 3).begin(0).story.append(3, 0, 5, 0, 1, 3);
  expect(cache.problems).toEqual([
    "broker-3 has the leader epochs [] where its records have [3 from 0] in orders-0",
  ]);
});
