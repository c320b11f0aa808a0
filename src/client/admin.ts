// An operator's client (KafkaAdminClient): asks any broker, which passes the request on to the controller, and tries again until it is answered or time is up.
import type { ApiName, Request, Response } from "../protocol/apis.ts";
import type { Environment } from "../protocol/environment.ts";
import { ERRORS, type ErrorName } from "../protocol/errors.ts";
import type { KafkaHost, Process } from "../protocol/kafka-host.ts";
import { ms } from "../sim/kernel.ts";
import { type Backoff, retryBackoff } from "./backoff.ts";

type AdminApi =
  | "CreateTopics"
  | "DeleteTopics"
  | "CreatePartitions"
  | "IncrementalAlterConfigs"
  | "ElectLeaders";

const REQUEST_TIMEOUT = ms(30_000);
const DEFAULT_API_TIMEOUT = ms(60_000);
const RETRIES = { "retry.backoff.ms": 100, "retry.backoff.max.ms": 1000 };

/** undefined: no broker answered in default.api.timeout.ms; whether the request had an effect is not known. */
export type AdminResult<A extends ApiName> = Response<A> | undefined;

export class Admin {
  readonly #host: KafkaHost;
  readonly #env: Environment;
  readonly #backoff: Backoff;
  #nextBroker = 0;

  constructor(host: KafkaHost, env: Environment) {
    this.#host = host;
    this.#env = env;
    this.#backoff = retryBackoff(env.rules, RETRIES, host.rng("admin/backoff"));
  }

  createTopics(topics: Request<"CreateTopics">["topics"]): Process<AdminResult<"CreateTopics">> {
    return this.#call("CreateTopics", { topics });
  }

  createPartitions(
    topics: Request<"CreatePartitions">["topics"],
  ): Process<AdminResult<"CreatePartitions">> {
    return this.#call("CreatePartitions", { topics });
  }

  deleteTopics(topics: readonly string[]): Process<AdminResult<"DeleteTopics">> {
    return this.#call("DeleteTopics", { topics });
  }

  alterConfigs(
    request: Request<"IncrementalAlterConfigs">,
  ): Process<AdminResult<"IncrementalAlterConfigs">> {
    return this.#call("IncrementalAlterConfigs", request);
  }

  electLeaders(request: Request<"ElectLeaders">): Process<AdminResult<"ElectLeaders">> {
    return this.#call("ElectLeaders", request);
  }

  *#call<A extends AdminApi>(api: A, request: Request<A>): Process<AdminResult<A>> {
    const deadline = this.#host.now + DEFAULT_API_TIMEOUT;
    let last: AdminResult<A>;
    for (let failures = 0; this.#host.now < deadline; failures++) {
      const timeoutUs = Math.min(REQUEST_TIMEOUT, deadline - this.#host.now);
      const reply = yield* this.#host.call(this.#broker(), api, request, {
        channel: "admin",
        timeoutUs,
      });
      if (reply.ok) {
        last = reply.response;
        if (!this.#isRetriable(last.error)) return last;
      }
      this.#nextBroker++;
      const pause = this.#backoff(failures);
      yield* this.#host.sleep(Math.max(1, Math.min(pause, deadline - this.#host.now)));
    }
    return last;
  }

  #isRetriable(error: ErrorName): boolean {
    return error !== "NONE" && ERRORS[error].retriable;
  }

  #broker(): number {
    const { brokers } = this.#env;
    return brokers[this.#nextBroker % brokers.length] as number;
  }
}
