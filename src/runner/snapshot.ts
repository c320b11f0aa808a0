// The cluster at one instant as the rows of Kafka's own tools: what a tool would ask the brokers for, taken from the view. Where a
// broker's metadata lags behind the controller's, a real tool may be some milliseconds behind this one.

import { BROKER_CONFIG, type BrokerConfig } from "../protocol/config/broker.ts";
import { resolveConfig } from "../protocol/config/row.ts";
import { TOPIC_CONFIG } from "../protocol/config/topic.ts";
import { type Rules, rulesFor } from "../protocol/releases.ts";
import type { Settings } from "../scenario/model.ts";
import type { PartitionView } from "../view/partitions.ts";
import type { Instant } from "./instant.ts";
import { GroupSnapshot } from "./snapshot-groups.ts";
import { type QuorumRows, quorumRows } from "./snapshot-quorum.ts";
import type { Reassignment } from "./tool-facts.ts";
import { uuidOf } from "./uuid.ts";

export interface PartitionRow {
  readonly partition: number;
  readonly leader: number | undefined;
  readonly replicas: readonly number[];
  readonly isr: readonly number[];
  readonly elr: readonly number[] | undefined;
  readonly lastKnownElr: readonly number[] | undefined;
  readonly reassignment: Reassignment | undefined;
}

export interface TopicRow {
  readonly topic: string;
  readonly topicId: string;
  readonly configs: readonly (readonly [name: string, value: string | number | boolean])[];
  readonly minInsyncReplicas: number;
  readonly partitions: readonly PartitionRow[];
}

const OFFSETS_TOPIC = "__consumer_offsets";
export const INTERNAL_TOPICS: readonly string[] = [OFFSETS_TOPIC, "__transaction_state"];

export class Snapshot {
  readonly #instant: Instant;
  readonly #broker: BrokerConfig;
  readonly #reportsElr: boolean;
  readonly groups: GroupSnapshot;

  constructor(instant: Instant) {
    this.#instant = instant;
    const { release, config, rules } = instant.scenario.cluster;
    this.#broker = resolveConfig(BROKER_CONFIG, release, config);
    this.#reportsElr =
      rulesFor(release, rules as Partial<Rules>)["controller.eligible-leader-replicas"] === "on";
    this.groups = new GroupSnapshot(instant);
  }

  /** Brokers that a client can talk to. */
  get reachableBrokers(): number[] {
    const { view } = this.#instant;
    return [...view.brokers.all()].map(({ id }) => id).filter((id) => view.hosts.isAlive(id));
  }

  /** Brokers in the metadata: registered and not fenced, whether or not they still run. */
  get liveBrokers(): number[] {
    const { view } = this.#instant;
    return [...view.brokers.all()].filter(({ fenced }) => !fenced).map(({ id }) => id);
  }

  /** By name. */
  get topics(): TopicRow[] {
    const topics = new Map<string, PartitionView[]>();
    for (const view of this.#instant.view.partitions.all()) {
      const { topic } = view.partition;
      topics.set(topic, [...(topics.get(topic) ?? []), view]);
    }
    return [...topics]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([topic, partitions]) => this.#topic(topic, partitions));
  }

  /** Undefined while the quorum has no leader. */
  get quorum(): QuorumRows | undefined {
    return quorumRows(this.#instant);
  }

  #topic(topic: string, partitions: readonly PartitionView[]): TopicRow {
    const { scenario } = this.#instant;
    const own = this.#ownConfig(topic);
    return {
      topic,
      topicId: uuidOf(scenario.seed, "topic", topic),
      configs: this.#shownConfigs(own),
      minInsyncReplicas: Number(own["min.insync.replicas"] ?? this.#broker["min.insync.replicas"]),
      partitions: partitions.map((partition) => this.#partition(partition)),
    };
  }

  #ownConfig(topic: string): Settings {
    if (topic === OFFSETS_TOPIC) {
      return {
        "cleanup.policy": "compact",
        "compression.type": "producer",
        "segment.bytes": this.#broker["offsets.topic.segment.bytes"],
      };
    }
    const created = this.#instant.scenario.topics.find(({ name }) => name === topic)?.config ?? {};
    return this.#instant.view.configs.ofTopic(topic, created);
  }

  /** What is not Kafka's default: the topic's own settings, and those that the brokers' files or the ELR set for all topics. */
  #shownConfigs(own: Settings): [string, string | number | boolean][] {
    const { config } = this.#instant.scenario.cluster;
    const inherited = (Object.keys(TOPIC_CONFIG) as (keyof typeof TOPIC_CONFIG)[]).filter(
      (name) =>
        config[TOPIC_CONFIG[name].brokerDefault] !== undefined ||
        // Where there is an ELR, the controller writes this one for the whole cluster.
        (this.#reportsElr && name === "min.insync.replicas"),
    );
    return [
      ...Object.entries(own),
      ...inherited
        .filter((name) => own[name] === undefined)
        .map((name): [string, string | number | boolean] => [
          name,
          this.#broker[TOPIC_CONFIG[name].brokerDefault],
        ]),
    ];
  }

  #partition(known: PartitionView): PartitionRow {
    const { facts } = this.#instant;
    const { index, partition } = known.partition;
    const lastKnown = facts.lastKnownLeaders.get(index);
    return {
      partition,
      leader: known.leader < 0 ? undefined : known.leader,
      replicas: known.replicas,
      isr: known.isr,
      elr: this.#reportsElr ? known.elr : undefined,
      lastKnownElr: this.#reportsElr ? (lastKnown === undefined ? [] : [lastKnown]) : undefined,
      reassignment: facts.reassignments.get(index),
    };
  }
}
