// One request at its server: what the front door sees (Incoming) and what the handler answers (Call).
import type { Kernel } from "./kernel.ts";
import type { Connection, Message, Network } from "./network.ts";
import type { Call, Incoming, ReplyTaker } from "./rpc.ts";

type Handler = (request: never, call: never) => void;

export class Request implements Incoming, Call<unknown> {
  readonly #kernel: Kernel;
  readonly #network: Network;
  /** What led to the request: it is handled because it was sent, however long it waited behind others. */
  readonly #cause: number;
  readonly #connection: Connection;
  readonly #message: Message;
  readonly #handler: Handler;
  readonly #responseBytes: (response: unknown) => number;
  #taker: ReplyTaker | undefined;
  /** A reply that waits to be sent, its size, and what gave it. */
  #response: unknown;
  #bytes = 0;
  #replyCause = 0;
  #replied = false;

  constructor(
    kernel: Kernel,
    network: Network,
    connection: Connection,
    message: Message,
    handler: Handler,
    responseBytes: (response: unknown) => number,
  ) {
    this.#kernel = kernel;
    this.#cause = kernel.cause;
    this.#network = network;
    this.#connection = connection;
    this.#message = message;
    this.#handler = handler;
    this.#responseBytes = responseBytes;
  }

  get api(): string {
    return this.#message.api;
  }

  get from(): number {
    return this.#message.from;
  }

  get connection(): number {
    return this.#connection.id;
  }

  get request(): unknown {
    return this.#message.payload;
  }

  get requestBytes(): number {
    return this.#message.bytes;
  }

  get open(): boolean {
    return this.#connection.state === "open";
  }

  dispatch(taker?: ReplyTaker): void {
    this.#taker = taker;
    this.#kernel.cause = this.#cause;
    this.#handler(this.request as never, this as never);
  }

  reply(response: unknown, coldBytes = 0): void {
    if (this.#replied) return;
    this.#replied = true;
    this.#response = response;
    this.#bytes = this.#responseBytes(response);
    this.#replyCause = this.#kernel.cause;
    if (this.#taker === undefined) this.transmit();
    else this.#taker.replied(this.#bytes, coldBytes);
  }

  disconnect(): void {
    this.#network.close(this.#connection, "server", "closed by the server");
  }

  /** The answer is sent because of what gave it, not of what its thread did before. */
  transmit(): void {
    this.#kernel.cause = this.#replyCause;
    const { to, from, api, correlation } = this.#message;
    this.#network.send(this.#connection, {
      from: to,
      to: from,
      api,
      phase: "response",
      payload: this.#response,
      bytes: this.#bytes,
      correlation,
    });
  }
}
