// JoinGroup (GroupMetadataManager.classicGroupJoin…): who may join, under which id, and whether that means a rebalance.
import type { JoinGroupRequest, JoinGroupResponse } from "../../protocol/group-apis.ts";
import type { ClassicGroup } from "./classic-group.ts";
import { ClassicMember } from "./classic-member.ts";
import { groupRecord } from "./group-record.ts";
import type { Rebalancer } from "./rebalance.ts";
import { joinError, joined, syncError } from "./responses.ts";
import type { GroupServices } from "./services.ts";

export interface Join {
  readonly request: JoinGroupRequest;
  /** Host that asks. */
  readonly from: number;
  reply(response: JoinGroupResponse): void;
}

/** A parked JoinGroup of a member that does not know its id yet cannot be told from a dead client's. */
const NEW_MEMBER_JOIN_TIMEOUT_MS = 5 * 60 * 1000;

export class Joins {
  readonly #services: GroupServices;
  readonly #rebalancer: Rebalancer;

  constructor(services: GroupServices, rebalancer: Rebalancer) {
    this.#services = services;
    this.#rebalancer = rebalancer;
  }

  join(group: ClassicGroup, join: Join): void {
    const { memberId, protocols } = join.request;
    if (!this.#accepts(group, memberId)) {
      if (group.has(memberId)) {
        const member = group.member(memberId);
        group.remove(memberId);
        this.#rebalancer.reportRemoval(group, member, "the group is larger than group.max.size");
      } else group.remove(memberId);
      join.reply(joinError("", "GROUP_MAX_SIZE_REACHED"));
    } else if (group.state === "Dead") {
      join.reply(joinError(memberId, "COORDINATOR_NOT_AVAILABLE"));
    } else if (!group.supports(protocols)) {
      join.reply(joinError(memberId, "INCONSISTENT_GROUP_PROTOCOL"));
    } else if (memberId === "") this.#joinNew(group, join);
    else this.#joinExisting(group, join);
  }

  /** While preparing, those who wait are counted: a group above the limit gets rid of whoever rejoins last. */
  #accepts(group: ClassicGroup, memberId: string): boolean {
    const maxSize = this.#services.config["group.max.size"];
    if (group.state === "PreparingRebalance") {
      const isWaiting = group.has(memberId) && group.member(memberId).awaitingJoin !== undefined;
      return isWaiting || group.numAwaitingJoin < maxSize;
    }
    if (group.state === "CompletingRebalance" || group.state === "Stable") {
      return group.has(memberId) || group.size < maxSize;
    }
    return true;
  }

  // Without a member id

  #joinNew(group: ClassicGroup, join: Join): void {
    const { groupInstanceId, clientId, sessionTimeoutMs } = join.request;
    const memberId = `${groupInstanceId ?? clientId}-${this.#services.newUuid()}`;
    const existing = group.staticMemberId(groupInstanceId);
    if (existing !== undefined) this.#replaceStatic(group, join, existing, memberId);
    else if (groupInstanceId !== undefined || !this.#services.requiresMemberId) {
      this.#add(group, join, memberId);
    } else {
      group.addPending(memberId);
      this.#rebalancer.startSession(group, memberId, sessionTimeoutMs);
      join.reply(joinError(memberId, "MEMBER_ID_REQUIRED"));
    }
  }

  #add(group: ClassicGroup, join: Join, memberId: string): void {
    const { request, from: client } = join;
    const { groupInstanceId, clientId, clientHost } = request;
    const identity = { memberId, groupInstanceId, clientId, clientHost, client };
    const member = new ClassicMember(identity, request);
    member.isNew = true;
    if (group.state === "PreparingRebalance" && group.previousState === "Empty") {
      group.newMemberAdded = true;
    }
    group.add(member);
    member.awaitingJoin = join.reply;
    this.#rebalancer.startSession(group, memberId, NEW_MEMBER_JOIN_TIMEOUT_MS);
    this.#rebalancer.prepareOrComplete(group, `adding new member ${memberId}${clause(join)}`);
  }

  #replaceStatic(group: ClassicGroup, join: Join, oldId: string, newId: string): void {
    const { request } = join;
    const instance = request.groupInstanceId as string;
    const old = group.member(oldId);
    const before = { ...termsOf(old), leader: group.leaderId };
    fence(old);
    const member = group.replaceStatic(instance, oldId, newId);
    this.#rebalancer.reportRemoval(group, old, `replaced by ${newId}`);
    this.#rebalancer.restartSession(group, member);
    group.update(member, request);
    member.awaitingJoin = join.reply;
    if (group.state === "Stable" && group.selectProtocol() === group.protocolName) {
      this.#persistReplacement(group, join, member, { oldId, ...before });
    } else if (group.state === "Stable") {
      const reason = `static member ${newId} joined with a change of protocol${clause(join)}`;
      this.#rebalancer.prepareOrComplete(group, reason);
    } else if (group.state === "CompletingRebalance") {
      // The leader may be assigning to the old id: nobody would get what it gives to that.
      const reason = `updating metadata for static member ${newId}${clause(join)}`;
      this.#rebalancer.prepare(group, reason);
    } else this.#rebalancer.maybeCompleteJoin(group, `static member ${newId} joined`);
  }

  /** No rebalance: the new id takes over the old one's assignment, once that is in the log. */
  #persistReplacement(
    group: ClassicGroup,
    { request, reply }: Join,
    member: ClassicMember,
    before: ReturnType<typeof termsOf> & { oldId: string; leader: string | undefined },
  ): void {
    const assignments = new Map(group.members.map((m) => [m.memberId, m.assignment]));
    const { memberId } = member;
    this.#services.write([groupRecord(group, assignments)], (error) => {
      if (error !== "NONE") {
        this.#revertReplacement(group, member, request, before);
        reply({ ...joined(group, "", []), leader: before.leader ?? "", error });
        return;
      }
      // Who replaces itself is still in the group unless something removed it meanwhile.
      if (group.has(memberId)) this.#rebalancer.reportAssignment(group, member);
      if (!this.#services.skipsAssignment) {
        // An old client would assign if it were told that it leads.
        member.completeJoin({ ...joined(group, memberId, []), leader: before.leader ?? "" });
        return;
      }
      const isLeader = group.isLeader(memberId);
      const members = isLeader ? group.subscriptions : [];
      member.completeJoin({ ...joined(group, memberId, members), skipAssignment: isLeader });
    });
  }

  #revertReplacement(
    group: ClassicGroup,
    member: ClassicMember,
    request: JoinGroupRequest,
    before: ReturnType<typeof termsOf> & { oldId: string },
  ): void {
    if (!group.has(member.memberId)) return;
    member.awaitingJoin = undefined;
    group.update(member, before);
    fence(member);
    const instance = request.groupInstanceId as string;
    const restored = group.replaceStatic(instance, member.memberId, before.oldId);
    this.#rebalancer.restartSession(group, restored);
  }

  // With a member id

  #joinExisting(group: ClassicGroup, join: Join): void {
    const { request, reply } = join;
    const { memberId } = request;
    if (group.isPending(memberId)) {
      this.#add(group, join, memberId);
      return;
    }
    const error = group.memberError(memberId, request.groupInstanceId);
    if (error !== "NONE") {
      reply(joinError(memberId, error));
      return;
    }
    const member = group.member(memberId);
    const { state } = group;
    if (state === "PreparingRebalance") {
      this.#update(group, member, join, `member ${memberId} is joining during ${state}`);
    } else if (state === "Stable" && group.isLeader(memberId)) {
      // How a leader reports what no subscription shows, such as new partitions.
      this.#update(group, member, join, `leader ${memberId} re-joining during ${state}`);
    } else if (state !== "CompletingRebalance" && state !== "Stable") {
      reply(joinError(memberId, "UNKNOWN_MEMBER_ID"));
    } else if (member.matches(request.protocols)) {
      // The first answer may have been lost; or a follower has no reason of its own to rebalance.
      reply(joined(group, memberId, group.isLeader(memberId) ? group.subscriptions : []));
    } else {
      this.#update(group, member, join, `updating metadata for member ${memberId} during ${state}`);
    }
  }

  #update(group: ClassicGroup, member: ClassicMember, join: Join, reason: string): void {
    group.update(member, join.request);
    member.awaitingJoin = join.reply;
    this.#rebalancer.prepareOrComplete(group, `${reason}${clause(join)}`);
  }
}

const termsOf = ({ rebalanceTimeoutMs, sessionTimeoutMs, protocols }: ClassicMember) => ({
  rebalanceTimeoutMs,
  sessionTimeoutMs,
  protocols,
});

/** A duplicate that waits under the old id learns at once that it has been replaced. */
function fence(member: ClassicMember): void {
  member.completeJoin(joinError(member.memberId, "FENCED_INSTANCE_ID"));
  member.completeSync(syncError("FENCED_INSTANCE_ID"));
}

const clause = ({ request: { reason } }: Join): string => (reason === "" ? "" : `: ${reason}`);
