// Who owned what before (AbstractStickyAssignor.allSubscriptionsEqual): members that missed a generation may claim partitions that
// are others' by now, and two members of one generation may claim the same (KIP-792, KAFKA-12984).
import type { AssignedPartition, MemberSubscription } from "./assignor.ts";
import type { Group } from "./group.ts";

export const DEFAULT_GENERATION = -1;

/** What a member says of its previous assignment: each assignor keeps it in another place. */
export interface MemberData {
  readonly partitions: readonly AssignedPartition[];
  readonly generation: number | undefined;
}

export type MemberDataOf = (member: MemberSubscription) => MemberData;

export interface Ownership {
  readonly subscriptionsEqual: boolean;
  /** Valid claims by member, members in the order of the leader's map. */
  readonly owned: Map<string, AssignedPartition[]>;
  /** Claimed by several members of one generation: nobody keeps them. */
  readonly claimedTwice: ReadonlySet<AssignedPartition>;
  readonly maxGeneration: number;
}

export function ownershipOf(group: Group, memberDataOf: MemberDataOf): Ownership {
  const owned = new Map<string, AssignedPartition[]>();
  const claimedTwice = new Set<AssignedPartition>();
  const owners = new Map<AssignedPartition, MemberSubscription>();
  let maxGeneration = DEFAULT_GENERATION;
  for (const member of group.members) {
    const data = memberDataOf(member);
    const generation = data.generation ?? DEFAULT_GENERATION;
    maxGeneration = Math.max(maxGeneration, generation);
    const mine: AssignedPartition[] = [];
    owned.set(member.memberId, mine);
    for (const partition of group.existing(data.partitions)) {
      const other = owners.get(partition);
      // The other's generation comes from its subscription, even where claims come from user data.
      const otherGeneration =
        other === undefined ? undefined : Math.max(other.generationId, DEFAULT_GENERATION);
      if (otherGeneration !== undefined && generation < otherGeneration) continue;
      if (other !== undefined) remove(owned.get(other.memberId), partition);
      if (generation === otherGeneration) claimedTwice.add(partition);
      else mine.push(partition);
      owners.set(partition, member);
    }
  }
  return { subscriptionsEqual: areSubscriptionsEqual(group), owned, claimedTwice, maxGeneration };
}

/** Members without any topic do not count until one with topics has come. */
function areSubscriptionsEqual(group: Group): boolean {
  let expected: ReadonlySet<string> = new Set();
  for (const { topics } of group.members) {
    if (expected.size === 0) expected = new Set(topics);
    else if (topics.length !== expected.size || topics.some((topic) => !expected.has(topic))) {
      return false;
    }
  }
  return true;
}

export function remove<T>(list: T[] | undefined, element: T): void {
  const index = list?.indexOf(element) ?? -1;
  if (index >= 0) list?.splice(index, 1);
}
