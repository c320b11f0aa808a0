// Kafka's nouns as types: partitions, epochs, batches, metadata. No behaviour but interning.
import type { Micros } from "../sim/kernel.ts";
import type { BatchContent } from "./compression.ts";

export type Offset = number;
export type LeaderEpoch = number;
export type PartitionEpoch = number;
export type BrokerId = number;
/** Offset of the broker's registration record in the metadata log (KRaft). */
export type BrokerEpoch = number;

/** No leader, as Kafka writes it. */
export const NO_LEADER: BrokerId = -1;

/** A partition, interned: two references to the same partition are the same object, so it can be a Map key. */
export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
  /** Dense number in order of first mention in the run. */
  readonly index: number;
  /** `orders-0` */
  readonly name: string;
}

/** Interns the partitions of one run. */
export class PartitionNames {
  readonly #byName = new Map<string, TopicPartition>();

  of(topic: string, partition: number): TopicPartition {
    const name = `${topic}-${partition}`;
    let known = this.#byName.get(name);
    if (known === undefined) {
      known = { topic, partition, index: this.#byName.size, name };
      this.#byName.set(name, known);
    }
    return known;
  }
}

/**
 * A record batch as a producer sends it: a range, never one object a record.
 * Identity of a record is (stream, number): a stream is one producer instance writing to one partition, numbers count from 0 in send order.
 */
export interface ProducedBatch {
  readonly stream: number;
  readonly firstNumber: number;
  readonly count: number;
  /** Bytes on disk and on the wire, header included (record batch v2). */
  readonly sizeBytes: number;
  /** Wall clock of the producer when the first and the last record were appended to the accumulator. */
  readonly firstTimestamp: Micros;
  readonly maxTimestamp: Micros;
  /** -1 without idempotence. */
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly baseSequence: number;
  /** Contents of a coordinator's records (`__consumer_offsets`); ordinary records are their identity alone. */
  readonly payload?: readonly unknown[];
  /** How the log cleaner reads the payload. */
  readonly format?: PayloadFormat;
  /** Absent: not compressed, and its records are like JSON. */
  readonly content?: BatchContent;
}

/** What the log cleaner must know of a record whose contents are kept. */
export interface PayloadFormat {
  keyOf(record: unknown): string;
  isTombstone(record: unknown): boolean;
  /** Bytes in a batch, at that offset from its base. */
  bytesOf(record: unknown, offsetDelta: number): number;
}

/** A record batch in a log. Followers share the leader's object. */
export interface RecordBatch extends ProducedBatch {
  readonly baseOffset: Offset;
  /** partitionLeaderEpoch of the batch header. */
  readonly leaderEpoch: LeaderEpoch;
  /** Wall clock from which the cleaner may take its tombstones; set by the first cleaning that finds one (KIP-534). */
  readonly deleteHorizon?: Micros;
}

export const lastOffset = (batch: RecordBatch): Offset => batch.baseOffset + batch.count - 1;

export interface EpochEndOffset {
  readonly leaderEpoch: LeaderEpoch;
  readonly endOffset: Offset;
}

export type LeaderRecoveryState = "RECOVERED" | "RECOVERING";

/** State of a partition as the metadata log has it (PartitionRegistration). */
export interface PartitionRegistration {
  readonly partition: TopicPartition;
  readonly replicas: readonly BrokerId[];
  readonly isr: readonly BrokerId[];
  readonly elr: readonly BrokerId[];
  readonly lastKnownElr: readonly BrokerId[];
  readonly addingReplicas: readonly BrokerId[];
  readonly removingReplicas: readonly BrokerId[];
  readonly leader: BrokerId;
  readonly leaderEpoch: LeaderEpoch;
  readonly partitionEpoch: PartitionEpoch;
  readonly leaderRecoveryState: LeaderRecoveryState;
  /** Where each of the replicas, in their order, has its log (KIP-858). Absent in releases that do not know. */
  readonly directories?: readonly DirectoryId[];
}

/** Identity of a formatted log directory (meta.properties); a Uuid in Kafka. */
export type DirectoryId = number;
/** DirectoryId.UNASSIGNED: in whichever its broker chooses. */
export const UNASSIGNED: DirectoryId = 0;

/** State of a broker as the metadata log has it (BrokerRegistration). */
export interface BrokerRegistration {
  readonly id: BrokerId;
  readonly brokerEpoch: BrokerEpoch;
  readonly incarnation: number;
  readonly rack: string | undefined;
  readonly fenced: boolean;
  readonly inControlledShutdown: boolean;
  /** Its log directory, of which a broker has one here. Absent in releases that do not tell (KIP-858). */
  readonly logDir?: DirectoryId | undefined;
}

export interface TopicImage {
  readonly name: string;
  readonly config: Readonly<Record<string, string | number | boolean>>;
  readonly partitions: readonly PartitionRegistration[];
}

/** Whose settings: a topic's, one broker's, or the default of all brokers. */
export type ConfigResource =
  | { readonly type: "topic"; readonly topic: string }
  | { readonly type: "broker"; readonly broker: BrokerId | undefined };

/** Records of the metadata log (`__cluster_metadata`), by Kafka's record names. */
export type MetadataRecord =
  | { readonly type: "LeaderChange"; readonly leaderId: number; readonly voters: readonly number[] }
  | { readonly type: "NoOp" }
  | {
      readonly type: "RegisterBroker";
      readonly id: BrokerId;
      readonly incarnation: number;
      readonly rack: string | undefined;
      readonly logDir?: DirectoryId | undefined;
    }
  | {
      readonly type: "BrokerRegistrationChange";
      readonly id: BrokerId;
      readonly brokerEpoch: BrokerEpoch;
      readonly fenced: boolean | undefined;
      readonly inControlledShutdown: boolean | undefined;
    }
  | {
      readonly type: "Topic";
      readonly name: string;
      readonly config: Readonly<Record<string, string | number | boolean>>;
    }
  | { readonly type: "RemoveTopic"; readonly name: string }
  | {
      readonly type: "Config";
      readonly resource: ConfigResource;
      readonly name: string;
      /** undefined: no longer set here. */
      readonly value: string | number | boolean | undefined;
    }
  | {
      readonly type: "ProducerIds";
      readonly brokerId: BrokerId;
      readonly brokerEpoch: BrokerEpoch;
      readonly nextProducerId: number;
    }
  | { readonly type: "Partition"; readonly registration: PartitionRegistration }
  | {
      readonly type: "PartitionChange";
      readonly partition: TopicPartition;
      /** What changes; the epochs follow from PartitionRegistration.merge. */
      readonly change: PartitionChange;
    };

/** Fields of a PartitionChangeRecord; an absent field stays as it is. A present leader bumps the leader epoch, even to the same id. */
export interface PartitionChange {
  readonly leader?: BrokerId;
  readonly isr?: readonly BrokerId[];
  readonly replicas?: readonly BrokerId[];
  readonly elr?: readonly BrokerId[];
  readonly lastKnownElr?: readonly BrokerId[];
  readonly addingReplicas?: readonly BrokerId[];
  readonly removingReplicas?: readonly BrokerId[];
  readonly leaderRecoveryState?: LeaderRecoveryState;
  readonly directories?: readonly DirectoryId[];
}

/** A batch of the metadata log: appended, replicated and committed as one. */
export interface MetadataBatch {
  readonly baseOffset: Offset;
  readonly epoch: number;
  readonly records: readonly MetadataRecord[];
}
