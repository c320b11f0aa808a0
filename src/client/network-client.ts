// A client's connections to brokers: NetworkClient and ClusterConnectionStates. One connection per broker, a bounded number of unanswered
// requests on each, pauses before reconnecting, a limit on how long connecting may take.
// Left out: "the newest request must be written to the socket before the next"; idle connections are not closed.
import { APIS, type ApiName, type Request } from "../protocol/apis.ts";
import type { ErrorName } from "../protocol/errors.ts";
import type { KafkaHost, Reply } from "../protocol/kafka-host.ts";
import type { BrokerId } from "../protocol/types.ts";
import type { Channel } from "../sim/channel.ts";
import { type Micros, ms, type Timer } from "../sim/kernel.ts";
import type { Rng } from "../sim/rng.ts";
import type { CallOptions } from "../sim/rpc.ts";
import { type Backoff, exponentialBackoff } from "./backoff.ts";

/** Produce and Fetch have events of their own. */
export function tellsWhenDone<A extends ApiName>(
  host: KafkaHost,
  broker: BrokerId,
  api: A,
  request: Request<A>,
  done: (reply: Reply<A>) => void,
): (reply: Reply<A>) => void {
  const sentAt = host.now;
  const requestBytes = APIS[api].requestBytes(request);
  return (reply) => {
    const { error = "NONE" } = reply.ok ? (reply.response as { error?: ErrorName }) : {};
    host.emit("client.requestDone", {
      api,
      broker,
      latencyUs: host.now - sentAt,
      outcome: reply.ok ? "answered" : reply.reason,
      error,
      requestBytes,
      responseBytes: reply.ok ? APIS[api].responseBytes(reply.response) : 0,
    });
    done(reply);
  };
}

export interface NetworkConfig {
  readonly "reconnect.backoff.ms": number;
  readonly "reconnect.backoff.max.ms": number;
  readonly "request.timeout.ms": number;
  readonly "socket.connection.setup.timeout.ms": number;
  readonly "socket.connection.setup.timeout.max.ms": number;
}

interface Peer {
  readonly id: BrokerId;
  readonly channel: Channel;
  failedAttempts: number;
  setupFailures: number;
  lastAttemptAt: Micros;
  reconnectBackoff: Micros;
  setupTimer: Timer | undefined;
}

export class NetworkClient {
  readonly #host: KafkaHost;
  readonly #name: string;
  readonly #maxInFlight: number;
  readonly #twoWay: CallOptions;
  readonly #oneWay: CallOptions;
  readonly #rng: Rng;
  readonly #reconnectBackoff: Backoff;
  readonly #setupTimeout: Backoff;
  readonly #peers = new Map<BrokerId, Peer>();
  readonly #stateListeners: ((broker: BrokerId, isUp: boolean) => void)[] = [];

  constructor(host: KafkaHost, name: string, config: NetworkConfig, maxInFlight: number) {
    this.#host = host;
    this.#name = name;
    this.#maxInFlight = maxInFlight;
    const timeoutUs = ms(config["request.timeout.ms"]);
    this.#twoWay = { channel: name, timeoutUs, oneWay: false };
    this.#oneWay = { channel: name, timeoutUs, oneWay: true };
    this.#rng = host.rng(`${name}/network`);
    const jittered = (low: number, high: number): Backoff =>
      exponentialBackoff(low, high, this.#rng);
    this.#reconnectBackoff = jittered(
      config["reconnect.backoff.ms"],
      config["reconnect.backoff.max.ms"],
    );
    this.#setupTimeout = jittered(
      config["socket.connection.setup.timeout.ms"],
      config["socket.connection.setup.timeout.max.ms"],
    );
  }

  /** Told whenever a connection has come up or gone down. */
  onConnection(listener: (broker: BrokerId, isUp: boolean) => void): void {
    this.#stateListeners.push(listener);
  }

  canSend(broker: BrokerId): boolean {
    const { channel } = this.#peer(broker);
    return channel.state === "ready" && channel.inFlight < this.#maxInFlight;
  }

  /** Can a request go out now? If the broker is not connected and the pause is over, starts to connect. */
  ready(broker: BrokerId): boolean {
    if (this.canSend(broker)) return true;
    const peer = this.#peer(broker);
    if (this.#canConnect(peer)) this.#connect(peer);
    return false;
  }

  /** How long until `ready` may answer differently without being told: the rest of the pause before reconnecting. */
  pollDelay(broker: BrokerId): Micros {
    const peer = this.#peer(broker);
    if (peer.channel.state !== "idle") return Number.POSITIVE_INFINITY;
    return Math.max(0, peer.lastAttemptAt + peer.reconnectBackoff - this.#host.now);
  }

  send<A extends ApiName>(
    broker: BrokerId,
    api: A,
    request: Request<A>,
    done: (reply: Reply<A>) => void,
    oneWay = false,
  ): void {
    const options = oneWay ? this.#oneWay : this.#twoWay;
    const isTold = api !== "Produce" && api !== "Fetch";
    const told = isTold ? tellsWhenDone(this.#host, broker, api, request, done) : done;
    this.#host.send(broker, api, request, options, told);
  }

  /** leastLoadedNode: an idle connection, else the least busy one, else one being made, else one that may be made. */
  leastLoaded(brokers: readonly BrokerId[]): BrokerId | undefined {
    const first = brokers.length === 0 ? 0 : this.#rng.integer(0, brokers.length - 1);
    let leastBusy: Peer | undefined;
    let connecting: Peer | undefined;
    let connectable: Peer | undefined;
    for (let i = 0; i < brokers.length; i++) {
      const peer = this.#peer(brokers[(first + i) % brokers.length] as BrokerId);
      const { channel } = peer;
      if (this.canSend(peer.id)) {
        if (channel.inFlight === 0) return peer.id;
        if (leastBusy === undefined || channel.inFlight < leastBusy.channel.inFlight)
          leastBusy = peer;
      } else if (channel.state === "connecting") connecting = peer;
      else if (this.#canConnect(peer)) {
        if (connectable === undefined || peer.lastAttemptAt < connectable.lastAttemptAt)
          connectable = peer;
      }
    }
    return (leastBusy ?? connecting ?? connectable)?.id;
  }

  #peer(broker: BrokerId): Peer {
    let peer = this.#peers.get(broker);
    if (peer === undefined) {
      peer = this.#newPeer(broker);
      this.#peers.set(broker, peer);
    }
    return peer;
  }

  #newPeer(broker: BrokerId): Peer {
    const channel = this.#host.channel(broker, this.#name);
    const peer: Peer = {
      id: broker,
      channel,
      failedAttempts: 0,
      setupFailures: 0,
      lastAttemptAt: Number.NEGATIVE_INFINITY,
      reconnectBackoff: 0,
      setupTimer: undefined,
    };
    channel.onOpen(() => this.#opened(peer));
    channel.onClose(() => this.#closed(peer));
    return peer;
  }

  #canConnect(peer: Peer): boolean {
    return (
      peer.channel.state === "idle" && this.#host.now >= peer.lastAttemptAt + peer.reconnectBackoff
    );
  }

  #connect(peer: Peer): void {
    peer.lastAttemptAt = this.#host.now;
    peer.channel.connect();
    peer.setupTimer = this.#host.after(this.#setupTimeout(peer.setupFailures), () => {
      if (peer.channel.state === "connecting") peer.channel.close("connection setup timed out");
    });
  }

  #opened(peer: Peer): void {
    peer.setupTimer?.cancel();
    peer.setupTimer = undefined;
    peer.failedAttempts = 0;
    peer.setupFailures = 0;
    peer.reconnectBackoff = this.#reconnectBackoff(0);
    for (const listener of this.#stateListeners) listener(peer.id, true);
  }

  #closed(peer: Peer): void {
    if (peer.setupTimer === undefined) peer.setupFailures = 0;
    else peer.setupFailures++;
    peer.setupTimer?.cancel();
    peer.setupTimer = undefined;
    peer.lastAttemptAt = this.#host.now;
    peer.reconnectBackoff = this.#reconnectBackoff(peer.failedAttempts++);
    for (const listener of this.#stateListeners) listener(peer.id, false);
  }
}
