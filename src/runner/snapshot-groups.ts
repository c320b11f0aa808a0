// Consumer groups as their coordinators describe them (ListGroups, DescribeGroups, OffsetFetch). While a group rebalances, members that
// were never assigned anything are missing. The leader epoch of a committed offset is not traced, so it is never shown.
import { groupPartitionFor, JavaHashMap, stringHash } from "../protocol/java-hash.ts";
import type { Offset } from "../protocol/types.ts";
import type { ConsumerSpec } from "../scenario/model.ts";
import type { GroupView, MemberView } from "../view/groups.ts";
import type { ReplicaView } from "../view/replicas.ts";
import type { Instant } from "./instant.ts";

/** Kafka's states of a classic group. */
export type GroupStateName =
  | "PreparingRebalance"
  | "CompletingRebalance"
  | "Stable"
  | "Dead"
  | "Empty";

export interface PartitionId {
  readonly topic: string;
  readonly partition: number;
}

export interface GroupRow {
  readonly groupId: string;
  readonly state: GroupStateName;
  readonly coordinator: { readonly id: number; readonly host: string; readonly port: number };
  readonly assignmentStrategy: string;
  readonly type: string;
  readonly members: readonly MemberRow[];
  readonly committed: readonly (PartitionId & { readonly offset: Offset })[];
}

export interface MemberRow {
  readonly consumerId: string;
  readonly groupInstanceId: string | undefined;
  readonly clientId: string;
  readonly host: string;
  readonly assignment: readonly PartitionId[];
}

const BROKER_PORT = 9092;
const OFFSETS_TOPIC = "__consumer_offsets";

export class GroupSnapshot {
  readonly #instant: Instant;

  constructor(instant: Instant) {
    this.#instant = instant;
  }

  /** Groups whose coordinator answers, in the order of the admin client, which keeps them in a HashMap. */
  get listed(): GroupRow[] {
    const byId = new JavaHashMap<string, GroupRow>(stringHash);
    for (const { group } of this.#instant.view.groups.all()) {
      const row = this.describe(group);
      if (row !== "unavailable" && row.state !== "Dead") byId.set(group, row);
    }
    return [...byId.values()];
  }

  /** A group that nobody knows is Dead. */
  describe(groupId: string): GroupRow | "unavailable" {
    const coordinator = this.#coordinator(groupId);
    if (coordinator === undefined) return "unavailable";
    const group = this.#instant.view.groups.get(groupId);
    const state = group === undefined ? "Dead" : stateOf(group);
    const isStable = state === "Stable";
    return {
      groupId,
      state,
      coordinator: {
        id: coordinator,
        host: this.#instant.view.directory.name(coordinator),
        port: BROKER_PORT,
      },
      assignmentStrategy: isStable ? (this.#instant.facts.protocols.get(groupId) ?? "") : "",
      type: "Classic",
      members: group === undefined ? [] : this.#members(group, isStable),
      committed: group === undefined ? [] : committedOf(group),
    };
  }

  /** As ListOffsets answers "latest": the high watermark, from the leader and from nobody else. */
  logEndOffset({ topic, partition }: PartitionId): Offset | undefined {
    return this.#leaderReplica({ topic, partition })?.highWatermark;
  }

  logStartOffset(partition: PartitionId): Offset | undefined {
    return this.#leaderReplica(partition)?.logStartOffset;
  }

  /** As ListOffsets answers a timestamp in milliseconds: nothing at or beyond the high watermark. */
  offsetForTime(
    partition: PartitionId,
    timestampMs: number,
    byAppendTime: boolean,
  ): Offset | undefined {
    const replica = this.#leaderReplica(partition);
    if (replica === undefined) return undefined;
    const { logStartOffset, highWatermark } = replica;
    const { recordTimes } = this.#instant.facts;
    const found = recordTimes.offsetFor(
      replica.partition,
      timestampMs,
      logStartOffset,
      byAppendTime,
    );
    return found !== undefined && found < highWatermark ? found : undefined;
  }

  #leaderReplica({ topic, partition }: PartitionId): ReplicaView | undefined {
    const { view } = this.#instant;
    const known = view.partitions.named(`${topic}-${partition}`);
    return known === undefined ? undefined : view.leaderReplica(known.partition);
  }

  /** The leader of the group's partition of __consumer_offsets; before there is such a topic, any broker that knows no group. */
  #coordinator(groupId: string): number | undefined {
    const { view } = this.#instant;
    let partitions = 0;
    for (const { partition } of view.partitions.all()) {
      if (partition.topic === OFFSETS_TOPIC) partitions++;
    }
    if (partitions === 0)
      return [...view.brokers.all()].find(({ id }) => view.hosts.isAlive(id))?.id;
    const index = groupPartitionFor(groupId, partitions);
    const known = view.partitions.named(`${OFFSETS_TOPIC}-${index}`);
    return known !== undefined && view.hosts.isAlive(known.leader) ? known.leader : undefined;
  }

  #members(group: GroupView, isStable: boolean): MemberRow[] {
    // A coordinator keeps its members in a HashMap, too.
    const byId = new JavaHashMap<string, MemberRow>(stringHash);
    for (const member of group.members.values()) {
      byId.set(member.member, this.#member(member, isStable));
    }
    return [...byId.values()];
  }

  #member({ member, client, partitions }: MemberView, isStable: boolean): MemberRow {
    const { view, scenario } = this.#instant;
    const name = view.directory.name(client);
    const spec = scenario.consumers.find((consumer) => consumer.name === name);
    return {
      consumerId: member,
      groupInstanceId: setting(spec, "group.instance.id"),
      clientId: setting(spec, "client.id") ?? name,
      host: `/${name}`,
      assignment: isStable ? partitions : [],
    };
  }
}

function setting(spec: ConsumerSpec | undefined, name: string): string | undefined {
  const value = spec?.config[name];
  return value === undefined || value === "" ? undefined : String(value);
}

/** A group that only holds offsets has no state of its own. */
function stateOf({ state, committed }: GroupView): GroupStateName {
  if (state === "Dead" && committed.size > 0) return "Empty";
  return state as GroupStateName;
}

const committedOf = ({ committed }: GroupView): GroupRow["committed"] =>
  [...committed.values()].map(({ partition, offset }) => ({
    topic: partition.topic,
    partition: partition.partition,
    offset,
  }));
