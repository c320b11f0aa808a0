// The answers of a group coordinator, with Kafka's defaults for what an error leaves out.
import type { ErrorName } from "../../protocol/errors.ts";
import type {
  GroupMember,
  JoinGroupResponse,
  SyncGroupResponse,
} from "../../protocol/group-apis.ts";
import type { ClassicGroup } from "./classic-group.ts";
import { type ClassicMember, EMPTY_ASSIGNMENT } from "./classic-member.ts";

export const joinError = (memberId: string, error: ErrorName): JoinGroupResponse => ({
  error,
  generationId: -1,
  protocolName: "",
  leader: "",
  skipAssignment: false,
  memberId,
  members: [],
});

/** The group's current generation, as this member is told of it. */
export const joined = (
  group: ClassicGroup,
  memberId: string,
  members: readonly GroupMember[],
): JoinGroupResponse => ({
  error: "NONE",
  generationId: group.generationId,
  protocolName: group.protocolName ?? "",
  leader: group.leaderId ?? "",
  skipAssignment: false,
  memberId,
  members,
});

export const synced = (member: ClassicMember, error: ErrorName = "NONE"): SyncGroupResponse => ({
  error,
  assignment: member.assignment,
});

export const syncError = (error: ErrorName): SyncGroupResponse => ({
  error,
  assignment: EMPTY_ASSIGNMENT,
});
