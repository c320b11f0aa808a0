// RangeAssignor of the group coordinator: topic by topic contiguous ranges to the members, static ones first (KIP-848).
import type { GroupAssignor, GroupMember, PartitionCounts, TargetAssignment } from "./assignor.ts";

export const groupRangeAssignor: GroupAssignor = { name: "range", assign: assignRange };

/** One topic while its partitions are given out. */
interface TopicRange {
  readonly quota: number;
  /** Members that still get one partition more. */
  extra: number;
  next: number;
}

function assignRange(
  members: readonly GroupMember[],
  partitionsOf: PartitionCounts,
): TargetAssignment {
  const subscribers = new Map<string, number>();
  for (const topicId of members.flatMap((member) => member.topicIds)) {
    subscribers.set(topicId, (subscribers.get(topicId) ?? 0) + 1);
  }
  const ranges = new Map(
    [...subscribers].map(([topicId, count]): [string, TopicRange] => {
      const partitions = partitionsOf(topicId);
      return [
        topicId,
        { quota: Math.floor(partitions / count), extra: partitions % count, next: 0 },
      ];
    }),
  );
  const sorted = [...members].sort(compareMembers);
  return new Map(sorted.map((member) => [member.memberId, rangesFor(member, ranges)]));
}

function rangesFor(
  member: GroupMember,
  ranges: ReadonlyMap<string, TopicRange>,
): Map<string, number[]> {
  const assignment = new Map<string, number[]>();
  for (const topicId of member.topicIds) {
    const range = ranges.get(topicId) as TopicRange;
    const count = range.quota + (range.extra-- > 0 ? 1 : 0);
    if (count > 0) {
      assignment.set(
        topicId,
        Array.from({ length: count }, (_, i) => range.next + i),
      );
    }
    range.next += count;
  }
  return assignment;
}

function compareMembers(a: GroupMember, b: GroupMember): number {
  if (a.instanceId !== undefined && b.instanceId !== undefined) {
    return compare(a.instanceId, b.instanceId);
  }
  if (a.instanceId !== undefined) return -1;
  if (b.instanceId !== undefined) return 1;
  return compare(a.memberId, b.memberId);
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
