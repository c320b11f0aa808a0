// What a client knows of the cluster (Metadata, ProducerMetadata, MetadataCache): brokers, leaders with their epochs, and when to ask again.
// Left out: topic ids, partial updates of single new topics, dropping of idle topics (a client here uses the same topics all its life).
import type { MetadataResponse, PartitionMetadata } from "../protocol/apis.ts";
import type { Environment } from "../protocol/environment.ts";
import { ERRORS } from "../protocol/errors.ts";
import {
  type BrokerId,
  type LeaderEpoch,
  NO_LEADER,
  type TopicPartition,
} from "../protocol/types.ts";
import type { Micros } from "../sim/kernel.ts";
import type { Backoff } from "./backoff.ts";

/** Who leads a partition, in which epoch (LeaderAndEpoch). */
export interface Leader {
  readonly id: BrokerId;
  /** -1 unknown. */
  readonly epoch: LeaderEpoch;
}

export interface KnownPartition {
  readonly partition: TopicPartition;
  readonly leader: BrokerId;
  readonly leaderEpoch: LeaderEpoch;
  readonly replicas: readonly BrokerId[];
  readonly offlineReplicas: readonly BrokerId[];
}

const NOTHING: readonly KnownPartition[] = [];

export class Metadata {
  topics: readonly string[];
  readonly #maxAge: Micros;
  readonly #backoff: Backoff;
  readonly #hasLeaderHints: boolean;
  readonly #byTopic = new Map<string, readonly KnownPartition[]>();
  /** By TopicPartition.index. */
  readonly #byIndex: (KnownPartition | undefined)[] = [];
  /** The newest epoch that anybody has told of (lastSeenLeaderEpochs), by TopicPartition.index. */
  readonly #seenEpochs: (LeaderEpoch | undefined)[] = [];
  #brokers: readonly BrokerId[];
  #racks: ReadonlyMap<BrokerId, string | undefined> = new Map();
  #version = 0;
  #needsUpdate = true;
  #lastRefresh: Micros = Number.NEGATIVE_INFINITY;
  #lastSuccess: Micros = Number.NEGATIVE_INFINITY;
  #notBefore: Micros = 0;
  #failures = 0;
  #equivalentResponses = 0;
  #refreshListener: () => void = () => undefined;

  constructor(env: Environment, topics: readonly string[], maxAge: Micros, backoff: Backoff) {
    this.topics = topics;
    this.#maxAge = maxAge;
    this.#backoff = backoff;
    this.#brokers = env.brokers;
    this.#hasLeaderHints = env.rules["producer.leader-hints"] === "on";
  }

  /** Rises with everything learned. */
  get version(): number {
    return this.#version;
  }

  /** KIP-951: responses name the new leader, and a known new leader ends the back-off. */
  get hasLeaderHints(): boolean {
    return this.#hasLeaderHints;
  }

  /** Brokers to ask: those of the last response, before that all of bootstrap.servers. */
  get brokers(): readonly BrokerId[] {
    return this.#brokers;
  }

  /** broker.rack as the last response had it. */
  rackOf(broker: BrokerId): string | undefined {
    return this.#racks.get(broker);
  }

  /** All partitions of a topic by number, leaderless ones included; empty when the topic is not known. */
  partitionsOf(topic: string): readonly KnownPartition[] {
    return this.#byTopic.get(topic) ?? NOTHING;
  }

  /** Nobody while a newer epoch has been seen than the metadata has (partitionMetadataIfCurrent). */
  leaderOf({ index }: TopicPartition): BrokerId {
    const known = this.#byIndex[index];
    return known?.leaderEpoch === this.#seenEpochs[index]
      ? (known?.leader ?? NO_LEADER)
      : NO_LEADER;
  }

  /** -1 unknown. */
  leaderEpochOf(partition: TopicPartition): LeaderEpoch {
    return this.#seenEpochs[partition.index] ?? -1;
  }

  currentLeader(partition: TopicPartition): Leader {
    return { id: this.leaderOf(partition), epoch: this.leaderEpochOf(partition) };
  }

  /** Is the replica one of the partition's, on a broker that is alive? (Cluster.nodeIfOnline) */
  isOnline(partition: TopicPartition, replica: BrokerId): boolean {
    const known = this.#byIndex[partition.index];
    if (known === undefined || !this.#brokers.includes(replica)) return false;
    return known.replicas.includes(replica) && !known.offlineReplicas.includes(replica);
  }

  /** Topics it has to know from now on as well (SubscriptionState.groupSubscribe); true when one of them is new. */
  addTopics(topics: readonly string[]): boolean {
    const added = topics.filter((topic) => !this.topics.includes(topic));
    if (added.length === 0) return false;
    this.topics = [...this.topics, ...added];
    this.requestUpdate();
    return true;
  }

  // When to ask

  onRefreshWanted(listener: () => void): void {
    this.#refreshListener = listener;
  }

  /** `progresses`: whoever asks expects news, so that answers without any before do not count (resetEquivalentResponseBackoff). */
  requestUpdate(progresses = false): void {
    if (progresses && this.#equivalentResponses > 0) {
      this.#equivalentResponses = 0;
      this.#notBefore = this.#lastRefresh + this.#backoff(0);
    } else if (this.#needsUpdate) return;
    this.#needsUpdate = true;
    this.#refreshListener();
  }

  /** The earliest time for the next request (timeToNextUpdate): stale or asked for, and not within a back-off. */
  nextUpdateAt(now: Micros): Micros {
    const wanted = this.#needsUpdate ? now : this.#lastSuccess + this.#maxAge;
    return Math.max(wanted, this.#notBefore, now);
  }

  failed(now: Micros): void {
    this.#lastRefresh = now;
    this.#equivalentResponses = 0;
    this.#notBefore = now + this.#backoff(this.#failures++);
  }

  // What was learned

  update(response: MetadataResponse, now: Micros): void {
    // An update that was due anyway does not count as one that brought nothing new.
    if (this.#lastSuccess + this.#maxAge <= now) this.#equivalentResponses = 0;
    this.#lastRefresh = now;
    this.#lastSuccess = now;
    this.#failures = 0;
    this.#needsUpdate = false;
    if (response.brokers.length > 0) {
      this.#brokers = response.brokers.map((broker) => broker.id);
      this.#racks = new Map(response.brokers.map(({ id, rack }) => [id, rack]));
    }
    let isNews = false;
    for (const topic of response.topics) {
      if (ERRORS[topic.error].invalidMetadata) this.#needsUpdate = true;
      if (topic.error === "NONE") isNews = this.#learnTopic(topic.name, topic.partitions) || isNews;
      else this.#forget(topic.name);
    }
    for (const topic of this.topics) {
      if (!this.#byTopic.has(topic)) this.#needsUpdate = true;
    }
    this.#equivalentResponses = isNews ? 0 : this.#equivalentResponses + 1;
    this.#version++;
    this.#notBefore = this.#lastRefresh + this.#backoff(Math.max(0, this.#equivalentResponses - 1));
    if (this.#needsUpdate) this.#refreshListener();
  }

  /** A committed offset or a leader's answer names an epoch: what the metadata has of an older one is out of date (updateLastSeenEpochIfNewer). */
  sawEpoch({ index }: TopicPartition, epoch: LeaderEpoch): boolean {
    const seen = this.#seenEpochs[index];
    if (seen === undefined || epoch <= seen) return false;
    this.#seenEpochs[index] = epoch;
    this.#version++;
    this.requestUpdate();
    return true;
  }

  /** KIP-951: a broker named the partition's new leader. False when nothing new was learned. */
  adoptHint(partition: TopicPartition, leader: BrokerId, leaderEpoch: LeaderEpoch): boolean {
    const known = this.#byIndex[partition.index];
    if (!this.#hasLeaderHints || known === undefined) return false;
    if (leader === NO_LEADER || leaderEpoch <= this.leaderEpochOf(partition)) return false;
    const ofTopic = this.partitionsOf(partition.topic).map((entry) =>
      entry === known ? this.#learned({ ...known, leader, leaderEpoch }) : entry,
    );
    this.#byTopic.set(partition.topic, ofTopic);
    this.#version++;
    return true;
  }

  #learnTopic(topic: string, partitions: readonly PartitionMetadata[]): boolean {
    let isNews = false;
    const ofTopic: KnownPartition[] = [];
    for (const fresh of partitions) {
      if (ERRORS[fresh.error].invalidMetadata) this.#needsUpdate = true;
      const { partition, leader, leaderEpoch, replicas, offlineReplicas } = fresh;
      const known = this.#byIndex[partition.index];
      const seen = this.#seenEpochs[partition.index] ?? -1;
      if (leaderEpoch > seen) isNews = true;
      // A broker that lags behind must not take back what a newer one has told.
      const isKept = leaderEpoch < seen || isSame(known, fresh);
      if (!isKept)
        ofTopic.push(this.#learned({ partition, leader, leaderEpoch, replicas, offlineReplicas }));
      else if (known !== undefined) ofTopic.push(known);
    }
    ofTopic.sort((a, b) => a.partition.partition - b.partition.partition);
    this.#byTopic.set(topic, ofTopic);
    return isNews;
  }

  #learned(entry: KnownPartition): KnownPartition {
    this.#byIndex[entry.partition.index] = entry;
    this.#seenEpochs[entry.partition.index] = entry.leaderEpoch;
    return entry;
  }

  /** Without topic ids it cannot be told from one that is made anew, with epochs from 0. */
  #forget(topic: string): void {
    for (const { partition } of this.partitionsOf(topic)) {
      this.#byIndex[partition.index] = undefined;
      this.#seenEpochs[partition.index] = undefined;
    }
    this.#byTopic.delete(topic);
  }
}

const isSame = (known: KnownPartition | undefined, fresh: PartitionMetadata): boolean =>
  known?.leader === fresh.leader &&
  known.leaderEpoch === fresh.leaderEpoch &&
  isSameList(known.replicas, fresh.replicas) &&
  isSameList(known.offlineReplicas, fresh.offlineReplicas);

const isSameList = (one: readonly BrokerId[], other: readonly BrokerId[]): boolean =>
  one === other || (one.length === other.length && one.every((id, i) => id === other[i]));
