// The groups whose coordinator leads one partition of `__consumer_offsets` (GroupCoordinatorShard): requests in, records and answers out.
// Left out: KIP-848 and share groups, deletion of single offsets, transactional commits.
import type { ErrorName } from "../../protocol/errors.ts";
import type {
  DeleteGroupsResponse,
  DescribedGroup,
  HeartbeatRequest,
  LeaveGroupRequest,
  LeaveGroupResponse,
  OffsetCommitRequest,
  OffsetCommitResponse,
  OffsetFetchRequest,
  OffsetFetchResponse,
  SyncGroupRequest,
  SyncGroupResponse,
} from "../../protocol/group-apis.ts";
import type { TopicPartition } from "../../protocol/types.ts";
import { type Micros, seconds } from "../../sim/kernel.ts";
import { ClassicGroup } from "./classic-group.ts";
import { emptyGroupRecord, groupTombstone } from "./group-record.ts";
import { type Join, Joins } from "./joins.ts";
import { Membership } from "./membership.ts";
import { offsetCommitError, retentionStart } from "./offset-rules.ts";
import { CommittedOffsets, type OffsetRecord, offsetTombstone } from "./offsets.ts";
import { Rebalancer } from "./rebalance.ts";
import type { CoordinatorRecord } from "./records.ts";
import { joinError, syncError } from "./responses.ts";
import type { GroupServices } from "./services.ts";

const EXPIRATION_KEY = "expire-group-metadata";

/** What the partition's log holds beyond its high watermark. */
export interface Uncommitted {
  readonly uncommitted: Iterable<CoordinatorRecord>;
}

export class GroupShard {
  readonly groups = new Map<string, ClassicGroup>();
  readonly offsets = new CommittedOffsets();
  readonly #services: GroupServices & Uncommitted;
  readonly #rebalancer: Rebalancer;
  readonly #joins: Joins;
  readonly #membership: Membership;

  constructor(services: GroupServices & Uncommitted) {
    this.#services = services;
    this.#rebalancer = new Rebalancer(services);
    this.#joins = new Joins(services, this.#rebalancer);
    this.#membership = new Membership(services, this.#rebalancer);
  }

  // Membership

  join(join: Join): void {
    const { groupId, memberId } = join.request;
    const known = this.groups.get(groupId);
    if (known !== undefined) this.#joins.join(known, join);
    else if (memberId !== "") join.reply(joinError(memberId, "UNKNOWN_MEMBER_ID"));
    else {
      const group = this.#create(groupId);
      this.#joins.join(group, join);
      if (!this.#services.storesNewGroups) return;
      // So that the group is known to the next coordinator too.
      this.#services.write([emptyGroupRecord(group)], (error) => {
        if (error === "NONE") return;
        join.reply(joinError("", error));
        if (this.groups.get(groupId) === group) this.#forget(group, "its record was not written");
      });
    }
  }

  sync(request: SyncGroupRequest, reply: (response: SyncGroupResponse) => void): void {
    const group = this.groups.get(request.groupId);
    if (group === undefined) reply(syncError("UNKNOWN_MEMBER_ID"));
    else this.#membership.sync(group, request, reply);
  }

  heartbeat(request: HeartbeatRequest): ErrorName {
    const group = this.groups.get(request.groupId);
    return group === undefined ? "UNKNOWN_MEMBER_ID" : this.#membership.heartbeat(group, request);
  }

  leave(request: LeaveGroupRequest): LeaveGroupResponse {
    const group = this.groups.get(request.groupId);
    if (group !== undefined) return this.#membership.leave(group, request);
    const error = "UNKNOWN_MEMBER_ID";
    return {
      error: "NONE",
      members: request.members.map(({ memberId }) => ({ memberId, error })),
    };
  }

  /** Answers to members wait for what was written before them. */
  afterWrites(done: (error: ErrorName) => void): void {
    this.#services.afterWrites(done);
  }

  #create(groupId: string): ClassicGroup {
    const group = new ClassicGroup(groupId, this.#services.wallClock());
    this.groups.set(groupId, group);
    return group;
  }

  #forget(group: ClassicGroup, why: string): void {
    if (this.groups.get(group.groupId) === group) this.groups.delete(group.groupId);
    this.#rebalancer.transition(group, "Dead", why);
  }

  // Offsets

  commit(
    request: OffsetCommitRequest,
    from: number,
    reply: (response: OffsetCommitResponse) => void,
  ): void {
    const { groupId, generationId, offsets } = request;
    const known = this.groups.get(groupId);
    const group = known ?? (generationId < 0 ? this.#create(groupId) : undefined);
    const unknown = this.#services.sparesMembers ? "ILLEGAL_GENERATION" : "GROUP_ID_NOT_FOUND";
    const refused = group === undefined ? unknown : this.#commitError(group, request);
    if (group === undefined || refused !== "NONE") {
      reply({ partitions: offsets.map(({ partition }) => ({ partition, error: refused })) });
      return;
    }
    this.#touchSession(group, request.memberId);
    const tooLarge = this.#services.config["offset.metadata.max.bytes"];
    const isAccepted = ({ metadata }: { metadata: string }): boolean => metadata.length <= tooLarge;
    const commitTimestamp = this.#services.wallClock();
    const records = offsets.filter(isAccepted).map(
      ({ partition, offset, leaderEpoch, metadata }): OffsetRecord => ({
        type: "OffsetCommit",
        group: groupId,
        partition,
        value: { offset, leaderEpoch, metadata, commitTimestamp },
      }),
    );
    this.#write(records, (error) => {
      if (error === "NONE") this.#reportCommits(records, from, generationId);
      else if (known === undefined) this.#forgetUnused(group);
      reply({
        partitions: offsets.map((offset) => ({
          partition: offset.partition,
          error: error === "NONE" && !isAccepted(offset) ? "OFFSET_METADATA_TOO_LARGE" : error,
        })),
      });
    });
  }

  #commitError(group: ClassicGroup, request: OffsetCommitRequest): ErrorName {
    return this.#services.acceptsAnyCommit ? "NONE" : offsetCommitError(group, request);
  }

  /** A commit is a sign of life, except of those that wait for an assignment. */
  #touchSession(group: ClassicGroup, memberId: string): void {
    if (group.state !== "Stable" && group.state !== "PreparingRebalance") return;
    if (this.#services.acceptsAnyCommit) return;
    this.#rebalancer.restartSession(group, group.member(memberId));
  }

  #write(records: readonly CoordinatorRecord[], done: (error: ErrorName) => void): void {
    if (records.length > 0) this.#services.write(records, done);
    else this.#services.afterWrites(done);
  }

  #reportCommits(records: readonly OffsetRecord[], client: number, generation: number): void {
    for (const { group, partition, value } of records) {
      if (value === undefined) continue;
      const { offset } = value;
      this.#services.emit("offset.committed", { group, partition, offset, client, generation });
    }
  }

  #forgetUnused(group: ClassicGroup): void {
    if (this.groups.get(group.groupId) !== group || !group.isSimple) return;
    if (this.offsets.of(group.groupId).size === 0) this.groups.delete(group.groupId);
  }

  /** requireStable: after everything written so far is committed. */
  fetch(request: OffsetFetchRequest, reply: (response: OffsetFetchResponse) => void): void {
    if (!request.requireStable) {
      reply(this.offsets.fetch(request));
      return;
    }
    this.#services.afterWrites((error) => {
      if (error === "NONE") reply(this.offsets.fetch(request));
      // Older consumers do not expect the other error and would not look the coordinator up again.
      else {
        const retry = error === "COORDINATOR_NOT_AVAILABLE" ? "NOT_COORDINATOR" : error;
        reply({ error: retry, partitions: [] });
      }
    });
  }

  // Groups

  describe(groupId: string): DescribedGroup {
    const group = this.groups.get(groupId);
    if (group === undefined) return { ...unknownGroup(groupId), error: "NONE" };
    return {
      error: "NONE",
      groupId,
      state: group.state,
      protocolType: group.protocolType ?? "",
      protocolName: group.state === "Stable" ? (group.protocolName ?? "") : "",
      generationId: group.generationId,
      members: group.members.map(({ identity, assignment: { partitions: assignment } }) => {
        const { memberId, groupInstanceId, clientId, clientHost } = identity;
        return { memberId, groupInstanceId, clientId, clientHost, assignment };
      }),
    };
  }

  delete(
    groupIds: readonly string[],
    reply: (groups: DeleteGroupsResponse["groups"]) => void,
  ): void {
    const deleted: ClassicGroup[] = [];
    const results = groupIds.map((groupId) => {
      const group = this.groups.get(groupId);
      if (group === undefined) return { groupId, error: "GROUP_ID_NOT_FOUND" as const };
      if (group.state !== "Empty") return { groupId, error: "NON_EMPTY_GROUP" as const };
      deleted.push(group);
      return { groupId, error: "NONE" as const };
    });
    this.#remove(deleted, [], "deleted", (error) =>
      reply(error === "NONE" ? results : groupIds.map((groupId) => ({ groupId, error }))),
    );
  }

  /** The groups are gone at once; should the log refuse their tombstones, they come back. */
  #remove(
    groups: readonly ClassicGroup[],
    expired: readonly OffsetRecord[],
    why: string,
    done: (error: ErrorName) => void,
  ): void {
    const tombstones: OffsetRecord[] = [...expired];
    for (const { groupId } of groups) {
      const partitions = new Set([...this.offsets.of(groupId).keys(), ...this.#pending(groupId)]);
      for (const partition of partitions) tombstones.push(offsetTombstone(groupId, partition));
      this.groups.delete(groupId);
    }
    const records = [...tombstones, ...groups.map(({ groupId }) => groupTombstone(groupId))];
    this.#write(records, (error) => {
      for (const group of groups) {
        if (error === "NONE") this.#rebalancer.transition(group, "Dead", why);
        else if (!this.groups.has(group.groupId)) this.groups.set(group.groupId, group);
      }
      if (error === "NONE") this.#reportExpired(tombstones);
      done(error);
    });
  }

  #reportExpired(tombstones: readonly OffsetRecord[]): void {
    for (const { group, partition } of tombstones)
      this.#services.emit("offset.expired", { group, partition });
  }

  #pending(groupId: string): Set<TopicPartition> {
    const partitions = new Set<TopicPartition>();
    for (const record of this.#services.uncommitted) {
      if (record.type === "OffsetCommit" && record.group === groupId)
        partitions.add(record.partition);
    }
    return partitions;
  }

  // Expiration

  #scheduleExpiration(): void {
    const delayMs = this.#services.config["offsets.retention.check.interval.ms"];
    this.#services.timers.schedule(EXPIRATION_KEY, delayMs, () => {
      this.#expire();
      this.#scheduleExpiration();
    });
  }

  #expire(): void {
    const gone: ClassicGroup[] = [];
    const tombstones: OffsetRecord[] = [];
    for (const group of this.groups.values()) {
      const pending = this.#pending(group.groupId);
      const all = this.offsets.of(group.groupId);
      const expired: TopicPartition[] = [];
      for (const [partition, value] of all) {
        if (pending.has(partition) || group.isSubscribedTo(partition.topic)) continue;
        if (this.#isExpired(retentionStart(group, value))) expired.push(partition);
      }
      const isBare = expired.length === all.size && pending.size === 0;
      if (isBare && group.state === "Empty") gone.push(group);
      else for (const name of expired) tombstones.push(offsetTombstone(group.groupId, name));
    }
    if (gone.length + tombstones.length > 0)
      this.#remove(gone, tombstones, "its last offsets expired", () => undefined);
  }

  #isExpired(start: Micros | undefined): boolean {
    if (start === undefined) return false;
    const retention = seconds(60 * this.#services.config["offsets.retention.minutes"]);
    return this.#services.wallClock() - start >= retention;
  }

  /** Offsets of deleted partitions go with them. */
  partitionsDeleted(partitions: ReadonlySet<TopicPartition>): void {
    const tombstones = this.offsets.tombstones(partitions);
    if (tombstones.length > 0) this.#remove([], tombstones, "", () => undefined);
  }

  // Loading and unloading

  /** A record becomes part of the state: when it is committed, or when a new coordinator reads it. */
  replay(record: CoordinatorRecord): void {
    if (record.type === "OffsetCommit") {
      if (record.value !== undefined && !this.groups.has(record.group)) this.#create(record.group);
      this.offsets.replay(record);
    } else if (record.value === undefined) this.groups.delete(record.group);
    else this.groups.set(record.group, ClassicGroup.fromMetadata(record.group, record.value));
  }

  /** Every session starts again: a new coordinator does not know when it last heard of anyone. */
  loaded(): void {
    for (const group of this.groups.values()) {
      this.#services.emit("group.stateChanged", {
        group: group.groupId,
        from: "Dead",
        to: group.state,
        generation: group.generationId,
        members: group.size,
        why: "loaded by a new coordinator",
      });
      for (const member of group.members) this.#rebalancer.restartSession(group, member);
      const maxSize = this.#services.config["group.max.size"];
      if (group.size > maxSize) {
        const reason = `freshly loaded with ${group.size} members, more than ${maxSize}`;
        this.#rebalancer.prepare(group, reason);
      }
    }
    this.#scheduleExpiration();
  }

  /** Another broker coordinates these groups now: whoever waits here is sent there. The groups live on, so the trace hears of no death. */
  unloaded(): void {
    for (const group of this.groups.values()) {
      group.transitionTo("Dead", this.#services.wallClock());
      for (const member of group.members) {
        member.completeJoin(joinError(member.memberId, "NOT_COORDINATOR"));
        member.completeSync(syncError("NOT_COORDINATOR"));
      }
    }
    this.groups.clear();
  }
}

/** Kafka calls a group that it does not know dead. */
export const unknownGroup = (groupId: string): DescribedGroup => ({
  error: "NONE",
  groupId,
  state: "Dead",
  protocolType: "",
  protocolName: "",
  generationId: -1,
  members: [],
});
