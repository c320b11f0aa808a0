// Counters and latencies of a run, by the names thresholds and assertions use.
import type { Micros } from "../sim/kernel.ts";
import { Histogram, type Summary } from "./histogram.ts";
import type { Listeners } from "./listeners.ts";

export type MetricValue = number | Summary;

/** A literal, for an object that is filled name by name becomes a hash table, and every batch counts. */
const ZEROS = {
  records_sent: 0,
  records_acked: 0,
  records_failed: 0,
  records_unknown: 0,
  records_delivered: 0,
  record_retries: 0,
  produce_rejections: 0,
  fetch_failures: 0,
  isr_shrinks: 0,
  isr_expands: 0,
  leader_elections: 0,
  unclean_elections: 0,
  controller_elections: 0,
  log_truncations: 0,
  records_truncated: 0,
  consumer_resets: 0,
  records_processed: 0,
  records_dead_lettered: 0,
  records_skipped: 0,
  offset_commits: 0,
  commit_failures: 0,
  host_crashes: 0,
  disk_reads: 0,
  disk_read_bytes: 0,
  writes_held_up: 0,
  bytes_in: 0,
};

type Counter = keyof typeof ZEROS;

export class MetricsFold {
  readonly listeners: Listeners;
  /** Send to acknowledgement, weighted by records. */
  readonly #produceLatencyUs = new Histogram();
  readonly #counts: Record<Counter, number>;

  constructor() {
    const counts = { ...ZEROS };
    this.#counts = counts;
    this.listeners = {
      ...clientListeners(counts, this.#produceLatencyUs),
      ...clusterListeners(counts),
    };
  }

  /** A percentile of a metric that is a distribution, in the metric's unit. */
  percentile(metric: string, percent: number): number | undefined {
    return metric === "produce_latency_ms"
      ? this.#produceLatencyUs.percentile(percent) / 1000
      : undefined;
  }

  snapshot(nowUs: Micros): Record<string, MetricValue> {
    const seconds = nowUs / 1_000_000;
    const rate = (count: number): number => (seconds > 0 ? count / seconds : 0);
    return {
      ...this.#counts,
      produce_latency_ms: this.#produceLatencyUs.summary(1000),
      records_acked_per_second: rate(this.#counts.records_acked),
      records_delivered_per_second: rate(this.#counts.records_delivered),
    };
  }
}

function clientListeners(counts: Record<Counter, number>, latency: Histogram): Listeners {
  return {
    "op.invoked": (e) => {
      counts.records_sent += e.count;
    },
    "op.acked": (e) => {
      counts.records_acked += e.count;
      latency.record(e.latencyUs, e.count);
    },
    "op.failed": (e) => {
      counts.records_failed += e.count;
    },
    "op.unknown": (e) => {
      counts.records_unknown += e.count;
    },
    "producer.retried": (e) => {
      counts.record_retries += e.count;
    },
    "consumer.polled": (e) => {
      counts.records_delivered += e.count;
    },
    "consumer.reset": (e) => {
      if (e.from >= 0) counts.consumer_resets++;
    },
    "consumer.processed": (e) => {
      if (e.outcome === "done") counts.records_processed += e.count;
      else if (e.outcome === "deadLetter") counts.records_dead_lettered += e.count;
      else if (e.outcome === "skipped") counts.records_skipped += e.count;
    },
    "consumer.committed": () => {
      counts.offset_commits++;
    },
    "consumer.commitFailed": () => {
      counts.commit_failures++;
    },
  };
}

function clusterListeners(counts: Record<Counter, number>): Listeners {
  return {
    "log.appended": (e) => {
      if (e.leader) counts.bytes_in += e.sizeBytes;
    },
    "log.truncated": (e) => {
      counts.log_truncations++;
      counts.records_truncated += e.from - e.to;
    },
    "produce.rejected": (e) => {
      counts.produce_rejections += e.count;
    },
    "replica.fetchFailed": () => {
      counts.fetch_failures++;
    },
    "isr.shrunk": () => {
      counts.isr_shrinks++;
    },
    "isr.expanded": () => {
      counts.isr_expands++;
    },
    "leader.elected": (e) => {
      counts.leader_elections++;
      if (e.unclean) counts.unclean_elections++;
    },
    "controller.activated": () => {
      counts.controller_elections++;
    },
    "disk.read": (e) => {
      counts.disk_reads++;
      counts.disk_read_bytes += e.bytes;
    },
    "disk.writerWaited": () => {
      counts.writes_held_up++;
    },
    "host.crashed": () => {
      counts.host_crashes++;
    },
  };
}
