// Consumer groups: what the coordinator decided (state, generation, members, assignment, committed offsets) and what the members
// believe to own. The two differ while a rebalance is under way, and for a member that has been removed and does not know it yet.
import type { Offset, TopicPartition } from "../protocol/types.ts";
import type { Micros } from "../sim/kernel.ts";
import { groupPartition } from "./group-partition.ts";
import type { Listeners } from "./listeners.ts";
import type { PartitionsFold, PartitionView } from "./partitions.ts";

export interface MemberView {
  readonly member: string;
  /** Node of the client; -1 unknown. */
  readonly client: number;
  /** Of the assignment; -1: none yet. */
  readonly generation: number;
  readonly partitions: readonly TopicPartition[];
}

export interface CommittedView {
  readonly partition: TopicPartition;
  readonly offset: Offset;
  readonly atUs: Micros;
  readonly seq: number;
  /** Node that asked for it. */
  readonly client: number;
}

export interface GroupView {
  readonly group: string;
  /** Kafka's word. */
  readonly state: string;
  readonly generation: number;
  /** As the coordinator counts them. */
  readonly memberCount: number;
  readonly coordinator: number;
  readonly members: ReadonlyMap<string, MemberView>;
  /** By partition index. */
  readonly committed: ReadonlyMap<number, CommittedView>;
  /** Completed ones. */
  readonly rebalances: number;
  /** Since when it rebalances; -1: it does not. */
  readonly rebalancingSinceUs: Micros;
  /** Time spent rebalancing, the running interval excluded. */
  readonly rebalancingUs: Micros;
}

/** A consumer as it sees itself. */
export interface MembershipView {
  readonly node: number;
  readonly group: string;
  readonly member: string;
  readonly generation: number;
  /** False once it has left or was told that it is out. */
  readonly joined: boolean;
  /** It has closed for good. */
  readonly closed: boolean;
  /** By partition index. */
  readonly owned: ReadonlyMap<number, TopicPartition>;
}

/** In the reason of a consumer that will not come back: "the consumer is being closed". */
const CLOSING = "being closed";

type MutableGroup = { -readonly [K in keyof GroupView]: GroupView[K] } & {
  readonly members: Map<string, MemberView>;
  readonly committed: Map<number, CommittedView>;
};
type MutableMembership = { -readonly [K in keyof MembershipView]: MembershipView[K] } & {
  readonly owned: Map<number, TopicPartition>;
};

const NOBODY: readonly MembershipView[] = [];

export class GroupsFold {
  readonly listeners: Listeners;
  readonly #groups = new Map<string, MutableGroup>();
  /** By node. */
  readonly #memberships = new Map<number, MutableMembership>();
  /** The same by group: an event of one group is not to cost more for there being others. */
  readonly #byGroup = new Map<string, Set<MutableMembership>>();

  readonly #partitions: PartitionsFold;
  /** By group, once known. */
  readonly #homes = new Map<string, PartitionView>();

  constructor(partitions: PartitionsFold) {
    this.#partitions = partitions;
    this.listeners = { ...this.#coordinatorListeners(), ...this.#memberListeners() };
  }

  get(group: string): GroupView | undefined {
    return this.#groups.get(group);
  }

  all(): IterableIterator<GroupView> {
    return this.#groups.values();
  }

  /** The consumer on a node, if it has ever been in a group. */
  membership(node: number): MembershipView | undefined {
    return this.#memberships.get(node);
  }

  /** The consumers that are or were in a group, in the order in which they came. */
  membershipsOf(group: string): Iterable<MembershipView> {
    return this.#byGroup.get(group) ?? NOBODY;
  }

  /** The group of a node's consumer, as far as it has one. */
  groupOf(node: number): string | undefined {
    return this.#memberships.get(node)?.group;
  }

  #coordinatorListeners(): Listeners {
    return {
      "group.stateChanged": (e) => {
        if (this.#isDeposed(e.node, e.group)) return;
        const group = this.#group(e.group);
        group.coordinator = e.node;
        group.state = e.to;
        group.generation = e.generation;
        group.memberCount = e.members;
        if (e.to === "PreparingRebalance") {
          if (group.rebalancingSinceUs < 0) group.rebalancingSinceUs = e.at;
        } else if (e.to !== "CompletingRebalance") {
          this.#calm(group, e.at);
          if (e.to === "Empty" || e.to === "Dead") group.members.clear();
        }
      },
      "group.assigned": (e) => {
        if (this.#isDeposed(e.node, e.group)) return;
        const group = this.#group(e.group);
        group.coordinator = e.node;
        group.generation = e.generation;
        // Whoever is not in the new generation is no longer a member.
        for (const [member, { generation }] of group.members) {
          if (generation !== e.generation) group.members.delete(member);
        }
        const { member, client, generation, partitions } = e;
        group.members.set(member, { member, client, generation, partitions });
      },
      "group.memberRemoved": (e) => {
        if (this.#isDeposed(e.node, e.group)) return;
        this.#group(e.group).members.delete(e.member);
      },
      "offset.committed": (e) => {
        const { partition, offset, client, seq } = e;
        const committed = { partition, offset, client, seq, atUs: e.at };
        this.#group(e.group).committed.set(partition.index, committed);
      },
      "offset.expired": (e) => {
        this.#group(e.group).committed.delete(e.partition.index);
      },
    };
  }

  #memberListeners(): Listeners {
    const gone = (e: { readonly node: number }): void => {
      const membership = this.#memberships.get(e.node);
      if (membership === undefined) return;
      membership.joined = false;
      membership.owned.clear();
    };
    return {
      "consumer.joined": (e) => {
        const membership = this.#membership(e.node, e.group);
        membership.member = e.member;
        membership.generation = e.generation;
        membership.joined = true;
        membership.closed = false;
      },
      "consumer.rebalanced": (e) => {
        const { owned } = this.#membership(e.node, e.group);
        for (const partition of e.partitions) {
          if (e.callback === "assigned") owned.set(partition.index, partition);
          else owned.delete(partition.index);
        }
      },
      // What it owned stays with it until its listener has been told.
      "consumer.left": (e) => {
        const membership = this.#membership(e.node, e.group);
        membership.joined = false;
        membership.closed = e.why.includes(CLOSING);
      },
      "host.crashed": gone,
      "host.stopped": gone,
    };
  }

  /** A broker that does not know yet that another coordinates the group speaks of what is no longer its business. */
  #isDeposed(node: number, group: string): boolean {
    const home = this.#homes.get(group) ?? groupPartition(this.#partitions, group);
    if (home === undefined) return false;
    this.#homes.set(group, home);
    return home.leader >= 0 && home.leader !== node;
  }

  #calm(group: MutableGroup, at: Micros): void {
    if (group.rebalancingSinceUs < 0) return;
    group.rebalances++;
    group.rebalancingUs += at - group.rebalancingSinceUs;
    group.rebalancingSinceUs = -1;
  }

  #group(name: string): MutableGroup {
    let group = this.#groups.get(name);
    if (group === undefined) {
      group = {
        group: name,
        state: "Dead",
        generation: -1,
        memberCount: 0,
        coordinator: -1,
        members: new Map(),
        committed: new Map(),
        rebalances: 0,
        rebalancingSinceUs: -1,
        rebalancingUs: 0,
      };
      this.#groups.set(name, group);
    }
    return group;
  }

  #membership(node: number, group: string): MutableMembership {
    let membership = this.#memberships.get(node);
    if (membership === undefined) {
      membership = {
        node,
        group,
        member: "",
        generation: -1,
        joined: false,
        closed: false,
        owned: new Map(),
      };
      this.#memberships.set(node, membership);
      this.#company(group).add(membership);
    } else if (membership.group !== group) {
      this.#byGroup.get(membership.group)?.delete(membership);
      membership.group = group;
      this.#company(group).add(membership);
    }
    return membership;
  }

  #company(group: string): Set<MutableMembership> {
    let company = this.#byGroup.get(group);
    if (company === undefined) {
      company = new Set();
      this.#byGroup.set(group, company);
    }
    return company;
  }
}
