// key-order on hand-made traces, and in a whole cluster with a producer that hashes keys the wrong way.
import { describe, expect, it } from "vitest";
import { PartitionNames, type TopicPartition } from "../../src/protocol/types.ts";
import { complaints, runWhole } from "../cluster/support.ts";
import { CONSUMER, PRODUCER, Story } from "./support.ts";

/** One producer with keyed load over two partitions, later perhaps four; one consumer without a group. */
class KeyStory extends Story {
  readonly #names = new PartitionNames();
  readonly #sent = new Map<number, number>();

  at0(partition: number): TopicPartition {
    return this.#names.of("orders", partition);
  }

  spread(partitions: number, drawn = 0, distribution: "uniform" | "list" = "uniform"): this {
    const keys = distribution === "list" ? ["alice", "bob", "carol"] : undefined;
    this.tell(PRODUCER, "producer.keys", {
      topic: "orders",
      partitions: Array.from({ length: partitions }, (_, p) => p),
      drawn,
      distribution,
      cardinality: keys?.length ?? 8,
      exponent: 0,
      keys,
    });
    return this;
  }

  write(partition: number, count: number, key?: string): this {
    const stream = 10 + partition;
    const known = this.#sent.get(stream);
    const range = { partition: this.at0(partition), stream, firstNumber: known ?? 0, count };
    if (known === undefined)
      this.tell(PRODUCER, "stream.opened", { ...range, producer: "checkout" });
    this.#sent.set(stream, (known ?? 0) + count);
    const names = key === undefined ? undefined : Array.from({ length: count }, (_, i) => `${i}`);
    this.tell(PRODUCER, "op.invoked", { ...range, names });
    if (key !== undefined) this.tell(PRODUCER, "op.keyed", { ...range, key });
    return this;
  }

  read(partition: number, firstNumber: number, count: number): this {
    this.tell(CONSUMER, "consumer.polled", {
      partition: this.at0(partition),
      stream: 10 + partition,
      firstNumber,
      count,
      baseOffset: firstNumber,
      position: firstNumber + count,
      highWatermark: firstNumber + count,
      leader: 1,
      leaderEpoch: 0,
    });
    return this;
  }

  get late(): number {
    return this.result("key-order").count;
  }
}

const story = (): KeyStory => new KeyStory(["key-order"]);

describe("within a partition", () => {
  it("what is read in order is in order, however it is cut", () => {
    const s = story().spread(2).write(0, 20).write(1, 20);
    expect(s.read(0, 0, 5).read(1, 0, 20).read(0, 5, 15).late).toBe(0);
    expect(s.result("key-order").status).toBe("held");
  });

  it("what is read again does not count", () => {
    expect(story().spread(2).write(0, 20).read(0, 0, 20).read(0, 3, 5).late).toBe(0);
  });

  it("a record behind a later one of its key is late, behind one of another key it is not", () => {
    // Three keys in one partition take turns: 0 alice, 1 bob, 2 carol, 3 alice ...
    const turns = (): KeyStory => story().spread(1, 0, "list").write(0, 6);
    expect(turns().read(0, 4, 2).read(0, 0, 1).late).toBe(0);
    const s = turns().read(0, 4, 2).read(0, 0, 4);
    expect(s.late).toBe(2);
    expect(s.result("key-order").first?.message).toContain("of key bob");
  });

  it("scripted records are known by their own keys", () => {
    const s = story().write(0, 2, "a").write(0, 1, "b").write(0, 1, "a");
    expect(s.read(0, 3, 1).read(0, 2, 1).late).toBe(0);
    const t = story().write(0, 2, "a").write(0, 1, "b").write(0, 1, "a");
    expect(t.read(0, 3, 1).read(0, 0, 3).late).toBe(2);
  });

  it("without keys nothing is promised", () => {
    const s = story().write(0, 6).read(0, 3, 3).read(0, 0, 3);
    expect(s.result("key-order").status).toBe("not-exercised");
  });
});

describe("when the number of partitions changes", () => {
  const moved = (): KeyStory => story().spread(2).write(0, 50).write(1, 50).spread(4, 100);

  it("records of a key that has moved are late when later ones were read before them", () => {
    const s = moved().write(2, 50);
    expect(s.read(0, 0, 10).read(1, 0, 50).read(2, 0, 50).read(0, 10, 40).late).toBeGreaterThan(0);
  });

  it("and in order when the earlier ones came first", () => {
    const s = moved().write(2, 50).write(0, 10);
    expect(s.read(0, 0, 50).read(1, 0, 50).read(2, 0, 50).read(0, 50, 10).late).toBe(0);
  });

  it("keys that stay are in order whatever comes from elsewhere", () => {
    // Key 0 of 2 stays in partition 0 of 4; only keys of partition 2 are in both.
    const s = moved().write(0, 50);
    expect(s.read(0, 0, 100).late).toBe(0);
  });
});

const CLUSTER = (mutant: string): string => `
apiVersion: faultline/v1
name: x
title: x
duration: 30s
cluster: { version: "4.1", brokers: 3, controllers: 1, rules: { mutant: ${mutant} } }
topics: [{ name: orders, replicas: { 0: [1], 1: [2], 2: [3] } }]
clients:
  producers:
    - { name: checkout, topic: orders, config: { linger.ms: 0, metadata.max.age.ms: 1s },
        records: { keys: { distribution: uniform, cardinality: 30 } }, load: { rate: 100/s }, stop: 25s }
  consumers:
    - { name: billing, topics: [orders], config: { auto.offset.reset: earliest, max.poll.records: 10, fetch.max.bytes: 2KiB }, processing: { time: 20ms, per: record } }
faults: [{ kind: ProcessChaos, action: terminate, at: 5s, selector: [broker-1], duration: 8s }]
`;

describe("a producer that hashes keys over partitions with a leader", () => {
  it("is caught when a leader goes, and its correct twin passes", () => {
    const count = (mutant: string): number =>
      runWhole(CLUSTER(mutant)).checks.find(({ name }) => name === "key-order")?.count ?? -1;
    expect(count("keys-over-available-partitions")).toBeGreaterThan(0);
    expect(count("none")).toBe(0);
    expect(complaints(runWhole(CLUSTER("none")))).toEqual([]);
  });
});
