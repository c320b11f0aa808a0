// The cluster as this broker knows it (KRaftMetadataCache): answers Metadata requests and tells partitions which followers may join the ISR.
// It follows the metadata log with a delay of its own, so two brokers may answer differently. Left out: topic ids, listeners, authorised operations.
import type { MetadataRequest, MetadataResponse, PartitionMetadata } from "../protocol/apis.ts";
import type { ClusterView } from "../protocol/roles.ts";
import {
  type BrokerEpoch,
  type BrokerId,
  type BrokerRegistration,
  type LeaderEpoch,
  NO_LEADER,
  type PartitionRegistration,
  type TopicImage,
  type TopicPartition,
} from "../protocol/types.ts";

/** Who leads now, for a client that asked the wrong broker (KIP-951). */
export interface LeaderHint {
  readonly leader: BrokerId;
  readonly leaderEpoch: LeaderEpoch;
}

const NO_HINT: LeaderHint = { leader: NO_LEADER, leaderEpoch: -1 };

export class MetadataCache {
  #view: ClusterView | undefined;

  setView(view: ClusterView): void {
    this.#view = view;
  }

  contains(partition: TopicPartition): boolean {
    return this.#view?.partition(partition) !== undefined;
  }

  /** undefined: there is no such topic. */
  partitionsOf(topic: string): number | undefined {
    return this.#view?.topics.get(topic)?.partitions.length;
  }

  /** What the topic itself sets. */
  topicConfig(topic: string): TopicImage["config"] {
    return this.#view?.topics.get(topic)?.config ?? {};
  }

  /** The broker that leads the partition, if it is alive. */
  leaderOf(partition: TopicPartition): BrokerId | undefined {
    const { leader } = this.leaderHint(partition);
    return this.aliveBrokerEpoch(leader) === undefined ? undefined : leader;
  }

  broker(id: BrokerId): BrokerRegistration | undefined {
    return this.#view?.brokers.get(id);
  }

  /** Epoch of a broker that is registered and not fenced. */
  aliveBrokerEpoch(id: BrokerId): BrokerEpoch | undefined {
    const broker = this.broker(id);
    return broker === undefined || broker.fenced ? undefined : broker.brokerEpoch;
  }

  leaderHint(partition: TopicPartition): LeaderHint {
    const registration = this.#view?.partition(partition);
    if (registration === undefined) return NO_HINT;
    return { leader: registration.leader, leaderEpoch: registration.leaderEpoch };
  }

  answer(request: MetadataRequest, controllerId: BrokerId): MetadataResponse {
    const view = this.#view;
    if (view === undefined) return { brokers: [], controllerId, topics: [] };
    const brokers: { id: BrokerId; rack: string | undefined }[] = [];
    for (const { id, rack, fenced } of view.brokers.values())
      if (!fenced) brokers.push({ id, rack });
    const names = request.topics ?? [...view.topics.keys()];
    const topics = names.map((name) => this.#topic(name, view.topics.get(name)));
    return { brokers, controllerId, topics };
  }

  #topic(name: string, image: TopicImage | undefined): MetadataResponse["topics"][number] {
    if (image === undefined) return { name, error: "UNKNOWN_TOPIC_OR_PARTITION", partitions: [] };
    return { name, error: "NONE", partitions: image.partitions.map((p) => this.#partition(p)) };
  }

  #partition(registration: PartitionRegistration): PartitionMetadata {
    const { partition, leader, leaderEpoch, replicas, isr } = registration;
    const isAlive = (id: BrokerId): boolean => this.aliveBrokerEpoch(id) !== undefined;
    const led = leader !== NO_LEADER && isAlive(leader);
    return {
      partition,
      error: led ? "NONE" : "LEADER_NOT_AVAILABLE",
      leader: led ? leader : NO_LEADER,
      leaderEpoch,
      replicas,
      isr,
      offlineReplicas: replicas.filter((id) => !isAlive(id)),
    };
  }
}
