// Every API of the simulated cluster: request, response, wire sizes. Names and fields are those of Kafka's message schemas, reduced to what is modelled.
// Fetch of the metadata log by voters and observers is Kafka's Fetch too; here it has a name of its own (FetchMetadataLog) because its payload is another.

import type { Micros } from "../sim/kernel.ts";
import type { ApiRow } from "../sim/rpc.ts";
import type { ErrorName } from "./errors.ts";
import { GROUP_APIS, type GroupProtocol } from "./group-apis.ts";
import type {
  BrokerEpoch,
  BrokerId,
  ConfigResource,
  DirectoryId,
  EpochEndOffset,
  LeaderEpoch,
  LeaderRecoveryState,
  MetadataBatch,
  Offset,
  PartitionEpoch,
  ProducedBatch,
  RecordBatch,
  TopicPartition,
} from "./types.ts";

// Produce and fetch

export interface ProduceRequest {
  readonly acks: 0 | 1 | -1;
  /** How long the broker may wait for acks=all, ms (the producer's request.timeout.ms). */
  readonly timeoutMs: number;
  readonly batches: readonly {
    readonly partition: TopicPartition;
    readonly batch: ProducedBatch;
  }[];
}
export interface ProduceResponse {
  readonly partitions: readonly {
    readonly partition: TopicPartition;
    readonly error: ErrorName;
    /** -1 when nothing was written. */
    readonly baseOffset: Offset;
    readonly logStartOffset: Offset;
    /** KIP-951: with NOT_LEADER_OR_FOLLOWER, who leads now; -1 unknown. */
    readonly currentLeader: BrokerId;
    readonly currentLeaderEpoch: LeaderEpoch;
  }[];
}

export interface FetchPartition {
  readonly partition: TopicPartition;
  readonly fetchOffset: Offset;
  /** -1: not checked. */
  readonly currentLeaderEpoch: LeaderEpoch;
  /** Epoch of the follower's last record; -1 none or a consumer. */
  readonly lastFetchedEpoch: LeaderEpoch;
  /** The follower's own log start; -1 for consumers. */
  readonly logStartOffset: Offset;
  readonly maxBytes: number;
}
/** What a follower's incremental request names, by what becomes of the order of the partitions. */
export interface FetchChanges {
  /** Now the last ones, in this order: new, or served and asked for from a new offset. */
  readonly moved: readonly FetchPartition[];
  /** Where they were. */
  readonly altered: readonly FetchPartition[];
  readonly forgotten: readonly TopicPartition[];
}
export interface FetchRequest {
  /** -1 for a consumer. */
  readonly replicaId: BrokerId;
  /** KIP-903; -1 for consumers. */
  readonly replicaEpoch: BrokerEpoch;
  readonly maxWaitMs: number;
  readonly minBytes: number;
  readonly maxBytes: number;
  readonly partitions: readonly FetchPartition[];
  /** Partitions named on the wire; with an incremental fetch session (KIP-227) fewer than `partitions`. */
  readonly namedPartitions: number;
  /** What makes the last request's `partitions` these; undefined: not known, or not from a follower's session. */
  readonly changes: FetchChanges | undefined;
  /** KIP-227: 0 none. */
  readonly sessionId: number;
  /** 0: a full request that wants a session; -1: a full request that closes it; else incremental. */
  readonly sessionEpoch: number;
  /** client.rack (KIP-392); "" none. */
  readonly rackId: string;
}
export interface FetchPartitionData {
  readonly partition: TopicPartition;
  readonly error: ErrorName;
  readonly highWatermark: Offset;
  readonly lastStableOffset: Offset;
  readonly logStartOffset: Offset;
  readonly batches: readonly RecordBatch[];
  readonly sizeBytes: number;
  readonly divergingEpoch: EpochEndOffset | undefined;
  readonly currentLeader: BrokerId;
  readonly currentLeaderEpoch: LeaderEpoch;
  /** KIP-392: read there instead; -1 here. */
  readonly preferredReadReplica: BrokerId;
}
export interface FetchResponse {
  /** Of the session (KIP-227): FETCH_SESSION_ID_NOT_FOUND, INVALID_FETCH_SESSION_EPOCH. */
  readonly error: ErrorName;
  /** 0: there is no session. */
  readonly sessionId: number;
  readonly partitions: readonly FetchPartitionData[];
}

// Metadata and offsets

export interface MetadataRequest {
  /** undefined: all topics. */
  readonly topics: readonly string[] | undefined;
}
export interface PartitionMetadata {
  readonly partition: TopicPartition;
  readonly error: ErrorName;
  readonly leader: BrokerId;
  readonly leaderEpoch: LeaderEpoch;
  readonly replicas: readonly BrokerId[];
  readonly isr: readonly BrokerId[];
  readonly offlineReplicas: readonly BrokerId[];
}
export interface MetadataResponse {
  readonly brokers: readonly { readonly id: BrokerId; readonly rack: string | undefined }[];
  readonly controllerId: number;
  readonly topics: readonly {
    readonly name: string;
    readonly error: ErrorName;
    readonly partitions: readonly PartitionMetadata[];
  }[];
}

export interface ListOffsetsRequest {
  /** -1 for a consumer. */
  readonly replicaId: BrokerId;
  readonly partitions: readonly {
    readonly partition: TopicPartition;
    readonly currentLeaderEpoch: LeaderEpoch;
    readonly timestamp: "earliest" | "latest" | Micros;
  }[];
}
export interface ListOffsetsResponse {
  readonly partitions: readonly {
    readonly partition: TopicPartition;
    readonly error: ErrorName;
    readonly offset: Offset;
    readonly leaderEpoch: LeaderEpoch;
  }[];
}

export interface OffsetForLeaderEpochRequest {
  readonly replicaId: BrokerId;
  readonly partitions: readonly {
    readonly partition: TopicPartition;
    readonly currentLeaderEpoch: LeaderEpoch;
    readonly leaderEpoch: LeaderEpoch;
  }[];
}
export interface OffsetForLeaderEpochResponse {
  /** endOffset -1 and leaderEpoch -1: undefined. */
  readonly partitions: readonly {
    readonly partition: TopicPartition;
    readonly error: ErrorName;
    readonly leaderEpoch: LeaderEpoch;
    readonly endOffset: Offset;
  }[];
}

// Brokers and the controller

export interface AlterPartitionRequest {
  readonly brokerId: BrokerId;
  readonly brokerEpoch: BrokerEpoch;
  readonly partitions: readonly {
    readonly partition: TopicPartition;
    readonly leaderEpoch: LeaderEpoch;
    readonly newIsr: readonly {
      readonly brokerId: BrokerId /** -1: not checked (before KIP-903) */;
      readonly brokerEpoch: BrokerEpoch;
    }[];
    readonly leaderRecoveryState: LeaderRecoveryState;
    readonly partitionEpoch: PartitionEpoch;
  }[];
}
export interface AlterPartitionResponse {
  /** Error of the whole request: NOT_CONTROLLER, STALE_BROKER_EPOCH. */
  readonly error: ErrorName;
  readonly partitions: readonly {
    readonly partition: TopicPartition;
    readonly error: ErrorName;
    readonly leader: BrokerId;
    readonly leaderEpoch: LeaderEpoch;
    readonly isr: readonly BrokerId[];
    readonly leaderRecoveryState: LeaderRecoveryState;
    readonly partitionEpoch: PartitionEpoch;
  }[];
}

export interface BrokerRegistrationRequest {
  readonly brokerId: BrokerId;
  readonly incarnation: number;
  readonly rack: string | undefined;
  /** Broker epoch of the last clean shutdown, -1 unclean (KIP-966). */
  readonly previousBrokerEpoch: BrokerEpoch;
  readonly logDir: DirectoryId;
}
export interface BrokerRegistrationResponse {
  readonly error: ErrorName;
  readonly brokerEpoch: BrokerEpoch;
}
export interface AssignReplicasToDirsRequest {
  readonly brokerId: BrokerId;
  readonly brokerEpoch: BrokerEpoch;
  readonly directory: DirectoryId;
  readonly partitions: readonly TopicPartition[];
}
export interface AssignReplicasToDirsResponse {
  /** Error of the whole request: NOT_CONTROLLER, STALE_BROKER_EPOCH. */
  readonly error: ErrorName;
  readonly partitions: readonly {
    readonly partition: TopicPartition;
    readonly error: ErrorName;
  }[];
}
export interface BrokerHeartbeatRequest {
  readonly brokerId: BrokerId;
  readonly brokerEpoch: BrokerEpoch;
  readonly currentMetadataOffset: Offset;
  readonly wantFence: boolean;
  readonly wantShutDown: boolean;
}
export interface BrokerHeartbeatResponse {
  readonly error: ErrorName;
  readonly isCaughtUp: boolean;
  readonly isFenced: boolean;
  readonly shouldShutDown: boolean;
}

// The quorum (KRaft)

export interface VoteRequest {
  readonly candidateEpoch: number;
  readonly candidateId: number;
  readonly lastOffsetEpoch: number;
  readonly lastOffset: Offset;
  /** KIP-996. */
  readonly preVote: boolean;
}
export interface VoteResponse {
  readonly error: ErrorName;
  readonly leaderId: number;
  readonly leaderEpoch: number;
  readonly voteGranted: boolean;
}
export interface BeginQuorumEpochRequest {
  readonly leaderId: number;
  readonly leaderEpoch: number;
}
export interface EndQuorumEpochRequest {
  readonly leaderId: number;
  readonly leaderEpoch: number;
  readonly preferredSuccessors: readonly number[];
}
export interface QuorumEpochResponse {
  readonly error: ErrorName;
  readonly leaderId: number;
  readonly leaderEpoch: number;
}
export interface FetchMetadataLogRequest {
  /** Node id of the voter or observer. */
  readonly replicaId: number;
  readonly currentLeaderEpoch: number;
  readonly fetchOffset: Offset;
  readonly lastFetchedEpoch: number;
  /** The high watermark the asker knows, -1 none; before KIP-1166 one that nothing exceeds. */
  readonly highWatermark: Offset;
  readonly maxWaitMs: number;
}
export interface FetchMetadataLogResponse {
  readonly error: ErrorName;
  readonly leaderId: number;
  readonly leaderEpoch: number;
  readonly highWatermark: Offset;
  readonly batches: readonly MetadataBatch[];
  readonly divergingEpoch: EpochEndOffset | undefined;
}

// Admin, as brokers forward it to the controller

export interface CreateTopicsRequest {
  readonly topics: readonly {
    readonly name: string;
    readonly partitions: number;
    readonly replicationFactor: number;
    readonly assignment: readonly (readonly BrokerId[])[] | undefined;
    readonly config: Readonly<Record<string, string | number | boolean>>;
  }[];
}
export interface TopicResults {
  readonly error: ErrorName;
  readonly topics: readonly {
    readonly name: string;
    readonly error: ErrorName;
    readonly message: string;
  }[];
}
export interface CreatePartitionsRequest {
  readonly topics: readonly {
    readonly name: string /** New total. */;
    readonly count: number;
    readonly assignment: readonly (readonly BrokerId[])[] | undefined;
  }[];
}
export interface DeleteTopicsRequest {
  readonly topics: readonly string[];
}
export interface ElectLeadersRequest {
  readonly electionType: "PREFERRED" | "UNCLEAN";
  /** undefined: all partitions. */
  readonly partitions: readonly TopicPartition[] | undefined;
}
export interface ElectLeadersResponse {
  readonly error: ErrorName;
  readonly partitions: readonly {
    readonly partition: TopicPartition;
    readonly error: ErrorName;
    readonly message: string;
  }[];
}

export interface IncrementalAlterConfigsRequest {
  readonly resource: ConfigResource;
  /** SET, or DELETE where the value is undefined. */
  readonly changes: readonly {
    readonly name: string;
    readonly value: string | number | boolean | undefined;
  }[];
}

/** A request that a broker forwards to the active controller for a client (KIP-590). */
export interface EnvelopeRequest {
  readonly forwarded:
    | { readonly api: "CreateTopics"; readonly request: CreateTopicsRequest }
    | { readonly api: "DeleteTopics"; readonly request: DeleteTopicsRequest }
    | { readonly api: "CreatePartitions"; readonly request: CreatePartitionsRequest }
    | {
        readonly api: "IncrementalAlterConfigs";
        readonly request: IncrementalAlterConfigsRequest;
      }
    | { readonly api: "ElectLeaders"; readonly request: ElectLeadersRequest };
}
export interface EnvelopeResponse {
  readonly error: ErrorName;
  /** Of the API that was forwarded; undefined with an error. */
  readonly response: TopicResults | ElectLeadersResponse | undefined;
}

/** API name -> request and response. */
export interface KafkaProtocol extends GroupProtocol {
  readonly Produce: { readonly request: ProduceRequest; readonly response: ProduceResponse };
  readonly Fetch: { readonly request: FetchRequest; readonly response: FetchResponse };
  readonly ListOffsets: {
    readonly request: ListOffsetsRequest;
    readonly response: ListOffsetsResponse;
  };
  readonly Metadata: { readonly request: MetadataRequest; readonly response: MetadataResponse };
  readonly OffsetForLeaderEpoch: {
    readonly request: OffsetForLeaderEpochRequest;
    readonly response: OffsetForLeaderEpochResponse;
  };
  readonly CreateTopics: { readonly request: CreateTopicsRequest; readonly response: TopicResults };
  readonly DeleteTopics: { readonly request: DeleteTopicsRequest; readonly response: TopicResults };
  readonly CreatePartitions: {
    readonly request: CreatePartitionsRequest;
    readonly response: TopicResults;
  };
  readonly IncrementalAlterConfigs: {
    readonly request: IncrementalAlterConfigsRequest;
    readonly response: TopicResults;
  };
  readonly ElectLeaders: {
    readonly request: ElectLeadersRequest;
    readonly response: ElectLeadersResponse;
  };
  readonly Vote: { readonly request: VoteRequest; readonly response: VoteResponse };
  readonly BeginQuorumEpoch: {
    readonly request: BeginQuorumEpochRequest;
    readonly response: QuorumEpochResponse;
  };
  readonly EndQuorumEpoch: {
    readonly request: EndQuorumEpochRequest;
    readonly response: QuorumEpochResponse;
  };
  readonly FetchMetadataLog: {
    readonly request: FetchMetadataLogRequest;
    readonly response: FetchMetadataLogResponse;
  };
  readonly AlterPartition: {
    readonly request: AlterPartitionRequest;
    readonly response: AlterPartitionResponse;
  };
  readonly BrokerRegistration: {
    readonly request: BrokerRegistrationRequest;
    readonly response: BrokerRegistrationResponse;
  };
  readonly BrokerHeartbeat: {
    readonly request: BrokerHeartbeatRequest;
    readonly response: BrokerHeartbeatResponse;
  };
  readonly AssignReplicasToDirs: {
    readonly request: AssignReplicasToDirsRequest;
    readonly response: AssignReplicasToDirsResponse;
  };
  readonly Envelope: { readonly request: EnvelopeRequest; readonly response: EnvelopeResponse };
}
export type ApiName = keyof KafkaProtocol;
export type Request<A extends ApiName> = KafkaProtocol[A]["request"];
export type Response<A extends ApiName> = KafkaProtocol[A]["response"];

/** Who answers an API: every broker, the partition's leader, or the quorum's controllers. */
export type Server = "broker" | "leader" | "controller" | "coordinator";

export interface KafkaApiRow<Req, Res> extends ApiRow<Req, Res> {
  readonly server: Server;
  readonly doc: string;
}

const HEADER = 40;
/** Rough size of one partition's entry in a request or response. */
const ENTRY = 36;

function row<A extends ApiName>(
  key: number,
  server: Server,
  doc: string,
  requestBytes: (request: Request<A>) => number,
  responseBytes: (response: Response<A>) => number,
): KafkaApiRow<Request<A>, Response<A>> {
  return { key, server, doc, requestBytes, responseBytes };
}

const entries = (n: number): number => HEADER + n * ENTRY;

function produceBytes(request: ProduceRequest): number {
  let bytes = HEADER;
  for (const { batch } of request.batches) bytes += ENTRY + batch.sizeBytes;
  return bytes;
}
function fetchedBytes(response: FetchResponse): number {
  let bytes = HEADER;
  for (const data of response.partitions) bytes += ENTRY + data.sizeBytes;
  return bytes;
}
function metadataBytes(response: MetadataResponse): number {
  let bytes = HEADER + response.brokers.length * 32;
  for (const topic of response.topics) bytes += 32 + topic.partitions.length * 64;
  return bytes;
}
function metadataLogBytes(response: FetchMetadataLogResponse): number {
  let bytes = HEADER;
  for (const batch of response.batches) bytes += 61 + batch.records.length * 100;
  return bytes;
}
const fixed = (): number => HEADER + ENTRY;

/** Key is Kafka's API key (FetchMetadataLog borrows a number beyond Kafka's range). */
export const APIS: { readonly [A in ApiName]: KafkaApiRow<Request<A>, Response<A>> } = {
  Produce: row<"Produce">(0, "leader", "Appends record batches to partitions.", produceBytes, (r) =>
    entries(r.partitions.length),
  ),
  Fetch: row<"Fetch">(
    1,
    "leader",
    "Reads record batches, as a follower or as a consumer.",
    (r) => entries(r.namedPartitions),
    fetchedBytes,
  ),
  ListOffsets: row<"ListOffsets">(
    2,
    "leader",
    "Offset by timestamp, earliest or latest.",
    (r) => entries(r.partitions.length),
    (r) => entries(r.partitions.length),
  ),
  Metadata: row<"Metadata">(
    3,
    "broker",
    "Brokers, topics, leaders and ISRs as this broker knows them.",
    (r) => entries(r.topics?.length ?? 0),
    metadataBytes,
  ),
  CreateTopics: row<"CreateTopics">(
    19,
    "controller",
    "Creates topics.",
    (r) => entries(r.topics.length),
    (r) => entries(r.topics.length),
  ),
  DeleteTopics: row<"DeleteTopics">(
    20,
    "controller",
    "Deletes topics.",
    (r) => entries(r.topics.length),
    (r) => entries(r.topics.length),
  ),
  OffsetForLeaderEpoch: row<"OffsetForLeaderEpoch">(
    23,
    "leader",
    "End offset of a leader epoch (KIP-101, KIP-279, KIP-320).",
    (r) => entries(r.partitions.length),
    (r) => entries(r.partitions.length),
  ),
  CreatePartitions: row<"CreatePartitions">(
    37,
    "controller",
    "Raises the partition count of topics.",
    (r) => entries(r.topics.length),
    (r) => entries(r.topics.length),
  ),
  ElectLeaders: row<"ElectLeaders">(
    43,
    "controller",
    "Preferred or unclean leader election (KIP-183, KIP-460).",
    (r) => entries(r.partitions?.length ?? 0),
    (r) => entries(r.partitions.length),
  ),
  IncrementalAlterConfigs: row<"IncrementalAlterConfigs">(
    44,
    "controller",
    "Changes settings of a topic or of brokers (KIP-339).",
    (r) => entries(r.changes.length),
    (r) => entries(r.topics.length),
  ),
  Vote: row<"Vote">(
    52,
    "controller",
    "A candidate of the quorum asks for a vote (KIP-595).",
    fixed,
    fixed,
  ),
  BeginQuorumEpoch: row<"BeginQuorumEpoch">(
    53,
    "controller",
    "A new quorum leader makes itself known (KIP-595).",
    fixed,
    fixed,
  ),
  EndQuorumEpoch: row<"EndQuorumEpoch">(
    54,
    "controller",
    "A resigning quorum leader names successors (KIP-595).",
    fixed,
    fixed,
  ),
  AlterPartition: row<"AlterPartition">(
    56,
    "controller",
    "A leader proposes a new ISR (KIP-497).",
    (r) => entries(r.partitions.length),
    (r) => entries(r.partitions.length),
  ),
  Envelope: row<"Envelope">(
    58,
    "controller",
    "A broker forwards a client's request to the active controller (KIP-590).",
    fixed,
    fixed,
  ),
  BrokerRegistration: row<"BrokerRegistration">(
    62,
    "controller",
    "A starting broker registers (KIP-631).",
    fixed,
    fixed,
  ),
  BrokerHeartbeat: row<"BrokerHeartbeat">(
    63,
    "controller",
    "A broker proves it is alive and asks to be unfenced (KIP-631).",
    fixed,
    fixed,
  ),
  AssignReplicasToDirs: row<"AssignReplicasToDirs">(
    73,
    "controller",
    "A broker tells in which log directory replicas lie (KIP-858).",
    (r) => entries(r.partitions.length),
    (r) => entries(r.partitions.length),
  ),
  FetchMetadataLog: row<"FetchMetadataLog">(
    1001,
    "controller",
    "Fetch (API key 1) of __cluster_metadata by voters and observers (KIP-595).",
    fixed,
    metadataLogBytes,
  ),
  ...GROUP_APIS,
};
