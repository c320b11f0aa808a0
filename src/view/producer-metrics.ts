// What Kafka's producers report of themselves, by Kafka's names (SenderMetricsRegistry, KafkaProducerMetrics, BufferPool): of all producers, and of each
// under name{client-id=...}; of each topic (producer-topic-metrics) under name{topic=...}. Averages, maxima and rates are of Kafka's window.
// protocol/metrics-left-out.ts says what is not told.
import type { KafkaEvent } from "../protocol/events.ts";
import type { ProducerMetric } from "../protocol/producer-metrics.ts";
import type { Micros } from "../sim/kernel.ts";
import type { HostDirectory } from "./hosts.ts";
import type { Listeners } from "./listeners.ts";
import { labelled, Meter } from "./meter.ts";
import { SampledStat, SampledStats } from "./sampled-stat.ts";

type RequestSent = KafkaEvent<"producer.requestSent">;

/** What is recorded at each request: the first three of a topic, all of a producer. */
const SENT = 0;
const BYTES = 1;
const COMPRESSION_RATE = 2;
const PER_REQUEST = 3;
const BATCH_SIZE = 4;
const RECORD_SIZE = 5;
const QUEUE_TIME = 6;

/** Sensors of a producer that its topics have, too. */
class TopicSensors {
  readonly requests: SampledStats;
  sentTotal = 0;
  bytesTotal = 0;
  readonly retries = new Meter();
  readonly errors = new Meter();

  constructor(statistics: number) {
    this.requests = new SampledStats(statistics);
  }

  request(e: RequestSent): ReturnType<SampledStats["at"]> {
    this.sentTotal += e.records;
    this.bytesTotal += e.sizeBytes;
    const sample = this.requests.at(e.at);
    sample.add(SENT, 1, e.records, e.records);
    sample.add(BYTES, 1, e.sizeBytes, e.sizeBytes);
    sample.add(COMPRESSION_RATE, e.batches, e.compressionRates, 0);
    return sample;
  }

  rates(now: Micros) {
    return {
      "record-send-rate": this.requests.rate(SENT, now),
      "record-send-total": this.sentTotal,
      "byte-rate": this.requests.rate(BYTES, now),
      "byte-total": this.bytesTotal,
      "record-retry-rate": this.retries.rate(now),
      "record-retry-total": this.retries.total,
      "record-error-rate": this.errors.rate(now),
      "record-error-total": this.errors.total,
    };
  }

  snapshot(now: Micros, labels: string): Record<string, number> {
    const own = {
      ...this.rates(now),
      "compression-rate": this.requests.avg(COMPRESSION_RATE, now),
    };
    return labelled(own, labels);
  }
}

class ProducerSensors {
  readonly records = new TopicSensors(QUEUE_TIME + 1);
  readonly latency = new SampledStat();
  readonly splits = new Meter();
  readonly exhausted = new Meter();
  /** Nanoseconds. */
  readonly memoryWait = new Meter();
  metadataWaitNs = 0;
  inFlight = 0;
  /** Since when send() waits for memory, as far as it is counted; undefined: it does not. */
  waitsSince: Micros | undefined;
  availableBytes = 0;
  totalBytes = 0;
  /** undefined: never. */
  metadataAt: Micros | undefined;

  /** Counts the wait so far, so that a long one is spread over its time. Returns nanoseconds. */
  waited(at: Micros): number {
    if (this.waitsSince === undefined) return 0;
    const ns = (at - this.waitsSince) * 1000;
    this.waitsSince = at;
    this.memoryWait.record(at, ns);
    return ns;
  }

  request(e: RequestSent): void {
    const sample = this.records.request(e);
    sample.add(PER_REQUEST, 1, e.records, e.records);
    sample.add(BATCH_SIZE, e.batches, e.sizeBytes, e.largestBatchBytes);
    sample.add(RECORD_SIZE, e.batches, e.recordBytes, e.largestRecordBytes);
    sample.add(QUEUE_TIME, e.batches, e.queueUs, e.longestQueueUs);
  }

  snapshot(now: Micros, labels: string): Record<string, number> {
    const { requests } = this.records;
    const own: Record<ProducerMetric, number> = {
      ...this.records.rates(now),
      "compression-rate-avg": requests.avg(COMPRESSION_RATE, now),
      "records-per-request-avg": requests.avg(PER_REQUEST, now),
      "batch-size-avg": requests.avg(BATCH_SIZE, now),
      "batch-size-max": requests.max(BATCH_SIZE, now),
      "record-size-avg": requests.avg(RECORD_SIZE, now),
      "record-size-max": requests.max(RECORD_SIZE, now),
      "record-queue-time-avg": requests.avg(QUEUE_TIME, now) / 1000,
      "record-queue-time-max": requests.max(QUEUE_TIME, now) / 1000,
      "request-latency-avg": this.latency.avg(now) / 1000,
      "request-latency-max": this.latency.max(now) / 1000,
      "batch-split-rate": this.splits.rate(now),
      "batch-split-total": this.splits.total,
      "requests-in-flight": this.inFlight,
      "metadata-age": this.metadataAt === undefined ? 0 : (now - this.metadataAt) / 1_000_000,
      "metadata-wait-time-ns-total": this.metadataWaitNs,
      "bufferpool-wait-ratio": this.memoryWait.rate(now) / 1_000_000_000,
      "bufferpool-wait-time-ns-total": this.memoryWait.total,
      "buffer-exhausted-rate": this.exhausted.rate(now),
      "buffer-exhausted-total": this.exhausted.total,
      "buffer-available-bytes": this.availableBytes,
      "buffer-total-bytes": this.totalBytes,
      "waiting-threads": this.waitsSince === undefined ? 0 : 1,
    };
    return labelled(own, labels);
  }
}

const MEMORY = "waits for buffer memory";

export class ProducerMetricsFold {
  readonly listeners: Listeners;
  readonly #directory: HostDirectory;
  readonly #clients = new Map<number, ProducerSensors>();
  readonly #topics = new Map<string, TopicSensors>();
  readonly #all = new ProducerSensors();

  constructor(directory: HostDirectory) {
    this.#directory = directory;
    this.listeners = { ...this.#sending(), ...this.#outcomes(), ...this.#waiting() };
  }

  snapshot(now: Micros): Record<string, number> {
    const metrics: Record<string, number> = this.#all.snapshot(now, "");
    // Gauges are sums over clients; metadata is as old as the oldest.
    metrics["requests-in-flight"] = this.#sum(({ inFlight }) => inFlight);
    metrics["waiting-threads"] = this.#sum((client) => (client.waitsSince === undefined ? 0 : 1));
    metrics["buffer-total-bytes"] = this.#sum(({ totalBytes }) => totalBytes);
    metrics["buffer-available-bytes"] = this.#sum(({ availableBytes }) => availableBytes);
    for (const [node, sensors] of this.#clients) {
      const own = sensors.snapshot(now, `{client-id=${this.#directory.name(node)}}`);
      Object.assign(metrics, own);
      const age = sensors.snapshot(now, "")["metadata-age"] ?? 0;
      metrics["metadata-age"] = Math.max(metrics["metadata-age"] ?? 0, age);
    }
    for (const [topic, sensors] of this.#topics) {
      Object.assign(metrics, sensors.snapshot(now, `{topic=${topic}}`));
    }
    return metrics;
  }

  #sum(of: (sensors: ProducerSensors) => number): number {
    let sum = 0;
    for (const sensors of this.#clients.values()) sum += of(sensors);
    return sum;
  }

  #client(node: number): ProducerSensors {
    let sensors = this.#clients.get(node);
    if (sensors === undefined) {
      sensors = new ProducerSensors();
      this.#clients.set(node, sensors);
    }
    return sensors;
  }

  #topic(topic: string): TopicSensors {
    let sensors = this.#topics.get(topic);
    if (sensors === undefined) {
      sensors = new TopicSensors(COMPRESSION_RATE + 1);
      this.#topics.set(topic, sensors);
    }
    return sensors;
  }

  #sending(): Listeners {
    return {
      "producer.requestSent": (e) => {
        const own = this.#client(e.node);
        own.inFlight++;
        own.availableBytes = e.bufferAvailableBytes;
        own.totalBytes = e.bufferTotalBytes;
        own.request(e);
        this.#all.request(e);
        this.#topic(e.topic).request(e);
      },
      "producer.requestDone": (e) => {
        const own = this.#client(e.node);
        own.inFlight--;
        this.#waited(own, e.at);
        own.availableBytes = e.bufferAvailableBytes;
        if (e.outcome !== "answered") return;
        own.latency.record(e.at, 1, e.latencyUs, e.latencyUs);
        this.#all.latency.record(e.at, 1, e.latencyUs, e.latencyUs);
      },
    };
  }

  #outcomes(): Listeners {
    const failed = (at: Micros, node: number, topic: string, count: number): void => {
      for (const sensors of this.#recordSensors(node, topic)) sensors.errors.record(at, count);
    };
    return {
      "producer.retried": (e) => {
        for (const sensors of this.#recordSensors(e.node, e.partition.topic)) {
          sensors.retries.record(e.at, e.count);
        }
      },
      "producer.split": (e) => {
        this.#client(e.node).splits.record(e.at, 1);
        this.#all.splits.record(e.at, 1);
      },
      "op.failed": (e) => {
        failed(e.at, e.node, e.partition.topic, e.count);
        if (e.error !== "BUFFER_EXHAUSTED") return;
        this.#client(e.node).exhausted.record(e.at, e.count);
        this.#all.exhausted.record(e.at, e.count);
      },
      "op.unknown": (e) => failed(e.at, e.node, e.partition.topic, e.count),
    };
  }

  #recordSensors(node: number, topic: string): readonly TopicSensors[] {
    return [this.#client(node).records, this.#all.records, this.#topic(topic)];
  }

  #waited(own: ProducerSensors, at: Micros): void {
    if (own.waitsSince !== undefined) this.#all.memoryWait.record(at, own.waited(at));
  }

  #waiting(): Listeners {
    return {
      "producer.blocked": (e) => {
        if (e.why === MEMORY) this.#client(e.node).waitsSince = e.at;
      },
      "producer.unblocked": (e) => {
        const own = this.#client(e.node);
        if (e.why === MEMORY) {
          this.#waited(own, e.at);
          own.waitsSince = undefined;
          return;
        }
        own.metadataWaitNs += e.waitedUs * 1000;
        this.#all.metadataWaitNs += e.waitedUs * 1000;
      },
      "producer.metadataUpdated": (e) => {
        this.#client(e.node).metadataAt = e.at;
      },
      // A new process begins its metrics anew; what was in flight is gone with the old one.
      "host.crashed": (e) => {
        this.#clients.delete(e.node);
      },
    };
  }
}
