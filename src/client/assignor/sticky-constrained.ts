// The sticky algorithm when all members have the same topics (AbstractStickyAssignor.ConstrainedAssignmentBuilder, KAFKA-9987):
// keep what is owned up to a quota, then deal out the rest.
import { assert } from "../../sim/assert.ts";
import type { AssignedPartition } from "./assignor.ts";
import { compareByTopic, compareStrings, type Group } from "./group.ts";
import { type Ownership, remove } from "./sticky-ownership.ts";
import type { RackInfo } from "./sticky-racks.ts";

export interface ConstrainedAssignment {
  readonly assignment: Map<string, AssignedPartition[]>;
  /** Partitions that another member owned, and their new owner: the cooperative assignor withholds them. */
  readonly transferring: ReadonlyMap<AssignedPartition, string>;
}

export function assignConstrained(
  group: Group,
  racks: RackInfo,
  ownership: Ownership,
): ConstrainedAssignment {
  const builder = new ConstrainedAssignmentBuilder(group, racks, ownership);
  return { assignment: builder.build(), transferring: builder.transferring };
}

class ConstrainedAssignmentBuilder {
  readonly transferring = new Map<AssignedPartition, string>();
  readonly #racks: RackInfo;
  readonly #ownership: Ownership;
  readonly #allPartitions: readonly AssignedPartition[];
  readonly #minQuota: number;
  readonly #maxQuota: number;
  /** How many members are to have more than the minimum; 0 when the quotas are equal. */
  readonly #expectedOverMin: number;
  #overMin = 0;
  #underMin: string[] = [];
  #exactlyMin: string[] = [];
  readonly #assignment = new Map<string, AssignedPartition[]>();
  readonly #maybeRevoked = new Map<AssignedPartition, string>();

  constructor(group: Group, racks: RackInfo, ownership: Ownership) {
    this.#racks = racks;
    this.#ownership = ownership;
    this.#allPartitions = [...group.topics.values()].flat().sort(compareByTopic);
    const members = ownership.owned.size;
    this.#minQuota = Math.floor(this.#allPartitions.length / members);
    this.#maxQuota = Math.ceil(this.#allPartitions.length / members);
    this.#expectedOverMin = this.#allPartitions.length % members;
  }

  build(): Map<string, AssignedPartition[]> {
    for (const [consumer, owned] of this.#ownership.owned) this.#keepOwned(consumer, owned);
    this.#underMin.sort(compareStrings);
    this.#exactlyMin.sort(compareStrings);
    const assigned = new Set([...this.#assignment.values()].flat());
    const unassigned = this.#racks.sortByConsumersInReach(
      this.#allPartitions.filter((partition) => !assigned.has(partition)),
    );
    this.#assignRoundRobin(this.#racks.active ? this.#assignInRacks(unassigned) : unassigned);
    assert(
      [...this.#assignment.values()].every((partitions) => partitions.length >= this.#minQuota),
      () => `sticky: a member is left below its quota of ${this.#minQuota} partitions`,
    );
    return this.#assignment;
  }

  #keepOwned(consumer: string, claimed: readonly AssignedPartition[]): void {
    const near = claimed.filter((partition) => !this.#racks.mismatch(consumer, partition));
    for (const partition of claimed) {
      if (this.#racks.mismatch(consumer, partition)) this.#maybeRevoked.set(partition, consumer);
    }
    const owned = near
      .filter((partition) => !this.#ownership.claimedTwice.has(partition))
      .sort((a, b) => a.partition - b.partition || compareStrings(a.topic, b.topic));
    let keep = this.#minQuota;
    if (owned.length < this.#minQuota) {
      this.#underMin.push(consumer);
    } else if (owned.length >= this.#maxQuota && this.#overMin < this.#expectedOverMin) {
      keep = this.#maxQuota;
      this.#countOverMin();
    } else if (this.#overMin < this.#expectedOverMin) {
      this.#exactlyMin.push(consumer);
    }
    this.#assignment.set(consumer, owned.slice(0, keep));
    for (const partition of owned.slice(keep)) this.#maybeRevoked.set(partition, consumer);
  }

  /** One more member has more than the minimum; once enough have, those at the minimum are full. */
  #countOverMin(): void {
    this.#overMin++;
    if (this.#overMin === this.#expectedOverMin) this.#exactlyMin = [];
  }

  /** Gives members what is in their rack, within the quotas; returns what is left. */
  #assignInRacks(unassigned: readonly AssignedPartition[]): AssignedPartition[] {
    let next = 0;
    return unassigned.filter((partition) => {
      const index = this.#racks.nextInRack(partition, this.#underMin, next);
      if (index >= 0) {
        next = this.#fillUnderMin(partition, index);
        return false;
      }
      return !this.#fillExactlyMin(partition);
    });
  }

  /** Returns the index at which to look for the next consumer. */
  #fillUnderMin(partition: AssignedPartition, index: number): number {
    const consumer = this.#underMin[index] as string;
    const count = this.#give(partition, consumer);
    let next = index + 1;
    if (count >= this.#minQuota) {
      this.#underMin.splice(index, 1);
      next = index;
      if (count < this.#maxQuota && this.#overMin < this.#expectedOverMin) {
        this.#exactlyMin.push(consumer);
      }
    }
    return this.#underMin.length === 0 ? 0 : next % this.#underMin.length;
  }

  #fillExactlyMin(partition: AssignedPartition): boolean {
    const index = this.#racks.nextInRack(partition, this.#exactlyMin, 0);
    if (index < 0) return false;
    const consumer = this.#exactlyMin[index] as string;
    if (this.#give(partition, consumer) === this.#maxQuota) {
      this.#exactlyMin.splice(index, 1);
      this.#countOverMin();
    }
    return true;
  }

  #assignRoundRobin(unassigned: readonly AssignedPartition[]): void {
    let next = 0;
    for (const partition of unassigned) {
      if (this.#underMin.length === 0) {
        const consumer = this.#exactlyMin.shift();
        assert(
          consumer !== undefined,
          () => "sticky: partitions are left, but every member is full",
        );
        this.#give(partition, consumer);
        continue;
      }
      next %= this.#underMin.length;
      const consumer = this.#underMin[next] as string;
      if (this.#give(partition, consumer) === this.#minQuota) {
        this.#underMin.splice(next, 1);
        this.#exactlyMin.push(consumer);
      } else {
        next++;
      }
    }
  }

  /** Returns how many partitions the consumer has then. */
  #give(partition: AssignedPartition, consumer: string): number {
    const previous = this.#maybeRevoked.get(partition);
    if (
      (previous !== undefined && previous !== consumer) ||
      this.#ownership.claimedTwice.has(partition)
    ) {
      this.transferring.set(partition, consumer);
    }
    return (this.#assignment.get(consumer) as AssignedPartition[]).push(partition);
  }
}

/** Takes partitions that must be revoked first out of their new owners' assignments (CooperativeStickyAssignor.adjustAssignment). */
export function withhold(
  assignment: ReadonlyMap<string, AssignedPartition[]>,
  transferring: ReadonlyMap<AssignedPartition, string>,
): void {
  for (const [partition, consumer] of transferring) remove(assignment.get(consumer), partition);
}
