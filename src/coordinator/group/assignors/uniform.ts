// UniformAssignor: the group coordinator's default (KIP-848). Balanced first, then as close as possible to the last target; one
// algorithm for members with equal topics, another for all other groups.
import {
  areSubscriptionsEqual,
  type GroupAssignor,
  type GroupMember,
  inHashOrder,
  type PartitionCounts,
  type TargetAssignment,
} from "./assignor.ts";
import { assignHeterogeneous } from "./uniform-heterogeneous.ts";
import { assignHomogeneous } from "./uniform-homogeneous.ts";

export const uniformAssignor: GroupAssignor = { name: "uniform", assign: assignUniform };

function assignUniform(
  members: readonly GroupMember[],
  partitionsOf: PartitionCounts,
): TargetAssignment {
  if (members.every(({ topicIds }) => topicIds.length === 0)) return new Map();
  const ordered = inHashOrder(members);
  return areSubscriptionsEqual(ordered)
    ? assignHomogeneous(ordered, partitionsOf)
    : assignHeterogeneous(ordered, partitionsOf);
}
