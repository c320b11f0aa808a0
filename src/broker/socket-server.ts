// A broker's front door (SocketServer, RequestChannel, KafkaRequestHandlerPool): network threads read one request of a connection, mute it,
// and queue the request for the handler threads; the connection is read again when the response is written. So a connection has one request in
// progress, its wait in purgatory included, and answers keep their order. Left out: acceptors, connection limits, idle connections, throttling.
import type { ApiName, ProduceRequest } from "../protocol/apis.ts";
import type { KafkaHost } from "../protocol/kafka-host.ts";
import type { Micros } from "../sim/kernel.ts";
import type { PageCache } from "../sim/page-cache.ts";
import type { Incoming, ReplyTaker } from "../sim/rpc.ts";
import type { Station } from "../sim/station.ts";
import { type ConversionCost, handlerUs, NETWORK_BASE_US, networkUs } from "./costs.ts";

export interface SocketServerOptions {
  readonly networkThreads: number;
  readonly requestThreads: number;
  readonly queuedMaxRequests: number;
  readonly conversion: ConversionCost;
}

/** One network thread (Processor); a connection belongs to one of them for life. */
interface NetworkThread {
  readonly station: Station;
  /** Whose request was read while the request queue was full: the thread is stuck with it. */
  blockedOn: Line | undefined;
  /** What the thread has read but could not queue because an earlier one is stuck. */
  readonly behind: Line[];
}

/** What the server keeps of a connection, and the one request of it that is in progress on its way through the threads. */
class Line implements ReplyTaker {
  readonly thread: NetworkThread;
  /** Muted while there is one. */
  inProgress: Incoming | undefined;
  stage: "read" | "handle" | "write" = "read";
  /** So much of the answer is not in the page cache. */
  coldBytes = 0;
  /** Requests in the socket buffer, until the connection is read again. */
  readonly waiting: Incoming[] = [];
  /** A thread is done with the request. */
  readonly next: () => void;

  constructor(thread: NetworkThread, advance: (line: Line) => void) {
    this.thread = thread;
    this.next = () => advance(this);
  }

  /** The request in progress. */
  get incoming(): Incoming {
    return this.inProgress as Incoming;
  }

  replied(responseBytes: number, coldBytes: number): void {
    this.stage = "write";
    this.coldBytes = coldBytes;
    this.thread.station.submit(networkUs(responseBytes), this.next);
  }
}

export class SocketServer {
  readonly #threads: NetworkThread[] = [];
  readonly #handlers: Station;
  readonly #lines = new Map<number, Line>();
  readonly #conversion: ConversionCost;
  readonly #host: KafkaHost;

  constructor(host: KafkaHost, options: SocketServerOptions) {
    for (let i = 0; i < options.networkThreads; i++) {
      const station = host.station(`network-thread-${i}`, { servers: 1 });
      this.#threads.push({ station, blockedOn: undefined, behind: [] });
    }
    this.#handlers = host.station("request-handlers", {
      servers: options.requestThreads,
      queueLimit: options.queuedMaxRequests,
    });
    this.#conversion = options.conversion;
    this.#host = host;
    this.#handlers.onRoom = () => this.#unblock();
    host.intake = (incoming) => this.#arrive(incoming);
  }

  #arrive(incoming: Incoming): void {
    if (CONTROLLER_LISTENER.has(incoming.api)) {
      incoming.dispatch();
      return;
    }
    const line = this.#lineOf(incoming.connection);
    if (line.inProgress === undefined) this.#read(line, incoming);
    else line.waiting.push(incoming);
  }

  #lineOf(connection: number): Line {
    let line = this.#lines.get(connection);
    if (line === undefined) {
      const thread = this.#threads[connection % this.#threads.length] as NetworkThread;
      line = new Line(thread, this.#advance);
      this.#lines.set(connection, line);
    }
    return line;
  }

  #read(line: Line, incoming: Incoming): void {
    line.inProgress = incoming;
    line.stage = "read";
    line.coldBytes = 0;
    if (this.#handOver(line)) return;
    line.thread.station.submit(networkUs(incoming.requestBytes), line.next);
  }

  /**
   * Where a handler thread will be idle for certain when the request has been read, whatever comes meanwhile, reading and handling are one event:
   * nothing can be seen of the moment between them. False: not certain.
   */
  #handOver(line: Line): boolean {
    const { incoming } = line;
    const { station } = line.thread;
    const readUs = networkUs(incoming.requestBytes);
    const end = station.endOf(readUs);
    if (end === undefined) return false;
    const serviceUs = this.#serviceUs(incoming);
    const others = this.#readByOthers(end - this.#host.now);
    if (!this.#handlers.submitAhead(end, serviceUs, others, line.next)) return false;
    line.stage = "handle";
    station.occupy(readUs);
    return true;
  }

  /** How many requests the other network threads can at most have read by then. */
  #readByOthers(withinUs: Micros): number {
    return (this.#threads.length - 1) * (Math.floor(withinUs / NETWORK_BASE_US) + 1);
  }

  readonly #advance = (line: Line): void => {
    if (line.stage === "read") this.#enqueue(line);
    else if (line.stage === "handle") this.#handle(line);
    else if (line.coldBytes > 0) this.#readFromDisk(line);
    else this.#written(line);
  };

  #written(line: Line): void {
    line.incoming.transmit();
    this.#unmute(line);
  }

  /** sendfile reads what is not cached while the network thread waits, and with it all its other connections (KAFKA-7504). */
  #readFromDisk(line: Line): void {
    const { incoming, coldBytes } = line;
    const { station } = line.thread;
    const host = this.#host;
    const begun = host.now;
    if (host.disk.pageCache !== undefined) host.disk.pageCache.pressure++;
    station.pause();
    const done = (): void => {
      const reader = host.world.host(incoming.from).name;
      host.emit("disk.read", { reader, bytes: coldBytes, tookUs: host.now - begun });
      station.resume();
      this.#written(line);
    };
    // A paused process hears of it when it goes on.
    host.disk.load(coldBytes, () => void host.after(0, done));
  }

  #enqueue(line: Line): void {
    const { thread } = line;
    if (thread.blockedOn !== undefined) thread.behind.push(line);
    else if (!this.#submit(line)) {
      thread.blockedOn = line;
      thread.station.pause();
    }
  }

  #submit(line: Line): boolean {
    line.stage = "handle";
    return this.#handlers.submit(this.#serviceUs(line.incoming), line.next);
  }

  #serviceUs({ api, request, requestBytes }: Incoming): Micros {
    const serviceUs = handlerUs(api, request, requestBytes, this.#conversion);
    const { pageCache } = this.#host.disk;
    if (pageCache === undefined || api !== "Produce") return serviceUs;
    return serviceUs + this.#throttle(requestBytes, pageCache);
  }

  /** Who appends waits while too much is dirty. */
  #throttle(bytes: number, pageCache: PageCache): Micros {
    const waitUs = pageCache.holdUpWriter(bytes);
    if (waitUs > 0) this.#host.emit("disk.writerWaited", { bytes, waitUs });
    return waitUs;
  }

  #handle(line: Line): void {
    const { incoming } = line;
    if (!expectsNoReply(incoming)) incoming.dispatch(line);
    else {
      incoming.dispatch(NOBODY);
      this.#unmute(line);
    }
  }

  /** The next request of the connection, if it is still open: what a closed socket had buffered is gone. */
  #unmute(line: Line): void {
    const { waiting, incoming } = line;
    let next = waiting.shift();
    while (next !== undefined && !next.open) next = waiting.shift();
    line.inProgress = undefined;
    if (next !== undefined) this.#read(line, next);
    else if (!incoming.open) this.#lines.delete(incoming.connection);
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
  "AssignReplicasToDirs",
  "Envelope",
]);

/** Takes the reply that nobody waits for. */
const NOBODY: ReplyTaker = { replied: () => undefined };

/** acks=0: the connection is read on when the append is done. */
const expectsNoReply = ({ api, request }: Incoming): boolean =>
  api === "Produce" && (request as ProduceRequest).acks === 0;
