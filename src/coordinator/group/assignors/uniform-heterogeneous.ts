// UniformHeterogeneousAssignmentBuilder (4.0): members with different topics. Each keeps what it is still subscribed to, the rest goes
// to the least loaded subscribers, then topic by topic partitions move from the most loaded to the least loaded. Members are numbers.
import { compareUuids } from "../../../protocol/uuid.ts";
import type { GroupMember, PartitionCounts, TargetAssignment } from "./assignor.ts";
import { MemberBalancer } from "./member-balancer.ts";

/** Groups with overlapping topics may need many rounds, and get a balance that is good enough. */
const MAX_ROUNDS = 16;
const NOBODY = -1;

/** `members` in the order of their map. */
export const assignHeterogeneous = (
  members: readonly GroupMember[],
  partitionsOf: PartitionCounts,
): TargetAssignment => new HeterogeneousBuilder(members, partitionsOf).build();

class HeterogeneousBuilder {
  readonly #members: readonly GroupMember[];
  readonly #sizes: number[];
  readonly #subscribers = new Map<string, number[]>();
  /** By topic: the owner of each partition. */
  readonly #owners = new Map<string, number[]>();
  readonly #balancer: MemberBalancer;

  constructor(members: readonly GroupMember[], partitionsOf: PartitionCounts) {
    this.#members = members;
    this.#sizes = members.map(() => 0);
    this.#balancer = new MemberBalancer(this.#sizes);
    for (const [index, { topicIds }] of members.entries()) {
      for (const topicId of new Set(topicIds)) {
        const known = this.#subscribers.get(topicId);
        if (known !== undefined) known.push(index);
        else {
          this.#subscribers.set(topicId, [index]);
          this.#owners.set(topicId, Array(partitionsOf(topicId)).fill(NOBODY));
        }
      }
    }
  }

  build(): TargetAssignment {
    for (const [index, { topicIds, target }] of this.#members.entries()) {
      for (const [topicId, partitions] of target) {
        if (!topicIds.includes(topicId)) continue;
        for (const partition of partitions) this.#give(topicId, partition, index);
      }
    }
    const topics = this.#sortedTopics();
    for (const topicId of topics) this.#assignRemaining(topicId);
    this.#balance(topics.filter((topicId) => this.#subscribersOf(topicId).length >= 2));
    return this.#result();
  }

  /** Most partitions a subscriber first, then fewest subscribers, then by id. */
  #sortedTopics(): string[] {
    const count = (topicId: string): number => this.#subscribersOf(topicId).length;
    const share = (topicId: string): number => this.#ownersOf(topicId).length / count(topicId);
    return [...this.#owners.keys()].sort(
      (a, b) => share(b) - share(a) || count(a) - count(b) || compareUuids(a, b),
    );
  }

  #assignRemaining(topicId: string): void {
    const owners = this.#ownersOf(topicId);
    if (!owners.includes(NOBODY)) return;
    this.#balancer.initialize(this.#subscribersOf(topicId));
    for (const [partition, owner] of owners.entries()) {
      if (owner === NOBODY) this.#give(topicId, partition, this.#balancer.nextLeastLoaded());
    }
  }

  /** Round and round, until a whole round has moved nothing. */
  #balance(topics: readonly string[]): void {
    let lastMoved = -1;
    for (let round = 0; round < MAX_ROUNDS; round++) {
      for (const [index, topicId] of topics.entries()) {
        if (index === lastMoved) return;
        const moved = this.#balanceTopic(topicId);
        if (moved > 0 || lastMoved === -1) lastMoved = index;
      }
    }
  }

  #balanceTopic(topicId: string): number {
    const balancer = this.#balancer;
    if (balancer.initialize(this.#subscribersOf(topicId)) <= 1) return 0;
    const owned = this.#ownedBySubscriber(topicId);
    let moved = 0;
    while (!balancer.isBalanced) {
      let giver = balancer.nextMostLoaded();
      while (giver !== undefined && (owned.get(giver)?.length ?? 0) === 0) {
        balancer.excludeMostLoaded();
        giver = balancer.nextMostLoaded();
      }
      if (giver === undefined) break;
      const partition = owned.get(giver)?.pop() as number;
      const taker = balancer.nextLeastLoaded();
      // Only now it shows whether the two differ by more than one.
      if (balancer.isBalanced) break;
      this.#give(topicId, partition, taker);
      moved++;
    }
    return moved;
  }

  /** Ascending, as they were before this round. */
  #ownedBySubscriber(topicId: string): Map<number, number[]> {
    const owned = new Map<number, number[]>();
    for (const [partition, owner] of this.#ownersOf(topicId).entries()) {
      const partitions = owned.get(owner);
      if (partitions === undefined) owned.set(owner, [partition]);
      else partitions.push(partition);
    }
    return owned;
  }

  #give(topicId: string, partition: number, member: number): void {
    const owners = this.#ownersOf(topicId);
    const before = owners[partition] as number;
    if (before !== NOBODY) (this.#sizes[before] as number)--;
    owners[partition] = member;
    (this.#sizes[member] as number)++;
  }

  #result(): TargetAssignment {
    const target = new Map(this.#members.map(({ memberId }) => [memberId, new Map()]));
    for (const topicId of this.#owners.keys()) {
      for (const [owner, partitions] of this.#ownedBySubscriber(topicId)) {
        if (owner === NOBODY) continue;
        target.get((this.#members[owner] as GroupMember).memberId)?.set(topicId, partitions);
      }
    }
    return target;
  }

  #subscribersOf(topicId: string): readonly number[] {
    return this.#subscribers.get(topicId) ?? [];
  }

  #ownersOf(topicId: string): number[] {
    return this.#owners.get(topicId) ?? [];
  }
}
