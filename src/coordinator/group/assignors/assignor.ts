// ConsumerGroupPartitionAssignor: how the group coordinator divides the partitions of a group of the consumer protocol (KIP-848).
// Pure. Left out: racks, which no assignor of the coordinator looks at, and topics that an administrator has closed to assignment.
import { JavaHashMap, JavaHashSet, stringHash } from "../../../protocol/java-hash.ts";
import { uuidHash } from "../../../protocol/uuid.ts";

/** By topic id (Kafka's Uuid as text): partitions. */
export type TopicPartitions = ReadonlyMap<string, readonly number[]>;

export interface GroupMember {
  readonly memberId: string;
  readonly instanceId?: string | undefined;
  readonly topicIds: readonly string[];
  /** The last target assignment. */
  readonly target: TopicPartitions;
}

/** Number of partitions of a subscribed topic, each of which exists. */
export type PartitionCounts = (topicId: string) => number;

/** By member id; a member without an entry gets nothing. */
export type TargetAssignment = ReadonlyMap<string, TopicPartitions>;

export interface GroupAssignor {
  readonly name: "uniform" | "range";
  assign(members: readonly GroupMember[], partitionsOf: PartitionCounts): TargetAssignment;
}

/** Members as TargetAssignmentBuilder hands them to an assignor: in a HashMap by id. */
export function inHashOrder(members: readonly GroupMember[]): GroupMember[] {
  const byId = new JavaHashMap<string, GroupMember>(stringHash);
  for (const member of members) byId.set(member.memberId, member);
  return [...byId.values()];
}

/** Do all members subscribe to the same topics (SubscriptionType.HOMOGENEOUS)? */
export function areSubscriptionsEqual(members: readonly GroupMember[]): boolean {
  const expected = new Set(members[0]?.topicIds);
  return members.every(
    ({ topicIds }) =>
      new Set(topicIds).size === expected.size && topicIds.every((topic) => expected.has(topic)),
  );
}

/** Topic ids in the order of a HashSet. */
export function topicsInHashOrder(topicIds: Iterable<string>): string[] {
  const topics = new JavaHashSet<string>(uuidHash);
  for (const topicId of topicIds) topics.add(topicId);
  return [...topics];
}

/** An assignment as it comes back from its record (Assignment.fromRecord): topics in a HashMap, partitions in a HashSet each. */
export function targetInHashOrder(target: TopicPartitions): [string, number[]][] {
  const topics = new JavaHashMap<string, readonly number[]>(uuidHash);
  for (const [topicId, partitions] of target) topics.set(topicId, partitions);
  return [...topics].map(([topicId, partitions]) => [topicId, inSetOrder(partitions)]);
}

/** new HashSet<>(partitions): Integer.hashCode is the number itself. */
function inSetOrder(partitions: readonly number[]): number[] {
  const capacity = Math.max(Math.floor(partitions.length / 0.75) + 1, 16);
  const set = new JavaHashSet<number>((partition) => partition, Object.is, capacity);
  for (const partition of partitions) set.add(partition);
  return [...set];
}
