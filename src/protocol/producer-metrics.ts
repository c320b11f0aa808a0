// The metrics of producers by Kafka's names (SenderMetricsRegistry, KafkaProducerMetrics, BufferPool). Averages, maxima and rates are over Kafka's window
// of 30 to 60 s (metrics.sample.window.ms, metrics.num.samples).

import { metric as anyMetric, type Metric } from "./metric.ts";

const metric = (unit: string, doc: string): Metric => anyMetric(unit, doc, ["client-id"]);
/** Also of each topic (producer-topic-metrics). */
const topicMetric = (unit: string, doc: string): Metric =>
  anyMetric(unit, doc, ["client-id"], ["topic"]);

/** Also of each broker, and of a consumer's fetches to it (producer-node-metrics, consumer-node-metrics). */
const nodeMetric = (unit: string, doc: string): Metric =>
  anyMetric(unit, doc, ["client-id"], ["client-id", "node-id"]);

export const PRODUCER_METRICS = {
  "record-send-rate": topicMetric("records/s", "Records sent, each attempt counted."),
  "record-send-total": topicMetric("records", "Records sent so far, each attempt counted."),
  "record-retry-rate": topicMetric("records/s", "Records put back to be sent again."),
  "record-retry-total": topicMetric("records", "Records put back to be sent again so far."),
  "record-error-rate": topicMetric("records/s", "Records given up, or refused by send()."),
  "record-error-total": topicMetric("records", "Records given up, or refused by send(), so far."),
  "byte-rate": topicMetric("bytes/s", "Bytes of batches sent."),
  "byte-total": topicMetric("bytes", "Bytes of batches sent so far."),
  "compression-rate-avg": metric("", "Compressed by uncompressed bytes, the mean over batches."),
  "compression-rate": {
    ...anyMetric("", "Compressed by uncompressed bytes, the mean over a topic's batches.", [
      "topic",
    ]),
    onlyLabelled: true,
  },
  "records-per-request-avg": metric("records", "Records in a request."),
  "batch-size-avg": metric("bytes", "Size of a batch, compressed."),
  "batch-size-max": metric("bytes", "Size of the largest batch, compressed."),
  "record-size-avg": metric(
    "bytes",
    "Upper bound of the largest record of a batch, the mean over batches.",
  ),
  "record-size-max": metric("bytes", "Upper bound of the largest record."),
  "record-queue-time-avg": metric("ms", "Time from a batch's opening to its sending."),
  "record-queue-time-max": metric("ms", "The longest time from a batch's opening to its sending."),
  "request-latency-avg": nodeMetric(
    "ms",
    "Time until an answer; requests without one do not count.",
  ),
  "request-latency-max": nodeMetric("ms", "The longest time until an answer."),
  "batch-split-rate": metric("batches/s", "Batches split because they were too large."),
  "batch-split-total": metric("batches", "Batches split so far."),
  "requests-in-flight": metric("requests", "Produce requests without an answer."),
  "metadata-age": metric("s", "Age of the metadata; of all clients, the oldest."),
  "metadata-wait-time-ns-total": metric("ns", "Time send() has waited for metadata."),
  "bufferpool-wait-ratio": metric("", "Share of time in which send() waits for memory."),
  "bufferpool-wait-time-ns-total": metric("ns", "Time send() has waited for memory."),
  "buffer-exhausted-rate": metric(
    "records/s",
    "Records refused because memory did not come in time.",
  ),
  "buffer-exhausted-total": metric("records", "Records refused for want of memory so far."),
  "buffer-available-bytes": metric("bytes", "Free memory, as of the last request or answer."),
  "buffer-total-bytes": metric("bytes", "buffer.memory, once a request was sent."),
  "waiting-threads": metric(
    "threads",
    "Calls of send() that wait for memory; a producer has one at a time.",
  ),
} as const satisfies Readonly<Record<string, Metric>>;

export type ProducerMetric = Exclude<keyof typeof PRODUCER_METRICS, "compression-rate">;
