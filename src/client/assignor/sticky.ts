// StickyAssignor (KIP-54) and CooperativeStickyAssignor (KIP-429): balanced, and as close as possible to the previous assignment. The
// first is eager and remembers in user data; the second leaves partitions with their owners until these have given them up.
import { JavaHashMap, stringHash } from "../../protocol/java-hash.ts";
import type {
  AssignedPartition,
  Assignor,
  AssignorUserData,
  MemberSubscription,
} from "./assignor.ts";
import { Group } from "./group.ts";
import { assignConstrained, withhold } from "./sticky-constrained.ts";
import { assignGeneral } from "./sticky-general.ts";
import { type MemberData, type MemberDataOf, ownershipOf } from "./sticky-ownership.ts";
import { RackInfo } from "./sticky-racks.ts";

export const stickyAssignor: Assignor = {
  name: "sticky",
  supportedProtocols: ["EAGER"],
  assign: (cluster, members) => {
    const group = new Group(cluster, members);
    return group.inJoinOrder(assignSticky(group, stickyMemberData).assignment);
  },
  subscriptionUserData: (last, generation) =>
    last === undefined ? undefined : { partitions: groupedByTopic(last), generation },
};

export const cooperativeStickyAssignor: Assignor = {
  name: "cooperative-sticky",
  supportedProtocols: ["COOPERATIVE", "EAGER"],
  assign: (cluster, members) => assignCooperative(cluster, members, withhold),
  subscriptionUserData: (_, generation): AssignorUserData => ({ generation }),
};

/** The defect cooperative-hands-over-at-once: nobody waits for the old owners. */
export const assignAtOnce: Assignor["assign"] = (cluster, members) =>
  assignCooperative(cluster, members, () => undefined);

function assignCooperative(
  cluster: Parameters<Assignor["assign"]>[0],
  members: readonly MemberSubscription[],
  withholding: typeof withhold,
): ReturnType<Assignor["assign"]> {
  const group = new Group(cluster, members);
  const { assignment, transferring } = assignSticky(group, cooperativeMemberData);
  withholding(assignment, transferring ?? ownersChanged(group, assignment));
  return group.inJoinOrder(assignment);
}

interface StickyAssignment {
  readonly assignment: Map<string, AssignedPartition[]>;
  /** Undefined when topics differ: the cooperative assignor then compares all members. */
  readonly transferring: ReadonlyMap<AssignedPartition, string> | undefined;
}

function assignSticky(group: Group, memberDataOf: MemberDataOf): StickyAssignment {
  if (group.members.length === 0) return { assignment: new Map(), transferring: new Map() };
  const racks = new RackInfo(group);
  const ownership = ownershipOf(group, memberDataOf);
  if (ownership.subscriptionsEqual) return assignConstrained(group, racks, ownership);
  return {
    assignment: assignGeneral(group, racks, ownership, memberDataOf),
    transferring: undefined,
  };
}

/** Eager members have revoked everything when they join: only user data tells what they had. */
const stickyMemberData = (member: MemberSubscription): MemberData => ({
  partitions: member.userData?.partitions ?? [],
  generation: member.userData?.generation,
});

/** The generation is in the subscription since KIP-792 (3.5), and was in the user data before. */
const cooperativeMemberData = (member: MemberSubscription): MemberData => ({
  partitions: member.ownedPartitions,
  generation: member.generationId >= 0 ? member.generationId : member.userData?.generation,
});

/** Partitions added to one member that another one has to revoke (computePartitionsTransferringOwnership). */
function ownersChanged(
  group: Group,
  assignment: ReadonlyMap<string, readonly AssignedPartition[]>,
): Map<AssignedPartition, string> {
  const added = new Map<AssignedPartition, string>();
  const revoked = new Set<AssignedPartition>();
  for (const member of group.members) {
    const owned = new Set(group.existing(member.ownedPartitions));
    const assigned = new Set(assignment.get(member.memberId));
    for (const partition of assigned)
      if (!owned.has(partition)) added.set(partition, member.memberId);
    for (const partition of owned) if (!assigned.has(partition)) revoked.add(partition);
  }
  return new Map([...added].filter(([partition]) => revoked.has(partition)));
}

/** The order in which StickyAssignor writes an assignment: topics as in Java's HashMap. */
function groupedByTopic(partitions: readonly AssignedPartition[]): AssignedPartition[] {
  const byTopic = new JavaHashMap<string, AssignedPartition[]>(stringHash);
  for (const partition of partitions) {
    byTopic.computeIfAbsent(partition.topic, () => []).push(partition);
  }
  return [...byTopic.values()].flat();
}
