// A scripted group coordinator on broker 1 of a Lab: answers as the test tells it to, and remembers what it was asked.

import type { ConsumerProgram, ConsumerSpec } from "../../../src/client/consumer/consumer.ts";
import type { Request, Response } from "../../../src/protocol/apis.ts";
import type { Settings } from "../../../src/protocol/config/row.ts";
import type { ErrorName } from "../../../src/protocol/errors.ts";
import type { CommittedOffset, GroupMember } from "../../../src/protocol/group-apis.ts";
import type { Call, KafkaHost } from "../../../src/protocol/kafka-host.ts";
import type { TopicPartition } from "../../../src/protocol/types.ts";
import type { Lab } from "../support.ts";
import { consume } from "./consume.ts";

type GroupApi =
  | "FindCoordinator"
  | "JoinGroup"
  | "SyncGroup"
  | "Heartbeat"
  | "LeaveGroup"
  | "OffsetCommit"
  | "OffsetFetch";

export interface Asked {
  readonly at: number;
  readonly api: GroupApi;
  readonly broker: number;
  readonly request: unknown;
}

export const ME = "client-1";

export class ScriptedCoordinator {
  readonly lab: Lab;
  readonly asked: Asked[] = [];
  /** Broker that FindCoordinator names. */
  node = 1;
  generation = 0;
  /** Errors by API, given once each and in order. */
  readonly errors = new Map<GroupApi, ErrorName[]>();
  /** What SyncGroup hands out; undefined: what the leader has assigned to this member. */
  assignment: readonly TopicPartition[] | undefined;
  /** This member is the leader of a group of these others and itself. */
  others: readonly GroupMember[] = [];
  isLeader = true;
  protocol: string | undefined;
  readonly committed = new Map<TopicPartition, CommittedOffset>();
  /** APIs that get no answer. */
  readonly silent = new Set<GroupApi>();
  /** How long answers take. */
  readonly delays = new Map<GroupApi, number>();
  #assigned: readonly TopicPartition[] = [];

  constructor(lab: Lab) {
    this.lab = lab;
    for (const [index, broker] of lab.brokers.entries()) this.#serve(broker, index + 1);
  }

  fail(api: GroupApi, ...errors: ErrorName[]): void {
    this.errors.set(api, [...(this.errors.get(api) ?? []), ...errors]);
  }

  /** The requests of an API, oldest first. */
  of<A extends GroupApi>(api: A): Request<A>[] {
    return this.asked.filter((one) => one.api === api).map((one) => one.request as Request<A>);
  }

  at(api: GroupApi): number[] {
    return this.asked.filter((one) => one.api === api).map((one) => one.at / 1000);
  }

  #serve(host: KafkaHost, broker: number): void {
    const answer =
      <A extends GroupApi>(
        api: A,
        respond: (request: Request<A>, error: ErrorName) => Response<A>,
      ) =>
      (request: Request<A>, call: Call<A>): void => {
        this.asked.push({ at: this.lab.world.kernel.now, api, broker, request });
        const error = this.errors.get(api)?.shift() ?? "NONE";
        if (this.silent.has(api)) return;
        const response = respond(request, error);
        this.lab.world.kernel.after(this.delays.get(api) ?? 0, () => call.reply(response));
      };
    host.serve({
      InitProducerId: (_, call) => call.reply({ error: "NONE", producerId: 7, producerEpoch: 0 }),
      FindCoordinator: answer("FindCoordinator", (_, error) => ({
        error,
        nodeId: error === "NONE" ? this.node : -1,
      })),
      JoinGroup: answer("JoinGroup", (request, error) => this.#join(request, error)),
      SyncGroup: answer("SyncGroup", (request, error) => this.#sync(request, error)),
      Heartbeat: answer("Heartbeat", (_, error) => ({ error })),
      LeaveGroup: answer("LeaveGroup", (_, error) => ({ error, members: [] })),
      OffsetCommit: answer("OffsetCommit", (request, error) => this.#commit(request, error)),
      OffsetFetch: answer("OffsetFetch", (request, error) => ({
        error,
        partitions: (request.partitions ?? []).map((partition) => ({
          error: "NONE" as const,
          ...(this.committed.get(partition) ?? {
            partition,
            offset: -1,
            leaderEpoch: -1,
            metadata: "",
          }),
        })),
      })),
    });
  }

  #join(request: Request<"JoinGroup">, scripted: ErrorName): Response<"JoinGroup"> {
    let error = scripted;
    if (error === "NONE" && request.memberId === "" && request.groupInstanceId === undefined)
      error = "MEMBER_ID_REQUIRED";
    if (error === "NONE") this.generation++;
    const memberId = error === "MEMBER_ID_REQUIRED" ? ME : request.memberId || ME;
    const [first] = request.protocols;
    const protocolName = this.protocol ?? first?.name ?? "";
    const mine = request.protocols.find(({ name }) => name === protocolName);
    const self = { memberId, groupInstanceId: request.groupInstanceId };
    const members = mine === undefined ? [] : [{ ...self, subscription: mine.subscription }];
    return {
      error,
      generationId: error === "NONE" ? this.generation : -1,
      protocolName,
      leader: this.isLeader ? memberId : "other",
      skipAssignment: false,
      memberId,
      members: this.isLeader ? [...members, ...this.others] : [],
    };
  }

  #sync(request: Request<"SyncGroup">, error: ErrorName): Response<"SyncGroup"> {
    const own = request.assignments.find(({ memberId }) => memberId === request.memberId);
    this.#assigned = this.assignment ?? own?.assignment.partitions ?? [];
    const partitions = error === "NONE" ? this.#assigned : [];
    return { error, assignment: { partitions, userData: undefined } };
  }

  #commit(request: Request<"OffsetCommit">, error: ErrorName): Response<"OffsetCommit"> {
    if (error === "NONE")
      for (const offset of request.offsets) this.committed.set(offset.partition, offset);
    return { partitions: request.offsets.map(({ partition }) => ({ partition, error })) };
  }
}

export const member = (
  lab: Lab,
  settings: Settings = {},
  spec: Partial<ConsumerSpec> = {},
): ConsumerProgram =>
  consume(lab, { "group.id": "g", "partition.assignment.strategy": "range", ...settings }, spec);

/** The callbacks of the rebalance listener: name and partition numbers. */
export const callbacks = (lab: Lab): string[] =>
  lab
    .of("consumer.rebalanced")
    .map((e) => `${e.callback} ${e.partitions.map((p) => p.partition).join()}`.trim());

export const partition = (lab: Lab, index: number): TopicPartition =>
  lab.env.partitions.of("t", index);
