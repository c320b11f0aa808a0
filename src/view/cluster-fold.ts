// The cluster at time t, folded from trace events alone: what the controller decided, what each broker believes, what clients saw.
import type { KafkaEvents, TraceEvent } from "../protocol/events.ts";
import type { BrokerId, Offset, TopicPartition } from "../protocol/types.ts";
import type { Micros } from "../sim/kernel.ts";
import type { Trace } from "../sim/trace.ts";
import { BrokersFold } from "./brokers.ts";
import { ClientMetricsFold } from "./client-metrics.ts";
import { ConfigsFold } from "./configs.ts";
import { ConnectionMetricsFold } from "./connection-metrics.ts";
import { ConsumerMetricsFold } from "./consumer-metrics.ts";
import { ConsumersFold } from "./consumers.ts";
import { CoreFold } from "./core.ts";
import { CutsFold } from "./cuts.ts";
import { GroupsFold } from "./groups.ts";
import { type HostDirectory, HostsFold } from "./hosts.ts";
import { LedgerFold } from "./ledger/ledger.ts";
import { RecoveryFold } from "./ledger/recovery.ts";
import { ledgerMetrics } from "./ledger/summary.ts";
import { Dispatch, type Listeners } from "./listeners.ts";
import { MetricsFold, type MetricValue } from "./metrics.ts";
import { PartitionsFold } from "./partitions.ts";
import { ProducerMetricsFold } from "./producer-metrics.ts";
import { ProducersFold } from "./producers.ts";
import { QuorumFold } from "./quorum.ts";
import { ReplicasFold, type ReplicaView } from "./replicas.ts";
import { ReplicationMetricsFold } from "./replication-metrics.ts";

export class ClusterFold {
  readonly directory: HostDirectory;
  readonly hosts: HostsFold;
  readonly brokers = new BrokersFold();
  readonly partitions = new PartitionsFold();
  readonly replicas = new ReplicasFold();
  readonly quorum = new QuorumFold();
  readonly producers = new ProducersFold();
  readonly consumers = new ConsumersFold();
  readonly groups = new GroupsFold(this.partitions);
  readonly configs = new ConfigsFold();
  readonly cuts: CutsFold;
  readonly core: CoreFold;
  readonly ledger: LedgerFold;
  readonly recovery = new RecoveryFold(this.partitions, this.brokers);
  readonly #metrics = new MetricsFold();
  readonly #clientMetrics: ClientMetricsFold;
  readonly #producerMetrics: ProducerMetricsFold;
  readonly #consumerMetrics: ConsumerMetricsFold;
  readonly #connectionMetrics: ConnectionMetricsFold;
  readonly #replicationMetrics = new ReplicationMetricsFold();
  readonly #dispatch = new Dispatch();

  constructor(directory: HostDirectory) {
    this.directory = directory;
    this.hosts = new HostsFold(directory);
    this.cuts = new CutsFold(directory);
    this.core = new CoreFold(directory);
    this.ledger = new LedgerFold(this);
    this.#clientMetrics = new ClientMetricsFold(directory);
    this.#producerMetrics = new ProducerMetricsFold(directory);
    this.#consumerMetrics = new ConsumerMetricsFold(directory);
    this.#connectionMetrics = new ConnectionMetricsFold(directory);
    for (const part of this.parts()) this.#dispatch.add(part);
  }

  /** What the fold listens to, for a caller that keeps one table for several observers. */
  parts(): readonly Listeners[] {
    return [
      this.hosts.listeners,
      this.brokers.listeners,
      this.partitions.listeners,
      this.replicas.listeners,
      this.quorum.listeners,
      this.producers.listeners,
      this.consumers.listeners,
      this.groups.listeners,
      this.configs.listeners,
      this.core.listeners,
      this.#metrics.listeners,
      this.#clientMetrics.listeners,
      this.#producerMetrics.listeners,
      this.#consumerMetrics.listeners,
      this.#connectionMetrics.listeners,
      this.#replicationMetrics.listeners,
      // What asks the others about the same event comes last.
      this.cuts.listeners,
      this.ledger.listeners,
      this.recovery.listeners,
    ];
  }

  on(event: TraceEvent): void {
    this.#dispatch.on(event);
  }

  subscribe(trace: Trace<KafkaEvents>): void {
    this.#dispatch.subscribe(trace);
  }

  /** The replica that the controller calls leader, if it leads in that epoch and its process is up. */
  leaderReplica(partition: TopicPartition): ReplicaView | undefined {
    const p = this.partitions.get(partition.index);
    if (p === undefined || p.leader < 0 || !this.hosts.isAlive(p.leader)) return undefined;
    const replica = this.replicas.get(partition, p.leader);
    return replica?.role === "leader" && replica.leaderEpoch === p.leaderEpoch
      ? replica
      : undefined;
  }

  /** A node's or, without one, the controller's leader's high watermark. */
  highWatermark(partition: TopicPartition, node?: BrokerId): Offset | undefined {
    const id = node ?? this.partitions.get(partition.index)?.leader ?? -1;
    return this.replicas.get(partition, id)?.highWatermark;
  }

  /** High watermark minus position; undefined while either is not known. */
  lag(consumer: number, partition: TopicPartition): number | undefined {
    const position = this.consumers.get(consumer, partition)?.position ?? -1;
    const highWatermark = this.highWatermark(partition);
    if (position < 0 || highWatermark === undefined) return undefined;
    return Math.max(0, highWatermark - position);
  }

  /** Lag of a consumer over its partitions. */
  totalLag(consumer: number): number {
    let sum = 0;
    for (const p of this.consumers.of(consumer)) sum += this.lag(consumer, p.partition) ?? 0;
    return sum;
  }

  /** High watermark minus committed offset, as kafka-consumer-groups shows it; undefined while either is not known. */
  groupLag(group: string, partition: TopicPartition): number | undefined {
    const committed = this.groups.get(group)?.committed.get(partition.index);
    const highWatermark = this.highWatermark(partition);
    if (committed === undefined || highWatermark === undefined) return undefined;
    return Math.max(0, highWatermark - committed.offset);
  }

  /** Over the partitions that are assigned or have a committed offset; what nobody has committed yet counts from the start of its log. */
  totalGroupLag(group: string): number {
    const known = this.groups.get(group);
    if (known === undefined) return 0;
    const partitions = new Map<number, TopicPartition>();
    for (const { partition } of known.committed.values())
      partitions.set(partition.index, partition);
    for (const member of known.members.values()) {
      for (const partition of member.partitions) partitions.set(partition.index, partition);
    }
    let sum = 0;
    for (const partition of partitions.values()) {
      sum += this.groupLag(group, partition) ?? this.#everything(partition);
    }
    return sum;
  }

  #everything(partition: TopicPartition): number {
    const leader = this.partitions.get(partition.index)?.leader ?? -1;
    const replica = this.replicas.get(partition, leader);
    return replica === undefined ? 0 : Math.max(0, replica.highWatermark - replica.logStartOffset);
  }

  /** Can a client produce with acks=all, or consume? Cut networks are not seen from here. */
  isAvailable(partition: TopicPartition, op: "produce" | "consume"): boolean {
    const leader = this.leaderReplica(partition);
    if (leader === undefined) return false;
    const minIsr = this.partitions.get(partition.index)?.minIsr ?? 1;
    return op === "consume" || leader.isr.length >= minIsr;
  }

  /** A percentile of a metric that is a distribution; undefined for a plain number. */
  percentile(metric: string, percent: number): number | undefined {
    return this.#metrics.percentile(metric, percent);
  }

  /** Figures of the run so far, by the names thresholds use. */
  metrics(nowUs: Micros): Record<string, MetricValue> {
    let offlineUs = 0;
    for (const p of this.partitions.ever()) {
      offlineUs += p.offlineUs + (p.offlineSinceUs < 0 ? 0 : Math.max(0, nowUs - p.offlineSinceUs));
    }
    let lag = 0;
    for (const p of this.consumers.all()) lag += this.lag(p.node, p.partition) ?? 0;
    return {
      ...this.#metrics.snapshot(nowUs),
      ...this.#clientMetrics.snapshot(),
      ...this.#producerMetrics.snapshot(nowUs),
      ...this.#consumerMetrics.snapshot(nowUs),
      ...this.#connectionMetrics.snapshot(nowUs),
      ...this.#replicationMetrics.snapshot(),
      ...this.#groupMetrics(nowUs),
      ...this.#ledgerMetrics(nowUs),
      offline_partitions: this.partitions.offlineCount,
      offline_partition_seconds: offlineUs / 1_000_000,
      under_replicated_partitions: this.partitions.underReplicatedCount,
      under_min_isr_partitions: this.partitions.underMinIsrCount,
      consumer_lag: lag,
    };
  }

  #ledgerMetrics(nowUs: Micros): Record<string, number> {
    const indexes = new Map<string, number>();
    for (const { partition } of this.partitions.ever())
      indexes.set(partition.name, partition.index);
    return ledgerMetrics(this.ledger, this.recovery, indexes, nowUs);
  }

  /** Sums over groups by plain name, and each group's by name{group=id}. */
  #groupMetrics(nowUs: Micros): Record<string, number> {
    const metrics: Record<string, number> = { rebalances: 0, rebalance_seconds: 0 };
    for (const group of this.groups.all()) {
      const since = group.rebalancingSinceUs;
      const rebalancing = group.rebalancingUs + (since < 0 ? 0 : Math.max(0, nowUs - since));
      const own = {
        rebalances: group.rebalances,
        rebalance_seconds: rebalancing / 1_000_000,
      };
      metrics.rebalances = (metrics.rebalances ?? 0) + own.rebalances;
      metrics.rebalance_seconds = (metrics.rebalance_seconds ?? 0) + own.rebalance_seconds;
      const labels = `{group=${group.group}}`;
      metrics[`rebalances${labels}`] = own.rebalances;
      metrics[`rebalance_seconds${labels}`] = own.rebalance_seconds;
      metrics[`consumer_lag${labels}`] = this.totalGroupLag(group.group);
    }
    return metrics;
  }
}
