// Metrics of Kafka's clients that a run does not have, and why. Kept beside the tables of those it has, and shown in the reference.

export const METRICS_LEFT_OUT: readonly { readonly names: string; readonly why: string }[] = [
  {
    names:
      "produce-throttle-time-avg, produce-throttle-time-max, fetch-throttle-time-avg, fetch-throttle-time-max",
    why: "Quotas are not modelled: nothing is ever throttled.",
  },
  { names: "flush-time-ns-total", why: "No application calls flush()." },
  {
    names:
      "txn-init-time-ns-total, txn-begin-time-ns-total, txn-send-offsets-time-ns-total, txn-commit-time-ns-total, txn-abort-time-ns-total",
    why: "Transactions are not modelled.",
  },
  {
    names:
      "io-time-ns-avg, io-ratio, io-time-ns-total, io-wait-time-ns-avg, io-wait-ratio, io-wait-time-ns-total, select-rate, select-total",
    why: "A client has no I/O thread of its own that could be busy: sending and receiving take it no time.",
  },
  {
    names:
      "connection-count, connection-creation-rate, connection-creation-total, connection-close-rate, connection-close-total",
    why: "The trace tells of connections that close (`connection.closed`), not of those that open.",
  },
  {
    names: "successful-authentication-*, failed-authentication-*, reauthentication-latency-*",
    why: "There is neither SASL nor TLS.",
  },
  { names: "bufferpool-wait-time-total", why: "Deprecated; bufferpool-wait-time-ns-total has it." },
  {
    names: "records-lag, records-lag-avg, records-lead, records-lead-min, records-lead-avg",
    why: "Of single partitions; `lag: { group, partition }` and `consumer_lag` have the lag.",
  },
  {
    names: "records-per-request-avg of consumers",
    why: "The name is a producer's here; records-consumed-total by fetch-total is close to it.",
  },
  {
    names: "preferred-read-replica",
    why: "`consumer.readsFrom` tells when a consumer turns to another replica.",
  },
  {
    names: "commit-sync-time-ns-total, committed-time-ns-total",
    why: "Calls of the API are not timed; commit-latency-avg is a commit's time.",
  },
  {
    names: "partition-revoked-latency-*, partition-assigned-latency-*, partition-lost-latency-*",
    why: "Callbacks of rebalances take no time.",
  },
  {
    names:
      "time-between-network-thread-poll-*, application-event-queue-*, background-event-queue-*, unsent-requests-*",
    why: "They are those of the consumer of KIP-848, which is not modelled.",
  },
  { names: "metadata-age of consumers", why: "Only producers tell when metadata arrives." },
];
