// One request at its server: what the front door sees (Incoming) and what the handler answers (Call).
import type { Kernel } from "./kernel.ts";
import type { Connection, Message, Network } from "./network.ts";
import type { Call, Incoming, OnReply } from "./rpc.ts";

type Handler = (request: never, call: never) => void;

export class Request implements Incoming, Call<unknown> {
  readonly api: string;
  readonly from: number;
  readonly connection: number;
  readonly request: unknown;
  readonly requestBytes: number;
  readonly #kernel: Kernel;
  readonly #network: Network;
  /** What led to the request: it is handled because it was sent, however long it waited behind others. */
  readonly #cause: number;
  readonly #connection: Connection;
  readonly #message: Message;
  readonly #handler: Handler;
  readonly #responseBytes: (response: unknown) => number;
  #onReply: OnReply | undefined;
  #replied = false;

  constructor(
    kernel: Kernel,
    network: Network,
    connection: Connection,
    message: Message,
    handler: Handler,
    responseBytes: (response: unknown) => number,
  ) {
    this.api = message.api;
    this.from = message.from;
    this.connection = connection.id;
    this.request = message.payload;
    this.requestBytes = message.bytes;
    this.#kernel = kernel;
    this.#cause = kernel.cause;
    this.#network = network;
    this.#connection = connection;
    this.#message = message;
    this.#handler = handler;
    this.#responseBytes = responseBytes;
  }

  get open(): boolean {
    return this.#connection.state === "open";
  }

  dispatch(onReply?: OnReply): void {
    this.#onReply = onReply;
    this.#kernel.cause = this.#cause;
    this.#handler(this.request as never, this as never);
  }

  reply(response: unknown, coldBytes = 0): void {
    if (this.#replied) return;
    this.#replied = true;
    const bytes = this.#responseBytes(response);
    if (this.#onReply === undefined) this.#transmit(response, bytes);
    else this.#onReply(this.#transmission(response, bytes), bytes, coldBytes);
  }

  disconnect(): void {
    this.#network.close(this.#connection, "server", "closed by the server");
  }

  /** The answer is sent because of what gave it, not of what its thread did before. */
  #transmission(response: unknown, bytes: number): () => void {
    const { cause } = this.#kernel;
    return () => {
      this.#kernel.cause = cause;
      this.#transmit(response, bytes);
    };
  }

  #transmit(payload: unknown, bytes: number): void {
    const { to, from, api, correlation } = this.#message;
    this.#network.send(this.#connection, {
      from: to,
      to: from,
      api,
      phase: "response",
      payload,
      bytes,
      correlation,
    });
  }
}
