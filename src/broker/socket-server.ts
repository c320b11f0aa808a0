// A broker's front door (SocketServer, RequestChannel, KafkaRequestHandlerPool): network threads read one request of a connection, mute it,
// and queue the request for the handler threads; the connection is read again when the response is written. So a connection has one request in
// progress, its wait in purgatory included, and answers keep their order. Left out: acceptors, connection limits, idle connections, throttling.
import type { ApiName, ProduceRequest } from "../protocol/apis.ts";
import type { KafkaHost } from "../protocol/kafka-host.ts";
import type { Incoming } from "../sim/rpc.ts";
import type { Station } from "../sim/station.ts";
import { handlerUs, networkUs } from "./costs.ts";

export interface SocketServerOptions {
  readonly networkThreads: number;
  readonly requestThreads: number;
  readonly queuedMaxRequests: number;
}

/** One network thread (Processor); a connection belongs to one of them for life. */
interface NetworkThread {
  readonly station: Station;
  /** A request read while the request queue was full: the thread is stuck with it. */
  blockedOn: Incoming | undefined;
  /** What the thread has read but could not queue because an earlier one is stuck. */
  readonly behind: Incoming[];
}

export class SocketServer {
  readonly #threads: NetworkThread[] = [];
  readonly #handlers: Station;
  /** Requests that wait in the socket buffer of a muted connection; a key means muted. */
  readonly #muted = new Map<number, Incoming[] | undefined>();

  constructor(host: KafkaHost, options: SocketServerOptions) {
    for (let i = 0; i < options.networkThreads; i++) {
      const station = host.station(`network-thread-${i}`, { servers: 1 });
      this.#threads.push({ station, blockedOn: undefined, behind: [] });
    }
    this.#handlers = host.station("request-handlers", {
      servers: options.requestThreads,
      queueLimit: options.queuedMaxRequests,
    });
    this.#handlers.onRoom = () => this.#unblock();
    host.intake = (incoming) => this.#arrive(incoming);
  }

  #arrive(incoming: Incoming): void {
    const { api, connection } = incoming;
    if (CONTROLLER_LISTENER.has(api)) {
      incoming.dispatch();
      return;
    }
    if (!this.#muted.has(connection)) {
      this.#read(incoming);
      return;
    }
    const waiting = this.#muted.get(connection);
    if (waiting === undefined) this.#muted.set(connection, [incoming]);
    else waiting.push(incoming);
  }

  #read(incoming: Incoming): void {
    const { connection } = incoming;
    this.#muted.set(connection, this.#muted.get(connection));
    const thread = this.#threadOf(connection);
    thread.station.submit(networkUs(incoming.requestBytes), () => this.#enqueue(thread, incoming));
  }

  #enqueue(thread: NetworkThread, incoming: Incoming): void {
    if (thread.blockedOn !== undefined) thread.behind.push(incoming);
    else if (!this.#submit(incoming)) {
      thread.blockedOn = incoming;
      thread.station.pause();
    }
  }

  #submit(incoming: Incoming): boolean {
    const cost = handlerUs(incoming.api, incoming.request, incoming.requestBytes);
    return this.#handlers.submit(cost, () => this.#handle(incoming));
  }

  #handle(incoming: Incoming): void {
    const { connection } = incoming;
    incoming.dispatch((transmit, responseBytes) => {
      this.#threadOf(connection).station.submit(networkUs(responseBytes), () => {
        transmit();
        this.#unmute(connection);
      });
    });
    if (expectsNoReply(incoming)) this.#unmute(connection);
  }

  /** The next request of the connection, if it is still open: what a closed socket had buffered is gone. */
  #unmute(connection: number): void {
    const waiting = this.#muted.get(connection);
    let next = waiting?.shift();
    while (next !== undefined && !next.open) next = waiting?.shift();
    if (next === undefined) this.#muted.delete(connection);
    else this.#read(next);
  }

  /** The request queue has room again: stuck network threads go on, in order. */
  #unblock(): void {
    for (const thread of this.#threads) {
      while (thread.blockedOn !== undefined && this.#submit(thread.blockedOn)) {
        thread.blockedOn = thread.behind.shift();
        if (thread.blockedOn === undefined) thread.station.resume();
      }
    }
  }

  #threadOf(connection: number): NetworkThread {
    return this.#threads[connection % this.#threads.length] as NetworkThread;
  }
}

/** On a combined node the controller has a listener, threads and a queue of its own. */
const CONTROLLER_LISTENER: ReadonlySet<string> = new Set<ApiName>([
  "Vote",
  "BeginQuorumEpoch",
  "EndQuorumEpoch",
  "FetchMetadataLog",
  "AlterPartition",
  "BrokerRegistration",
  "BrokerHeartbeat",
  "AllocateProducerIds",
  "Envelope",
]);

/** acks=0: the connection is read on when the append is done. */
const expectsNoReply = ({ api, request }: Incoming): boolean =>
  api === "Produce" && (request as ProduceRequest).acks === 0;
