// The metrics of consumers by Kafka's names (FetchMetricsRegistry, KafkaConsumerMetrics, the sensors of AbstractCoordinator and ConsumerCoordinator).
// NOT_TOLD names those that a run does not have, with the reason.
import { metric as anyMetric, type Metric } from "./metric.ts";

const metric = (unit: string, doc: string): Metric => anyMetric(unit, doc, ["client-id"]);
const topicMetric = (unit: string, doc: string): Metric =>
  anyMetric(unit, doc, ["client-id"], ["topic"]);

export const CONSUMER_METRICS = {
  // FetchMetricsRegistry
  "fetch-latency-avg": metric("ms", "Time until a fetch is answered."),
  "fetch-latency-max": metric("ms", "The longest time until a fetch is answered."),
  "fetch-rate": metric("requests/s", "Fetches answered."),
  "fetch-total": metric("requests", "Fetches answered so far."),
  "fetch-size-avg": metric("bytes", "Bytes of batches in a response that has any partition."),
  "fetch-size-max": metric("bytes", "Bytes of batches in the largest response."),
  "bytes-consumed-rate": metric("bytes/s", "Bytes of batches fetched."),
  "bytes-consumed-total": metric("bytes", "Bytes of batches fetched so far."),
  "records-consumed-rate": topicMetric("records/s", "Records returned by poll()."),
  "records-consumed-total": topicMetric("records", "Records returned by poll() so far."),
  "records-lag-max": metric(
    "records",
    "The largest lag of a partition after a poll: high watermark less position.",
  ),
  // KafkaConsumerMetrics
  "time-between-poll-avg": metric("ms", "From one poll() to the next."),
  "time-between-poll-max": metric("ms", "The longest time from one poll() to the next."),
  "last-poll-seconds-ago": metric("s", "Since poll() was called, to a second; -1: never."),
  "poll-idle-ratio-avg": metric("", "Time in poll() by time in poll() and since the last."),
  // AbstractCoordinator, ConsumerCoordinator
  "commit-latency-avg": metric("ms", "Time until a commit is answered."),
  "commit-latency-max": metric("ms", "The longest time until a commit is answered."),
  "commit-rate": metric("requests/s", "Commits answered."),
  "commit-total": metric("requests", "Commits answered so far."),
  "heartbeat-response-time-max": metric("ms", "The longest time until a heartbeat is answered."),
  "heartbeat-rate": metric("requests/s", "Heartbeats answered."),
  "heartbeat-total": metric("requests", "Heartbeats answered so far."),
  "last-heartbeat-seconds-ago": metric("s", "Since an answered heartbeat was sent; -1: never."),
  "join-time-avg": metric("ms", "Time until a JoinGroup succeeds."),
  "join-time-max": metric("ms", "The longest time until a JoinGroup succeeds."),
  "join-rate": metric("requests/s", "JoinGroups that succeeded."),
  "join-total": metric("requests", "JoinGroups that succeeded so far."),
  "sync-time-avg": metric("ms", "Time until a SyncGroup succeeds."),
  "sync-time-max": metric("ms", "The longest time until a SyncGroup succeeds."),
  "sync-rate": metric("requests/s", "SyncGroups that succeeded."),
  "sync-total": metric("requests", "SyncGroups that succeeded so far."),
  "rebalance-latency-avg": metric("ms", "From a rebalance's first JoinGroup to its success."),
  "rebalance-latency-max": metric("ms", "The longest successful rebalance."),
  "rebalance-latency-total": metric("ms", "Time spent in successful rebalances."),
  "rebalance-rate-per-hour": metric("rebalances/h", "Successful rebalances."),
  "rebalance-total": metric("rebalances", "Successful rebalances so far."),
  "failed-rebalance-rate-per-hour": metric("rebalances/h", "JoinGroups and SyncGroups refused."),
  "failed-rebalance-total": metric("rebalances", "JoinGroups and SyncGroups refused so far."),
  "last-rebalance-seconds-ago": metric("s", "Since the last successful rebalance; -1: none."),
  "assigned-partitions": metric("partitions", "Partitions assigned by the group."),
} as const satisfies Readonly<Record<string, Metric>>;

export type ConsumerMetric = keyof typeof CONSUMER_METRICS;
