// The cluster as replaying the metadata log makes it: MetadataImage of brokers, and the timeline state of the controllers' managers.
// Every node has its own copy. Registrations are immutable; the maps that hold them change in place.

import type { Settings } from "../protocol/config/row.ts";
import type { ClusterView } from "../protocol/roles.ts";
import type {
  BrokerId,
  BrokerRegistration,
  ConfigResource,
  MetadataBatch,
  MetadataRecord,
  Offset,
  PartitionRegistration,
  TopicImage,
  TopicPartition,
} from "../protocol/types.ts";
import { assert } from "../sim/assert.ts";
import { replaced } from "./image-digest.ts";
import { merge } from "./partition-change.ts";

/** What one record changed. */
export type Fact =
  | {
      readonly kind: "broker";
      readonly before: BrokerRegistration | undefined;
      readonly after: BrokerRegistration;
    }
  | { readonly kind: "topicCreated"; readonly topic: TopicImage }
  | { readonly kind: "topicDeleted"; readonly topic: TopicImage }
  | {
      readonly kind: "config";
      readonly resource: ConfigResource;
      readonly name: string;
      readonly value: string | number | boolean | undefined;
      /** All that is set there now. */
      readonly settings: Settings;
    }
  | {
      readonly kind: "partition";
      readonly topic: TopicImage;
      readonly before: PartitionRegistration | undefined;
      readonly after: PartitionRegistration;
    };

interface Topic extends TopicImage {
  readonly partitions: PartitionRegistration[];
}

export class MetadataImage implements ClusterView {
  readonly #brokers = new Map<BrokerId, BrokerRegistration>();
  readonly #topics = new Map<string, Topic>();
  /** Settings changed while the cluster runs: by broker; undefined: of all. */
  readonly #brokerConfigs = new Map<BrokerId | undefined, Settings>();
  #offset: Offset = -1;
  #nextProducerId = 0;
  #digest = 0;

  /** Of all that is kept here: equal in two images that have replayed the same records. */
  get digest(): number {
    return this.#digest;
  }

  /** Offset of the last record replayed, -1 none. */
  get offset(): Offset {
    return this.#offset;
  }

  /** The first producer id that no broker has been given. */
  get nextProducerId(): number {
    return this.#nextProducerId;
  }

  get brokers(): ReadonlyMap<BrokerId, BrokerRegistration> {
    return this.#brokers;
  }

  get brokerConfigs(): ReadonlyMap<BrokerId | undefined, Settings> {
    return this.#brokerConfigs;
  }

  get topics(): ReadonlyMap<string, TopicImage> {
    return this.#topics;
  }

  partition(partition: TopicPartition): PartitionRegistration | undefined {
    return this.#topics.get(partition.topic)?.partitions[partition.partition];
  }

  /** Registered, unfenced, not shutting down. */
  isActive(id: BrokerId): boolean {
    const broker = this.#brokers.get(id);
    return broker !== undefined && !broker.fenced && !broker.inControlledShutdown;
  }

  /** A copy that may go its own way: what the active controller expects to be committed. */
  clone(): MetadataImage {
    const copy = new MetadataImage();
    copy.#offset = this.#offset;
    copy.#nextProducerId = this.#nextProducerId;
    copy.#digest = this.#digest;
    for (const [id, broker] of this.#brokers) copy.#brokers.set(id, broker);
    for (const [id, settings] of this.#brokerConfigs) copy.#brokerConfigs.set(id, settings);
    for (const [name, topic] of this.#topics) {
      copy.#topics.set(name, { ...topic, partitions: [...topic.partitions] });
    }
    return copy;
  }

  replay(record: MetadataRecord, offset: Offset): Fact | undefined {
    assert(offset === this.#offset + 1, () => `record ${offset} replayed after ${this.#offset}`);
    this.#offset = offset;
    switch (record.type) {
      case "LeaderChange":
      case "NoOp":
        return undefined;
      case "ProducerIds":
        return this.#setNextProducerId(record.nextProducerId);
      case "RegisterBroker":
        return this.#setBroker({
          id: record.id,
          brokerEpoch: offset,
          incarnation: record.incarnation,
          rack: record.rack,
          fenced: true,
          inControlledShutdown: false,
          logDir: record.logDir,
        });
      case "BrokerRegistrationChange":
        return this.#changeBroker(record);
      case "Topic": {
        const topic: Topic = { name: record.name, config: record.config, partitions: [] };
        this.#setTopic(topic);
        return { kind: "topicCreated", topic };
      }
      case "Config":
        return this.#configure(record);
      case "RemoveTopic": {
        const topic = this.#topic(record.name);
        this.#topics.delete(record.name);
        this.#keeps(undefined, settingsOf(topic));
        for (const partition of topic.partitions) this.#keeps(undefined, partition);
        return { kind: "topicDeleted", topic };
      }
      case "Partition":
        return this.#setPartition(record.registration);
      case "PartitionChange": {
        const before = this.partition(record.partition);
        assert(before !== undefined, () => `change of unknown ${record.partition.name}`);
        return this.#setPartition(merge(before, record.change));
      }
    }
  }

  /** Instead of `before`. */
  #keeps(after: object | undefined, before: object | undefined): void {
    this.#digest = replaced(this.#digest, before, after);
  }

  #setNextProducerId(next: number): undefined {
    const before = { nextProducerId: this.#nextProducerId };
    this.#nextProducerId = next;
    this.#keeps({ nextProducerId: this.#nextProducerId }, before);
  }

  #setTopic(after: Topic): void {
    const before = this.#topics.get(after.name);
    this.#topics.set(after.name, after);
    this.#keeps(settingsOf(after), before && settingsOf(before));
  }

  #topic(name: string): Topic {
    const topic = this.#topics.get(name);
    assert(topic !== undefined, () => `record about unknown topic ${name}`);
    return topic;
  }

  #configure({
    resource,
    name,
    value,
  }: Extract<MetadataRecord, { readonly type: "Config" }>): Fact {
    const known =
      resource.type === "topic"
        ? this.#topic(resource.topic).config
        : (this.#brokerConfigs.get(resource.broker) ?? {});
    const { [name]: _, ...rest } = known;
    const settings: Settings = value === undefined ? rest : { ...rest, [name]: value };
    if (resource.type === "topic")
      this.#setTopic({ ...this.#topic(resource.topic), config: settings });
    else {
      const { broker } = resource;
      this.#brokerConfigs.set(broker, settings);
      this.#keeps({ broker, settings }, { broker, settings: known });
    }
    return { kind: "config", resource, name, value, settings };
  }

  #setBroker(after: BrokerRegistration): Fact {
    const before = this.#brokers.get(after.id);
    this.#brokers.set(after.id, after);
    this.#keeps(after, before);
    return { kind: "broker", before, after };
  }

  #changeBroker(
    record: Extract<MetadataRecord, { readonly type: "BrokerRegistrationChange" }>,
  ): Fact {
    const before = this.#brokers.get(record.id);
    assert(
      before !== undefined && before.brokerEpoch === record.brokerEpoch,
      () => `change of broker ${record.id} at epoch ${record.brokerEpoch}`,
    );
    return this.#setBroker({
      ...before,
      fenced: record.fenced ?? before.fenced,
      inControlledShutdown: record.inControlledShutdown ?? before.inControlledShutdown,
    });
  }

  #setPartition(after: PartitionRegistration): Fact {
    const topic = this.#topic(after.partition.topic);
    const before = topic.partitions[after.partition.partition];
    topic.partitions[after.partition.partition] = after;
    this.#keeps(after, before);
    return { kind: "partition", topic, before, after };
  }
}

/** Whether an image is another one when it has replayed the batch; an idle controller and a new one write records that say nothing of the cluster. */
export const changesImage = ({ records }: MetadataBatch): boolean =>
  records.some(({ type }) => type !== "NoOp" && type !== "LeaderChange");

/** A topic without its partitions. */
const settingsOf = ({ name, config }: TopicImage): object => ({ name, config });
