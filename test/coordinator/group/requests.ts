// Requests of group members with sensible defaults, so that a test names what it is about.
import type {
  Assignment,
  JoinGroupRequest,
  LeaveGroupRequest,
  OffsetCommitRequest,
  Subscription,
  SyncGroupRequest,
} from "../../../src/protocol/group-apis.ts";
import type { TopicPartition } from "../../../src/protocol/types.ts";

export const subscription = (...topics: string[]): Subscription => ({
  topics,
  ownedPartitions: [],
  generationId: -1,
  rackId: undefined,
  userData: undefined,
});

export const protocols = (...names: string[]): JoinGroupRequest["protocols"] =>
  names.map((name) => ({ name, subscription: subscription("orders") }));

export const joinRequest = (change: Partial<JoinGroupRequest> = {}): JoinGroupRequest => ({
  groupId: "my-group",
  sessionTimeoutMs: 10_000,
  rebalanceTimeoutMs: 30_000,
  memberId: "",
  groupInstanceId: undefined,
  clientId: "client",
  clientHost: "/10.0.0.1",
  protocols: protocols("range"),
  reason: "",
  ...change,
});

export const assignmentOf = (...partitions: TopicPartition[]): Assignment => ({
  partitions,
  userData: undefined,
});

export const syncRequest = (
  memberId: string,
  generationId: number,
  assignments: Readonly<Record<string, Assignment>> = {},
  change: Partial<SyncGroupRequest> = {},
): SyncGroupRequest => ({
  groupId: "my-group",
  generationId,
  memberId,
  groupInstanceId: undefined,
  assignments: Object.entries(assignments).map(([id, assignment]) => ({
    memberId: id,
    assignment,
  })),
  ...change,
});

export const heartbeatRequest = (
  memberId: string,
  generationId: number,
  groupInstanceId?: string,
) => ({ groupId: "my-group", memberId, generationId, groupInstanceId });

export const leaveRequest = (
  ...members: { memberId?: string; groupInstanceId?: string }[]
): LeaveGroupRequest => ({
  groupId: "my-group",
  members: members.map(({ memberId = "", groupInstanceId }) => ({
    memberId,
    groupInstanceId,
    reason: "",
  })),
});

export const commitRequest = (
  partition: TopicPartition,
  offset: number,
  change: Partial<OffsetCommitRequest> & { metadata?: string } = {},
): OffsetCommitRequest => {
  const { metadata = "", ...rest } = change;
  return {
    groupId: "my-group",
    generationId: -1,
    memberId: "",
    groupInstanceId: undefined,
    offsets: [{ partition, offset, leaderEpoch: -1, metadata }],
    ...rest,
  };
};
