// Racks as the sticky assignors use them (AbstractStickyAssignor.RackInfo, KIP-881): empty when racks do not matter.
import type { AssignedPartition } from "./assignor.ts";
import type { Group } from "./group.ts";
import { rackOf, useRackAwareAssignment } from "./racks.ts";

export class RackInfo {
  readonly #consumerRacks = new Map<string, string>();
  readonly #partitionRacks = new Map<AssignedPartition, ReadonlySet<string>>();
  readonly #consumersInReach = new Map<AssignedPartition, number>();

  constructor(group: Group) {
    const racked = group.members.flatMap((member) => {
      const rack = rackOf(member);
      return rack === undefined ? [] : [{ memberId: member.memberId, rack }];
    });
    if (racked.length === 0) return;
    const racksOf = new Map<AssignedPartition, ReadonlySet<string>>();
    for (const partition of [...group.topics.values()].flat()) {
      racksOf.set(partition, group.racksOf(partition));
    }
    if (!useRackAwareAssignment(new Set(racked.map(({ rack }) => rack)), racksOf.values())) return;
    for (const { memberId, rack } of racked) this.#consumerRacks.set(memberId, rack);
    for (const [partition, racks] of racksOf) {
      this.#partitionRacks.set(partition, racks);
      this.#consumersInReach.set(partition, racked.filter(({ rack }) => racks.has(rack)).length);
    }
  }

  get active(): boolean {
    return this.#consumerRacks.size > 0;
  }

  /** The consumer has a rack, and no replica of the partition is in it. */
  mismatch(consumer: string, partition: AssignedPartition): boolean {
    return this.#consumerRacks.has(consumer) && !this.match(consumer, partition);
  }

  /** The consumer has a rack, and a replica of the partition is in it. */
  match(consumer: string, partition: AssignedPartition): boolean {
    const rack = this.#consumerRacks.get(consumer);
    return rack !== undefined && this.#partitionRacks.get(partition)?.has(rack) === true;
  }

  /** Those first that few consumers have nearby. */
  sortByConsumersInReach(partitions: readonly AssignedPartition[]): AssignedPartition[] {
    const inReach = (partition: AssignedPartition): number =>
      this.#consumersInReach.get(partition) ?? 0;
    return [...partitions].sort((a, b) => inReach(a) - inReach(b));
  }

  /** Index of the next consumer, from `first` on and around, that is near the partition; -1 if none is. */
  nextInRack(partition: AssignedPartition, consumers: readonly string[], first: number): number {
    for (let i = 0; i < consumers.length; i++) {
      const index = (first + i) % consumers.length;
      if (this.match(consumers[index] as string, partition)) return index;
    }
    return -1;
  }
}
