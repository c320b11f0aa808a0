// UniformHomogeneousAssignmentBuilder (4.0): members with the same topics. Each keeps what it has up to its quota; what is over, and
// what nobody has, goes to those below theirs.
import {
  type GroupMember,
  type PartitionCounts,
  type TargetAssignment,
  targetInHashOrder,
  topicsInHashOrder,
} from "./assignor.ts";

interface TopicPartition {
  readonly topicId: string;
  readonly partition: number;
}

interface Unfilled {
  readonly assignment: Map<string, number[]>;
  readonly remainingQuota: number;
}

/** `members`: at least one, in the order of their map. */
export function assignHomogeneous(
  members: readonly GroupMember[],
  partitionsOf: PartitionCounts,
): TargetAssignment {
  const topics = topicsInHashOrder((members[0] as GroupMember).topicIds);
  const unassigned = neverAssigned(members, topics, partitionsOf);
  const total = topics.reduce((sum, topicId) => sum + partitionsOf(topicId), 0);
  const minimumQuota = Math.floor(total / members.length);
  let extra = total % members.length;
  const target = new Map<string, Map<string, number[]>>();
  const unfilled: Unfilled[] = [];

  for (const [index, member] of members.entries()) {
    let mayHaveExtra = extra > 0;
    const kept = keep(member, new Set(topics), minimumQuota + (mayHaveExtra ? 1 : 0));
    let { remainingQuota } = kept;
    // Who does not need the extra partition leaves it to another, as long as enough others come.
    if (remainingQuota > 0 && mayHaveExtra && members.length - index > extra) {
      remainingQuota--;
      mayHaveExtra = false;
    }
    if (remainingQuota > 0) unfilled.push({ assignment: kept.assignment, remainingQuota });
    if (mayHaveExtra) extra--;
    unassigned.push(...kept.revoked);
    target.set(member.memberId, kept.assignment);
  }
  giveOut(unassigned, unfilled);
  return target;
}

function neverAssigned(
  members: readonly GroupMember[],
  topics: readonly string[],
  partitionsOf: PartitionCounts,
): TopicPartition[] {
  const assigned = new Map(topics.map((topicId) => [topicId, new Set<number>()]));
  for (const { target } of members) {
    for (const [topicId, partitions] of target) {
      for (const partition of partitions) assigned.get(topicId)?.add(partition);
    }
  }
  return topics.flatMap((topicId) =>
    Array.from({ length: partitionsOf(topicId) }, (_, partition) => ({
      topicId,
      partition,
    })).filter(({ partition }) => assigned.get(topicId)?.has(partition) === false),
  );
}

interface Kept {
  readonly assignment: Map<string, number[]>;
  readonly revoked: readonly TopicPartition[];
  readonly remainingQuota: number;
}

function keep(member: GroupMember, topics: ReadonlySet<string>, quota: number): Kept {
  const assignment = new Map<string, number[]>();
  const revoked: TopicPartition[] = [];
  let remainingQuota = quota;
  for (const [topicId, partitions] of targetInHashOrder(member.target)) {
    if (!topics.has(topicId)) continue;
    const kept = partitions.slice(0, remainingQuota);
    remainingQuota -= kept.length;
    if (kept.length > 0) assignment.set(topicId, kept);
    for (const partition of partitions.slice(kept.length)) revoked.push({ topicId, partition });
  }
  return { assignment, revoked, remainingQuota };
}

function giveOut(unassigned: readonly TopicPartition[], unfilled: readonly Unfilled[]): void {
  let next = 0;
  for (const { assignment, remainingQuota } of unfilled) {
    for (const { topicId, partition } of unassigned.slice(next, next + remainingQuota)) {
      const partitions = assignment.get(topicId);
      if (partitions === undefined) assignment.set(topicId, [partition]);
      else partitions.push(partition);
    }
    next += remainingQuota;
  }
}
