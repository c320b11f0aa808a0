// A machine: one disk, one clock, and the process that runs on it. A restart is a constructor call: a crash forgets everything
// but the disk, and nothing is cleaned up, because the rest of that life never happens.
import { assert } from "./assert.ts";
import { Channel, type ChannelOwner } from "./channel.ts";
import { HostClock } from "./clock.ts";
import type { Disk } from "./disk.ts";
import type { Handle, Kernel, Micros, Task, Timer } from "./kernel.ts";
import type { Connection, Endpoint, Message, Network, Side } from "./network.ts";
import { drive, type Guard, type Process, suspend } from "./process.ts";
import { Request } from "./request.ts";
import type { Rng } from "./rng.ts";
import type { CallOptions, Handlers, Incoming, Protocol, Reply } from "./rpc.ts";
import { Station } from "./station.ts";
import type { Payload } from "./trace.ts";
import type { HostEvents, HostOptions, World } from "./world.ts";

/** What runs on a machine: called again at every boot, with nothing but the disk remembered. */
export type Program<P extends Protocol<P>, T extends HostEvents> = (host: Host<P, T>) => void;

const DEFAULT_CHANNEL = "default";

export class Host<P extends Protocol<P>, T extends HostEvents> implements Endpoint, ChannelOwner {
  readonly id: number;
  readonly name: string;
  readonly rack: string | undefined;
  readonly world: World<P, T>;
  readonly kernel: Kernel;
  readonly network: Network;
  readonly disk: Disk;
  readonly clock: HostClock;
  /** 0 before the first boot, 1 in the first life. */
  incarnation = 0;
  state: "down" | "running" | "paused" = "down";
  /** A server's front door: decides when a request meets its handler. Absent: at once. */
  intake: ((incoming: Incoming) => void) | undefined;
  /** An answer in place of the handler's, at the handler's cost; undefined: the handler answers. Survives a restart. */
  answers: ((api: string, request: unknown, from: number) => unknown) | undefined;
  /** Which of its ports a server has opened: a channel's port is what its name has before a slash. Absent: all are open. */
  listensOn: ((port: string) => boolean) | undefined;
  #powered = true;
  #program: Program<P, T> | undefined;
  #handlers = new Map<string, (request: never, call: never) => void>();
  #channels = new Map<number, Map<string, Channel>>();
  readonly #owned = new Set<Connection>();
  #terminateListeners: (() => void)[] = [];
  /** What fell due while the process was paused. */
  #deferred: (() => void)[] = [];
  readonly #stations = new Map<string, Station>();
  #slowdown = 1;

  constructor(world: World<P, T>, options: HostOptions, disk: Disk) {
    this.world = world;
    this.kernel = world.kernel;
    this.network = world.network;
    this.id = options.id;
    this.name = options.name;
    this.rack = options.rack;
    this.disk = disk;
    this.clock = new HostClock(world.kernel);
    world.network.attach(this);
  }

  get now(): Micros {
    return this.kernel.now;
  }

  get reach(): "up" | "refusing" | "dark" {
    if (!this.#powered) return "dark";
    return this.state === "down" ? "refusing" : "up";
  }

  accepts(channel: string): boolean {
    return this.listensOn?.(channel.slice(0, Math.max(0, channel.indexOf("/")))) ?? true;
  }

  // Life and death

  install(program: Program<P, T>): void {
    this.#program = program;
  }

  boot(): void {
    assert(this.state === "down", () => `${this.name} is already running`);
    const program = this.#program;
    assert(program !== undefined, () => `${this.name} has no program`);
    this.incarnation++;
    this.state = "running";
    this.#powered = true;
    this.world.emitHostEvent(this.id, "host.booted", { incarnation: this.incarnation });
    program(this);
  }

  /**
   * kill, oom (by the kernel, for want of memory): the process is gone, the page cache stays, peers see a reset. poweroff: unsynced data is gone too,
   * peers hear nothing.
   */
  crash(how: "kill" | "oom" | "poweroff"): void {
    if (this.state !== "down") {
      this.world.emitHostEvent(this.id, "host.crashed", { how });
      this.#die(how !== "poweroff");
    }
    if (how !== "poweroff") return;
    this.#powered = false;
    this.disk.loseUnsynced();
  }

  /** The process ends by itself: connections close in order. */
  stop(clean: boolean): void {
    if (this.state === "down") return;
    this.world.emitHostEvent(this.id, "host.stopped", { clean });
    this.#die(true);
  }

  /** SIGTERM: whoever asked to be told ends the process in its own time; nobody did: it stops at once. */
  terminate(): void {
    if (this.state === "down") return;
    if (this.#terminateListeners.length === 0) this.stop(true);
    else for (const listener of this.#terminateListeners) this.#enter(listener);
  }

  wipe(): void {
    assert(this.state === "down", () => `${this.name} must be down to lose its disk`);
    this.disk.wipe();
    this.world.emitHostEvent(this.id, "host.wiped", { incarnation: this.incarnation });
  }

  pause(): void {
    if (this.state !== "running") return;
    this.state = "paused";
    for (const station of this.#stations.values()) station.pause();
    this.world.emitHostEvent(this.id, "host.paused", { incarnation: this.incarnation });
  }

  resume(): void {
    if (this.state !== "paused") return;
    this.state = "running";
    this.world.emitHostEvent(this.id, "host.resumed", { incarnation: this.incarnation });
    for (const station of this.#stations.values()) station.resume();
    for (const action of this.#deferred.splice(0)) this.after(0, action);
  }

  onTerminate(listener: () => void): void {
    this.#terminateListeners.push(listener);
  }

  #die(peersNotice: boolean): void {
    this.state = "down";
    this.intake = undefined;
    this.listensOn = undefined;
    this.#handlers = new Map();
    this.#channels = new Map();
    for (const connection of this.#owned) connection.owner = undefined;
    this.#owned.clear();
    this.#terminateListeners = [];
    this.#deferred = [];
    for (const station of this.#stations.values()) station.reset();
    this.disk.reset();
    this.network.machineDown(this.id, peersNotice);
  }

  // Time

  /** Runs later in this life, or never; late when the process is paused then. */
  after(delay: Micros, action: () => void): Timer {
    const timer = new HostTimer(this, action);
    this.kernel.arm(delay, timer);
    return timer;
  }

  /** A timer of this life has fired. */
  fired(action: () => void): void {
    if (this.state === "running") action();
    else if (this.state === "paused") this.#deferred.push(action);
  }

  every(interval: Micros, action: () => void): Timer {
    let timer: Timer;
    const tick = (): void => {
      timer = this.after(interval, tick);
      action();
    };
    timer = this.after(interval, tick);
    return { cancel: () => timer.cancel() };
  }

  spawn(process: Process<void>): void {
    const born = this.incarnation;
    const guard: Guard = (step, value) => {
      if (this.incarnation !== born) return;
      if (this.state === "running") step(value);
      else this.#enter(() => step(value));
    };
    this.after(0, () => drive(process, guard, () => undefined));
  }

  *sleep(delay: Micros): Process<void> {
    yield* suspend<void>((resume) => {
      const timer = this.after(delay, resume);
      return () => void timer.cancel();
    });
  }

  /** A station of this machine: stops with a pause, forgets its jobs with a crash. The same name is the same station in every life. */
  station(name: string, options: { servers: number; queueLimit?: number }): Station {
    let station = this.#stations.get(name);
    if (station === undefined) {
      station = new Station(this.kernel, `${this.name}/${name}`, options);
      station.slowdown = this.#slowdown;
      this.#stations.set(name, station);
    }
    return station;
  }

  /** Service times of all its stations stretch by this factor; 1 undoes it. */
  set slowdown(factor: number) {
    this.#slowdown = factor;
    for (const station of this.#stations.values()) station.slowdown = factor;
  }

  /** Service its stations have given so far. */
  get busyTime(): Micros {
    let sum = 0;
    for (const station of this.#stations.values()) sum += station.busyTime;
    return sum;
  }

  rng(name: string): Rng {
    return this.kernel.rng(`${this.name}/${name}`);
  }

  emit<K extends keyof T & string>(type: K, payload: Payload<T, K>): number {
    return this.world.trace.emit(this.id, type, payload);
  }

  /** A fact from which nothing follows: what comes after it keeps its cause. */
  note<K extends keyof T & string>(type: K, payload: Payload<T, K>): void {
    const { cause } = this.kernel;
    this.emit(type, payload);
    this.kernel.cause = cause;
  }

  #enter(action: () => void): void {
    if (this.state === "running") action();
    else if (this.state === "paused") this.#deferred.push(action);
  }

  // Calls

  serve(handlers: Handlers<P>): void {
    for (const [api, handler] of Object.entries(handlers))
      this.#handlers.set(api, handler as (request: never, call: never) => void);
  }

  /** This machine's connection to a peer for one of its components. */
  channel(to: number, name: string = DEFAULT_CHANNEL): Channel {
    let toPeer = this.#channels.get(to);
    if (toPeer === undefined) {
      toPeer = new Map();
      this.#channels.set(to, toPeer);
    }
    let channel = toPeer.get(name);
    if (channel === undefined) {
      channel = new Channel(this, to, name);
      toPeer.set(name, channel);
    }
    return channel;
  }

  send<A extends keyof P & string>(
    to: number,
    api: A,
    request: P[A]["request"],
    options: CallOptions,
    done: (reply: Reply<P[A]["response"]>) => void,
  ): void {
    const bytes = this.world.apis[api].requestBytes(request);
    this.channel(to, options.channel).send(
      api,
      request,
      bytes,
      options,
      done as (reply: Reply<never>) => void,
    );
  }

  *call<A extends keyof P & string>(
    to: number,
    api: A,
    request: P[A]["request"],
    options: CallOptions = {},
  ): Process<Reply<P[A]["response"]>> {
    return yield* suspend<Reply<P[A]["response"]>>((resume) => {
      this.send(to, api, request, options, resume);
      return undefined;
    });
  }

  // The network's side

  onMessage(connection: Connection, message: Message): void {
    if (this.state === "running") this.#take(connection, message);
    else this.#enter(() => this.#take(connection, message));
  }

  #take(connection: Connection, message: Message): void {
    if (message.phase === "request") this.#receive(connection, message);
    else connection.owner?.answered(message.correlation, message.payload);
  }

  onOpened(connection: Connection): void {
    this.#enter(() => connection.owner?.opened());
  }

  onClosed(connection: Connection, side: Side, why: string): void {
    if (side === "client") this.#enter(() => connection.owner?.closed(why));
  }

  own(connection: Connection, channel: Channel): void {
    connection.owner = channel;
    this.#owned.add(connection);
  }

  disown(connection: Connection): void {
    connection.owner = undefined;
    this.#owned.delete(connection);
  }

  connectionClosed(peer: number, channel: string, why: string): void {
    this.world.emitHostEvent(this.id, "connection.closed", { peer, channel, why });
  }

  #receive(connection: Connection, message: Message): void {
    const handler = this.#answered(message) ?? this.#handlers.get(message.api);
    assert(handler !== undefined, () => `${this.name} does not serve ${message.api}`);
    const responseBytes = this.world.apis[message.api as keyof P & string].responseBytes as (
      response: unknown,
    ) => number;
    const incoming = new Request(
      this.kernel,
      this.network,
      connection,
      message,
      handler,
      responseBytes,
    );
    if (this.intake === undefined) incoming.dispatch();
    else this.intake(incoming);
  }

  /** A handler that gives the answer imposed on this request, if there is one. */
  #answered({ api, payload, from }: Message): ((request: never, call: never) => void) | undefined {
    const answer = this.answers?.(api, payload, from);
    if (answer === undefined) return undefined;
    return (_, call: { reply(response: unknown): void }) => call.reply(answer);
  }
}

/** A timer that dies with the life it was set in. */
class HostTimer implements Timer, Task {
  handle: Handle = 0;
  slot = 0;
  readonly #host: TimerHost;
  readonly #born: number;
  readonly #action: () => void;

  constructor(host: TimerHost, action: () => void) {
    this.#host = host;
    this.#born = host.incarnation;
    this.#action = action;
  }

  fire(): void {
    if (this.#host.incarnation === this.#born) this.#host.fired(this.#action);
  }

  cancel(): boolean {
    return this.#host.kernel.disarm(this);
  }
}

interface TimerHost {
  readonly incarnation: number;
  readonly kernel: Kernel;
  fired(action: () => void): void;
}
