// What Kafka's consumers report of themselves, by Kafka's names (FetchMetricsRegistry, KafkaConsumerMetrics, AbstractCoordinator, ConsumerCoordinator):
// of all consumers, and of each under name{client-id=...}. Averages, maxima and rates are of Kafka's window. protocol/metrics-left-out.ts says what is not told.
import type { Micros } from "../sim/kernel.ts";
import { ConsumerSensors } from "./consumer-sensors.ts";
import type { HostDirectory } from "./hosts.ts";
import type { Listeners } from "./listeners.ts";
import { labelled, Meter } from "./meter.ts";

/** Gauges of the age of something: of all consumers, the oldest. */
const AGES = [
  "last-poll-seconds-ago",
  "last-heartbeat-seconds-ago",
  "last-rebalance-seconds-ago",
] as const;

/** APIs that consumers have sensors for. */
const OF_MEMBERS: ReadonlySet<string> = new Set([
  "OffsetCommit",
  "Heartbeat",
  "JoinGroup",
  "SyncGroup",
]);

export class ConsumerMetricsFold {
  readonly listeners: Listeners;
  readonly #directory: HostDirectory;
  readonly #all = new ConsumerSensors();
  readonly #clients = new Map<number, ConsumerSensors>();
  readonly #topics = new Map<string, Meter>();

  constructor(directory: HostDirectory) {
    this.#directory = directory;
    this.listeners = { ...this.#reading(), ...this.#membership() };
  }

  snapshot(now: Micros): Record<string, number> {
    const metrics: Record<string, number> = this.#all.snapshot(now);
    for (const name of AGES) metrics[name] = -1;
    metrics["assigned-partitions"] = 0;
    for (const [node, sensors] of this.#clients) {
      const own = sensors.snapshot(now);
      for (const name of AGES) metrics[name] = Math.max(metrics[name] as number, own[name]);
      metrics["assigned-partitions"] += own["assigned-partitions"];
      Object.assign(metrics, labelled(own, `{client-id=${this.#directory.name(node)}}`));
    }
    for (const [topic, consumed] of this.#topics) {
      metrics[`records-consumed-rate{topic=${topic}}`] = consumed.rate(now);
      metrics[`records-consumed-total{topic=${topic}}`] = consumed.total;
    }
    return metrics;
  }

  #client(node: number): ConsumerSensors {
    let sensors = this.#clients.get(node);
    if (sensors === undefined) {
      sensors = new ConsumerSensors();
      this.#clients.set(node, sensors);
    }
    return sensors;
  }

  #topic(topic: string): Meter {
    let meter = this.#topics.get(topic);
    if (meter === undefined) {
      meter = new Meter();
      this.#topics.set(topic, meter);
    }
    return meter;
  }

  #reading(): Listeners {
    return {
      "consumer.fetchDone": (e) => {
        this.#client(e.node).fetched(e);
        this.#all.fetched(e);
      },
      "consumer.polled": (e) => {
        const lag = Math.max(0, e.highWatermark - e.position);
        this.#topic(e.partition.topic).record(e.at, e.count);
        const own = this.#client(e.node);
        own.polled(e.at, e.count);
        this.#all.polled(e.at, e.count);
        own.lagged(e.at, e.partition.index, lag);
        this.#all.lagged(e.at, e.partition.index, lag);
      },
      "consumer.pollTimes": (e) => {
        for (const sensors of [this.#client(e.node), this.#all]) {
          sensors.between.record(e.at, e.polls, e.betweenUs, e.longestBetweenUs);
          sensors.idle.record(e.at, e.polls, e.idleRatios, 0);
          sensors.lastPollAt = e.at;
        }
      },
    };
  }

  #membership(): Listeners {
    return {
      "client.requestDone": (e) => {
        if (!OF_MEMBERS.has(e.api)) return;
        const own = this.#client(e.node);
        own.requested(e);
        this.#all.requested(e, own);
      },
      "consumer.rebalanced": (e) => {
        this.#client(e.node).rebalanced(e.callback, e.partitions);
      },
      "consumer.left": (e) => {
        this.#client(e.node).assigned.clear();
      },
      // A new process begins its metrics anew.
      "host.crashed": (e) => {
        this.#clients.delete(e.node);
      },
    };
  }
}
