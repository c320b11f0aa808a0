// The metrics of clients' connections by Kafka's names (Selector): of producers and consumers, and of each broker they talk to (node metrics).
import { metric as anyMetric, type Metric } from "./metric.ts";

const metric = (unit: string, doc: string): Metric =>
  anyMetric(unit, doc, ["client-id"], ["client-id", "node-id"]);

export const CONNECTION_METRICS = {
  "request-rate": metric("requests/s", "Requests of any kind that are over."),
  "request-total": metric("requests", "Requests of any kind that are over so far."),
  "request-size-avg": metric("bytes", "Size of a request."),
  "request-size-max": metric("bytes", "Size of the largest request."),
  "outgoing-byte-rate": metric("bytes/s", "Bytes of requests."),
  "outgoing-byte-total": metric("bytes", "Bytes of requests so far."),
  "response-rate": metric("responses/s", "Responses received."),
  "response-total": metric("responses", "Responses received so far."),
  "incoming-byte-rate": metric("bytes/s", "Bytes of responses."),
  "incoming-byte-total": metric("bytes", "Bytes of responses so far."),
  "network-io-rate": metric("operations/s", "Requests written and responses read."),
  "network-io-total": metric("operations", "Requests written and responses read so far."),
} as const satisfies Readonly<Record<string, Metric>>;

export type ConnectionMetric = keyof typeof CONNECTION_METRICS;
