// A client's way to its group coordinator (the lookup half of AbstractCoordinator): which broker it is, and a connection of its own to it.
// Whatever goes wrong makes the coordinator unknown, and the next who needs it looks it up again.
import type { ApiName, Request } from "../../protocol/apis.ts";
import type { KafkaHost, Process, Reply } from "../../protocol/kafka-host.ts";
import type { BrokerId } from "../../protocol/types.ts";
import type { Channel } from "../../sim/channel.ts";
import type { Micros } from "../../sim/kernel.ts";
import type { Backoff } from "../backoff.ts";
import type { Metadata } from "../metadata.ts";
import { NetworkClient, type NetworkConfig, tellsWhenDone } from "../network-client.ts";
import type { Arrivals } from "./arrivals.ts";
import { type GroupError, isRetriable } from "./group-settings.ts";

const CHANNEL = "coordinator";
const MAX_IN_FLIGHT = 100;

/** One FindCoordinator request: under way, done, or failed. */
export interface Lookup {
  isDone: boolean;
  error: GroupError | undefined;
}

export class CoordinatorLink {
  readonly #host: KafkaHost;
  readonly #groupId: string;
  readonly #metadata: Metadata;
  readonly #network: NetworkClient;
  readonly #own: NetworkClient;
  readonly #backoff: Backoff;
  readonly #arrivals: Arrivals;
  #nodeId: BrokerId | undefined;
  /** The connection to it. */
  #channel: Channel | undefined;
  #lookup: Lookup | undefined;
  #foundListener: () => void = () => undefined;
  /** An error that no retry will cure. */
  fatal: GroupError | undefined;

  constructor(
    host: KafkaHost,
    groupId: string,
    config: NetworkConfig,
    parts: {
      readonly metadata: Metadata;
      /** The client's ordinary connections: any broker can be asked who coordinates. */
      readonly network: NetworkClient;
      readonly backoff: Backoff;
      readonly arrivals: Arrivals;
    },
  ) {
    this.#host = host;
    this.#groupId = groupId;
    this.#metadata = parts.metadata;
    this.#network = parts.network;
    this.#own = new NetworkClient(host, CHANNEL, config, MAX_IN_FLIGHT);
    this.#backoff = parts.backoff;
    this.#arrivals = parts.arrivals;
  }

  /** Told when the coordinator has been found, and when the connection to it goes up or down. */
  onChange(found: () => void, connection: (isUp: boolean) => void): void {
    this.#foundListener = found;
    this.#own.onConnection((_broker, isUp) => {
      connection(isUp);
      this.#arrivals.notify();
    });
  }

  /** checkAndGetCoordinator: a broker that cannot be connected to at the moment does not count as known. */
  get isKnown(): boolean {
    if (this.#nodeId === undefined) return false;
    // Asked at every poll, so the usual answer must be near.
    if (this.#channel?.state !== "idle") return true;
    const pause = this.#own.pollDelay(this.#nodeId);
    if (pause === 0 || pause === Number.POSITIVE_INFINITY) return true;
    this.#nodeId = undefined;
    return false;
  }

  get inFlight(): number {
    return this.#nodeId === undefined ? 0 : (this.#channel?.inFlight ?? 0);
  }

  /** Requests on the old connection fail, so that none of them reaches a coordinator that was given up. */
  markUnknown(why: string): void {
    if (this.#nodeId === undefined) return;
    this.#nodeId = undefined;
    this.#channel?.close(why);
  }

  /** The last lookup, done or not, or a new one when that was dropped (findCoordinatorFuture). */
  lookup(): Lookup {
    if (this.#lookup !== undefined) return this.#lookup;
    const lookup: Lookup = { isDone: false, error: undefined };
    const broker = this.#network.leastLoaded(this.#metadata.brokers);
    if (broker === undefined) return { isDone: true, error: "disconnected" };
    this.#lookup = lookup;
    this.#network.ready(broker);
    const request = { key: this.#groupId, keyType: "group" } as const;
    this.#network.send(broker, "FindCoordinator", request, (reply) => {
      lookup.isDone = true;
      lookup.error = this.#answered(reply);
      this.#arrivals.notify();
    });
    return lookup;
  }

  #answered(reply: Reply<"FindCoordinator">): GroupError | undefined {
    if (!reply.ok) return reply.reason;
    const { error, nodeId } = reply.response;
    if (error !== "NONE") {
      if (!isRetriable(error)) this.fatal = error;
      return error;
    }
    this.#nodeId = nodeId;
    this.#channel = this.#host.channel(nodeId, CHANNEL);
    this.#own.ready(nodeId);
    this.#foundListener();
    return undefined;
  }

  /** ensureCoordinatorReady: looks until the coordinator is known or time is up. */
  *ensureReady(deadline: Micros): Process<boolean> {
    for (let attempts = 0; !this.isKnown && this.fatal === undefined; ) {
      const lookup = this.lookup();
      if (!(yield* this.#arrivals.until(() => lookup.isDone, deadline))) break;
      const wasFound = this.#nodeId !== undefined;
      if (lookup.error !== undefined && this.fatal === undefined) {
        yield* this.#pause(this.#backoff(attempts++), deadline);
        yield* this.#newMetadata(deadline);
      } else if (wasFound && !this.isKnown) {
        // The connection to it has failed.
        yield* this.#pause(this.#backoff(attempts++), deadline);
      }
      this.#lookup = undefined;
      if (this.#host.now >= deadline) break;
    }
    return this.isKnown;
  }

  *#newMetadata(deadline: Micros): Process {
    const { version } = this.#metadata;
    this.#metadata.requestUpdate();
    yield* this.#arrivals.until(() => this.#metadata.version > version, deadline);
  }

  /** The heartbeat thread while the coordinator is unknown: it asks, and at its next look drops the question, to ask another broker at the look after that. */
  lookupOrDrop(): void {
    if (this.#lookup === undefined) this.lookup();
    else this.#lookup = undefined;
  }

  *#pause(delay: Micros, deadline: Micros): Process {
    const pause = Math.min(delay, deadline - this.#host.now);
    if (pause > 0) yield* this.#host.sleep(pause);
  }

  /** Only while it is known. A request without an answer makes it unknown. */
  send<A extends ApiName>(
    api: A,
    request: Request<A>,
    timeoutUs: Micros,
    done: (reply: Reply<A>) => void,
  ): void {
    const to = this.#nodeId as BrokerId;
    this.#own.ready(to);
    const received = tellsWhenDone(this.#host, to, api, request, (reply) => {
      if (!reply.ok && this.#nodeId === to) this.#nodeId = undefined;
      done(reply);
      this.#arrivals.notify();
    });
    this.#host.send(to, api, request, { channel: CHANNEL, timeoutUs }, received);
  }
}
