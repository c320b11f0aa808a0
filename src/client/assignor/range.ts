// RangeAssignor: topic by topic, contiguous ranges of partitions to the members in order; with racks (KIP-881, 3.4) those first
// that a member can read in its own rack, as far as balance and co-partitioning allow.
import type {
  AssignedPartition,
  Assignor,
  AssignorCluster,
  GroupAssignment,
  MemberSubscription,
} from "./assignor.ts";
import { compareByTopic, compareMembers, Group } from "./group.ts";
import { rackOf, useRackAwareAssignment } from "./racks.ts";

export const rangeAssignor: Assignor = {
  name: "range",
  supportedProtocols: ["EAGER"],
  assign: assignRange,
  subscriptionUserData: () => undefined,
};

type Assignment = Map<string, AssignedPartition[]>;

function assignRange(
  cluster: AssignorCluster,
  joined: readonly MemberSubscription[],
): GroupAssignment {
  const group = new Group(cluster, joined);
  const ranges = [...group.topics.keys()].map((topic) => new TopicRange(group, topic));
  const assignment = group.noAssignment();
  const useRackAware = ranges.some((range) => range.needsRackAwareAssignment);
  if (useRackAware) assignWithRackMatching(ranges, assignment);
  for (const range of ranges) assignRanges(range, () => true, assignment);
  // Without racks topics stay in the order of the leader's map.
  if (useRackAware) for (const partitions of assignment.values()) partitions.sort(compareByTopic);
  return assignment;
}

function assignRanges(
  range: TopicRange,
  mayAssign: (consumer: string, partition: AssignedPartition) => boolean,
  assignment: Assignment,
): void {
  for (const consumer of range.consumers) {
    const assignable = [...range.unassigned].filter((partition) => mayAssign(consumer, partition));
    range.assign(consumer, assignable.slice(0, range.maxAssignable(consumer)), assignment);
  }
}

/** Topics with the same subscribers and the same number of partitions stay co-partitioned, even at the price of racks. */
function assignWithRackMatching(ranges: readonly TopicRange[], assignment: Assignment): void {
  const groups = new Map<string, TopicRange[]>();
  for (const range of ranges) {
    const key = JSON.stringify([range.rackedPartitions, range.consumers]);
    const known = groups.get(key);
    if (known === undefined) groups.set(key, [range]);
    else known.push(range);
  }
  for (const group of groups.values()) {
    const [first] = group as [TopicRange];
    if (group.length > 1) assignCoPartitioned(group, first, assignment);
    else if (first.needsRackAwareAssignment) {
      assignRanges(
        first,
        (consumer, partition) => first.racksMatch(consumer, partition),
        assignment,
      );
    }
  }
}

function assignCoPartitioned(
  group: readonly TopicRange[],
  first: TopicRange,
  assignment: Assignment,
): void {
  const remaining = new Set(first.consumers);
  for (let p = 0; p < first.rackedPartitions; p++) {
    const consumer = [...remaining].find((candidate) =>
      group.every(
        (range) => range.racksMatch(candidate, range.at(p)) && range.maxAssignable(candidate) > 0,
      ),
    );
    if (consumer === undefined) continue;
    for (const range of group) range.assign(consumer, [range.at(p)], assignment);
    if (!group.some((range) => range.maxAssignable(consumer) > 0)) remaining.delete(consumer);
  }
}

/** One topic while its partitions are given out (TopicAssignmentState). */
class TopicRange {
  readonly consumers: readonly string[];
  readonly needsRackAwareAssignment: boolean;
  readonly unassigned: Set<AssignedPartition>;
  readonly #partitions: readonly AssignedPartition[];
  readonly #consumerRacks = new Map<string, string>();
  readonly #partitionRacks = new Map<AssignedPartition, ReadonlySet<string>>();
  readonly #assigned = new Map<string, number>();
  readonly #perConsumer: number;
  #consumersWithExtra: number;

  constructor(group: Group, topic: string) {
    const members = group.members
      .filter((member) => member.topics.includes(topic))
      .sort(compareMembers);
    this.#partitions = group.topics.get(topic) ?? [];
    this.consumers = members.map((member) => member.memberId);
    this.unassigned = new Set(this.#partitions);
    this.#perConsumer = Math.floor(this.#partitions.length / members.length);
    this.#consumersWithExtra = this.#partitions.length % members.length;
    for (const member of members) {
      const rack = rackOf(member);
      if (rack !== undefined) this.#consumerRacks.set(member.memberId, rack);
    }
    if (this.#consumerRacks.size > 0) {
      for (const partition of this.#partitions) {
        this.#partitionRacks.set(partition, group.racksOf(partition));
      }
    }
    this.needsRackAwareAssignment = useRackAwareAssignment(
      new Set(this.#consumerRacks.values()),
      this.#partitionRacks.values(),
    );
  }

  /** Partitions whose racks were looked up: none when no subscriber has a rack. */
  get rackedPartitions(): number {
    return this.#partitionRacks.size;
  }

  at(partition: number): AssignedPartition {
    return this.#partitions[partition] as AssignedPartition;
  }

  racksMatch(consumer: string, partition: AssignedPartition): boolean {
    const rack = this.#consumerRacks.get(consumer);
    return rack === undefined || this.#partitionRacks.get(partition)?.has(rack) === true;
  }

  maxAssignable(consumer: string): number {
    const quota = this.#perConsumer + (this.#consumersWithExtra > 0 ? 1 : 0);
    return Math.max(0, quota - (this.#assigned.get(consumer) ?? 0));
  }

  assign(consumer: string, partitions: readonly AssignedPartition[], assignment: Assignment): void {
    if (partitions.length === 0) return;
    assignment.get(consumer)?.push(...partitions);
    const assigned = (this.#assigned.get(consumer) ?? 0) + partitions.length;
    this.#assigned.set(consumer, assigned);
    if (assigned > this.#perConsumer) this.#consumersWithExtra--;
    for (const partition of partitions) this.unassigned.delete(partition);
  }
}
