import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ProducerBatch } from "../../../src/client/producer/batch.ts";
import { BatchCompressor } from "../../../src/client/producer/batch-compressor.ts";
import { CompressionRatioEstimator } from "../../../src/client/producer/compression-ratio-estimator.ts";
import { kafkaProducer, type ProducerProgram } from "../../../src/client/producer/program.ts";
import { recordBytes } from "../../../src/protocol/batch-size.ts";
import { type Compressibility, compressionOf } from "../../../src/protocol/compression.ts";
import type { Settings } from "../../../src/protocol/config/row.ts";
import type { Rules } from "../../../src/protocol/releases.ts";
import { PartitionNames } from "../../../src/protocol/types.ts";
import { rngFor } from "../../../src/sim/rng.ts";
import { Lab, producerConfig } from "../support.ts";

const partition = new PartitionNames().of("t", 0);
const LEVELS = {
  "compression.gzip.level": -1,
  "compression.lz4.level": 9,
  "compression.zstd.level": 3,
};
const GZIP = compressionOf("gzip", LEVELS);
const to = (ratio: number): Compressibility => ({
  gzip: ratio,
  snappy: ratio,
  lz4: ratio,
  zstd: ratio,
});

function expecting(ratio: number): CompressionRatioEstimator {
  const estimator = new CompressionRatioEstimator();
  estimator.set(ratio);
  return estimator;
}

function batch(
  capacityBytes: number,
  estimator: CompressionRatioEstimator,
  ratio: number,
): ProducerBatch {
  if (GZIP === undefined) throw new Error("no codec");
  return new ProducerBatch({
    partition,
    stream: 0,
    firstNumber: 0,
    capacityBytes,
    createdAt: 0,
    shape: shape(100, ratio),
    compressor: new BatchCompressor(GZIP, estimator),
  });
}

const shape = (valueBytes: number, ratio: number) => ({
  keyBytes: -1,
  valueBytes,
  compressibility: to(ratio),
});

describe("The expected compression ratio", () => {
  // CompressionRatioEstimatorTest.testUpdateEstimation, with the numbers that its rule gives.
  it.each([
    [0.8, 0.84, 0.85],
    [0.6, 0.7, 0.7],
    [0.6, 0.4, 0.595],
    [0.004, 0.001, 0.001],
    [0.5, 0.5, 0.5],
  ])("of %d becomes, after a batch at %d, %d", (before, observed, after) => {
    const estimator = expecting(before);
    estimator.update(observed);
    expect(estimator.estimation).toBeCloseTo(after, 6);
  });

  it("takes 101 batches to believe in half of the size, in single precision, and one to lose faith", () => {
    const estimator = expecting(1);
    let batches = 0;
    for (; estimator.estimation > 0.5; batches++) estimator.update(0.5);
    expect(batches).toBe(101);
    estimator.update(0.98);
    expect(estimator.estimation).toBe(Math.fround(0.98));
  });
});

describe("A batch that will be compressed", () => {
  it("takes equal records in one go exactly as it takes them one by one", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 62, max: 40_000 }),
        fc.double({ min: 0.01, max: 1.5, noNaN: true }),
        fc.array(fc.tuple(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 0, max: 200_000 })), {
          minLength: 1,
          maxLength: 5,
        }),
        (capacity, ratio, appends) => {
          const [many, single] = [1, 2].map(() => batch(capacity, expecting(ratio), 0.4));
          if (many === undefined || single === undefined) return;
          for (const [count, at] of appends) {
            let taken = 0;
            for (let i = 0; i < count; i++) taken += single.append(1, shape(100, 0.4), at);
            expect(many.append(count, shape(100, 0.4), at)).toBe(taken);
            expect(many.sizeBytes).toBe(single.sizeBytes);
            expect(many.isFull).toBe(single.isFull);
          }
        },
      ),
    );
  });

  it("has room for a record by hasRoomFor: what is there as it is expected to shrink, the record in full", () => {
    // 61 + trunc(n * 109 * 0.5 * 1.05) + 109 <= 1000, so n = 14 may be there before the last.
    const full = batch(1000, expecting(0.5), 0.5);
    expect(full.append(100, shape(100, 0.5), 0)).toBe(15);
    expect(full.sizeBytes).toBe(61 + Math.trunc(15 * 109 * 0.5 * 1.05));
  });

  it("learns its size when it leaves, and so does the estimate", () => {
    const estimator = expecting(1);
    const leaving = batch(16_384, estimator, 0.25);
    leaving.append(100, shape(100, 0.25), 0);
    expect(leaving.sizeBytes).toBe(61 + Math.trunc(10_936 * 1.05));
    leaving.seal();
    // gzip adds its header and trailer of 18 bytes.
    expect(leaving.sizeBytes).toBe(61 + 10_936 / 4 + 18);
    expect(leaving.compressionRatio).toBeCloseTo((2734 + 18) / 10_936, 6);
    expect(estimator.estimation).toBeCloseTo(0.995, 6);
    // A batch that is sent again is closed again.
    leaving.seal();
    expect(estimator.estimation).toBeCloseTo(0.99, 6);
  });

  it("costs the application whole blocks and the sender the rest, 16 KiB a block with gzip", () => {
    const filling = batch(100_000, expecting(1), 0.5);
    const compressor = filling.compressor as BatchCompressor;
    filling.append(100, shape(100, 0.5), 0);
    expect(compressor.appendUs(0)).toBe(0);
    const before = compressor.uncompressedBytes;
    filling.append(100, shape(100, 0.5), 0);
    expect(compressor.appendUs(before)).toBeCloseTo(16_384 / 40);
    expect(filling.seal()).toBeCloseTo((compressor.uncompressedBytes - 16_384) / 40);
    expect(filling.seal()).toBe(0);
  });
});

describe("A batch that is split", () => {
  it.each([
    [0.6, 1],
    [1, 1 + 18 / 10_936],
  ])(
    "at %d resets the estimate to 1, or to its own ratio where that is worse: %d",
    (ratio, after) => {
      const estimator = expecting(0.2);
      const whole = batch(16_384, estimator, ratio);
      whole.append(100, shape(100, ratio), 0);
      whole.seal();
      expect(estimator.estimation).toBeCloseTo((Math.ceil(10_936 * ratio) + 18) / 10_936, 6);
      whole.compressor?.resetEstimation();
      expect(estimator.estimation).toBeCloseTo(after, 6);
    },
  );

  it("keeps every record in its place, large among small", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 1, max: 9 }), fc.constantFrom(10, 300, 3000)), {
          minLength: 1,
          maxLength: 12,
        }),
        fc.integer({ min: 100, max: 4000 }),
        (runs, target) => {
          const whole = batch(1_000_000, expecting(0.1), 1);
          let bytes = 0;
          for (const [count, size] of runs) {
            for (let i = 0; i < count; i++) {
              bytes += recordBytes(shape(size, 1), whole.count, 0);
              whole.append(1, shape(size, 1), 0);
            }
          }
          expect(whole.compressor?.uncompressedBytes).toBe(bytes);
          whole.seal();
          whole.setProducerState(7, 0, 100);
          let next = 0;
          for (const piece of whole.split(target)) {
            expect(piece.firstNumber).toBe(next);
            expect(piece.baseSequence).toBe(100 + next);
            next += piece.count;
          }
          expect(next).toBe(whole.count);
        },
      ),
    );
  });
});

// RecordAccumulatorTest.testSplitFrequency: whatever the mix of good and bad records, the estimate keeps splits below a tenth of the batches.
describe("The share of batches that turn out larger than batch.size", () => {
  it.each([1, 10, 30, 50, 70, 90, 99])("is small with %d of 100 compressible records", (good) => {
    const rng = rngFor(`split-${good}`);
    const estimator = new CompressionRatioEstimator();
    let [batches, splits] = [0, 0];
    const todo: ProducerBatch[] = [];
    const finish = (done: ProducerBatch): void => {
      done.seal();
      batches++;
      if (done.sizeBytes <= 1024 + 61) return;
      splits++;
      done.compressor?.resetEstimation();
      todo.push(...done.split(1024));
    };
    let open = batch(1024, estimator, 1);
    for (let i = 0; i < 1000; i++) {
      const isGood = rng.integer(0, 99) < good;
      const record = isGood ? shape(rng.integer(1, 100) * 10, 0.1) : shape(100, 0.85);
      if (open.append(1, record, 0) === 1) continue;
      finish(open);
      while (todo.length > 0) finish(todo.shift() as ProducerBatch);
      open = batch(1024, estimator, 1);
      open.append(1, record, 0);
    }
    expect(batches).toBeGreaterThan(50);
    expect(splits / batches).toBeLessThan(0.1);
  });
});

function produce(lab: Lab, settings: Settings = {}): ProducerProgram {
  return lab.start((host) =>
    kafkaProducer(host, lab.env, {
      name: "client",
      topic: "t",
      records: { sizeBytes: 100, keys: { kind: "none" }, compressibility: to(0.2) },
      load: undefined,
      startUs: 0,
      stopUs: undefined,
      config: producerConfig({ "linger.ms": 0, "compression.type": "gzip", ...settings }),
    }),
  );
}

const names = (count: number): string[] => Array.from({ length: count }, (_, i) => `m${i}`);

/** Brokers that refuse what is larger than so many bytes. */
function limited(bytes: number, rules: Partial<Rules> = {}): Lab {
  const lab = new Lab({ rules });
  lab.onProduce = (_log, nth) => {
    const size = lab.produces[nth]?.request.batches[0]?.batch.sizeBytes ?? 0;
    return { error: size > bytes ? "MESSAGE_TOO_LARGE" : "NONE" };
  };
  return lab;
}

describe("A producer that compresses", () => {
  it("sends fewer bytes in the codec it says, and tells its rate", () => {
    const lab = new Lab();
    produce(lab).sendScripted(names(50));
    lab.run(1000);
    const produced = lab.partitions[0]?.batches[0];
    expect(produced?.content).toEqual({
      codec: "gzip",
      uncompressedBytes: 50 * 109,
      compressibility: to(0.2),
    });
    expect(produced?.sizeBytes).toBe(61 + 50 * 109 * 0.2 + 18);
    const [sent] = lab.of("producer.requestSent");
    expect(sent?.compressionRates).toBeCloseTo(0.2 + 18 / (50 * 109), 5);
  });

  it("fills batches further as it learns, up to batch.size of compressed bytes", () => {
    const lab = new Lab();
    const producer = produce(lab, { "batch.size": 1000, "linger.ms": 5 });
    for (let i = 0; i < 300; i++) {
      producer.sendScripted(names(200));
      lab.run((i + 1) * 20);
    }
    const counts = lab.partitions[0]?.batches.map(({ count }) => count) ?? [];
    expect(counts[0]).toBe(8);
    expect(Math.max(...counts)).toBeGreaterThan(25);
    for (const { sizeBytes } of lab.partitions[0]?.batches ?? []) {
      expect(sizeBytes).toBeLessThanOrEqual(1000);
    }
  });

  it("splits what turns out too large, expects the worst from then on, and loses nothing", () => {
    const lab = limited(1000);
    const producer = produce(lab, { "batch.size": 1000, "linger.ms": 5 });
    for (let i = 0; i < 200; i++) {
      producer.sendScripted(names(50));
      lab.run((i + 1) * 20);
    }
    expect(lab.of("producer.split")).toEqual([]);
    producer.sendScripted(names(60), undefined, undefined, { compressibility: to(1) });
    lab.run(6000);
    const splits = lab.of("producer.split");
    expect(splits.length).toBeGreaterThan(0);
    expect(splits[0]?.pieces).toBeGreaterThan(1);
    expect(lab.of("producer.retried")).toEqual([]);
    expect(producer.idle).toBe(true);
    const acked = lab.of("op.acked").reduce((sum, e) => sum + e.count, 0);
    expect(acked).toBe(200 * 50 + 60);
    // The estimate is more than 1 now: stored, records take their own size and gzip's frame. Seven of 109 bytes to a batch, where eight would fit uncompressed.
    producer.sendScripted(names(50), undefined, undefined, { compressibility: to(1) });
    lab.run(7000);
    const last = lab.partitions[0]?.batches.slice(-6).map(({ count }) => count);
    expect(last).toEqual([7, 7, 7, 7, 7, 1]);
  });

  it("fills the pieces of a split batch, and what comes after, as if nothing shrank", () => {
    const lab = limited(1000);
    const producer = produce(lab, { "batch.size": 1000, "linger.ms": 5 });
    for (let i = 0; i < 200; i++) {
      producer.sendScripted(names(50));
      lab.run((i + 1) * 20);
    }
    producer.sendScripted(names(50), undefined, undefined, { compressibility: to(0.6) });
    lab.run(6000);
    const [split] = lab.of("producer.split");
    // Eight of 109 bytes to a piece.
    expect(split?.pieces).toBe(Math.ceil((split?.count ?? 0) / 8));
  });

  it("splits to batch.size again and again where that is too large (KAFKA-8350), until time is up", () => {
    const lab = limited(500);
    const producer = produce(lab, {
      "batch.size": 2000,
      "delivery.timeout.ms": 2000,
      "request.timeout.ms": 500,
    });
    producer.sendScripted(names(16), undefined, undefined, { compressibility: to(1) });
    lab.run(5000);
    expect(lab.of("producer.split").length).toBeGreaterThan(100);
    expect(lab.of("op.acked")).toEqual([]);
    expect(lab.of("op.unknown")).toMatchObject([{ count: 16, error: "DELIVERY_TIMEOUT" }]);
    expect(producer.idle).toBe(true);
  });

  it("halves what is too large a second time, where the rule says so", () => {
    const lab = limited(500, { "producer.batch-split": "halves" });
    const producer = produce(lab, { "batch.size": 2000 });
    producer.sendScripted(names(16), undefined, undefined, { compressibility: to(1) });
    lab.run(5000);
    expect(lab.of("producer.split").length).toBeLessThan(10);
    expect(lab.of("op.acked").reduce((sum, e) => sum + e.count, 0)).toBe(16);
    expect(producer.idle).toBe(true);
  });

  // SenderTest.testSplitBatchAndSend.
  it("gives the pieces of a split batch the sequences that the whole had", () => {
    const lab = limited(700);
    const producer = produce(lab, { "enable.idempotence": true, "batch.size": 512 });
    lab.run(100);
    for (let i = 0; i < 200; i++) {
      producer.sendScripted(names(20));
      lab.run(100 + (i + 1) * 20);
    }
    producer.sendScripted(names(12), undefined, undefined, { compressibility: to(1) });
    lab.run(10_000);
    expect(lab.of("producer.split")).toHaveLength(1);
    let next = 0;
    for (const { baseSequence, count } of lab.partitions[0]?.batches ?? []) {
      expect(baseSequence).toBe(next);
      next += count;
    }
    expect(next).toBe(200 * 20 + 12);
  });
});
