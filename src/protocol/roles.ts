// The interfaces by which roles on one host meet. Roles never import each other; cluster/programs.ts joins them.

import type { ErrorName } from "./errors.ts";
import type { Handlers, Process } from "./kafka-host.ts";
import type {
  BrokerEpoch,
  BrokerId,
  BrokerRegistration,
  DirectoryId,
  LeaderEpoch,
  LeaderRecoveryState,
  Offset,
  PartitionEpoch,
  PartitionRegistration,
  ProducedBatch,
  RecordBatch,
  TopicImage,
  TopicPartition,
} from "./types.ts";

/** What a broker needs from whatever runs the cluster. Implemented by controller/kraft/broker-side.ts (and, one day, its ZooKeeper sibling). */
export interface ControlPlane {
  /** Registers and keeps the session alive until the host dies. */
  join(broker: ControlledBroker): void;
  /** Asks for ISR changes; the answers come through `answered`, one per proposal (a top-level error is retried inside, AlterPartitionManager). */
  proposeIsr(proposal: IsrProposal, answered: (answer: IsrAnswer) => void): void;
  /** The replica lies in another log directory than the controller believes (DirectoryEventHandler.handleAssignment). */
  assignDirectory(partition: TopicPartition, directory: DirectoryId): void;
  /** Returns when the broker may exit. */
  controlledShutdown(): Process<void>;
  /** Producer ids that nobody else is given (KIP-730); undefined: not now. */
  producerIds(): Process<ProducerIdsBlock | undefined>;
  /** Handlers a broker answers by forwarding to the active controller (CreateTopics ...), merged into its handler map. */
  readonly forwarding: Handlers;
  /** This broker's current broker epoch, -1 before registration. */
  readonly brokerEpoch: BrokerEpoch;
  /** Whether the controller has let this broker take part, in this life. */
  readonly hasBeenUnfenced: boolean;
  /** Id of the active controller as this broker knows it, -1 unknown. */
  readonly controllerId: number;
}

export interface ProducerIdsBlock {
  readonly first: number;
  readonly count: number;
}

export interface IsrProposal {
  readonly partition: TopicPartition;
  readonly leaderEpoch: LeaderEpoch;
  readonly partitionEpoch: PartitionEpoch;
  readonly isr: readonly { readonly brokerId: BrokerId; readonly brokerEpoch: BrokerEpoch }[];
  readonly leaderRecoveryState: LeaderRecoveryState;
}
export interface IsrAnswer {
  readonly error: ErrorName;
  readonly leader: BrokerId;
  readonly leaderEpoch: LeaderEpoch;
  readonly isr: readonly BrokerId[];
  readonly leaderRecoveryState: LeaderRecoveryState;
  readonly partitionEpoch: PartitionEpoch;
}

/** What the control plane does to a broker: the same verbs whether pushed by RPC or replayed from a log. */
export interface ControlledBroker {
  readonly id: BrokerId;
  /** False while logs are still loading: the broker stays fenced. */
  readonly ready: boolean;
  /** Broker epoch in the marker of the last clean shutdown, -1 or absent without one (KIP-966). */
  readonly previousBrokerEpoch?: BrokerEpoch;
  /** Its log directory (KIP-858). */
  readonly logDir?: DirectoryId;
  /** One metadata delta, already merged into `view`: the partitions that changed (created, changed or deleted). */
  apply(changes: readonly MetadataChange[], view: ClusterView): void;
}

export type MetadataChange =
  | {
      readonly kind: "partition";
      readonly registration: PartitionRegistration;
      readonly topicConfig: TopicImage["config"];
    }
  | { readonly kind: "partitionDeleted"; readonly partition: TopicPartition }
  | {
      readonly kind: "topicConfig";
      readonly topic: string;
      readonly topicConfig: TopicImage["config"];
    }
  /** broker undefined: the default of all brokers. */
  | {
      readonly kind: "brokerConfig";
      readonly broker: BrokerId | undefined;
      readonly settings: TopicImage["config"];
    }
  | { readonly kind: "broker"; readonly registration: BrokerRegistration };

/** The cluster as one node's metadata image has it: its own copy, at its own metadata offset. */
export interface ClusterView {
  readonly offset: Offset;
  readonly brokers: ReadonlyMap<BrokerId, BrokerRegistration>;
  readonly topics: ReadonlyMap<string, TopicImage>;
  partition(partition: TopicPartition): PartitionRegistration | undefined;
}

/** How a coordinator on a broker writes to and reads from the partitions that broker leads. Implemented by the broker. */
export interface PartitionWriter {
  /** Appends with acks=all; `done` once the high watermark has passed the batch, or with the error a producer would get. */
  append(
    partition: TopicPartition,
    batch: ProducedBatch,
    done: (error: ErrorName, baseOffset: Offset) => void,
  ): void;
  /** What this leader's log holds, from its start; undefined when it does not lead. */
  readAll(partition: TopicPartition): readonly RecordBatch[] | undefined;
}

/** Told when this broker begins or ceases to lead a partition. */
export interface LeadershipListener {
  elected(partition: TopicPartition, leaderEpoch: LeaderEpoch): void;
  resigned(partition: TopicPartition, leaderEpoch: LeaderEpoch): void;
  /** These partitions of the cluster were deleted, whoever led them. */
  deleted?(partitions: readonly TopicPartition[]): void;
}
