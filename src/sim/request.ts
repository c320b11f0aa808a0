// One request at its server: what the front door sees (Incoming) and what the handler answers (Call).
import type { Connection, Message, Network } from "./network.ts";
import type { Call, Incoming } from "./rpc.ts";

type Handler = (request: never, call: never) => void;

export class Request implements Incoming, Call<unknown> {
  readonly api: string;
  readonly from: number;
  readonly connection: number;
  readonly request: unknown;
  readonly requestBytes: number;
  readonly #network: Network;
  readonly #connection: Connection;
  readonly #message: Message;
  readonly #handler: Handler;
  readonly #responseBytes: (response: unknown) => number;
  #onReply: ((transmit: () => void, responseBytes: number) => void) | undefined;
  #replied = false;

  constructor(
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
    this.#network = network;
    this.#connection = connection;
    this.#message = message;
    this.#handler = handler;
    this.#responseBytes = responseBytes;
  }

  get open(): boolean {
    return this.#connection.state === "open";
  }

  dispatch(onReply?: (transmit: () => void, responseBytes: number) => void): void {
    this.#onReply = onReply;
    this.#handler(this.request as never, this as never);
  }

  reply(response: unknown): void {
    if (this.#replied) return;
    this.#replied = true;
    const bytes = this.#responseBytes(response);
    if (this.#onReply === undefined) this.#transmit(response, bytes);
    else this.#onReply(() => this.#transmit(response, bytes), bytes);
  }

  disconnect(): void {
    this.#network.close(this.#connection, "server", "closed by the server");
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
