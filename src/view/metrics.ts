// Counters and latencies of a run, by the names thresholds and assertions use.
import type { Micros } from "../sim/kernel.ts";
import { Histogram, type Summary } from "./histogram.ts";
import type { Listeners } from "./listeners.ts";

export type MetricValue = number | Summary;

const COUNTERS = [
  "records_sent",
  "records_acked",
  "records_failed",
  "records_unknown",
  "records_delivered",
  "record_retries",
  "produce_rejections",
  "fetch_failures",
  "isr_shrinks",
  "isr_expands",
  "leader_elections",
  "unclean_elections",
  "controller_elections",
  "log_truncations",
  "records_truncated",
  "consumer_resets",
  "records_processed",
  "records_dead_lettered",
  "records_skipped",
  "offset_commits",
  "commit_failures",
  "host_crashes",
  "disk_reads",
  "disk_read_bytes",
  "writes_held_up",
  "bytes_in",
] as const;

type Counter = (typeof COUNTERS)[number];

export class MetricsFold {
  readonly listeners: Listeners;
  /** Send to acknowledgement, weighted by records. */
  readonly #produceLatencyUs = new Histogram();
  readonly #counts: Record<Counter, number>;

  constructor() {
    const counts = {} as Record<Counter, number>;
    for (const name of COUNTERS) counts[name] = 0;
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
