// A consumer's membership of a classic group (AbstractCoordinator): its generation, its heartbeats, leaving, and being out of the group.
import type { KafkaHost } from "../../protocol/kafka-host.ts";
import type { Backoff } from "../backoff.ts";
import type { CoordinatorLink } from "./coordinator-link.ts";
import type { GroupError, GroupSettings } from "./group-settings.ts";
import { Heartbeat } from "./heartbeat.ts";

export type MemberState = "UNJOINED" | "PREPARING_REBALANCE" | "COMPLETING_REBALANCE" | "STABLE";

export interface Generation {
  readonly generationId: number;
  readonly memberId: string;
  readonly protocolName: string | undefined;
}

export const NO_GENERATION: Generation = {
  generationId: -1,
  memberId: "",
  protocolName: undefined,
};
export class Membership {
  readonly heartbeat: Heartbeat;
  generation: Generation = NO_GENERATION;
  state: MemberState = "UNJOINED";
  /** An error that ends the application. */
  fatal: GroupError | undefined;
  needsRejoin = true;
  needsJoinPrepare = true;
  rejoinReason = "";
  /** A JoinGroup or SyncGroup is under way, or its answer has not been looked at. */
  isJoinPending = false;
  readonly #host: KafkaHost;
  readonly #settings: GroupSettings;
  readonly #link: CoordinatorLink;

  constructor(host: KafkaHost, settings: GroupSettings, link: CoordinatorLink, backoff: Backoff) {
    this.#host = host;
    this.#settings = settings;
    this.#link = link;
    this.heartbeat = new Heartbeat(host, settings, link, backoff, this);
  }

  get hasJoined(): boolean {
    return this.state === "COMPLETING_REBALANCE" || this.state === "STABLE";
  }

  get isRebalancing(): boolean {
    return this.state === "PREPARING_REBALANCE" || this.state === "COMPLETING_REBALANCE";
  }

  get isRejoinNeededOrPending(): boolean {
    return this.needsRejoin || this.isJoinPending;
  }

  requestRejoin(reason: string): void {
    this.rejoinReason = reason;
    this.needsRejoin = true;
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
    this.giveUp(`${error} from ${api}`, error !== "ILLEGAL_GENERATION");
    this.#host.emit("consumer.left", {
      group: this.#settings.groupId,
      why: `${error} in a response to ${api}`,
    });
  }

  /** resetStateAndRejoin */
  giveUp(reason: string, resetsMemberId: boolean): void {
    const memberId = resetsMemberId ? "" : this.generation.memberId;
    this.state = "UNJOINED";
    this.generation = { ...NO_GENERATION, memberId };
    this.needsJoinPrepare = true;
    this.requestRejoin(reason);
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
    this.giveUp("consumer pro-actively leaving the group", true);
  }
}
