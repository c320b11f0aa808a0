// An operator's client for consumer groups (KafkaAdminClient's group calls): asks any broker for the coordinator, then the coordinator, and tries
// again until it is answered or default.api.timeout.ms is up.
import type { ApiName, ListOffsetsRequest, Request, Response } from "../protocol/apis.ts";
import type { Environment } from "../protocol/environment.ts";
import { ERRORS, type ErrorName } from "../protocol/errors.ts";
import type { DescribedGroup } from "../protocol/group-apis.ts";
import type { KafkaHost, Process } from "../protocol/kafka-host.ts";
import type { BrokerId, Offset, TopicPartition } from "../protocol/types.ts";
import { type Micros, ms } from "../sim/kernel.ts";
import { type Backoff, retryBackoff } from "./backoff.ts";

const REQUEST_TIMEOUT = ms(30_000);
const DEFAULT_API_TIMEOUT = ms(60_000);
const RETRIES = { "retry.backoff.ms": 100, "retry.backoff.max.ms": 1000 };
const CHANNEL = { channel: "admin" } as const;

type GroupApi = "DescribeGroups" | "DeleteGroups" | "OffsetFetch" | "OffsetCommit";

/** undefined: no answer in default.api.timeout.ms. */
export type Maybe<T> = T | undefined;

export class GroupAdmin {
  readonly #host: KafkaHost;
  readonly #env: Environment;
  readonly #backoff: Backoff;
  #asked = 0;

  constructor(host: KafkaHost, env: Environment) {
    this.#host = host;
    this.#env = env;
    this.#backoff = retryBackoff(env.rules, RETRIES, host.rng("group-admin/backoff"));
  }

  *describe(group: string): Process<Maybe<DescribedGroup>> {
    const request = { groups: [group] };
    const errorOf = (answer: Response<"DescribeGroups">) => answer.groups[0]?.error ?? "NONE";
    return (yield* this.#ask(group, "DescribeGroups", request, errorOf))?.groups[0];
  }

  *delete(group: string): Process<Maybe<ErrorName>> {
    const errorOf = (answer: Response<"DeleteGroups">) => answer.groups[0]?.error ?? "NONE";
    const answer = yield* this.#ask(group, "DeleteGroups", { groups: [group] }, errorOf);
    return answer === undefined ? undefined : errorOf(answer);
  }

  /** Committed offsets by partition, without those that are not there. */
  *committed(group: string): Process<Maybe<ReadonlyMap<TopicPartition, Offset>>> {
    const request = { groupId: group, partitions: undefined, requireStable: false };
    const answer = yield* this.#ask(group, "OffsetFetch", request, ({ error }) => error);
    if (answer === undefined) return undefined;
    const known = answer.partitions.filter(({ offset }) => offset >= 0);
    return new Map(known.map(({ partition, offset }) => [partition, offset]));
  }

  /** Commits from outside the group: the coordinator takes it only while the group is empty. */
  *commit(group: string, offsets: ReadonlyMap<TopicPartition, Offset>): Process<Maybe<ErrorName>> {
    const request = {
      groupId: group,
      generationId: -1,
      memberId: "",
      groupInstanceId: undefined,
      offsets: [...offsets].map(([partition, offset]) => ({
        partition,
        offset,
        leaderEpoch: -1,
        metadata: "",
      })),
    };
    const errorOf = (answer: Response<"OffsetCommit">): ErrorName =>
      answer.partitions.find(({ error }) => error !== "NONE")?.error ?? "NONE";
    const answer = yield* this.#ask(group, "OffsetCommit", request, errorOf);
    return answer === undefined ? undefined : errorOf(answer);
  }

  /** The end of a partition's log that `timestamp` names; `leaderOf` is asked anew at each attempt. */
  *logEnd(
    partition: TopicPartition,
    timestamp: "earliest" | "latest",
    leaderOf: (partition: TopicPartition) => BrokerId,
  ): Process<Maybe<Offset>> {
    const query = { partition, currentLeaderEpoch: -1, timestamp };
    const request: ListOffsetsRequest = { replicaId: -1, partitions: [query] };
    const errorOf = (answer: Response<"ListOffsets">) => answer.partitions[0]?.error ?? "NONE";
    const target = function* () {
      return leaderOf(partition);
    };
    const answer = yield* this.#retried("ListOffsets", request, target, errorOf);
    return answer?.partitions[0]?.offset;
  }

  #ask<A extends GroupApi>(
    group: string,
    api: A,
    request: Request<A>,
    errorOf: (answer: Response<A>) => ErrorName,
  ): Process<Maybe<Response<A>>> {
    return this.#retried(api, request, (left) => this.#coordinator(group, left), errorOf);
  }

  *#retried<A extends ApiName>(
    api: A,
    request: Request<A>,
    target: (timeoutUs: Micros) => Process<BrokerId>,
    errorOf: (answer: Response<A>) => ErrorName,
  ): Process<Maybe<Response<A>>> {
    const deadline = this.#host.now + DEFAULT_API_TIMEOUT;
    for (let failures = 0; this.#host.now < deadline; failures++) {
      const node = yield* target(Math.min(REQUEST_TIMEOUT, deadline - this.#host.now));
      const left = deadline - this.#host.now;
      if (node >= 0 && left > 0) {
        const options = { ...CHANNEL, timeoutUs: Math.min(REQUEST_TIMEOUT, left) };
        const reply = yield* this.#host.call(node, api, request, options);
        if (reply.ok && !ERRORS[errorOf(reply.response)].retriable) return reply.response;
      }
      const pause = Math.min(this.#backoff(failures), deadline - this.#host.now);
      yield* this.#host.sleep(Math.max(1, pause));
    }
    return undefined;
  }

  /** -1: nobody knows it yet. */
  *#coordinator(group: string, timeoutUs: Micros): Process<BrokerId> {
    const { brokers } = this.#env;
    const broker = brokers[this.#asked++ % brokers.length] as BrokerId;
    const request = { key: group, keyType: "group" } as const;
    const options = { ...CHANNEL, timeoutUs };
    const reply = yield* this.#host.call(broker, "FindCoordinator", request, options);
    return reply.ok && reply.response.error === "NONE" ? reply.response.nodeId : -1;
  }
}
