// The sensors of one consumer, or of all together.
import type { ConsumerMetric } from "../protocol/consumer-metrics.ts";
import type { TopicPartition } from "../protocol/types.ts";
import type { Micros } from "../sim/kernel.ts";
import { Latency, Meter } from "./meter.ts";
import { SampledStat } from "./sampled-stat.ts";

interface Answer {
  readonly at: Micros;
  readonly api: string;
  readonly latencyUs: Micros;
  readonly outcome: string;
  readonly error: string;
}

interface Fetched {
  readonly at: Micros;
  readonly latencyUs: Micros;
  readonly outcome: string;
  readonly partitions: number;
  readonly sizeBytes: number;
}

export class ConsumerSensors {
  readonly between = new SampledStat();
  readonly idle = new SampledStat();
  /** undefined: never. */
  lastPollAt: Micros | undefined;
  readonly assigned = new Set<number>();
  readonly #fetches = new Latency();
  readonly #fetchSize = new SampledStat();
  #bytesTotal = 0;
  readonly #records = new Meter();
  readonly #lag = new SampledStat();
  /** Lags at this instant, by partition, but for the last one: a poll may return several batches of one. */
  readonly #lags = new Map<number, number>();
  #lagsAt: Micros = 0;
  /** -1: none. */
  #lagPartition = -1;
  #lastLag = 0;
  readonly #commits = new Latency();
  readonly #heartbeats = new Latency();
  readonly #joins = new Latency();
  readonly #syncs = new Latency();
  readonly #rebalances = new Latency();
  readonly #failed = new Meter();
  #rebalanceUs: Micros = 0;
  #lastRebalanceUs: Micros = 0;
  #heartbeatAt: Micros | undefined;
  #rebalancedAt: Micros | undefined;
  /** When the first JoinGroup of the rebalance under way was sent. */
  #rebalanceBeganAt: Micros | undefined;

  fetched({ at, latencyUs, outcome, partitions, sizeBytes }: Fetched): void {
    if (outcome !== "answered") return;
    this.#fetches.record(at, latencyUs);
    if (partitions === 0) return;
    this.#fetchSize.record(at, 1, sizeBytes, sizeBytes);
    this.#bytesTotal += sizeBytes;
  }

  polled(at: Micros, count: number): void {
    this.#records.record(at, count);
  }

  lagged(at: Micros, partition: number, lag: number): void {
    if (at !== this.#lagsAt) this.#takeLags();
    else if (this.#lagPartition >= 0 && this.#lagPartition !== partition)
      this.#lags.set(this.#lagPartition, this.#lastLag);
    this.#lagsAt = at;
    this.#lagPartition = partition;
    this.#lastLag = lag;
  }

  /** `of`: the sensors of the consumer itself, when these are those of all; they have been told already. */
  requested(e: Answer, of: ConsumerSensors = this): void {
    const { at, api, latencyUs, outcome, error } = e;
    const isAnswered = outcome === "answered";
    if (api === "OffsetCommit" && isAnswered) this.#commits.record(at, latencyUs);
    else if (api === "Heartbeat" && isAnswered) {
      this.#heartbeats.record(at, latencyUs);
      this.#heartbeatAt = at - latencyUs;
    } else if (api === "JoinGroup" || api === "SyncGroup") {
      const isDone = isAnswered && error === "NONE";
      if (isDone) (api === "JoinGroup" ? this.#joins : this.#syncs).record(at, latencyUs);
      else this.#failed.record(at, 1);
      if (of === this && api === "JoinGroup") this.#rebalanceBeganAt ??= at - latencyUs;
      if (isDone && api === "SyncGroup") this.#rebalanceDone(at, of);
    }
  }

  #rebalanceDone(at: Micros, of: ConsumerSensors): void {
    const tookUs = of === this ? at - (this.#rebalanceBeganAt ?? at) : of.#lastRebalanceUs;
    this.#lastRebalanceUs = tookUs;
    this.#rebalances.record(at, tookUs);
    this.#rebalanceUs += tookUs;
    this.#rebalancedAt = at;
    this.#rebalanceBeganAt = undefined;
  }
  rebalanced(
    callback: "assigned" | "revoked" | "lost",
    partitions: readonly TopicPartition[],
  ): void {
    for (const { index } of partitions)
      if (callback === "assigned") this.assigned.add(index);
      else this.assigned.delete(index);
  }

  #takeLags(): void {
    if (this.#lagPartition < 0) return;
    this.#lag.record(this.#lagsAt, 1, this.#lastLag, this.#lastLag);
    if (this.#lags.size > 0) {
      this.#lags.delete(this.#lagPartition);
      for (const lag of this.#lags.values()) this.#lag.record(this.#lagsAt, 1, lag, lag);
      this.#lags.clear();
    }
    this.#lagPartition = -1;
  }

  snapshot(now: Micros): Record<ConsumerMetric, number> {
    this.#takeLags();
    return { ...this.#readingMetrics(now), ...this.#groupMetrics(now) };
  }

  #readingMetrics(now: Micros) {
    return {
      "fetch-latency-avg": this.#fetches.avgMs(now),
      "fetch-latency-max": this.#fetches.maxMs(now),
      "fetch-rate": this.#fetches.rate(now),
      "fetch-total": this.#fetches.total,
      "fetch-size-avg": this.#fetchSize.avg(now),
      "fetch-size-max": this.#fetchSize.max(now),
      "bytes-consumed-rate": this.#fetchSize.rate(now),
      "bytes-consumed-total": this.#bytesTotal,
      "records-consumed-rate": this.#records.rate(now),
      "records-consumed-total": this.#records.total,
      "records-lag-max": this.#lag.max(now),
      "time-between-poll-avg": this.between.avg(now) / 1000,
      "time-between-poll-max": this.between.max(now) / 1000,
      "last-poll-seconds-ago": secondsSince(this.lastPollAt, now),
      "poll-idle-ratio-avg": this.idle.avg(now),
      "assigned-partitions": this.assigned.size,
    };
  }

  #groupMetrics(now: Micros) {
    return {
      "commit-latency-avg": this.#commits.avgMs(now),
      "commit-latency-max": this.#commits.maxMs(now),
      "commit-rate": this.#commits.rate(now),
      "commit-total": this.#commits.total,
      "heartbeat-response-time-max": this.#heartbeats.maxMs(now),
      "heartbeat-rate": this.#heartbeats.rate(now),
      "heartbeat-total": this.#heartbeats.total,
      "last-heartbeat-seconds-ago": secondsSince(this.#heartbeatAt, now),
      "join-time-avg": this.#joins.avgMs(now),
      "join-time-max": this.#joins.maxMs(now),
      "join-rate": this.#joins.rate(now),
      "join-total": this.#joins.total,
      "sync-time-avg": this.#syncs.avgMs(now),
      "sync-time-max": this.#syncs.maxMs(now),
      "sync-rate": this.#syncs.rate(now),
      "sync-total": this.#syncs.total,
      "rebalance-latency-avg": this.#rebalances.avgMs(now),
      "rebalance-latency-max": this.#rebalances.maxMs(now),
      "rebalance-latency-total": this.#rebalanceUs / 1000,
      "rebalance-rate-per-hour": this.#rebalances.rate(now) * 3600,
      "rebalance-total": this.#rebalances.total,
      "failed-rebalance-rate-per-hour": this.#failed.rate(now) * 3600,
      "failed-rebalance-total": this.#failed.total,
      "last-rebalance-seconds-ago": secondsSince(this.#rebalancedAt, now),
    };
  }
}

/** Whole seconds, as TimeUnit.convert has them; -1: never. */
const secondsSince = (at: Micros | undefined, now: Micros): number =>
  at === undefined ? -1 : Math.floor((now - at) / 1_000_000);
