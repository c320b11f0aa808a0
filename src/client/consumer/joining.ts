// Joining a classic group (AbstractCoordinator.joinGroupIfNeeded): JoinGroup, SyncGroup, and what each error means.
// As in Kafka, the answer to a JoinGroup is only looked at inside poll(), that to a SyncGroup as it comes.
import type { JoinGroupRequest, SyncGroupRequest } from "../../protocol/group-apis.ts";
import type { KafkaHost, Process, Reply } from "../../protocol/kafka-host.ts";
import type { TopicPartition } from "../../protocol/types.ts";
import { assert } from "../../sim/assert.ts";
import { type Micros, ms } from "../../sim/kernel.ts";
import type { Arrivals } from "./arrivals.ts";
import type { CoordinatorLink } from "./coordinator-link.ts";
import { type GroupError, type GroupSettings, isRetriable } from "./group-settings.ts";
import { type Generation, type Membership, NO_GENERATION } from "./membership.ts";

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

export class GroupJoin {
  readonly #host: KafkaHost;
  readonly #settings: GroupSettings;
  readonly #link: CoordinatorLink;
  readonly #arrivals: Arrivals;
  readonly #membership: Membership;
  readonly #steps: RebalanceSteps;
  #joining: Joining | undefined;

  constructor(
    host: KafkaHost,
    settings: GroupSettings,
    parts: {
      readonly link: CoordinatorLink;
      readonly arrivals: Arrivals;
      readonly membership: Membership;
      readonly steps: RebalanceSteps;
    },
  ) {
    this.#host = host;
    this.#settings = settings;
    this.#link = parts.link;
    this.#arrivals = parts.arrivals;
    this.#membership = parts.membership;
    this.#steps = parts.steps;
  }

  /** joinGroupIfNeeded: true once the member is in a stable group. */
  *run(deadline: Micros): Process<boolean> {
    while (this.#membership.isRejoinNeededOrPending) {
      if (!(yield* this.#link.ensureReady(deadline))) return false;
      if (this.#membership.needsJoinPrepare) {
        this.#membership.needsJoinPrepare = false;
        if (!(yield* this.#steps.onJoinPrepare(deadline, this.#membership.generation))) {
          this.#membership.needsJoinPrepare = true;
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
    this.#membership.state = "PREPARING_REBALANCE";
    const { generation } = this.#membership;
    const joining: Joining = {
      sent: generation,
      reply: undefined,
      isDone: false,
      assigned: [],
      error: undefined,
    };
    this.#joining = joining;
    this.#membership.isJoinPending = true;
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
      reason: this.#membership.rejoinReason,
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
      if (error === "UNKNOWN_MEMBER_ID" && this.#membership.isCurrent(joining.sent))
        this.#membership.reset(error, "JoinGroup");
      else if (error === "COORDINATOR_NOT_AVAILABLE" || error === "NOT_COORDINATOR")
        this.#link.markUnknown(`error response ${error}`);
      else if (error === "MEMBER_ID_REQUIRED") {
        this.#membership.generation = { ...NO_GENERATION, memberId };
        this.#membership.requestRejoin(`need to re-join with the given member-id: ${memberId}`);
      }
      return fail(joining, error);
    }
    if (this.#membership.state !== "PREPARING_REBALANCE") return fail(joining, "UNJOINED");
    yield* this.#sync(joining, reply.response);
  }

  *#sync(joining: Joining, answer: JoinGroupAnswer): Process {
    const { groupId, groupInstanceId } = this.#settings;
    const { generationId, memberId, protocolName } = answer;
    this.#membership.state = "COMPLETING_REBALANCE";
    this.#membership.generation = { generationId, memberId, protocolName };
    this.#membership.heartbeat.enable();
    const leader = answer.leader === memberId;
    this.#host.emit("consumer.joined", {
      group: groupId,
      member: memberId,
      generation: generationId,
      leader,
      protocol: protocolName,
    });
    const sent = this.#membership.generation;
    joining.sent = sent;
    const assignments = leader ? yield* this.#steps.onLeaderElected(answer) : [];
    if (!this.#link.isKnown) return fail(joining, "COORDINATOR_NOT_AVAILABLE");
    const request = {
      groupId,
      generationId: this.#membership.generation.generationId,
      memberId: this.#membership.generation.memberId,
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
      if (
        this.#membership.generation.generationId < 0 ||
        this.#membership.state !== "COMPLETING_REBALANCE"
      )
        return fail(joining, "ILLEGAL_GENERATION");
      this.#membership.state = "STABLE";
      this.#membership.rejoinReason = "";
      this.#membership.needsRejoin = false;
      joining.assigned = assignment.partitions;
      joining.isDone = true;
      return;
    }
    if (error === "UNKNOWN_MEMBER_ID" || error === "ILLEGAL_GENERATION") {
      if (this.#membership.isCurrent(joining.sent)) this.#membership.reset(error, "SyncGroup");
    } else if (error === "COORDINATOR_NOT_AVAILABLE" || error === "NOT_COORDINATOR")
      this.#link.markUnknown(`error response ${error}`);
    // Kafka's clients do not expect any other error here, retriable or not.
    else if (error !== "REBALANCE_IN_PROGRESS") this.#membership.fatal = error;
    fail(joining, error);
  }

  #complete(joining: Joining): void {
    this.#joining = undefined;
    this.#membership.isJoinPending = false;
    if (this.#membership.generation.generationId < 0 || this.#membership.state !== "STABLE") {
      this.#membership.giveUp(
        "rebalance failed since the generation was reset by the heartbeat thread",
        true,
      );
      return;
    }
    this.#membership.needsJoinPrepare = true;
    this.#steps.onJoinComplete(this.#membership.generation, joining.assigned);
  }

  /** True: try again at once. */
  *#failed(error: GroupError | "UNJOINED", deadline: Micros): Process<boolean> {
    this.#joining = undefined;
    this.#membership.isJoinPending = false;
    if (error !== "MEMBER_ID_REQUIRED")
      this.#membership.requestRejoin(`rebalance failed due to ${error}`);
    if (this.#membership.fatal !== undefined) return false;
    if (
      error === "UNKNOWN_MEMBER_ID" ||
      error === "ILLEGAL_GENERATION" ||
      error === "REBALANCE_IN_PROGRESS" ||
      error === "MEMBER_ID_REQUIRED"
    )
      return true;
    if (error !== "UNJOINED" && !isRetriable(error)) {
      this.#membership.fatal = error;
      return false;
    }
    const left = deadline - this.#host.now;
    if (left <= 0) return false;
    yield* this.#host.sleep(Math.min(left, this.#settings.retryBackoffUs));
    return true;
  }
}

function fail(joining: Joining, error: GroupError | "UNJOINED"): void {
  assert(!joining.isDone, () => "a join fails once");
  joining.isDone = true;
  joining.error = error;
}
