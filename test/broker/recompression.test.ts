// compression.type of a topic: what a leader stores, what that costs a request thread, and what becomes too large by it.
import { describe, expect, it } from "vitest";
import { handlerUs } from "../../src/broker/costs.ts";
import { conversionUs, converted, targetCompression } from "../../src/broker/recompression.ts";
import { BROKER_CONFIG } from "../../src/protocol/config/broker.ts";
import { resolveConfig, type Settings } from "../../src/protocol/config/row.ts";
import { topicConfig } from "../../src/protocol/config/topic.ts";
import type { ProducedBatch } from "../../src/protocol/types.ts";
import { LEADER, OneBroker } from "./one-broker.ts";

const target = (settings: Settings) =>
  targetCompression(topicConfig(resolveConfig(BROKER_CONFIG, "4.1", {}), settings, "4.1"));

const HALF = { gzip: 0.25, snappy: 0.6, lz4: 0.5, zstd: 0.3 };

const plain = (sizeBytes: number): ProducedBatch => ({
  stream: 0,
  firstNumber: 0,
  count: 10,
  sizeBytes,
  firstTimestamp: 0,
  maxTimestamp: 0,
  producerId: -1,
  producerEpoch: -1,
  baseSequence: -1,
});
const lz4 = (uncompressedBytes: number): ProducedBatch => ({
  ...plain(61 + uncompressedBytes / 2 + 15),
  content: { codec: "lz4", uncompressedBytes, compressibility: HALF },
});

describe("A topic's compression.type", () => {
  it("of producer keeps every batch as it came", () => {
    expect(target({})).toBe(undefined);
    const batch = lz4(10_000);
    expect(converted(batch, target({ "compression.type": "producer" }))).toBe(batch);
  });

  it("of the producer's own codec keeps the batch, whatever its level", () => {
    const batch = lz4(10_000);
    const own = target({ "compression.type": "lz4", "compression.lz4.level": 3 });
    expect(converted(batch, own)).toBe(batch);
    expect(conversionUs(batch, own)).toBe(10_000 / 2000);
  });

  it("of another codec compresses anew: the records' ratio under it, with its frame", () => {
    const stored = converted(lz4(10_000), target({ "compression.type": "gzip" }));
    expect(stored.sizeBytes).toBe(61 + 2500 + 18);
    expect(stored.content).toEqual({
      codec: "gzip",
      uncompressedBytes: 10_000,
      compressibility: HALF,
    });
    expect(conversionUs(lz4(10_000), target({ "compression.type": "gzip" }))).toBe(5 + 250);
  });

  it("of uncompressed stores records in full, and costs their decompression", () => {
    const whole = target({ "compression.type": "uncompressed" });
    const stored = converted(lz4(10_000), whole);
    expect(stored.sizeBytes).toBe(61 + 10_000);
    expect(stored.content?.codec).toBe("none");
    expect(conversionUs(lz4(10_000), whole)).toBe(5);
    expect(conversionUs(plain(10_061), whole)).toBe(0);
  });

  it("compresses what came uncompressed, taking records without a figure for JSON", () => {
    const stored = converted(plain(10_061), target({ "compression.type": "zstd" }));
    expect(stored.sizeBytes).toBe(61 + 3500 + 9);
  });

  it("lets levels cost what they cost (KIP-390)", () => {
    const at = (level: number): number =>
      conversionUs(
        plain(10_061),
        target({ "compression.type": "gzip", "compression.gzip.level": level }),
      );
    expect(at(1)).toBeLessThan(at(-1));
    expect(at(6)).toBe(at(-1));
    expect(at(9)).toBeGreaterThan(at(6));
    const fast = target({ "compression.type": "lz4" });
    const high = target({ "compression.type": "lz4", "compression.lz4.level": 8 });
    expect(conversionUs(plain(10_061), high)).toBeGreaterThan(conversionUs(plain(10_061), fast));
  });
});

describe("A produce request", () => {
  const request = { batches: [{ batch: lz4(10_000) }] };

  it("occupies its thread for the conversion, too", () => {
    const without = handlerUs("Produce", request, 5000, () => 0);
    const withIt = handlerUs("Produce", request, 5000, ({ batch }) =>
      conversionUs(batch, target({ "compression.type": "gzip" })),
    );
    expect(withIt - without).toBe(255);
  });
});

describe("A leader", () => {
  it("stores the topic's codec", () => {
    const broker = new OneBroker({ replicas: [LEADER], topic: { "compression.type": "zstd" } });
    broker.lead([LEADER]);
    broker.produce(10, 1);
    const [stored] = broker.consume(0).batches;
    expect(stored?.content?.codec).toBe("zstd");
    const { tp } = broker;
    const cost = broker.replicas.conversionUs(tp, plain(10_061));
    expect(cost).toBe(10_000 / 250);
  });

  it("charges nothing where neither batch nor topic is compressed", () => {
    const broker = new OneBroker({ replicas: [LEADER] });
    broker.lead([LEADER]);
    expect(broker.replicas.conversionUs(broker.tp, plain(10_061))).toBe(0);
    expect(broker.replicas.conversionUs(broker.tp, lz4(10_000))).toBe(5);
  });

  it("refuses what is too large after it was decompressed", () => {
    const broker = new OneBroker({
      replicas: [LEADER],
      topic: { "compression.type": "uncompressed", "max.message.bytes": 8000 },
    });
    broker.lead([LEADER]);
    expect(broker.replica.appendAsLeader(lz4(10_000), 1)).toEqual({ error: "MESSAGE_TOO_LARGE" });
    expect(broker.replica.logEndOffset).toBe(0);
  });
});
