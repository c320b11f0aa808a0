// When a classic group takes a commit and when its offsets expire (ClassicGroup.validateOffsetCommit, offsetExpirationCondition).
import type { ErrorName } from "../../protocol/errors.ts";
import type { OffsetCommitRequest } from "../../protocol/group-apis.ts";
import type { Micros } from "../../sim/kernel.ts";
import type { ClassicGroup } from "./classic-group.ts";
import type { OffsetAndMetadata } from "./records.ts";

export function offsetCommitError(
  group: ClassicGroup,
  { memberId, groupInstanceId, generationId }: OffsetCommitRequest,
): ErrorName {
  if (group.state === "Dead") return "COORDINATOR_NOT_AVAILABLE";
  // A consumer without a group, or an administrator: only while nobody is in the group.
  if (generationId < 0 && group.state === "Empty") return "NONE";
  if (generationId < 0 && memberId === "" && groupInstanceId === undefined) {
    return "UNKNOWN_MEMBER_ID";
  }
  const error = group.memberError(memberId, groupInstanceId);
  if (error !== "NONE") return error;
  if (generationId !== group.generationId) return "ILLEGAL_GENERATION";
  // The member has its new generation already, so the commit is about partitions it may have lost.
  return group.state === "CompletingRebalance" ? "REBALANCE_IN_PROGRESS" : "NONE";
}

/** From when the retention of an offset counts; undefined: it does not expire now. */
export function retentionStart(
  group: ClassicGroup,
  { commitTimestamp }: OffsetAndMetadata,
): Micros | undefined {
  if (group.protocolType === undefined) return commitTimestamp;
  if (group.state === "Empty") return group.currentStateTimestamp;
  const isKnown = group.state === "Stable" && group.subscribedTopics !== undefined;
  return isKnown ? commitTimestamp : undefined;
}
