// The sticky algorithm when members have different topics (AbstractStickyAssignor.GeneralAssignmentBuilder, KIP-54): keep valid
// assignments, add what is unassigned, then move single partitions until the balance cannot be improved.
import type { AssignedPartition, MemberSubscription } from "./assignor.ts";
import { compareByTopic, type Group } from "./group.ts";
import { Loads } from "./loads.ts";
import { PartitionMovements } from "./partition-movements.ts";
import { DEFAULT_GENERATION, type MemberDataOf, type Ownership } from "./sticky-ownership.ts";
import type { RackInfo } from "./sticky-racks.ts";

export function assignGeneral(
  group: Group,
  racks: RackInfo,
  ownership: Ownership,
  memberDataOf: MemberDataOf,
): Map<string, AssignedPartition[]> {
  const previous = previousOwners(group, ownership.maxGeneration, memberDataOf);
  return new GeneralAssignmentBuilder(group, racks, ownership, previous).build();
}

/** Owners in generations before the newest: who came back may get its partitions again. */
function previousOwners(
  group: Group,
  maxGeneration: number,
  memberDataOf: MemberDataOf,
): Map<AssignedPartition, string> {
  const owners = new Map<AssignedPartition, { consumer: string; generation: number }>();
  for (const member of group.members) {
    const data = memberDataOf(member);
    const generation = data.generation ?? DEFAULT_GENERATION;
    if (generation >= maxGeneration) continue;
    for (const partition of group.existing(data.partitions)) {
      const known = owners.get(partition);
      if (known === undefined || generation > known.generation) {
        owners.set(partition, { consumer: member.memberId, generation });
      }
    }
  }
  return new Map([...owners].map(([partition, { consumer }]) => [partition, consumer]));
}

class GeneralAssignmentBuilder {
  readonly #group: Group;
  readonly #racks: RackInfo;
  readonly #previousOwners: ReadonlyMap<AssignedPartition, string>;
  readonly #consumersOf = new Map<string, string[]>();
  readonly #topicsOf = new Map<string, ReadonlySet<string>>();
  readonly #loads: Loads;
  readonly #movements = new PartitionMovements();
  #revocationRequired = false;

  constructor(
    group: Group,
    racks: RackInfo,
    ownership: Ownership,
    previousOwners: ReadonlyMap<AssignedPartition, string>,
  ) {
    this.#group = group;
    this.#racks = racks;
    this.#previousOwners = previousOwners;
    for (const topic of group.topics.keys()) this.#consumersOf.set(topic, []);
    for (const member of group.members) {
      const known = member.topics.filter((topic) => group.topics.has(topic));
      this.#topicsOf.set(member.memberId, new Set(known));
      for (const topic of known) this.#consumersOf.get(topic)?.push(member.memberId);
    }
    this.#loads = new Loads(
      new Map(
        group.members.map((member) => [member.memberId, this.#stillValid(member, ownership)]),
      ),
    );
  }

  build(): Map<string, AssignedPartition[]> {
    const all = [...this.#group.topics.values()].flat().sort((a, b) => {
      const fewest = this.#potentialConsumers(a).length - this.#potentialConsumers(b).length;
      return fewest || compareByTopic(a, b);
    });
    const unassigned = all.filter((partition) => this.#loads.ownerOf(partition) === undefined);
    const fresh = this.#loads.sizeOf(this.#loads.mostLoaded()) === 0;
    this.#assignAll(unassigned);

    const movable = (partition: AssignedPartition): boolean => this.#isMovable(partition.topic);
    const fixed = this.#group.members
      .map((member) => member.memberId)
      .filter((consumer) => !this.#canParticipate(consumer));
    for (const consumer of fixed) this.#loads.setAside(consumer);
    const before = this.#loads.snapshot();
    // While nothing must be revoked anyway, moving only what is new may be enough.
    if (!this.#revocationRequired) this.#reassign(unassigned.filter(movable));
    const moved = this.#reassign(all.filter(movable));
    if (!fresh && moved && this.#loads.balanceScore() >= before.balanceScore()) return before.all();
    return this.#loads.all();
  }

  #stillValid(member: MemberSubscription, ownership: Ownership): AssignedPartition[] {
    const owned = ownership.owned.get(member.memberId) ?? [];
    const valid = owned.filter(
      (partition) =>
        member.topics.includes(partition.topic) &&
        !this.#racks.mismatch(member.memberId, partition),
    );
    if (valid.length < owned.length) this.#revocationRequired = true;
    return valid;
  }

  #potentialConsumers(partition: AssignedPartition): readonly string[] {
    return this.#consumersOf.get(partition.topic) ?? [];
  }

  #isSubscribed(consumer: string, partition: AssignedPartition): boolean {
    return this.#topicsOf.get(consumer)?.has(partition.topic) === true;
  }

  #assignAll(unassigned: readonly AssignedPartition[]): void {
    const elsewhere = this.#racks.active
      ? unassigned.filter((partition) => !this.#assignOne(partition, true))
      : unassigned;
    for (const partition of elsewhere) this.#assignOne(partition, false);
  }

  #assignOne(partition: AssignedPartition, inRack: boolean): boolean {
    const consumer = this.#loads.leastLoaded(
      (candidate) =>
        this.#isSubscribed(candidate, partition) &&
        !(inRack && this.#racks.mismatch(candidate, partition)),
    );
    if (consumer !== undefined) this.#loads.give(partition, consumer);
    return consumer !== undefined;
  }

  #isMovable(topic: string): boolean {
    return (this.#consumersOf.get(topic)?.length ?? 0) >= 2;
  }

  #maxAssignmentSize(consumer: string): number {
    let size = 0;
    for (const topic of this.#topicsOf.get(consumer) ?? []) {
      size += this.#group.topics.get(topic)?.length ?? 0;
    }
    return size;
  }

  #canParticipate(consumer: string): boolean {
    if (this.#loads.sizeOf(consumer) < this.#maxAssignmentSize(consumer)) return true;
    return this.#loads.of(consumer).some((partition) => this.#isMovable(partition.topic));
  }

  /** Moves partitions until no move improves the balance. Was anything moved? */
  #reassign(partitions: readonly AssignedPartition[]): boolean {
    let moved = false;
    for (let modified = true; modified; ) {
      modified = false;
      for (const partition of partitions) {
        if (this.#isBalanced()) break;
        const target = this.#betterConsumer(partition);
        if (target === undefined) continue;
        this.#moveOne(partition, target);
        moved = true;
        modified = true;
      }
    }
    return moved;
  }

  /** Whom to give the partition, if anybody has at least two partitions fewer than its owner. */
  #betterConsumer(partition: AssignedPartition): string | undefined {
    const size = this.#loads.sizeOf(this.#loads.ownerOf(partition) as string);
    const isBetter = (other: string): boolean => size > this.#loads.sizeOf(other) + 1;
    const previous = this.#previousOwners.get(partition);
    // Nobody asks whether the previous owner is still subscribed: such a member refuses the assignment and joins again.
    if (previous !== undefined && isBetter(previous)) return previous;
    // Whether the better one is near only decides if its rack is looked at first: the least loaded gets the partition either way.
    if (!this.#potentialConsumers(partition).some(isBetter)) return undefined;
    return this.#loads.leastLoaded((candidate) => this.#isSubscribed(candidate, partition));
  }

  #moveOne(wanted: AssignedPartition, to: string): void {
    const from = this.#loads.ownerOf(wanted) as string;
    const partition = this.#movements.actualPartitionToMove(wanted, from, to);
    this.#movements.move(partition, this.#loads.ownerOf(partition) as string, to);
    this.#loads.give(partition, to);
  }

  #isBalanced(): boolean {
    const consumers = this.#loads.inOrder();
    const most = this.#loads.sizeOf(consumers.at(-1) as string);
    return consumers.every((consumer) => {
      const size = this.#loads.sizeOf(consumer);
      if (size >= most - 1 || size === this.#maxAssignmentSize(consumer)) return true;
      return !this.#couldGetMore(consumer, size);
    });
  }

  #couldGetMore(consumer: string, size: number): boolean {
    for (const topic of this.#topicsOf.get(consumer) ?? []) {
      for (const partition of this.#group.topics.get(topic) ?? []) {
        const owner = this.#loads.ownerOf(partition);
        if (owner !== undefined && owner !== consumer && size + 1 < this.#loads.sizeOf(owner)) {
          return true;
        }
      }
    }
    return false;
  }
}
