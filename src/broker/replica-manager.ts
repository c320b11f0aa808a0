// The replicas of one broker (ReplicaManager): which there are, and what the metadata log makes of them (applyDelta).
// One log directory: when it fails, the broker halts, as Kafka's does when its last directory is gone.
import type { Settings } from "../protocol/config/row.ts";
import type { TopicConfig } from "../protocol/config/topic.ts";
import type { LeadershipListener, MetadataChange } from "../protocol/roles.ts";
import type {
  BrokerId,
  DirectoryId,
  LeaderEpoch,
  PartitionRegistration,
  ProducedBatch,
  TopicImage,
  TopicPartition,
} from "../protocol/types.ts";
import { type Micros, ms } from "../sim/kernel.ts";
import type { BrokerParts } from "./broker-parts.ts";
import { FetcherManager } from "./fetcher-manager.ts";
import { Partition, type Problem } from "./partition.ts";
import { conversionUs } from "./recompression.ts";
import { logConfigOf } from "./topic-settings.ts";

interface LocalReplica {
  readonly registration: PartitionRegistration;
  readonly topicConfig: TopicImage["config"];
}

export class ReplicaManager {
  /** Coordinators on this broker that live where a partition is led. */
  readonly listeners: LeadershipListener[] = [];
  readonly #parts: BrokerParts;
  readonly #fetchers: FetcherManager;
  readonly #partitions = new Map<TopicPartition, Partition>();
  /** The same by TopicPartition.index: every request asks for each of its partitions. */
  readonly #byIndex: (Partition | undefined)[] = [];
  /** Where the controller believes the replicas to lie. */
  readonly #believedDirectories = new Map<TopicPartition, DirectoryId>();
  #inControlledShutdown = false;
  #halting = false;
  /** Some topic has a codec of its own. */
  #converts = false;

  constructor(parts: BrokerParts) {
    this.#parts = parts;
    this.#fetchers = new FetcherManager(parts, this);
  }

  /** Kafka's isr-expiration task: half the lag time apart, so an eviction falls between one and one and a half of it. */
  start(): void {
    const { host, settings } = this.#parts;
    const interval = ms(settings.config["replica.lag.time.max.ms"] / 2);
    host.every(interval, () => {
      for (const partition of this.#partitions.values()) partition.maybeShrinkIsr();
    });
  }

  partition(name: TopicPartition): Partition | undefined {
    return this.#byIndex[name.index];
  }

  partitionOrError(name: TopicPartition): Partition | Problem {
    const partition = this.#byIndex[name.index];
    if (partition !== undefined) return partition;
    return this.#parts.metadata.contains(name)
      ? "NOT_LEADER_OR_FOLLOWER"
      : "UNKNOWN_TOPIC_OR_PARTITION";
  }

  /** What a produced batch costs beyond its bytes. */
  conversionUs(name: TopicPartition, batch: ProducedBatch): Micros {
    if (batch.content === undefined && !this.#converts) return 0;
    return conversionUs(batch, this.#partitions.get(name)?.targetCompression);
  }

  /** Deletions first: a topic may come back under the same name in the same delta. Then leaders, then followers. */
  apply(changes: readonly MetadataChange[]): void {
    const deleted: TopicPartition[] = [];
    const leaders: LocalReplica[] = [];
    const followers: LocalReplica[] = [];
    for (const change of changes) {
      if (change.kind === "partitionDeleted") {
        this.#stop(change.partition, "topic deleted");
        deleted.push(change.partition);
      }
      if (change.kind === "topicConfig") this.#configureTopic(change.topic, change.topicConfig);
      if (change.kind === "brokerConfig") this.#reconfigure(change.broker, change.settings);
      if (change.kind !== "partition") continue;
      const { registration } = change;
      const { id } = this.#parts.host;
      if (!registration.replicas.includes(id)) this.#stop(registration.partition, "reassigned");
      else if (registration.leader === id || this.#reignsOn(registration)) leaders.push(change);
      else followers.push(change);
    }
    if (leaders.length > 0) this.#lead(leaders);
    if (followers.length > 0) this.#follow(followers);
    this.#fetchers.shutdownIdle();
    for (const { registration } of [...leaders, ...followers]) this.#tellDirectory(registration);
    if (deleted.length > 0) for (const listener of this.listeners) listener.deleted?.(deleted);
  }

  /** maybeUpdateTopicAssignment (KIP-858), for each replica that is new here or whose directory the controller has changed. */
  #tellDirectory({ partition, replicas, directories }: PartitionRegistration): void {
    const { host, logs, controlPlane } = this.#parts;
    const believed = directories?.[replicas.indexOf(host.id)];
    if (believed === undefined || this.#believedDirectories.get(partition) === believed) return;
    this.#believedDirectories.set(partition, believed);
    if (believed !== logs.directoryId) controlPlane.assignDirectory(partition, logs.directoryId);
  }

  /** Planted bug: whoever has led goes on. */
  #reignsOn({ partition, leader }: LocalReplica["registration"]): boolean {
    if (this.#parts.env.rules.mutant !== "deposed-leader-reigns-on" || leader < 0) return false;
    return this.#partitions.get(partition)?.isLeader === true;
  }

  /** DynamicLogConfig: topics that do not say otherwise follow their broker. */
  #reconfigure(broker: BrokerId | undefined, settings: Settings): void {
    if (broker !== undefined && broker !== this.#parts.host.id) return;
    this.#parts.settings.reconfigure(broker, settings);
    for (const partition of this.#partitions.values()) {
      const own = this.#parts.metadata.topicConfig(partition.name.topic);
      partition.configure(this.#parts.settings.topicConfig(own));
    }
  }

  /** TopicConfigHandler. */
  #configureTopic(topic: string, own: TopicImage["config"]): void {
    const config = this.#parts.settings.topicConfig(own);
    for (const partition of this.#partitions.values())
      if (partition.name.topic === topic) partition.configure(config);
  }

  /** From now on replicas that need not be copied any more are not. */
  beginControlledShutdown(): void {
    this.#inControlledShutdown = true;
  }

  shutdown(): void {
    this.#fetchers.shutdownAll();
  }

  /** The log directory failed: what is being answered still is, then the process halts. */
  storageFailed(): void {
    if (this.#halting) return;
    this.#halting = true;
    this.#parts.host.after(0, () => this.#parts.host.crash("kill"));
  }

  #lead(replicas: readonly LocalReplica[]): void {
    for (const { registration } of replicas) this.#fetchers.remove(registration.partition);
    for (const { registration, topicConfig } of replicas) {
      const config = this.#parts.settings.topicConfig(topicConfig);
      if (config["compression.type"] !== "producer") this.#converts = true;
      const { partition: name, leaderEpoch } = registration;
      const isLeader = this.#getOrCreate(name, config).makeLeader(registration, config);
      if (isLeader) for (const listener of this.listeners) listener.elected(name, leaderEpoch);
    }
  }

  #follow(replicas: readonly LocalReplica[]): void {
    for (const { registration, topicConfig } of replicas) {
      const config = this.#parts.settings.topicConfig(topicConfig);
      const partition = this.#getOrCreate(registration.partition, config);
      const newEpoch = partition.makeFollower(registration, config);
      const { leader, isr } = registration;
      const idle = leader < 0 || !isr.includes(this.#parts.host.id);
      if (this.#inControlledShutdown && idle) this.#fetchers.remove(partition.name);
      else if (newEpoch) this.#restartFetching(partition);
      else continue;
      // Whoever waits for this broker as a leader is told.
      partition.completeWaiters();
      this.#resigned(partition.name, registration.leaderEpoch);
    }
  }

  #restartFetching(partition: Partition): void {
    this.#fetchers.remove(partition.name);
    if (this.#parts.metadata.broker(partition.leaderId) === undefined) return;
    this.#fetchers.add(partition);
  }

  #stop(name: TopicPartition, why: string): void {
    const partition = this.#partitions.get(name);
    if (partition === undefined) return;
    this.#fetchers.remove(name);
    this.#partitions.delete(name);
    this.#believedDirectories.delete(name);
    this.#byIndex[name.index] = undefined;
    partition.stop();
    partition.log.delete(why);
    partition.completeWaiters();
    this.#resigned(name, Infinity);
  }

  #resigned(name: TopicPartition, leaderEpoch: LeaderEpoch): void {
    for (const listener of this.listeners) listener.resigned(name, leaderEpoch);
  }

  #getOrCreate(name: TopicPartition, config: TopicConfig): Partition {
    let partition = this.#partitions.get(name);
    if (partition === undefined) {
      const log = this.#parts.logs.open(name, logConfigOf(config));
      partition = new Partition(name, log, config, this.#parts);
      this.#partitions.set(name, partition);
      this.#byIndex[name.index] = partition;
    }
    return partition;
  }
}
