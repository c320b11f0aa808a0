// The client's end of a connection to one peer, as NetworkClient has it: requests are pipelined, answers come in order,
// and one expired request closes the connection and fails everything in flight on it (NetworkClient.handleTimedOutRequests).
import type { Kernel, Micros, Timer } from "./kernel.ts";
import type { Connection, Message, Network } from "./network.ts";
import type { CallOptions, Reply } from "./rpc.ts";

interface Pending {
  readonly correlation: number;
  readonly message: Message;
  readonly done: (reply: Reply<never>) => void;
  /** When it has waited too long. */
  readonly deadline: Micros;
  /** What led to it. */
  readonly cause: number;
  readonly oneWay: boolean;
}

/** What a channel needs from its machine. */
export interface ChannelOwner {
  readonly id: number;
  readonly kernel: Kernel;
  after(delay: Micros, action: () => void): Timer;
  readonly network: Network;
  /** Tells the trace that a connection ended. */
  connectionClosed(peer: number, channel: string, why: string): void;
  own(connection: Connection, channel: Channel): void;
  disown(connection: Connection): void;
}

const DISCONNECTED: Reply<never> = { ok: false, reason: "disconnected" };
const NEVER = Number.POSITIVE_INFINITY;
const TIMED_OUT: Reply<never> = { ok: false, reason: "timeout" };

export class Channel {
  readonly peer: number;
  readonly name: string;
  readonly #owner: ChannelOwner;
  #connection: Connection | undefined;
  /** Sent, or waiting for the connection; in order of sending. */
  #pending: Pending[] = [];
  #correlation = 0;
  /** One for all that is pending; set for the first deadline there was then, so it may fire when there is nothing to do (poll, as it were). */
  #timer: Timer | undefined;
  #timerAt: Micros = NEVER;
  #closeListeners: ((why: string) => void)[] = [];
  #openListeners: (() => void)[] = [];

  constructor(owner: ChannelOwner, peer: number, name: string) {
    this.#owner = owner;
    this.peer = peer;
    this.name = name;
  }

  get state(): "idle" | "connecting" | "ready" {
    if (this.#connection === undefined) return "idle";
    return this.#connection.state === "open" ? "ready" : "connecting";
  }

  get inFlight(): number {
    return this.#pending.length;
  }

  /** Opens the connection if there is none. */
  connect(): void {
    if (this.#connection !== undefined) return;
    this.#connection = this.#owner.network.connect(this.#owner.id, this.peer, this.name);
    this.#owner.own(this.#connection, this);
  }

  onOpen(listener: () => void): void {
    this.#openListeners.push(listener);
  }

  onClose(listener: (why: string) => void): void {
    this.#closeListeners.push(listener);
  }

  send(
    api: string,
    request: unknown,
    bytes: number,
    options: CallOptions,
    done: (reply: Reply<never>) => void,
  ): void {
    this.connect();
    const correlation = ++this.#correlation;
    const message: Message = {
      from: this.#owner.id,
      to: this.peer,
      api,
      phase: "request",
      payload: request,
      bytes,
      correlation,
    };
    const { timeoutUs, oneWay = false } = options;
    const { now, cause } = this.#owner.kernel;
    const deadline = timeoutUs === undefined ? NEVER : now + timeoutUs;
    const pending: Pending = { correlation, message, done, deadline, cause, oneWay };
    this.#pending.push(pending);
    if (deadline < this.#timerAt) this.#wakeAt(deadline);
    if (this.state === "ready") this.#transmit(pending);
  }

  /** Closes the connection; what is in flight fails as disconnected. */
  close(why: string): void {
    const connection = this.#connection;
    if (connection === undefined) return;
    this.#owner.network.close(connection, "client", why);
    this.#down(why, undefined);
  }

  opened(): void {
    for (const listener of this.#openListeners) listener();
    for (const pending of [...this.#pending]) this.#transmit(pending);
  }

  closed(why: string): void {
    this.#down(why, undefined);
  }

  answered(correlation: number, response: unknown): void {
    const pending = this.#takePending(correlation);
    if (pending === undefined) return;
    pending.done({ ok: true, response: response as never });
  }

  /** Answers come in the order of the requests, but for a server that works on several of a connection. */
  #takePending(correlation: number): Pending | undefined {
    const all = this.#pending;
    if (all[0]?.correlation === correlation) return all.shift();
    const at = all.findIndex((pending) => pending.correlation === correlation);
    return at < 0 ? undefined : all.splice(at, 1)[0];
  }

  #transmit(pending: Pending): void {
    if (this.#connection === undefined) return;
    this.#owner.network.send(this.#connection, pending.message);
    if (!pending.oneWay) return;
    // The sender of a one-way message is done once the bytes are written to its socket.
    this.#owner.after(0, () => this.answered(pending.correlation, undefined));
  }

  #wakeAt(at: Micros): void {
    this.#timer?.cancel();
    this.#timerAt = at;
    this.#timer = this.#owner.after(at - this.#owner.kernel.now, this.#look);
  }

  /** Has the oldest waited too long? */
  readonly #look = (): void => {
    const { kernel } = this.#owner;
    this.#timer = undefined;
    this.#timerAt = NEVER;
    let oldest: Pending | undefined;
    for (const pending of this.#pending)
      if (pending.deadline < (oldest?.deadline ?? NEVER)) oldest = pending;
    if (oldest === undefined) return;
    if (oldest.deadline > kernel.now) this.#wakeAt(oldest.deadline);
    else {
      kernel.cause = oldest.cause;
      this.#expired(oldest.correlation);
    }
  };

  #expired(correlation: number): void {
    const connection = this.#connection;
    if (connection !== undefined)
      this.#owner.network.close(connection, "client", "request timed out");
    this.#down("request timed out", correlation);
  }

  #down(why: string, expired: number | undefined): void {
    const connection = this.#connection;
    const failed = this.#pending;
    this.#connection = undefined;
    this.#pending = [];
    if (connection !== undefined) {
      this.#owner.disown(connection);
      this.#owner.connectionClosed(this.peer, this.name, why);
    }
    for (const pending of failed) {
      pending.done(pending.correlation === expired ? TIMED_OUT : DISCONNECTED);
    }
    for (const listener of this.#closeListeners) listener(why);
  }
}
