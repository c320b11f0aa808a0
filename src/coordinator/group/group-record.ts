// A group as the record that survives its coordinator (newGroupMetadataRecord): its generation and each member's assignment.
import type { Assignment } from "../../protocol/group-apis.ts";
import type { ClassicGroup } from "./classic-group.ts";
import { EMPTY_ASSIGNMENT } from "./classic-member.ts";
import type { CoordinatorRecord } from "./records.ts";

export function groupRecord(
  group: ClassicGroup,
  assignments: ReadonlyMap<string, Assignment>,
): CoordinatorRecord {
  const { groupId, generationId, protocolName, leaderId, currentStateTimestamp } = group;
  const members = group.members.map((member) =>
    member.toMetadata(protocolName, assignments.get(member.memberId) ?? EMPTY_ASSIGNMENT),
  );
  const protocolType = group.protocolType ?? "";
  const value = { generationId, protocolType, protocolName, leader: leaderId };
  return {
    type: "GroupMetadata",
    group: groupId,
    value: { ...value, currentStateTimestamp, members },
  };
}

/** Written when a group is made, so that it is known before its first generation. */
export const emptyGroupRecord = (group: ClassicGroup): CoordinatorRecord => ({
  type: "GroupMetadata",
  group: group.groupId,
  value: {
    generationId: 0,
    protocolType: "",
    protocolName: undefined,
    leader: undefined,
    currentStateTimestamp: group.currentStateTimestamp,
    members: [],
  },
});

export const groupTombstone = (group: string): CoordinatorRecord => ({
  type: "GroupMetadata",
  group,
  value: undefined,
});
