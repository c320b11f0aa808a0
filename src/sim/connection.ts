// A TCP connection, as the wire and the machines at its ends see it.
import type { Micros } from "./kernel.ts";
import type { Path } from "./path.ts";

/** One end of a connection: the client opened it, the server accepted it. */
export type Side = "client" | "server";

/** What travels. `payload` belongs to the layer above; `api` and `phase` are for rules that pick messages. */
export interface Message {
  readonly from: number;
  readonly to: number;
  readonly api: string;
  readonly phase: "request" | "response";
  readonly payload: unknown;
  readonly bytes: number;
  /** Chosen by the sender to match response and request. */
  readonly correlation: number;
}

/** The machine at an end, as the wire sees it. */
export interface Endpoint {
  readonly id: number;
  readonly rack: string | undefined;
  /** up: a process runs; refusing: the machine runs but nobody listens; dark: the machine is off. */
  readonly reach: "up" | "refusing" | "dark";
  /** Whether the process listens where a channel of this name connects to. */
  accepts(channel: string): boolean;
  onMessage(connection: Connection, message: Message): void;
  onClosed(connection: Connection, side: Side, why: string): void;
  onOpened(connection: Connection): void;
}

/** The client's end of a connection, as the machine that opened it keeps it. */
export interface ClientEnd {
  opened(): void;
  closed(why: string): void;
  answered(correlation: number, response: unknown): void;
}

/** A network card sends one message after the other. */
export interface Card {
  /** When it has sent all it was given. */
  free: Micros;
}

export interface Direction {
  readonly path: Path;
  readonly card: Card;
  readonly receiver: Endpoint;
  lastArrival: Micros;
  /** Messages that wait for a partition to heal or a hold to be released, in order. */
  readonly stalled: Message[];
  stalledSince: Micros;
  held: boolean;
}

/** What a connection needs of the two machines at its ends. */
interface Ends {
  readonly toServer: Direction;
  readonly toClient: Direction;
}

export class Connection {
  readonly id: number;
  readonly client: number;
  readonly server: number;
  readonly channel: string;
  state: "connecting" | "open" | "closed" = "connecting";
  /** The machine that lost power while the connection was open: it knows nothing of it any more. */
  forgottenBy: number | undefined;
  /** Undefined when the client has let go of it. */
  owner: ClientEnd | undefined;
  readonly toServer: Direction;
  readonly toClient: Direction;

  constructor(id: number, client: number, server: number, channel: string, ends: Ends) {
    this.toServer = ends.toServer;
    this.toClient = ends.toClient;
    this.id = id;
    this.client = client;
    this.server = server;
    this.channel = channel;
  }
}
