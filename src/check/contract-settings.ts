// What a scenario declares, as far as the contract goes by it.

export interface GroupApplication {
  readonly group: string;
  readonly commit: "auto" | "sync" | "async" | "before" | "none";
  readonly deduplicate: boolean;
  readonly handOff: boolean;
  readonly externalOffsets: boolean;
}

export interface ProducerSettings {
  readonly name: string;
  readonly topic: string;
  readonly acks: "0" | "1" | "all";
  readonly idempotence: boolean;
  readonly retries: number;
  readonly maxInFlight: number;
}

export interface TopicDurability {
  readonly minIsr: number;
  /** Does the controller elect out-of-sync replicas by itself? */
  readonly unclean: boolean;
  /** Is every append fsynced before it counts (flush.messages=1)? */
  readonly flushed: boolean;
}

export interface TopicSettings extends TopicDurability {
  readonly name: string;
  readonly replicationFactor: number;
  /** The brokers that hold replicas, by name, if the scenario says so. */
  readonly holders?: readonly string[];
  /** Does an operation add partitions to it (kafka-topics --alter --partitions)? */
  readonly grows?: boolean;
}

export interface ConsumerSettings {
  readonly name: string;
  readonly topics?: readonly string[];
  readonly autoOffsetReset: "earliest" | "latest" | "none";
  /** What it does with records, when it is in a group. */
  readonly application?: GroupApplication;
}

/** A fault the scenario declares; hosts: how many machines it may hit, of which kind. */
export interface DeclaredFault {
  readonly kind: string;
  readonly action: string;
  readonly hosts: number;
  readonly on: "broker" | "controller" | "both" | "client";
  /** Those it may hit, by name, where the scenario names them: "broker-?" is one that is known only when it happens. */
  readonly names?: readonly string[];
}

export interface ContractSettings {
  readonly producers: readonly ProducerSettings[];
  readonly topics: readonly TopicSettings[];
  /** Topics the scenario does not declare: Kafka's own, and those that operations create. */
  readonly otherTopics?: TopicDurability & Pick<Partial<TopicSettings>, "replicationFactor">;
  readonly consumers: readonly ConsumerSettings[];
  /** Rule controller.eligible-leader-replicas. */
  readonly elr: boolean;
  /** Rule replication.high-watermark-min-isr. */
  readonly highWatermarkNeedsMinIsr?: boolean;
  /** Rule replication.isr-broker-epoch. */
  readonly isrNeedsBrokerEpoch?: boolean;
  /** producer.id.expiration.ms */
  readonly producerIdExpirationUs?: number;
  readonly faults: readonly DeclaredFault[];
  /** Operations that elect out-of-sync replicas (kafka-leader-election --election-type unclean). */
  readonly uncleanOperations: number;
  /** Operations that move committed offsets (kafka-consumer-groups --reset-offsets --execute). */
  readonly offsetResets?: number;
}
