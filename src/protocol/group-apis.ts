// APIs of producer ids, consumer groups and committed offsets: the part of the protocol that coordinators serve.
// Only the classic group protocol; subscriptions and assignments are plain data instead of opaque bytes.
import type { KafkaApiRow } from "./apis.ts";
import type { ErrorName } from "./errors.ts";
import type { LeaderEpoch, Offset, TopicPartition } from "./types.ts";

export interface InitProducerIdRequest {
  readonly transactionalId: string | undefined;
  readonly transactionTimeoutMs: number;
  /** -1 without one (KIP-360). */
  readonly producerId: number;
  readonly producerEpoch: number;
}
export interface InitProducerIdResponse {
  readonly error: ErrorName;
  readonly producerId: number;
  readonly producerEpoch: number;
}
/** A broker asks the controller for a block of producer ids (KIP-730). */
export interface AllocateProducerIdsRequest {
  readonly brokerId: number;
  readonly brokerEpoch: number;
}
export interface AllocateProducerIdsResponse {
  readonly error: ErrorName;
  readonly first: number;
  readonly count: number;
}

export interface FindCoordinatorRequest {
  readonly key: string;
  readonly keyType: "group" | "transaction";
}
export interface FindCoordinatorResponse {
  readonly error: ErrorName;
  /** -1 unknown. */
  readonly nodeId: number;
}

/** ConsumerProtocolSubscription. */
export interface Subscription {
  readonly topics: readonly string[];
  readonly ownedPartitions: readonly TopicPartition[];
  /** -1 unknown (KIP-792). */
  readonly generationId: number;
  readonly rackId: string | undefined;
  /** What an assignor keeps for itself (sticky). */
  readonly userData: unknown;
}
/** ConsumerProtocolAssignment. */
export interface Assignment {
  readonly partitions: readonly TopicPartition[];
  readonly userData: unknown;
}
export interface GroupMember {
  readonly memberId: string;
  readonly groupInstanceId: string | undefined;
  readonly subscription: Subscription;
}

export interface JoinGroupRequest {
  readonly groupId: string;
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
  /** "" for a member that has none yet. */
  readonly memberId: string;
  readonly groupInstanceId: string | undefined;
  readonly clientId: string;
  readonly clientHost: string;
  /** In order of preference. */
  readonly protocols: readonly { readonly name: string; readonly subscription: Subscription }[];
  readonly reason: string;
}
export interface JoinGroupResponse {
  readonly error: ErrorName;
  readonly generationId: number;
  readonly protocolName: string;
  readonly leader: string;
  /** KIP-814: a static leader that rejoins must not assign again. */
  readonly skipAssignment: boolean;
  readonly memberId: string;
  /** For the leader only. */
  readonly members: readonly GroupMember[];
}
export interface SyncGroupRequest {
  readonly groupId: string;
  readonly generationId: number;
  readonly memberId: string;
  readonly groupInstanceId: string | undefined;
  readonly assignments: readonly { readonly memberId: string; readonly assignment: Assignment }[];
}
export interface SyncGroupResponse {
  readonly error: ErrorName;
  readonly assignment: Assignment;
}
export interface HeartbeatRequest {
  readonly groupId: string;
  readonly generationId: number;
  readonly memberId: string;
  readonly groupInstanceId: string | undefined;
}
export interface ErrorResponse {
  readonly error: ErrorName;
}
export interface LeaveGroupRequest {
  readonly groupId: string;
  readonly members: readonly {
    readonly memberId: string;
    readonly groupInstanceId: string | undefined;
    readonly reason: string;
  }[];
}
export interface LeaveGroupResponse {
  readonly error: ErrorName;
  readonly members: readonly { readonly memberId: string; readonly error: ErrorName }[];
}

export interface CommittedOffset {
  readonly partition: TopicPartition;
  readonly offset: Offset;
  /** -1 unknown. */
  readonly leaderEpoch: LeaderEpoch;
  readonly metadata: string;
}
export interface OffsetCommitRequest {
  readonly groupId: string;
  /** -1 for a consumer that is not a member. */
  readonly generationId: number;
  readonly memberId: string;
  readonly groupInstanceId: string | undefined;
  readonly offsets: readonly CommittedOffset[];
}
export interface OffsetCommitResponse {
  readonly partitions: readonly { readonly partition: TopicPartition; readonly error: ErrorName }[];
}
export interface OffsetFetchRequest {
  readonly groupId: string;
  /** undefined: all. */
  readonly partitions: readonly TopicPartition[] | undefined;
  readonly requireStable: boolean;
}
export interface OffsetFetchResponse {
  readonly error: ErrorName;
  /** offset -1: none committed. */
  readonly partitions: readonly (CommittedOffset & { readonly error: ErrorName })[];
}
export type GroupState = "PreparingRebalance" | "CompletingRebalance" | "Stable" | "Dead" | "Empty";
export interface DescribeGroupsRequest {
  readonly groups: readonly string[];
}
export interface DescribedGroup {
  readonly error: ErrorName;
  readonly groupId: string;
  readonly state: GroupState;
  readonly protocolType: string;
  readonly protocolName: string;
  readonly generationId: number;
  readonly members: readonly {
    readonly memberId: string;
    readonly groupInstanceId: string | undefined;
    readonly clientId: string;
    readonly clientHost: string;
    readonly assignment: readonly TopicPartition[];
  }[];
}
export interface DescribeGroupsResponse {
  readonly groups: readonly DescribedGroup[];
}
export interface DeleteGroupsRequest {
  readonly groups: readonly string[];
}
export interface DeleteGroupsResponse {
  readonly groups: readonly { readonly groupId: string; readonly error: ErrorName }[];
}

export interface GroupProtocol {
  readonly InitProducerId: {
    readonly request: InitProducerIdRequest;
    readonly response: InitProducerIdResponse;
  };
  readonly AllocateProducerIds: {
    readonly request: AllocateProducerIdsRequest;
    readonly response: AllocateProducerIdsResponse;
  };
  readonly FindCoordinator: {
    readonly request: FindCoordinatorRequest;
    readonly response: FindCoordinatorResponse;
  };
  readonly JoinGroup: { readonly request: JoinGroupRequest; readonly response: JoinGroupResponse };
  readonly SyncGroup: { readonly request: SyncGroupRequest; readonly response: SyncGroupResponse };
  readonly Heartbeat: { readonly request: HeartbeatRequest; readonly response: ErrorResponse };
  readonly LeaveGroup: {
    readonly request: LeaveGroupRequest;
    readonly response: LeaveGroupResponse;
  };
  readonly OffsetCommit: {
    readonly request: OffsetCommitRequest;
    readonly response: OffsetCommitResponse;
  };
  readonly OffsetFetch: {
    readonly request: OffsetFetchRequest;
    readonly response: OffsetFetchResponse;
  };
  readonly DescribeGroups: {
    readonly request: DescribeGroupsRequest;
    readonly response: DescribeGroupsResponse;
  };
  readonly DeleteGroups: {
    readonly request: DeleteGroupsRequest;
    readonly response: DeleteGroupsResponse;
  };
}

type Req<A extends keyof GroupProtocol> = GroupProtocol[A]["request"];
type Res<A extends keyof GroupProtocol> = GroupProtocol[A]["response"];

const HEADER = 40;
const ENTRY = 36;
const entries = (n: number): number => HEADER + n * ENTRY;
const fixed = (): number => HEADER + ENTRY;

function row<A extends keyof GroupProtocol>(
  key: number,
  server: KafkaApiRow<unknown, unknown>["server"],
  doc: string,
  requestBytes: (request: Req<A>) => number,
  responseBytes: (response: Res<A>) => number,
): KafkaApiRow<Req<A>, Res<A>> {
  return { key, server, doc, requestBytes, responseBytes };
}

function joinBytes(request: JoinGroupRequest): number {
  let bytes = HEADER + 60;
  for (const { subscription } of request.protocols)
    bytes += 40 + subscription.topics.length * 20 + subscription.ownedPartitions.length * 8;
  return bytes;
}
function syncBytes(request: SyncGroupRequest): number {
  let bytes = HEADER + 60;
  for (const { assignment } of request.assignments) bytes += 60 + assignment.partitions.length * 8;
  return bytes;
}

export const GROUP_APIS: { readonly [A in keyof GroupProtocol]: KafkaApiRow<Req<A>, Res<A>> } = {
  InitProducerId: row<"InitProducerId">(
    22,
    "broker",
    "A producer id and epoch (KIP-98, KIP-360).",
    fixed,
    fixed,
  ),
  AllocateProducerIds: row<"AllocateProducerIds">(
    67,
    "controller",
    "A block of producer ids for a broker (KIP-730).",
    fixed,
    fixed,
  ),
  FindCoordinator: row<"FindCoordinator">(
    10,
    "broker",
    "Which broker coordinates a group.",
    fixed,
    fixed,
  ),
  JoinGroup: row<"JoinGroup">(
    11,
    "coordinator",
    "A consumer joins a group, or joins it again.",
    joinBytes,
    (r) => entries(r.members.length + 1),
  ),
  SyncGroup: row<"SyncGroup">(
    14,
    "coordinator",
    "The group leader hands in the assignment; members fetch theirs.",
    syncBytes,
    (r) => entries(r.assignment.partitions.length),
  ),
  Heartbeat: row<"Heartbeat">(12, "coordinator", "A member is alive.", fixed, fixed),
  LeaveGroup: row<"LeaveGroup">(
    13,
    "coordinator",
    "Members leave a group.",
    (r) => entries(r.members.length),
    (r) => entries(r.members.length),
  ),
  OffsetCommit: row<"OffsetCommit">(
    8,
    "coordinator",
    "Commits offsets of a group.",
    (r) => entries(r.offsets.length),
    (r) => entries(r.partitions.length),
  ),
  OffsetFetch: row<"OffsetFetch">(
    9,
    "coordinator",
    "Committed offsets of a group.",
    (r) => entries(r.partitions?.length ?? 0),
    (r) => entries(r.partitions.length),
  ),
  DescribeGroups: row<"DescribeGroups">(
    15,
    "coordinator",
    "State and members of groups.",
    (r) => entries(r.groups.length),
    (r) => entries(r.groups.length),
  ),
  DeleteGroups: row<"DeleteGroups">(
    42,
    "coordinator",
    "Deletes empty groups.",
    (r) => entries(r.groups.length),
    (r) => entries(r.groups.length),
  ),
};
