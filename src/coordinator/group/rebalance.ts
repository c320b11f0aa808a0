// The rebalance of a classic group (GroupMetadataManager): the join phase that collects members, the sync phase that hands out
// assignments, and the sessions that remove whoever is silent.
import type { ErrorName } from "../../protocol/errors.ts";
import type { Assignment, GroupState } from "../../protocol/group-apis.ts";
import { assert } from "../../sim/assert.ts";
import type { ClassicGroup } from "./classic-group.ts";
import { type ClassicMember, EMPTY_ASSIGNMENT } from "./classic-member.ts";
import { groupRecord } from "./group-record.ts";
import { joinError, joined, synced } from "./responses.ts";
import type { GroupServices } from "./services.ts";

const heartbeatKey = (group: ClassicGroup, memberId: string): string =>
  `heartbeat-${group.groupId}-${memberId}`;
const joinKey = (group: ClassicGroup): string => `join-${group.groupId}`;
const syncKey = (group: ClassicGroup): string => `sync-${group.groupId}`;

export class Rebalancer {
  readonly #services: GroupServices;

  constructor(services: GroupServices) {
    this.#services = services;
  }

  transition(group: ClassicGroup, to: GroupState, why: string): void {
    group.transitionTo(to, this.#services.wallClock());
    this.#reportTransition(group, why);
  }

  #reportTransition(group: ClassicGroup, why: string): void {
    this.#services.emit("group.stateChanged", {
      group: group.groupId,
      from: group.previousState,
      to: group.state,
      generation: group.generationId,
      members: group.size,
      why,
    });
  }

  // Sessions

  startSession(group: ClassicGroup, memberId: string, timeoutMs: number): void {
    this.#services.timers.schedule(heartbeatKey(group, memberId), timeoutMs, () =>
      this.#expireSession(group, memberId),
    );
  }

  restartSession(group: ClassicGroup, member: ClassicMember): void {
    this.startSession(group, member.memberId, member.sessionTimeoutMs);
  }

  endSession(group: ClassicGroup, memberId: string): void {
    this.#services.timers.cancel(heartbeatKey(group, memberId));
  }

  #expireSession(group: ClassicGroup, memberId: string): void {
    if (group.state === "Dead" || this.#services.keepsTheSilent === true) return;
    if (group.isPending(memberId)) {
      group.remove(memberId);
      if (group.state === "PreparingRebalance" && group.hasAllMembersJoined) {
        this.completeJoin(group, `pending member ${memberId} did not come back`);
      }
    } else if (group.has(memberId) && !group.member(memberId).hasSatisfiedHeartbeat) {
      const why = "session timeout";
      this.removeMember(group, memberId, why);
      const reason = `removing member ${memberId} on heartbeat expiration`;
      if (group.state === "Stable" || group.state === "CompletingRebalance") {
        this.prepareOrComplete(group, reason);
      } else if (group.state === "PreparingRebalance" && group.hasAllMembersJoined) {
        this.completeJoin(group, reason);
      }
    }
  }

  /** A parked JoinGroup is answered first, so that a client that is alive after all tries again. */
  removeMember(group: ClassicGroup, memberId: string, why: string): void {
    const member = group.member(memberId);
    member.completeJoin(joinError("", "UNKNOWN_MEMBER_ID"));
    group.remove(memberId);
    this.reportRemoval(group, member, why);
  }

  reportRemoval(group: ClassicGroup, member: ClassicMember, why: string): void {
    const { client } = member.identity;
    const { groupId } = group;
    this.#services.emit("group.memberRemoved", {
      group: groupId,
      member: member.memberId,
      client,
      why,
    });
  }

  // The join phase

  prepareOrComplete(group: ClassicGroup, reason: string): void {
    if (group.canRebalance) this.prepare(group, reason);
    else this.maybeCompleteJoin(group, reason);
  }

  prepare(group: ClassicGroup, reason: string): void {
    if (group.state === "CompletingRebalance") {
      this.resetAssignments(group, "REBALANCE_IN_PROGRESS");
    }
    group.pendingSyncMembers.clear();
    this.#services.timers.cancel(syncKey(group));
    const isInitial = group.state === "Empty";
    if (isInitial) {
      const delayMs = this.#services.config["group.initial.rebalance.delay.ms"];
      const remainingMs = Math.max(group.rebalanceTimeoutMs - delayMs, 0);
      this.#scheduleInitial(group, delayMs, remainingMs);
    }
    this.transition(group, "PreparingRebalance", reason);
    if (isInitial) return;
    if (group.hasAllMembersJoined) this.completeJoin(group, "all members joined");
    else this.#scheduleJoin(group);
  }

  #scheduleJoin(group: ClassicGroup): void {
    this.#services.timers.schedule(joinKey(group), group.rebalanceTimeoutMs, () =>
      this.completeJoin(group, "the rebalance timeout has passed"),
    );
  }

  /** `remainingMs`: by how much the wait may still grow when members keep coming. */
  #scheduleInitial(group: ClassicGroup, delayMs: number, remainingMs: number): void {
    this.#services.timers.schedule(joinKey(group), delayMs, () => {
      if (!group.newMemberAdded || remainingMs === 0) {
        this.completeJoin(group, "the initial rebalance delay has passed");
        return;
      }
      group.newMemberAdded = false;
      const initialMs = this.#services.config["group.initial.rebalance.delay.ms"];
      const nextMs = Math.min(initialMs, remainingMs);
      this.#scheduleInitial(group, nextMs, Math.max(remainingMs - delayMs, 0));
    });
  }

  /** The first rebalance of a group never finishes early: it waits for its delay. */
  maybeCompleteJoin(group: ClassicGroup, reason: string): void {
    if (group.state !== "PreparingRebalance" || group.previousState === "Empty") return;
    if (group.hasAllMembersJoined) this.completeJoin(group, reason);
  }

  completeJoin(group: ClassicGroup, why: string): void {
    this.#services.timers.cancel(joinKey(group));
    for (const member of group.notYetRejoined) {
      // A static member may be restarting: it keeps its place until its session ends.
      if (member.isStatic) continue;
      group.remove(member.memberId);
      this.endSession(group, member.memberId);
      this.reportRemoval(group, member, "did not rejoin in time");
    }
    if (group.state === "Dead") return;
    if (!group.maybeElectNewJoinedLeader() && group.size > 0) {
      this.#scheduleJoin(group);
      return;
    }
    if (this.#services.startsOver === true && group.previousState === "Empty")
      group.generationId = 0;
    group.initNextGeneration(this.#services.wallClock());
    this.#reportTransition(group, why);
    if (group.state === "Empty") {
      // Should this fail, the last generation in the log comes back after a failover, and its sessions end.
      this.#services.write([groupRecord(group, new Map())], () => undefined);
    } else this.#beginSync(group);
  }

  #beginSync(group: ClassicGroup): void {
    for (const member of group.members) {
      const { memberId } = member;
      const members = group.isLeader(memberId) ? group.subscriptions : [];
      member.completeJoin(joined(group, memberId, members));
      this.restartSession(group, member);
      member.isNew = false;
      group.pendingSyncMembers.add(memberId);
    }
    const { generationId } = group;
    this.#services.timers.schedule(syncKey(group), group.rebalanceTimeoutMs, () =>
      this.#expirePendingSync(group, generationId),
    );
  }

  // The sync phase

  syncReceived(group: ClassicGroup, memberId: string): void {
    group.pendingSyncMembers.delete(memberId);
    if (group.pendingSyncMembers.size === 0) this.#services.timers.cancel(syncKey(group));
  }

  #expirePendingSync(group: ClassicGroup, generationId: number): void {
    if (generationId !== group.generationId) return;
    if (group.state !== "CompletingRebalance" && group.state !== "Stable") return;
    if (group.pendingSyncMembers.size === 0) return;
    const late = [...group.pendingSyncMembers];
    for (const memberId of late) {
      const member = group.has(memberId) ? group.member(memberId) : undefined;
      group.remove(memberId);
      this.endSession(group, memberId);
      if (member !== undefined) this.reportRemoval(group, member, "sent no SyncGroup in time");
    }
    this.prepare(group, `removing ${late.join(", ")} on pending sync expiration`);
  }

  setAssignments(group: ClassicGroup, assignments: ReadonlyMap<string, Assignment>): void {
    for (const member of group.members) {
      member.assignment = assignments.get(member.memberId) ?? EMPTY_ASSIGNMENT;
      this.reportAssignment(group, member);
    }
    this.#propagate(group, "NONE");
  }

  resetAssignments(group: ClassicGroup, error: ErrorName): void {
    for (const member of group.members) member.assignment = EMPTY_ASSIGNMENT;
    this.#propagate(group, error);
  }

  /** Sessions start again: one that expired while its SyncGroup was parked was let pass and has no timer. */
  #propagate(group: ClassicGroup, error: ErrorName): void {
    assert(group.state === "CompletingRebalance", () => `${group.groupId} is ${group.state}`);
    for (const member of group.members) {
      if (member.completeSync(synced(member, error))) this.restartSession(group, member);
    }
  }

  reportAssignment(group: ClassicGroup, member: ClassicMember): void {
    this.#services.emit("group.assigned", {
      group: group.groupId,
      generation: group.generationId,
      member: member.memberId,
      client: member.identity.client,
      partitions: member.assignment.partitions,
    });
  }
}
