// Membership of a classic group (AbstractCoordinator): JoinGroup, SyncGroup, Heartbeat and LeaveGroup, and what each error means.
// As in Kafka, the answer to a JoinGroup is only looked at inside poll(), the others as they come.
import type { JoinGroupRequest, SyncGroupRequest } from "../../protocol/group-apis.ts";
import type { KafkaHost, Process, Reply } from "../../protocol/kafka-host.ts";
import type { TopicPartition } from "../../protocol/types.ts";
import { assert } from "../../sim/assert.ts";
import { type Micros, ms } from "../../sim/kernel.ts";
import type { Backoff } from "../backoff.ts";
import type { Arrivals } from "./arrivals.ts";
import type { CoordinatorLink } from "./coordinator-link.ts";
import { type GroupError, type GroupSettings, isRetriable } from "./group-settings.ts";
import { Heartbeat } from "./heartbeat.ts";

export type MemberState = "UNJOINED" | "PREPARING_REBALANCE" | "COMPLETING_REBALANCE" | "STABLE";

export interface Generation {
  readonly generationId: number;
  readonly memberId: string;
  readonly protocolName: string | undefined;
}

const NO_GENERATION: Generation = { generationId: -1, memberId: "", protocolName: undefined };
/** The coordinator may answer a little after the rebalance timeout. */
const JOIN_GROUP_TIMEOUT_LAPSE = ms(5000);

export type JoinGroupAnswer = (Reply<"JoinGroup"> & { ok: true })["response"];

/** What the consumer does around a rebalance (the abstract methods of AbstractCoordinator). */
export interface RebalanceSteps {
  protocols(): JoinGroupRequest["protocols"];
  /** False: not finished by the deadline, to be called again. */
  onJoinPrepare(deadline: Micros, before: Generation): Process<boolean>;
  onLeaderElected(answer: JoinGroupAnswer): Process<SyncGroupRequest["assignments"]>;
  onJoinComplete(generation: Generation, assigned: readonly TopicPartition[]): void;
}

/** A JoinGroup and the SyncGroup that follows it. */
interface Joining {
  sent: Generation;
  reply: Reply<"JoinGroup"> | undefined;
  isDone: boolean;
  assigned: readonly TopicPartition[];
  /** UNJOINED: the membership was given up while the request was under way. */
  error: GroupError | "UNJOINED" | undefined;
}

export class Membership {
  readonly heartbeat: Heartbeat;
  generation: Generation = NO_GENERATION;
  state: MemberState = "UNJOINED";
  /** An error that ends the application. */
  fatal: GroupError | undefined;
  readonly #host: KafkaHost;
  readonly #settings: GroupSettings;
  readonly #link: CoordinatorLink;
  readonly #arrivals: Arrivals;
  readonly #steps: RebalanceSteps;
  #joining: Joining | undefined;
  #needsRejoin = true;
  #needsJoinPrepare = true;
  #rejoinReason = "";

  constructor(
    host: KafkaHost,
    settings: GroupSettings,
    parts: {
      readonly link: CoordinatorLink;
      readonly arrivals: Arrivals;
      readonly backoff: Backoff;
      readonly steps: RebalanceSteps;
    },
  ) {
    this.#host = host;
    this.#settings = settings;
    this.#link = parts.link;
    this.#arrivals = parts.arrivals;
    this.#steps = parts.steps;
    this.heartbeat = new Heartbeat(host, settings, parts.link, parts.backoff, this);
  }

  get hasJoined(): boolean {
    return this.state === "COMPLETING_REBALANCE" || this.state === "STABLE";
  }

  get isRebalancing(): boolean {
    return this.state === "PREPARING_REBALANCE" || this.state === "COMPLETING_REBALANCE";
  }

  get isRejoinNeededOrPending(): boolean {
    return this.#needsRejoin || this.#joining !== undefined;
  }

  requestRejoin(reason: string): void {
    this.#rejoinReason = reason;
    this.#needsRejoin = true;
  }

  isCurrent(sent: Generation): boolean {
    const { generationId, memberId, protocolName } = this.generation;
    return (
      sent.generationId === generationId &&
      sent.memberId === memberId &&
      sent.protocolName === protocolName
    );
  }

  /** The group goes on without this member. After ILLEGAL_GENERATION its id may still be good, and is kept. */
  reset(error: GroupError, api: string): void {
    this.#giveUp(`${error} from ${api}`, error !== "ILLEGAL_GENERATION");
    this.#host.emit("consumer.left", {
      group: this.#settings.groupId,
      why: `${error} in a response to ${api}`,
    });
  }

  #giveUp(reason: string, resetsMemberId: boolean): void {
    const memberId = resetsMemberId ? "" : this.generation.memberId;
    this.state = "UNJOINED";
    this.generation = { ...NO_GENERATION, memberId };
    this.#needsJoinPrepare = true;
    this.requestRejoin(reason);
  }

  /** joinGroupIfNeeded: true once the member is in a stable group. */
  *join(deadline: Micros): Process<boolean> {
    while (this.isRejoinNeededOrPending) {
      if (!(yield* this.#link.ensureReady(deadline))) return false;
      if (this.#needsJoinPrepare) {
        this.#needsJoinPrepare = false;
        if (!(yield* this.#steps.onJoinPrepare(deadline, this.generation))) {
          this.#needsJoinPrepare = true;
          return false;
        }
      }
      const joining = this.#initiateJoin();
      if (!(yield* this.#settle(joining, deadline))) return false;
      if (joining.error === undefined) this.#complete(joining);
      else if (!(yield* this.#failed(joining.error, deadline))) return false;
    }
    return true;
  }

  #initiateJoin(): Joining {
    if (this.#joining !== undefined) return this.#joining;
    this.state = "PREPARING_REBALANCE";
    const { generation } = this;
    const joining: Joining = {
      sent: generation,
      reply: undefined,
      isDone: false,
      assigned: [],
      error: undefined,
    };
    this.#joining = joining;
    if (!this.#link.isKnown) {
      fail(joining, "COORDINATOR_NOT_AVAILABLE");
      return joining;
    }
    const { requestTimeoutUs, rebalanceTimeoutUs, sessionTimeoutUs } = this.#settings;
    const request: JoinGroupRequest = {
      groupId: this.#settings.groupId,
      sessionTimeoutMs: sessionTimeoutUs / 1000,
      rebalanceTimeoutMs: rebalanceTimeoutUs / 1000,
      memberId: generation.memberId,
      groupInstanceId: this.#settings.groupInstanceId,
      clientId: this.#settings.clientId,
      clientHost: `/${this.#host.name}`,
      protocols: this.#steps.protocols(),
      reason: this.#rejoinReason,
    };
    const timeout = Math.max(requestTimeoutUs, rebalanceTimeoutUs + JOIN_GROUP_TIMEOUT_LAPSE);
    this.#link.send("JoinGroup", request, timeout, (reply) => {
      joining.reply = reply;
    });
    return joining;
  }

  /** Takes the join as far as it goes by the deadline; true when it has succeeded or failed. */
  *#settle(joining: Joining, deadline: Micros): Process<boolean> {
    const hasNews = (): boolean => joining.isDone || joining.reply !== undefined;
    while (yield* this.#arrivals.until(hasNews, deadline)) {
      if (joining.isDone) return true;
      const reply = joining.reply as Reply<"JoinGroup">;
      joining.reply = undefined;
      yield* this.#joined(joining, reply);
    }
    return false;
  }

  *#joined(joining: Joining, reply: Reply<"JoinGroup">): Process {
    if (!reply.ok) return fail(joining, reply.reason);
    const { error, memberId } = reply.response;
    if (error !== "NONE") {
      if (error === "UNKNOWN_MEMBER_ID" && this.isCurrent(joining.sent))
        this.reset(error, "JoinGroup");
      else if (error === "COORDINATOR_NOT_AVAILABLE" || error === "NOT_COORDINATOR")
        this.#link.markUnknown(`error response ${error}`);
      else if (error === "MEMBER_ID_REQUIRED") {
        this.generation = { ...NO_GENERATION, memberId };
        this.requestRejoin(`need to re-join with the given member-id: ${memberId}`);
      }
      return fail(joining, error);
    }
    if (this.state !== "PREPARING_REBALANCE") return fail(joining, "UNJOINED");
    yield* this.#sync(joining, reply.response);
  }

  *#sync(joining: Joining, answer: JoinGroupAnswer): Process {
    const { groupId, groupInstanceId } = this.#settings;
    const { generationId, memberId, protocolName } = answer;
    this.state = "COMPLETING_REBALANCE";
    this.generation = { generationId, memberId, protocolName };
    this.heartbeat.enable();
    const leader = answer.leader === memberId;
    this.#host.emit("consumer.joined", {
      group: groupId,
      member: memberId,
      generation: generationId,
      leader,
      protocol: protocolName,
    });
    const sent = this.generation;
    joining.sent = sent;
    const assignments = leader ? yield* this.#steps.onLeaderElected(answer) : [];
    if (!this.#link.isKnown) return fail(joining, "COORDINATOR_NOT_AVAILABLE");
    const request = {
      groupId,
      generationId: this.generation.generationId,
      memberId: this.generation.memberId,
      groupInstanceId,
      assignments,
    };
    this.#link.send("SyncGroup", request, this.#settings.requestTimeoutUs, (reply) =>
      this.#synced(joining, reply),
    );
  }

  #synced(joining: Joining, reply: Reply<"SyncGroup">): void {
    if (!reply.ok) return fail(joining, reply.reason);
    const { error, assignment } = reply.response;
    if (error === "NONE") {
      // The heartbeat thread may have given the membership up meanwhile.
      if (this.generation.generationId < 0 || this.state !== "COMPLETING_REBALANCE")
        return fail(joining, "ILLEGAL_GENERATION");
      this.state = "STABLE";
      this.#rejoinReason = "";
      this.#needsRejoin = false;
      joining.assigned = assignment.partitions;
      joining.isDone = true;
      return;
    }
    if (error === "UNKNOWN_MEMBER_ID" || error === "ILLEGAL_GENERATION") {
      if (this.isCurrent(joining.sent)) this.reset(error, "SyncGroup");
    } else if (error === "COORDINATOR_NOT_AVAILABLE" || error === "NOT_COORDINATOR")
      this.#link.markUnknown(`error response ${error}`);
    // Kafka's clients do not expect any other error here, retriable or not.
    else if (error !== "REBALANCE_IN_PROGRESS") this.fatal = error;
    fail(joining, error);
  }

  #complete(joining: Joining): void {
    this.#joining = undefined;
    if (this.generation.generationId < 0 || this.state !== "STABLE") {
      this.#giveUp("rebalance failed since the generation was reset by the heartbeat thread", true);
      return;
    }
    this.#needsJoinPrepare = true;
    this.#steps.onJoinComplete(this.generation, joining.assigned);
  }

  /** True: try again at once. */
  *#failed(error: GroupError | "UNJOINED", deadline: Micros): Process<boolean> {
    this.#joining = undefined;
    if (error !== "MEMBER_ID_REQUIRED") this.requestRejoin(`rebalance failed due to ${error}`);
    if (this.fatal !== undefined) return false;
    if (
      error === "UNKNOWN_MEMBER_ID" ||
      error === "ILLEGAL_GENERATION" ||
      error === "REBALANCE_IN_PROGRESS" ||
      error === "MEMBER_ID_REQUIRED"
    )
      return true;
    if (error !== "UNJOINED" && !isRetriable(error)) {
      this.fatal = error;
      return false;
    }
    const left = deadline - this.#host.now;
    if (left <= 0) return false;
    yield* this.#host.sleep(Math.min(left, this.#settings.retryBackoffUs));
    return true;
  }

  // Heartbeats and leaving

  sendHeartbeat(): void {
    const sent = this.generation;
    const { groupId, groupInstanceId, requestTimeoutUs } = this.#settings;
    const { generationId, memberId } = sent;
    const request = { groupId, generationId, memberId, groupInstanceId };
    this.#link.send("Heartbeat", request, requestTimeoutUs, (reply) => {
      if (reply.ok) this.#heartbeatAnswered(sent, reply.response.error);
      else this.heartbeat.failed();
    });
  }

  #heartbeatAnswered(sent: Generation, error: GroupError): void {
    if (error === "NONE") return this.heartbeat.received();
    if (error === "REBALANCE_IN_PROGRESS") {
      if (this.state === "STABLE") this.requestRejoin("group is already rebalancing");
      return this.heartbeat.received();
    }
    if (error === "COORDINATOR_NOT_AVAILABLE" || error === "NOT_COORDINATOR")
      this.#link.markUnknown(`error response ${error}`);
    const isOut =
      error === "ILLEGAL_GENERATION" ||
      error === "UNKNOWN_MEMBER_ID" ||
      error === "FENCED_INSTANCE_ID";
    if (isOut) {
      if (!this.isCurrent(sent)) return this.heartbeat.received();
      this.reset(error, "Heartbeat");
      if (error === "FENCED_INSTANCE_ID") this.fatal = error;
    }
    this.heartbeat.failed();
  }

  /** maybeLeaveGroup: a static member says nothing, the coordinator waits for its session to end. */
  leave(why: string): void {
    const { groupId, groupInstanceId, requestTimeoutUs } = this.#settings;
    const { memberId } = this.generation;
    const isDynamic = groupInstanceId === undefined;
    if (isDynamic && this.#link.isKnown && this.state !== "UNJOINED" && memberId !== "") {
      const request = { groupId, members: [{ memberId, groupInstanceId, reason: why }] };
      this.#link.send("LeaveGroup", request, requestTimeoutUs, () => undefined);
      this.#host.emit("consumer.left", { group: groupId, why });
    }
    this.#giveUp("consumer pro-actively leaving the group", true);
  }
}

function fail(joining: Joining, error: GroupError | "UNJOINED"): void {
  assert(!joining.isDone, () => "a join fails once");
  joining.isDone = true;
  joining.error = error;
}
