import { describe, expect, it } from "vitest";
import { constantBackoff } from "../../../src/client/backoff.ts";
import { Metadata } from "../../../src/client/metadata.ts";
import { RecordAccumulator } from "../../../src/client/producer/accumulator.ts";
import type { ProducerBatch } from "../../../src/client/producer/batch.ts";
import { BufferPool } from "../../../src/client/producer/buffer-pool.ts";
import { adaptive } from "../../../src/client/producer/partitioner.ts";
import type { Settings } from "../../../src/protocol/config/row.ts";
import { environment } from "../../../src/protocol/environment.ts";
import { rulesFor } from "../../../src/protocol/releases.ts";
import { ms } from "../../../src/sim/kernel.ts";
import { producerConfig } from "../support.ts";

const SHAPE = { keyBytes: -1, valueBytes: 100 };

class Bench {
  readonly env = environment({
    release: "4.1",
    rules: rulesFor("4.1"),
    voters: [],
    brokers: [1, 2],
  });
  readonly metadata = new Metadata(this.env, ["t"], ms(300_000), constantBackoff(100));
  readonly pool = new BufferPool(100_000);
  readonly accumulator: RecordAccumulator;

  constructor(leaders: readonly number[], settings: Settings = {}) {
    const topic = { partitionCount: leaders.length, available: [0] };
    this.accumulator = new RecordAccumulator(
      "t",
      producerConfig({ "batch.size": 500, "linger.ms": 10, ...settings }),
      {
        metadata: this.metadata,
        pool: this.pool,
        partitioner: adaptive(topic, 500, () => 0),
        retryBackoff: constantBackoff(100),
      },
    );
    this.lead(leaders, 0);
    leaders.forEach((_, p) => {
      const partition = this.env.partitions.of("t", p);
      this.accumulator.addQueue(partition, this.env.streams.of("p", partition).stream);
    });
  }

  lead(leaders: readonly number[], leaderEpoch: number): void {
    const rest = {
      error: "NONE" as const,
      leaderEpoch,
      replicas: [],
      isr: [],
      offlineReplicas: [],
    };
    const partitions = leaders.map((leader, p) => ({
      ...rest,
      partition: this.env.partitions.of("t", p),
      leader,
    }));
    const topics = [{ name: "t", error: "NONE" as const, partitions }];
    this.metadata.update({ brokers: [], controllerId: 1, topics }, 0);
  }

  /** Adds records to a partition, opening batches as needed. */
  add(partition: number, count: number, now = 0): void {
    const queue = this.accumulator.queue(partition);
    if (queue === undefined) throw new Error("no queue");
    for (let left = count; left > 0; ) {
      const tail = this.accumulator.tail(queue);
      const taken = tail?.append(left, SHAPE, now) ?? 0;
      queue.stream.nextNumber += taken;
      left -= taken;
      if (taken > 0) continue;
      tail?.close();
      expect(this.pool.tryTake(this.accumulator.bufferBytes(SHAPE))).toBe(true);
      this.accumulator.open(queue, SHAPE, now);
    }
  }

  first(node: number, now = 0): ProducerBatch {
    return this.accumulator.drain(node, 1e6, now)[0] as ProducerBatch;
  }
}

describe("a node is ready", () => {
  it("when a batch has waited linger.ms, and not before", () => {
    const bench = new Bench([1]);
    bench.add(0, 1, 5000);
    expect(bench.accumulator.ready(ms(14.9))).toMatchObject({ nodes: [], nextCheckAt: ms(15) });
    expect(bench.accumulator.ready(ms(15)).nodes).toEqual([1]);
  });

  it("at once when a batch is full or another waits behind it", () => {
    const bench = new Bench([1]);
    bench.add(0, 4);
    expect(bench.accumulator.ready(0).nodes).toEqual([]);
    bench.add(0, 1);
    expect(bench.accumulator.ready(0).nodes).toEqual([1]);
  });

  it("with every batch, however young, while someone waits for memory", () => {
    const bench = new Bench([1]);
    bench.add(0, 1);
    bench.pool.tryTake(bench.pool.availableBytes);
    bench.pool.wait(500, () => undefined);
    expect(bench.accumulator.ready(0).nodes).toEqual([1]);
  });

  it("not for a muted partition, and a partition without a leader asks for metadata", () => {
    const bench = new Bench([1, -1]);
    bench.add(0, 9);
    bench.accumulator.setMuted(bench.env.partitions.of("t", 0), true);
    expect(bench.accumulator.ready(0)).toMatchObject({ nodes: [], hasUnknownLeaders: false });
    bench.add(1, 1);
    expect(bench.accumulator.ready(0)).toMatchObject({ nodes: [], hasUnknownLeaders: true });
  });

  it("not while its only batch backs off, unless the leader epoch has risen since (KIP-951)", () => {
    const bench = new Bench([1]);
    bench.add(0, 1);
    bench.accumulator.reenqueue(bench.first(1), ms(20));
    expect(bench.accumulator.ready(ms(119))).toMatchObject({ nodes: [], nextCheckAt: ms(120) });
    expect(bench.accumulator.drain(1, 1e6, ms(119))).toEqual([]);
    expect(bench.accumulator.ready(ms(120)).nodes).toEqual([1]);
    bench.lead([2], 1);
    expect(bench.accumulator.ready(ms(21)).nodes).toEqual([2]);
  });
});

describe("draining a node", () => {
  it("takes one batch of each partition it leads, lingered or not", () => {
    const bench = new Bench([1, 2, 1]);
    bench.add(0, 12);
    bench.add(1, 1);
    bench.add(2, 1);
    const drained = bench.accumulator.drain(1, 1e6, 0);
    expect(drained.map((b) => [b.partition.partition, b.count])).toEqual([
      [0, 4],
      [2, 1],
    ]);
  });

  it("stops before max.request.size, goes on from there next time, and always takes one", () => {
    const bench = new Bench([1, 1, 1]);
    for (const p of [0, 1, 2]) bench.add(p, 8);
    const numbers = (max: number): number[] =>
      bench.accumulator.drain(1, max, 0).map((b) => b.partition.partition);
    expect(numbers(1000)).toEqual([0, 1]);
    expect(numbers(1000)).toEqual([2, 0]);
    expect(numbers(1)).toEqual([1]);
  });

  it("leaves the order of a partition alone when a batch comes back", () => {
    const bench = new Bench([1]);
    bench.add(0, 12);
    const first = bench.first(1);
    bench.accumulator.reenqueue(first, 0);
    expect(bench.first(1, ms(200))).toBe(first);
  });
});

describe("delivery.timeout.ms", () => {
  it("gives up the oldest batches, queued or in flight, and their memory comes back", () => {
    const bench = new Bench([1], { "delivery.timeout.ms": 40_000 });
    bench.add(0, 4);
    const flying = bench.first(1);
    flying.isInFlight = true;
    bench.add(0, 1, ms(1));
    expect(bench.accumulator.nextExpiryAt).toBe(ms(40_000));
    expect(bench.accumulator.takeExpired(ms(40_000))).toEqual([flying]);
    bench.accumulator.complete(flying);
    const [queued] = bench.accumulator.takeExpired(ms(40_001));
    expect(queued?.firstNumber).toBe(4);
    bench.accumulator.complete(queued as ProducerBatch);
    expect(bench.pool.availableBytes).toBe(bench.pool.totalBytes);
    expect(bench.accumulator.hasIncomplete).toBe(false);
  });
});

describe("numbers that were used up without a batch", () => {
  it("close the batch in front of the gap", () => {
    const bench = new Bench([1]);
    bench.add(0, 1);
    const queue = bench.accumulator.queue(0);
    if (queue !== undefined) queue.stream.nextNumber += 5;
    bench.add(0, 1);
    expect(queue?.batches.map((b) => [b.firstNumber, b.count])).toEqual([
      [0, 1],
      [6, 1],
    ]);
  });
});
