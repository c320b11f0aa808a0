// The laws can be broken: each scenario of scenarios/formulas is run with one figure changed, and the assertion on that figure fails.
// That they hold as written is test/scenarios.test.ts.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { recordBytes } from "../src/protocol/batch-size.ts";
import { runScenario } from "../src/runner/run.ts";
import { loadScenario } from "../src/scenario/load.ts";
import { ReplicationMetricsFold } from "../src/view/replication-metrics.ts";

const root = new URL("..", import.meta.url).pathname;

/** Which assertions fail when the scenario is changed. */
function failures(name: string, variant: string | undefined, set: readonly string[]): string[] {
  const file = `scenarios/formulas/${name}.yaml`;
  const text = readFileSync(join(root, file), "utf8");
  const { scenarios } = loadScenario(
    text,
    file,
    variant === undefined ? { set } : { set, variant },
  );
  const [scenario] = scenarios;
  if (scenario === undefined) throw new Error(`${name} has no variant ${variant}`);
  const { result } = runScenario(scenario, { replay: () => "", strict: true });
  return result.assertions.filter(({ ok }) => !ok).map(({ text: failed }) => failed);
}

const BREAKS: readonly (readonly [string, string | undefined, string, RegExp])[] = [
  ["lag-slope", undefined, "clients.producers.0.load.rate=1030/s", /slope of lag/],
  ["lag-slope", undefined, "clients.consumers.0.processing.time=2100us", /slope of lag/],
  [
    "consumer-rate",
    "processing-bound",
    "clients.consumers.0.processing.time=105ms",
    /records_delivered/,
  ],
  [
    "consumer-rate",
    "fetch-bound",
    "clients.consumers.0.config.max.partition.fetch.bytes=3453",
    /records_delivered/,
  ],
  ["consumer-rate", "link-bound", "faults.0.rate=55000B/s", /records_delivered/],
  ["batching", "linger-50", "clients.producers.0.config.linger.ms=60", /batches_in/],
  ["batching", "full-first", "clients.producers.0.config.batch.size=1100", /batch_size_avg/],
  ["batch-efficiency", "ten", "clients.producers.0.records.size=101B", /batch_size_avg/],
  ["producer-throughput", "batch-4k", "clients.producers.0.config.batch.size=4400", /slope/],
  ["producer-throughput", "batch-16k", "cluster.network.bandwidth=41Mbps", /slope/],
  ["producer-throughput", "linger-5", "clients.producers.0.config.linger.ms=1", /slope/],
  ["compression", "lz4", "clients.producers.0.records.compressedTo=51%", /compression-rate-avg/],
  ["compression", "lz4", "clients.producers.0.records.compressedTo=52%", /slope/],
  ["compression", "gzip", "clients.producers.0.config.compression.gzip.level=5", /slope/],
  ["compression", "recompressed", "topics.0.config.compression.type=producer", /slope/],
  ["replication-lag", undefined, "faults.0.latency=54ms", /max_replication_lag_bytes/],
  ["parallelism", "eight", "topics.0.partitions=8", /active_consumers/],
  ["ordering", "partitions-added", "operations.0.args.partitions=4", /logEndOffset\(orders-3\)/],
];

describe("A law of scenarios/formulas", () => {
  it.each(
    BREAKS.map(
      (broken) => [`${broken[0]} ${broken[1] ?? "as written"}`, broken[2], broken] as const,
    ),
  )("%s does not hold with %s", (_, __, [name, variant, set, broken]) => {
    expect(failures(name, variant, [set]).some((text) => broken.test(text))).toBe(true);
  });
});

describe("Replication lag in bytes", () => {
  const partition = { topic: "orders", partition: 0, index: 0, name: "orders-0" };
  const batch = { partition, baseOffset: 0, count: 10, sizeBytes: 1000 };

  function told(): { fold: ReplicationMetricsFold; tell(type: string, event: object): void } {
    const fold = new ReplicationMetricsFold();
    const listeners = fold.listeners as Record<string, (event: object) => void>;
    return { fold, tell: (type, event) => listeners[type]?.(event) };
  }

  it("is what the leader wrote less what the follower fetched", () => {
    const { fold, tell } = told();
    tell("log.appended", { ...batch, node: 1, leader: true });
    tell("log.appended", { ...batch, node: 1, leader: true, baseOffset: 10 });
    tell("log.appended", { ...batch, node: 2, leader: false });
    expect(fold.snapshot()).toEqual({
      replication_bytes_in: 1000,
      max_replication_lag_bytes: 1000,
    });
  });

  it("is gone when the logs end at the same offset, whatever was truncated", () => {
    const { fold, tell } = told();
    tell("log.appended", { ...batch, node: 1, leader: true });
    tell("replica.becameFollower", { partition, node: 2, logEndOffset: 0 });
    tell("replica.becameLeader", { partition, node: 2, epochStartOffset: 0 });
    tell("log.truncated", { partition, node: 1, from: 10, to: 0 });
    expect(fold.snapshot().max_replication_lag_bytes).toBe(0);
  });
});

/** protobuf's zigzag varints, by bits. */
function varint(value: number): number {
  const zigzag = BigInt(value >= 0 ? value * 2 : -value * 2 - 1);
  return Math.max(1, Math.ceil(zigzag.toString(2).length / 7));
}

describe("The size of a record", () => {
  it("is its fields and their lengths, so that efficiency follows from the payload alone", () => {
    const bytes = fc.integer({ min: 0, max: 5_000_000 });
    fc.assert(
      fc.property(bytes, bytes, fc.nat(100_000), fc.nat(100_000), (key, value, offset, time) => {
        const lengths = varint(key) + key + varint(value) + value;
        const body = 2 + varint(offset) + varint(time) + lengths;
        const size = recordBytes({ keyBytes: key, valueBytes: value }, offset, time);
        expect(size).toBe(varint(body) + body);
      }),
    );
  });
});
