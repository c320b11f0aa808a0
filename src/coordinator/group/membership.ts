// SyncGroup, Heartbeat and LeaveGroup of classic groups (GroupMetadataManager.classicGroupSync, …Heartbeat, …Leave).
import type { ErrorName } from "../../protocol/errors.ts";
import type {
  Assignment,
  HeartbeatRequest,
  LeaveGroupRequest,
  LeaveGroupResponse,
  SyncGroupRequest,
  SyncGroupResponse,
} from "../../protocol/group-apis.ts";
import type { ClassicGroup } from "./classic-group.ts";
import { groupRecord } from "./group-record.ts";
import type { Rebalancer } from "./rebalance.ts";
import { syncError, synced } from "./responses.ts";
import type { GroupServices } from "./services.ts";

type Leaving = LeaveGroupRequest["members"][number];

export class Membership {
  readonly #services: GroupServices;
  readonly #rebalancer: Rebalancer;

  constructor(services: GroupServices, rebalancer: Rebalancer) {
    this.#services = services;
    this.#rebalancer = rebalancer;
  }

  sync(
    group: ClassicGroup,
    request: SyncGroupRequest,
    reply: (response: SyncGroupResponse) => void,
  ): void {
    const { memberId } = request;
    const error = group.state === "Empty" ? "UNKNOWN_MEMBER_ID" : validate(group, request);
    if (error !== "NONE") reply(syncError(error));
    else if (group.state === "PreparingRebalance") reply(syncError("REBALANCE_IN_PROGRESS"));
    else if (group.state === "CompletingRebalance") {
      group.member(memberId).awaitingSync = reply;
      this.#rebalancer.syncReceived(group, memberId);
      if (group.isLeader(memberId)) this.#assign(group, request);
    } else {
      this.#rebalancer.syncReceived(group, memberId);
      reply(synced(group.member(memberId)));
    }
  }

  /** The leader's SyncGroup: the assignment counts once it is in the log. */
  #assign(group: ClassicGroup, { assignments, generationId, memberId }: SyncGroupRequest): void {
    const byMember = new Map<string, Assignment>();
    for (const { memberId: id, assignment } of assignments) byMember.set(id, assignment);
    this.#services.write([groupRecord(group, byMember)], (error) => {
      // A member may have joined or gone since: then another generation is on its way.
      if (group.state !== "CompletingRebalance" || group.generationId !== generationId) return;
      if (error === "NONE") {
        this.#rebalancer.setAssignments(group, byMember);
        this.#rebalancer.transition(group, "Stable", `assignment of leader ${memberId}`);
        return;
      }
      this.#rebalancer.resetAssignments(group, error);
      this.#rebalancer.prepareOrComplete(group, `${error} when storing the group's assignment`);
    });
  }

  heartbeat(group: ClassicGroup, request: HeartbeatRequest): ErrorName {
    const error = validate(group, request);
    if (error !== "NONE") return error;
    if (group.state === "Empty") return "UNKNOWN_MEMBER_ID";
    this.#rebalancer.restartSession(group, group.member(request.memberId));
    return group.state === "PreparingRebalance" ? "REBALANCE_IN_PROGRESS" : "NONE";
  }

  leave(group: ClassicGroup, request: LeaveGroupRequest): LeaveGroupResponse {
    if (group.state === "Dead") return { error: "COORDINATOR_NOT_AVAILABLE", members: [] };
    const members = request.members.map((leaving) => ({
      memberId: leaving.memberId,
      error: this.#remove(group, leaving),
    }));
    const gone = members.filter(({ error }) => error === "NONE").map(({ memberId }) => memberId);
    const reason = `LeaveGroup of ${gone.join(", ")}`;
    if (gone.length > 0) {
      if (group.state === "Stable" || group.state === "CompletingRebalance") {
        this.#rebalancer.prepareOrComplete(group, reason);
      } else this.#rebalancer.maybeCompleteJoin(group, reason);
    }
    return { error: "NONE", members };
  }

  /** Administrators name a static member by its instance alone. */
  #remove(group: ClassicGroup, { memberId, groupInstanceId, reason }: Leaving): ErrorName {
    if (memberId !== "" && group.isPending(memberId)) {
      group.remove(memberId);
      this.#rebalancer.endSession(group, memberId);
      return "NONE";
    }
    const named = memberId === "" ? group.staticMemberId(groupInstanceId) : memberId;
    if (named === undefined) return "UNKNOWN_MEMBER_ID";
    const error = group.memberError(named, groupInstanceId);
    if (error !== "NONE") return error;
    this.#rebalancer.endSession(group, named);
    this.#rebalancer.removeMember(group, named, reason === "" ? "left" : `left: ${reason}`);
    return "NONE";
  }
}

function validate(
  group: ClassicGroup,
  { memberId, groupInstanceId, generationId }: HeartbeatRequest,
): ErrorName {
  if (group.state === "Dead") return "COORDINATOR_NOT_AVAILABLE";
  const error = group.memberError(memberId, groupInstanceId);
  if (error !== "NONE") return error;
  return generationId === group.generationId ? "NONE" : "ILLEGAL_GENERATION";
}
