// Types of remote calls: a protocol is a map from API name to request and response; failing to get a response is a value.

export interface Exchange {
  readonly request: unknown;
  readonly response: unknown;
}
/** API name -> its request and response. */
export type Protocol<P> = { readonly [A in keyof P]: Exchange };

/** What the wire needs to know of an API: its number, and the size of its messages in bytes. */
export interface ApiRow<Request, Response> {
  readonly key: number;
  readonly requestBytes: (request: Request) => number;
  readonly responseBytes: (response: Response) => number;
}
export type ApiTable<P extends Protocol<P>> = {
  readonly [A in keyof P]: ApiRow<P[A]["request"], P[A]["response"]>;
};

export type Reply<R> =
  | { readonly ok: true; readonly response: R }
  | { readonly ok: false; readonly reason: "timeout" | "disconnected" };

/** The server's end of one request. */
export interface Call<R> {
  /** Id of the host that asked. */
  readonly from: number;
  /**
   * At once, or later; never is allowed (acks=0). Only the first reply counts. `coldBytes`: so much of it has to be read from the disk when it is
   * written to the network (sendfile).
   */
  reply(response: R, coldBytes?: number): void;
  /** Breaks the connection the request came on. */
  disconnect(): void;
}

export type Handlers<P extends Protocol<P>> = {
  readonly [A in keyof P]?: (request: P[A]["request"], call: Call<P[A]["response"]>) => void;
};

export interface CallOptions {
  /** The connection it travels on: each client component of a host has its own to each peer. Default "default". */
  readonly channel?: string;
  readonly timeoutUs?: number;
  /** No answer will come (acks=0): done is called as soon as the bytes are written. */
  readonly oneWay?: boolean;
}

/** Who decides when a reply is sent: told when the handler has given it. */
export interface ReplyTaker {
  replied(responseBytes: number, coldBytes: number): void;
}

/** One request as it reaches a machine, before any handler ran: what a server's front door decides about. */
export interface Incoming {
  readonly api: string;
  readonly from: number;
  /** Requests of one connection carry the same number. */
  readonly connection: number;
  readonly request: unknown;
  readonly requestBytes: number;
  /** True while the connection it came on is open. */
  readonly open: boolean;
  /** Runs the handler. Its reply is sent at once, or when the taker calls `transmit`. */
  dispatch(taker?: ReplyTaker): void;
  transmit(): void;
}
