// The group coordinator of one broker (GroupCoordinatorService, and KafkaApis where it concerns groups): finds the partition of a group, and
// the shard behind it if this broker leads that partition. Left out: authorization, quotas, the transaction coordinator.
import type { ApiName, Response } from "../../protocol/apis.ts";
import type { Environment } from "../../protocol/environment.ts";
import type { ErrorName } from "../../protocol/errors.ts";
import type {
  DescribedGroup,
  FindCoordinatorRequest,
  FindCoordinatorResponse,
  JoinGroupRequest,
  OffsetCommitRequest,
} from "../../protocol/group-apis.ts";
import { groupPartitionFor } from "../../protocol/java-hash.ts";
import type { Call, Handlers, KafkaHost } from "../../protocol/kafka-host.ts";
import type { LeadershipListener, PartitionWriter } from "../../protocol/roles.ts";
import type { BrokerId, LeaderEpoch, TopicPartition } from "../../protocol/types.ts";
import { type CoordinatorParts, PartitionCoordinator } from "./partition-coordinator.ts";
import { GROUP_METADATA_TOPIC } from "./records.ts";
import { joinError, syncError } from "./responses.ts";
import { type GroupShard, unknownGroup } from "./shard.ts";

export interface GroupCoordinatorNeeds {
  readonly writer: PartitionWriter;
  /** As this broker's metadata has it; undefined: no such topic. */
  partitionsOf(topic: string): number | undefined;
  /** Asks the controller for `__consumer_offsets`; more calls while it is under way do nothing. */
  createInternalTopic(): void;
  /** The live broker that leads the partition. */
  leaderOf(partition: TopicPartition): BrokerId | undefined;
}

export interface GroupCoordinator {
  readonly handlers: Handlers;
  readonly listener: LeadershipListener;
}

export function groupCoordinator(
  host: KafkaHost,
  env: Environment,
  settings: { readonly config: CoordinatorParts["config"] },
  needs: GroupCoordinatorNeeds,
): GroupCoordinator {
  const rules = {
    storesNewGroups: env.rules["group.new-group-record"] === "on",
    requiresMemberId: env.rules["group.member-id-required"] === "on",
    acceptsAnyCommit: env.rules.mutant === "commit-any-generation",
    sparesMembers: env.rules["group.unexpected-errors"] === "older",
    startsOver: env.rules.mutant === "generation-starts-over",
    keepsTheSilent: env.rules.mutant === "sessions-never-end",
    skipsAssignment: env.rules["group.static-leader-skips-assignment"] === "on",
  };
  const { config } = settings;
  const parts = { host, env, config, writer: needs.writer, rules };
  const service = new GroupCoordinatorService(parts, needs);
  return { handlers: service.handlers, listener: service };
}

class GroupCoordinatorService implements LeadershipListener {
  readonly #parts: CoordinatorParts;
  readonly #needs: GroupCoordinatorNeeds;
  readonly #coordinators = new Map<TopicPartition, PartitionCoordinator>();

  constructor(parts: CoordinatorParts, needs: GroupCoordinatorNeeds) {
    this.#parts = parts;
    this.#needs = needs;
  }

  // Leadership

  elected(partition: TopicPartition, leaderEpoch: LeaderEpoch): void {
    if (partition.topic !== GROUP_METADATA_TOPIC) return;
    const known = this.#coordinators.get(partition);
    if (known !== undefined) {
      // Re-elected without having been anything else: what is in memory is what is in the log.
      known.epoch = Math.max(known.epoch, leaderEpoch);
      return;
    }
    const coordinator = new PartitionCoordinator(this.#parts, partition, leaderEpoch);
    this.#coordinators.set(partition, coordinator);
    coordinator.load();
  }

  resigned(partition: TopicPartition, leaderEpoch: LeaderEpoch): void {
    const coordinator = this.#coordinators.get(partition);
    if (coordinator === undefined || leaderEpoch < coordinator.epoch) return;
    this.#coordinators.delete(partition);
    coordinator.close();
  }

  deleted(partitions: readonly TopicPartition[]): void {
    const gone = new Set(partitions);
    for (const { state, shard } of this.#coordinators.values())
      if (state === "active") shard.partitionsDeleted(gone);
  }

  // Requests

  #partitionOf(groupId: string): TopicPartition {
    const configured = this.#parts.config["offsets.topic.num.partitions"];
    const partitions = this.#needs.partitionsOf(GROUP_METADATA_TOPIC) ?? configured;
    const index = groupPartitionFor(groupId, partitions);
    return this.#parts.env.partitions.of(GROUP_METADATA_TOPIC, index);
  }

  /** The shard, or why this broker cannot answer for the group. */
  #shardOf(groupId: string): GroupShard | ErrorName {
    const coordinator = this.#coordinators.get(this.#partitionOf(groupId));
    if (coordinator?.state === "active") return coordinator.shard;
    return coordinator?.state === "loading" ? "COORDINATOR_LOAD_IN_PROGRESS" : "NOT_COORDINATOR";
  }

  /** Members need a group id; offsets may be committed under the empty one. */
  #namedShardOf(groupId: string): GroupShard | ErrorName {
    return groupId === "" ? "INVALID_GROUP_ID" : this.#shardOf(groupId);
  }

  readonly handlers: Handlers = {
    FindCoordinator: (request, call) => call.reply(this.#find(request)),
    JoinGroup: (request, call) => this.#join(request, call),
    SyncGroup: (request, call) => {
      const shard = this.#namedShardOf(request.groupId);
      const isLost = shard === "COORDINATOR_LOAD_IN_PROGRESS" && this.#parts.rules.sparesMembers;
      if (isLost) call.reply(syncError("REBALANCE_IN_PROGRESS"));
      else if (typeof shard === "string") call.reply(syncError(shard));
      else shard.sync(request, (response) => call.reply(response));
    },
    Heartbeat: (request, call) => {
      const shard = this.#namedShardOf(request.groupId);
      // While the group loads nobody knows whether the member is in it, so it is given the benefit of the doubt.
      if (shard === "COORDINATOR_LOAD_IN_PROGRESS") call.reply({ error: "NONE" });
      else if (typeof shard === "string") call.reply({ error: shard });
      else {
        const error = shard.heartbeat(request);
        if (isRefusal(error)) call.reply({ error });
        else afterWrites(shard, call, { error }, (failure) => ({ error: failure }));
      }
    },
    LeaveGroup: (request, call) => {
      const shard = this.#namedShardOf(request.groupId);
      if (typeof shard === "string") call.reply({ error: shard, members: [] });
      else {
        const response = shard.leave(request);
        afterWrites(shard, call, response, (error) => ({ error, members: [] }));
      }
    },
    OffsetCommit: (request, call) => this.#commit(request, call),
    OffsetFetch: (request, call) => {
      const shard = this.#shardOf(request.groupId);
      if (typeof shard === "string") call.reply({ error: shard, partitions: [] });
      else shard.fetch(request, (response) => call.reply(response));
    },
    DescribeGroups: (request, call) =>
      call.reply({ groups: request.groups.map((groupId) => this.#describe(groupId)) }),
    DeleteGroups: (request, call) => this.#delete(request.groups, call),
  };

  #find({ key, keyType }: FindCoordinatorRequest): FindCoordinatorResponse {
    const unavailable = { error: "COORDINATOR_NOT_AVAILABLE", nodeId: -1 } as const;
    if (keyType !== "group") return { error: "INVALID_REQUEST", nodeId: -1 };
    if (this.#needs.partitionsOf(GROUP_METADATA_TOPIC) === undefined) {
      this.#needs.createInternalTopic();
      return unavailable;
    }
    const leader = this.#needs.leaderOf(this.#partitionOf(key));
    return leader === undefined ? unavailable : { error: "NONE", nodeId: leader };
  }

  #join(request: JoinGroupRequest, call: Call<"JoinGroup">): void {
    const { groupId, memberId, sessionTimeoutMs } = request;
    const { config } = this.#parts;
    const isAllowed =
      sessionTimeoutMs >= config["group.min.session.timeout.ms"] &&
      sessionTimeoutMs <= config["group.max.session.timeout.ms"];
    const shard =
      groupId !== "" && !isAllowed ? "INVALID_SESSION_TIMEOUT" : this.#namedShardOf(groupId);
    if (typeof shard === "string") call.reply(joinError(memberId, shard));
    else shard.join({ request, from: call.from, reply: (response) => call.reply(response) });
  }

  /** Partitions that this broker has not heard of are refused by themselves. */
  #commit(request: OffsetCommitRequest, call: Call<"OffsetCommit">): void {
    const unknown: Response<"OffsetCommit">["partitions"][number][] = [];
    const offsets = request.offsets.filter(({ partition }) => {
      const isKnown = partition.partition < (this.#needs.partitionsOf(partition.topic) ?? 0);
      if (!isKnown) unknown.push({ partition, error: "UNKNOWN_TOPIC_OR_PARTITION" });
      return isKnown;
    });
    const shard = this.#shardOf(request.groupId);
    if (offsets.length === 0) call.reply({ partitions: unknown });
    else if (typeof shard === "string") {
      const refused = offsets.map(({ partition }) => ({ partition, error: shard }));
      call.reply({ partitions: [...unknown, ...refused] });
    } else {
      shard.commit({ ...request, offsets }, call.from, ({ partitions }) =>
        call.reply({ partitions: [...unknown, ...partitions] }),
      );
    }
  }

  #describe(groupId: string): DescribedGroup {
    const shard = this.#shardOf(groupId);
    if (typeof shard !== "string") return shard.describe(groupId);
    return { ...unknownGroup(groupId), error: shard };
  }

  /** Group by group, as each may have another coordinator; answered when the last is done. */
  #delete(groupIds: readonly string[], call: Call<"DeleteGroups">): void {
    const results: Response<"DeleteGroups">["groups"][number][] = [];
    const finish = (done: Response<"DeleteGroups">["groups"]): void => {
      results.push(...done);
      if (results.length === groupIds.length) call.reply({ groups: results });
    };
    if (groupIds.length === 0) finish([]);
    for (const groupId of groupIds) {
      const shard = this.#shardOf(groupId);
      if (typeof shard === "string") finish([{ groupId, error: shard }]);
      else shard.delete([groupId], finish);
    }
  }
}

/** Thrown in Kafka, and so answered at once; any other answer to a member waits for what the group has written before it. */
const isRefusal = (error: ErrorName): boolean =>
  error !== "NONE" && error !== "REBALANCE_IN_PROGRESS";

function afterWrites<A extends ApiName>(
  shard: GroupShard,
  call: Call<A>,
  response: Response<A>,
  failed: (error: ErrorName) => Response<A>,
): void {
  shard.afterWrites((error) => call.reply(error === "NONE" ? response : failed(error)));
}
