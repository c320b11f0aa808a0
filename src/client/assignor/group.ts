// The leader's view of a group before it assigns: members, subscribed topics and their partitions, in the orders in which Java's
// HashMap hands them to the assignors (AbstractPartitionAssignor.assign, ConsumerCoordinator.onLeaderElected).
import { JavaHashMap, JavaHashSet, stringHash } from "../../protocol/java-hash.ts";
import type {
  AssignedPartition,
  AssignorCluster,
  GroupAssignment,
  MemberSubscription,
} from "./assignor.ts";

export class Group {
  /** In the order in which the leader's map of subscriptions iterates. */
  readonly members: readonly MemberSubscription[];
  /** The subscribed topics that exist, in the order of the leader's map, with their partitions by number. */
  readonly topics: ReadonlyMap<string, readonly AssignedPartition[]>;
  readonly #joined: readonly MemberSubscription[];
  readonly #cluster: AssignorCluster;

  constructor(cluster: AssignorCluster, joined: readonly MemberSubscription[]) {
    this.#cluster = cluster;
    this.#joined = joined;
    const subscriptions = new JavaHashMap<string, MemberSubscription>(stringHash);
    for (const member of joined) subscriptions.set(member.memberId, member);
    this.members = [...subscriptions.values()];
    this.topics = topicsOf(cluster, this.members);
  }

  /** Our object for a partition, so that it can be compared by identity; undefined if it is not, or no longer, there. */
  partition(of: AssignedPartition): AssignedPartition | undefined {
    return this.topics.get(of.topic)?.[of.partition];
  }

  /**
   * The partitions among `claimed` that exist. Kafka keeps those beyond the end of a topic that was created again with fewer
   * partitions, and then fails or assigns twice; that is left out.
   */
  existing(claimed: readonly AssignedPartition[]): AssignedPartition[] {
    return claimed.flatMap((partition) => this.partition(partition) ?? []);
  }

  racksOf(partition: AssignedPartition): ReadonlySet<string> {
    const racks = this.#cluster.racksOf?.(partition.topic, partition.partition) ?? [];
    return new Set(racks.filter((rack) => rack !== undefined));
  }

  /** An empty assignment for every member, in the order in which they joined. */
  noAssignment(): Map<string, AssignedPartition[]> {
    return new Map(this.#joined.map((member) => [member.memberId, []]));
  }

  /** The same assignment with members in the order in which they joined. */
  inJoinOrder(assignment: ReadonlyMap<string, readonly AssignedPartition[]>): GroupAssignment {
    return new Map(
      this.#joined.map((member) => [member.memberId, assignment.get(member.memberId) ?? []]),
    );
  }
}

function topicsOf(
  cluster: AssignorCluster,
  members: readonly MemberSubscription[],
): Map<string, readonly AssignedPartition[]> {
  const subscribed = new JavaHashSet<string>(stringHash);
  for (const member of members) for (const topic of member.topics) subscribed.add(topic);
  const topics = new JavaHashMap<string, readonly AssignedPartition[]>(stringHash);
  for (const topic of subscribed) {
    const count = cluster.partitionsOf(topic) ?? 0;
    if (count > 0)
      topics.set(
        topic,
        Array.from({ length: count }, (_, p) => ({ topic, partition: p })),
      );
  }
  return new Map(topics);
}

/** Java's order of strings: UTF-16 code units. */
export const compareStrings = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

export const compareByTopic = (a: AssignedPartition, b: AssignedPartition): number =>
  compareStrings(a.topic, b.topic) || a.partition - b.partition;

/** MemberInfo.compareTo (KIP-345): static members first, by instance id; then dynamic ones by member id. */
export function compareMembers(a: MemberSubscription, b: MemberSubscription): number {
  if (a.groupInstanceId !== undefined && b.groupInstanceId !== undefined) {
    return compareStrings(a.groupInstanceId, b.groupInstanceId);
  }
  if (a.groupInstanceId !== undefined) return -1;
  if (b.groupInstanceId !== undefined) return 1;
  return compareStrings(a.memberId, b.memberId);
}
