// The wire between machines: TCP-like connections. A connection is FIFO; nothing is lost, duplicated or reordered inside it.
// What faults can do is delay it, stall it (a partition), slow it, or break it. A lost packet shows as a retransmission delay, as it does to a program.
// Left out: congestion windows; ACKs of a one-way partition (the open direction keeps delivering).
import { assert } from "./assert.ts";
import {
  type Card,
  Connection,
  type Direction,
  type Endpoint,
  type Message,
  type Side,
} from "./connection.ts";
import type { EventKind, Kernel, Micros } from "./kernel.ts";
import { ms, seconds } from "./kernel.ts";
import { Path, type PathOptions } from "./path.ts";

export type { Connection, Endpoint, Message, Side } from "./connection.ts";
export type NetworkOptions = PathOptions;

/** What a message rule decides: let it pass, keep it (and, being FIFO, all behind it) until released, delay it, repeat it, or break its connection. */
export type MessageVerdict =
  | { readonly do: "pass" | "hold" | "drop" | "duplicate" }
  | { readonly do: "delay"; readonly delay: Micros };
/** Asked for each message when it is sent; undefined: not concerned. */
export type MessageRule = (message: Message, connection: Connection) => MessageVerdict | undefined;

/** TCP retransmission: first after 200 ms, doubling up to 2 minutes (Linux). */
const FIRST_RETRANSMISSION = ms(200);
const LONGEST_RETRANSMISSION = seconds(120);
/** First SYN retry after 1 s, doubling. */
const FIRST_SYN_RETRY = seconds(1);
const MAX_LOSSES = 15;
const LOOPBACK_US = 20;

export class Network {
  readonly #kernel: Kernel;
  readonly #options: NetworkOptions;
  readonly #endpoints = new Map<number, Endpoint>();
  readonly #paths = new Map<number, Path>();
  /** Those that are not closed, by each of the machines at their ends, in the order in which they were made. */
  readonly #connections = new Map<number, Set<Connection>>();
  readonly #rules: MessageRule[] = [];
  /** By slot: a message under way, and what it travels on. */
  readonly #inFlight: (Message | undefined)[] = [];
  readonly #carriers: (Connection | undefined)[] = [];
  readonly #freeSlots: number[] = [];
  readonly #deliver: EventKind;
  readonly #cards = new Map<number, Card>();
  #nextConnection = 1;

  constructor(kernel: Kernel, options: NetworkOptions) {
    this.#kernel = kernel;
    this.#options = options;
    this.#deliver = kernel.define("network delivery", (_, slot) => this.#onDelivery(slot));
  }

  attach(endpoint: Endpoint): void {
    this.#endpoints.set(endpoint.id, endpoint);
  }

  /** The directed path between two machines: what link faults act on. */
  path(from: number, to: number): Path {
    const key = from * 65536 + to;
    let path = this.#paths.get(key);
    if (path === undefined) {
      const sameRack = this.#endpoint(from).rack === this.#endpoint(to).rack;
      path = new Path(this.#kernel.rng(`net/${from}>${to}`), this.#options, sameRack, () =>
        this.#resume(from, to),
      );
      this.#paths.set(key, path);
    }
    return path;
  }

  addRule(rule: MessageRule): void {
    this.#rules.push(rule);
  }

  removeRule(rule: MessageRule): void {
    const at = this.#rules.indexOf(rule);
    if (at >= 0) this.#rules.splice(at, 1);
  }

  /** Starts a connection; the client's endpoint hears onOpened or onClosed, or nothing while the way is cut. */
  connect(client: number, server: number, channel: string): Connection {
    const ends = {
      toServer: this.#direction(client, server),
      toClient: this.#direction(server, client),
    };
    const connection = new Connection(this.#nextConnection++, client, server, channel, ends);
    this.#connectionsOf(client).add(connection);
    this.#connectionsOf(server).add(connection);
    this.#handshake(connection, FIRST_SYN_RETRY);
    return connection;
  }

  send(connection: Connection, message: Message): void {
    if (connection.state !== "open") return;
    const way = this.#way(connection, message.from);
    if (way.stalled.length > 0) {
      way.stalled.push(message);
      return;
    }
    this.#transmit(connection, way, message, 0);
  }

  /** One side closes; the other hears of it when the news can reach it. */
  close(connection: Connection, by: Side, why: string): void {
    if (connection.state === "closed") return;
    connection.state = "closed";
    this.#forget(connection);
    const from = by === "client" ? connection.client : connection.server;
    const to = by === "client" ? connection.server : connection.client;
    const other: Side = by === "client" ? "server" : "client";
    const way = this.#way(connection, from);
    const path = this.path(from, to);
    const tell = (): void => {
      const arrival = Math.max(
        way.lastArrival,
        this.#kernel.now + path.delay(LOOPBACK_US, from === to),
      );
      this.#kernel.after(arrival - this.#kernel.now, () =>
        this.#endpoint(to).onClosed(connection, other, why),
      );
    };
    if (path.isStalled) path.whenHealed(tell);
    else tell();
  }

  /** Every connection of a machine breaks: at once for its peers when its kernel still runs, unnoticed when the power is gone. */
  machineDown(id: number, peersNotice: boolean): void {
    for (const connection of [...this.#connectionsOf(id)]) {
      const side: Side = connection.client === id ? "client" : "server";
      if (peersNotice) this.close(connection, side, "connection reset by peer");
      else this.#orphan(connection, id);
    }
  }

  /** A released hold: what waited goes on. */
  release(connection: Connection, toward: number): void {
    const way = toward === connection.server ? connection.toServer : connection.toClient;
    if (!way.held) return;
    way.held = false;
    this.#flush(connection, way);
  }

  connectionsBetween(a: number, b: number): Connection[] {
    return [...this.#connectionsOf(a)].filter(
      (c) => (c.client === a && c.server === b) || (c.client === b && c.server === a),
    );
  }

  #connectionsOf(machine: number): Set<Connection> {
    let connections = this.#connections.get(machine);
    if (connections === undefined) {
      connections = new Set();
      this.#connections.set(machine, connections);
    }
    return connections;
  }

  #forget(connection: Connection): void {
    this.#connectionsOf(connection.client).delete(connection);
    this.#connectionsOf(connection.server).delete(connection);
  }

  #endpoint(id: number): Endpoint {
    const endpoint = this.#endpoints.get(id);
    assert(endpoint !== undefined, () => `no machine ${id} on the network`);
    return endpoint;
  }

  #direction(from: number, to: number): Direction {
    let card = this.#cards.get(from);
    if (card === undefined) {
      card = { free: 0 };
      this.#cards.set(from, card);
    }
    const path = this.path(from, to);
    const receiver = this.#endpoint(to);
    return { path, card, receiver, lastArrival: 0, stalled: [], stalledSince: 0, held: false };
  }

  #way(connection: Connection, from: number): Direction {
    return from === connection.client ? connection.toServer : connection.toClient;
  }

  #handshake(connection: Connection, retry: Micros): void {
    const { client, server } = connection;
    const there = this.path(client, server);
    const back = this.path(server, client);
    const lost = (path: Path): boolean => {
      if (!path.isStalled && this.#endpoint(server).reach !== "dark") return false;
      this.#kernel.after(retry, () =>
        this.#handshake(connection, Math.min(retry * 2, LONGEST_RETRANSMISSION)),
      );
      return true;
    };
    if (connection.state === "closed" || lost(there)) return;
    this.#kernel.after(there.delay(LOOPBACK_US, client === server), () => {
      if (lost(back)) return;
      const endpoint = this.#endpoint(server);
      const refused = endpoint.reach === "refusing" || !endpoint.accepts(connection.channel);
      this.#kernel.after(back.delay(LOOPBACK_US, client === server), () =>
        this.#finishHandshake(connection, refused),
      );
    });
  }

  #finishHandshake(connection: Connection, refused: boolean): void {
    if (connection.state === "closed") return;
    if (refused) {
      connection.state = "closed";
      this.#forget(connection);
      this.#endpoint(connection.client).onClosed(connection, "client", "connection refused");
      return;
    }
    connection.state = "open";
    this.#endpoint(connection.client).onOpened(connection);
  }

  #transmit(connection: Connection, way: Direction, message: Message, extra: Micros): void {
    let delay = extra;
    let copies = 1;
    for (const rule of this.#rules) {
      const verdict = rule(message, connection);
      if (verdict === undefined || verdict.do === "pass") continue;
      if (verdict.do === "delay") delay += verdict.delay;
      else if (verdict.do === "duplicate") copies = 2;
      else if (verdict.do === "hold") {
        way.held = true;
        way.stalled.push(message);
        return;
      } else {
        this.#breakBoth(connection, "connection reset");
        return;
      }
    }
    const { path } = way;
    if (path.isStalled) {
      way.stalledSince = this.#kernel.now;
      way.stalled.push(message);
      return;
    }
    for (let copy = 0; copy < copies; copy++) this.#launch(connection, way, message, delay);
  }

  #launch(connection: Connection, way: Direction, message: Message, extra: Micros): void {
    const { path } = way;
    const loopback = message.from === message.to;
    const losses = loopback ? 0 : path.losses(MAX_LOSSES);
    if (losses >= MAX_LOSSES) {
      this.#breakBoth(connection, "connection timed out");
      return;
    }
    const departure = loopback ? this.#kernel.now : this.#departure(message, way);
    let arrival = departure + path.delay(LOOPBACK_US, loopback) + extra;
    for (let i = 0, wait = FIRST_RETRANSMISSION; i < losses; i++, wait *= 2) arrival += wait;
    if (arrival < way.lastArrival) arrival = way.lastArrival;
    way.lastArrival = arrival;
    const slot = this.#freeSlots.pop() ?? this.#inFlight.length;
    this.#inFlight[slot] = message;
    this.#carriers[slot] = connection;
    this.#kernel.schedule(arrival, this.#deliver, connection.id, slot);
  }

  #departure(message: Message, { card, path }: Direction): Micros {
    const { now } = this.#kernel;
    const start = card.free > now ? card.free : now;
    card.free = start + path.transmission(message.bytes);
    return path.throttled(card.free, message.bytes);
  }

  #onDelivery(slot: number): void {
    const message = this.#inFlight[slot] as Message;
    const connection = this.#carriers[slot] as Connection;
    this.#inFlight[slot] = undefined;
    this.#carriers[slot] = undefined;
    this.#freeSlots.push(slot);
    if (connection.state === "closed") return;
    const endpoint = this.#way(connection, message.from).receiver;
    if (endpoint.reach === "dark") return;
    if (connection.forgottenBy === message.to) this.#answerWithReset(connection, message.to);
    else endpoint.onMessage(connection, message);
  }

  /** Both ends learn of it at once: the middle of the network broke the connection. */
  #breakBoth(connection: Connection, why: string): void {
    if (connection.state === "closed") return;
    connection.state = "closed";
    this.#forget(connection);
    this.#kernel.after(0, () => {
      this.#endpoint(connection.client).onClosed(connection, "client", why);
      this.#endpoint(connection.server).onClosed(connection, "server", why);
    });
  }

  /** Breaks the connections between two machines once (NetworkChaos reset). Returns how many. */
  reset(a: number, b: number): number {
    const connections = this.connectionsBetween(a, b);
    for (const connection of connections) this.#breakBoth(connection, "connection reset");
    return connections.length;
  }

  /** The peer of a machine without power keeps a connection that leads nowhere. When the machine is back, it answers the next segment with a reset. */
  #orphan(connection: Connection, dark: number): void {
    connection.forgottenBy = dark;
    const peer = connection.client === dark ? connection.server : connection.client;
    const endpoint = this.#endpoint(dark);
    const probe = (wait: Micros): void => {
      this.#kernel.after(wait, () => {
        if (connection.state === "closed") return;
        if (endpoint.reach === "dark" || this.path(peer, dark).isStalled)
          probe(Math.min(wait * 2, LONGEST_RETRANSMISSION));
        else this.#answerWithReset(connection, dark);
      });
    };
    probe(FIRST_RETRANSMISSION);
  }

  #answerWithReset(connection: Connection, machine: number): void {
    if (connection.state === "closed") return;
    const side: Side = connection.client === machine ? "client" : "server";
    this.close(connection, side, "connection reset by rebooted peer");
  }

  /** After a partition healed: each stalled direction goes on at its next retransmission. */
  #resume(from: number, to: number): void {
    for (const connection of this.connectionsBetween(from, to)) {
      const way = this.#way(connection, from);
      if (way.stalled.length === 0 || way.held) continue;
      let next = way.stalledSince + FIRST_RETRANSMISSION;
      for (
        let wait = FIRST_RETRANSMISSION * 2;
        next < this.#kernel.now;
        wait = Math.min(wait * 2, LONGEST_RETRANSMISSION)
      )
        next += wait;
      this.#kernel.after(next - this.#kernel.now, () => this.#flush(connection, way));
    }
  }

  #flush(connection: Connection, way: Direction): void {
    if (connection.state !== "open" || way.held) return;
    const waiting = way.stalled.splice(0);
    for (let i = 0; i < waiting.length; i++) {
      const message = waiting[i] as Message;
      if (way.stalled.length > 0) way.stalled.push(message);
      else this.#transmit(connection, way, message, 0);
    }
  }
}
