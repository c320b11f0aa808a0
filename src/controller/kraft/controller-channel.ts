// How a broker talks to the active controller: wherever it is, again and again until it answers. The truth: NodeToControllerChannelManager.
// Each user has a connection of its own.

import type { ApiName, Request, Response } from "../../protocol/apis.ts";
import type { ErrorName } from "../../protocol/errors.ts";
import type { KafkaHost, Process } from "../../protocol/kafka-host.ts";
import { type Micros, ms } from "../../sim/kernel.ts";

/** How long the thread waits before it looks for a controller again. */
const LOOKUP_INTERVAL = ms(100);

export class ControllerChannel {
  readonly #host: KafkaHost;
  readonly #name: string;
  readonly #requestTimeout: Micros;
  readonly #controllerId: () => number;

  constructor(host: KafkaHost, name: string, requestTimeout: Micros, controllerId: () => number) {
    this.#host = host;
    this.#name = name;
    this.#requestTimeout = requestTimeout;
    this.#controllerId = controllerId;
  }

  /** The active controller's answer; undefined when the time is up. Infinity: never. `request` is asked for at each try. */
  *call<A extends ApiName>(
    api: A,
    request: () => Request<A>,
    retryTimeout: Micros,
  ): Process<Response<A> | undefined> {
    const deadline = this.#host.now + retryTimeout;
    while (this.#host.now < deadline) {
      const to = this.#controllerId();
      if (to >= 0) {
        const timeoutUs = Math.min(this.#requestTimeout, deadline - this.#host.now);
        const options = { channel: this.#name, timeoutUs };
        const reply = yield* this.#host.call(to, api, request(), options);
        if (reply.ok && (reply.response as { error?: ErrorName }).error !== "NOT_CONTROLLER") {
          return reply.response;
        }
      }
      yield* this.#host.sleep(LOOKUP_INTERVAL);
    }
    return undefined;
  }
}
