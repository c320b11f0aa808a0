import { describe, expect, it } from "vitest";
import { HostDirectory } from "../../src/view/hosts.ts";
import { ProducerMetricsFold } from "../../src/view/producer-metrics.ts";
import { SampledStat } from "../../src/view/sampled-stat.ts";

const s = (seconds: number): number => seconds * 1_000_000;

// MetricsTest and SampledStatTest of Kafka: 2 samples of 30 s.
describe("A windowed statistic", () => {
  it("forgets a sample a minute after its last record", () => {
    const stat = new SampledStat();
    stat.record(s(0), 1, 10, 10);
    stat.record(s(31), 1, 20, 20);
    expect(stat.avg(s(59))).toBe(15);
    expect(stat.max(s(59))).toBe(20);
    expect(stat.avg(s(60))).toBe(20);
    expect(stat.avg(s(91))).toBe(0);
    expect(stat.max(s(91))).toBe(0);
  });

  it("keeps a third sample while it overlaps the window", () => {
    const stat = new SampledStat();
    for (const at of [0, 29, 30, 59, 60]) stat.record(s(at), 1, 1, 1);
    // All five: the first sample's last record is 31 s old.
    expect(stat.rate(s(60)) * 60).toBeCloseTo(5);
    expect(stat.rate(s(89)) * (89 - 30)).toBeCloseTo(3);
  });

  it("rates as if one window had passed before the first record", () => {
    const stat = new SampledStat();
    stat.record(s(0), 1, 600, 600);
    expect(stat.rate(s(0))).toBeCloseTo(20);
    expect(stat.rate(s(10))).toBeCloseTo(15);
    expect(stat.rate(s(30))).toBeCloseTo(20);
    expect(stat.rate(s(45))).toBeCloseTo(600 / 45);
  });

  it("does not change because somebody looks", () => {
    const [looked, alone] = [new SampledStat(), new SampledStat()];
    for (let at = 0; at < 400; at += 7) {
      looked.record(s(at), 1, at, at);
      alone.record(s(at), 1, at, at);
      looked.rate(s(at + 3));
      looked.avg(s(at + 5));
    }
    expect(looked.rate(s(420))).toBe(alone.rate(s(420)));
  });
});

const REQUEST = {
  topic: "orders",
  broker: 1,
  batches: 2,
  records: 30,
  sizeBytes: 3000,
  largestBatchBytes: 2000,
  compressionRates: 0.9,
  recordBytes: 400,
  queueUs: 12_000,
  largestRecordBytes: 250,
  longestQueueUs: 9000,
  bufferAvailableBytes: 5000,
};

function told(): {
  tell(at: number, type: string, event: object, node?: number): void;
  metric(name: string, at: number): number | undefined;
} {
  const hosts = new HostDirectory([
    { id: 5001, name: "checkout", kind: "client" },
    { id: 5002, name: "billing", kind: "client" },
  ]);
  const fold = new ProducerMetricsFold(hosts);
  const listeners = fold.listeners as Record<string, (event: object) => void>;
  return {
    tell: (at, type, event, node = 5001) => listeners[type]?.({ ...event, at: s(at), node }),
    metric: (name, at) => fold.snapshot(s(at))[name],
  };
}

describe("Producer metrics", () => {
  it("count what is sent, a request and a batch at a time", () => {
    const { tell, metric } = told();
    tell(0, "producer.requestSent", REQUEST);
    tell(1, "producer.requestSent", { ...REQUEST, records: 10, batches: 1, sizeBytes: 600 }, 5002);
    expect(metric("record-send-total", 2)).toBe(40);
    expect(metric("record-send-total{client-id=checkout}", 2)).toBe(30);
    expect(metric("record-send-total{topic=orders}", 2)).toBe(40);
    expect(metric("records-per-request-avg", 2)).toBe(20);
    expect(metric("batch-size-avg", 2)).toBe(1200);
    expect(metric("batch-size-max", 2)).toBe(2000);
    expect(metric("batch-size-avg{client-id=billing}", 2)).toBe(600);
    expect(metric("record-queue-time-avg{client-id=checkout}", 2)).toBe(6);
    expect(metric("record-queue-time-max", 2)).toBe(9);
    expect(metric("compression-rate-avg{client-id=checkout}", 2)).toBe(0.45);
    expect(metric("record-size-max", 2)).toBe(250);
    expect(metric("byte-total{topic=orders}", 2)).toBe(3600);
    expect(metric("requests-in-flight", 2)).toBe(2);
    expect(metric("buffer-available-bytes", 2)).toBe(10_000);
  });

  it("take latency from answers alone", () => {
    const { tell, metric } = told();
    const done = { broker: 1, latencyUs: 4000, bufferAvailableBytes: 9000 };
    for (let i = 0; i < 4; i++) tell(0, "producer.requestSent", REQUEST);
    tell(1, "producer.requestDone", { ...done, outcome: "answered" });
    for (const outcome of ["timeout", "disconnected", "written"]) {
      tell(1, "producer.requestDone", { ...done, latencyUs: 30_000_000, outcome });
    }
    expect(metric("request-latency-avg", 2)).toBe(4);
    expect(metric("request-latency-max", 2)).toBe(4);
    expect(metric("requests-in-flight", 2)).toBe(0);
    expect(metric("buffer-available-bytes", 2)).toBe(9000);
  });

  it("count failures of every kind, retries and splits by themselves", () => {
    const { tell, metric } = told();
    const range = { partition: { topic: "orders" }, count: 7 };
    tell(0, "producer.retried", range);
    tell(0, "op.failed", { ...range, error: "BUFFER_EXHAUSTED" });
    tell(0, "op.unknown", { ...range, error: "DELIVERY_TIMEOUT" });
    tell(0, "producer.split", range);
    expect(metric("record-retry-total", 1)).toBe(7);
    expect(metric("record-error-total", 1)).toBe(14);
    expect(metric("record-error-total{topic=orders}", 1)).toBe(14);
    expect(metric("buffer-exhausted-total", 1)).toBe(7);
    expect(metric("batch-split-total", 1)).toBe(1);
    expect(metric("batch-split-rate", 0)).toBeCloseTo(1 / 30);
  });

  it("spread a long wait for memory over its time, and keep metadata's apart", () => {
    const { tell, metric } = told();
    const done = { broker: 1, latencyUs: 1, outcome: "answered", bufferAvailableBytes: 0 };
    const memory = "waits for buffer memory";
    tell(0, "producer.blocked", { topic: "orders", count: 1, why: memory });
    expect(metric("waiting-threads", 1)).toBe(1);
    for (let at = 1; at <= 89; at++) tell(at, "producer.requestDone", done);
    tell(90, "producer.unblocked", { topic: "orders", why: memory, waitedUs: s(90) });
    expect(metric("waiting-threads", 90)).toBe(0);
    expect(metric("bufferpool-wait-time-ns-total", 90)).toBe(90e9);
    expect(metric("bufferpool-wait-ratio", 90)).toBeGreaterThan(0.95);
    expect(metric("bufferpool-wait-ratio", 90)).toBeLessThanOrEqual(1.05);
    const metadata = "waits for metadata";
    tell(91, "producer.blocked", { topic: "orders", count: 1, why: metadata });
    tell(93, "producer.unblocked", { topic: "orders", why: metadata, waitedUs: s(2) });
    expect(metric("metadata-wait-time-ns-total", 94)).toBe(2e9);
    expect(metric("bufferpool-wait-time-ns-total", 94)).toBe(90e9);
  });

  it("know how old metadata is: the oldest of all clients", () => {
    const { tell, metric } = told();
    tell(3, "producer.metadataUpdated", { topic: "orders", partitions: 1 });
    tell(8, "producer.metadataUpdated", { topic: "orders", partitions: 1 }, 5002);
    expect(metric("metadata-age", 10)).toBe(7);
    expect(metric("metadata-age{client-id=billing}", 10)).toBe(2);
  });

  it("begin anew with a new process", () => {
    const { tell, metric } = told();
    tell(0, "producer.requestSent", REQUEST);
    tell(1, "host.crashed", { how: "kill" });
    expect(metric("requests-in-flight", 2)).toBe(0);
    expect(metric("record-send-total{client-id=checkout}", 2)).toBe(undefined);
    expect(metric("record-send-total", 2)).toBe(30);
  });
});
