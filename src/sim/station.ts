// k servers and a bounded FIFO queue: Kafka's request handler threads behind queued.max.requests, network threads, disk
// arms. Service is not preemptive; a paused station (GC, SIGSTOP) stops in the middle of its jobs and goes on from there.

import { assert, SimulatorBug } from "./assert.ts";
import type { EventKind, Handle, Kernel, Micros } from "./kernel.ts";

interface StationOptions {
  readonly servers: number;
  readonly queueLimit?: number;
}

type Done = () => void;

export class Station {
  readonly name: string;
  /** At least 1; stretches the service of jobs that start from now on. */
  slowdown = 1;
  /** Called when a full queue gets room. */
  onRoom?: () => void;
  readonly #kernel: Kernel;
  readonly #kind: EventKind;
  readonly #queueLimit: number;
  /** By server: what it serves, when that begins and ends (while paused: counted from now), and the event of the end. */
  readonly #serving: (Done | undefined)[] = [];
  readonly #begins: Micros[] = [];
  readonly #ends: Micros[] = [];
  readonly #events: Handle[] = [];
  readonly #idle: number[] = [];
  readonly #queue = new JobQueue();
  #paused = false;
  /** The end of work that has no event (occupy); while paused: how long it still takes. */
  #occupiedUntil: Micros = 0;
  /** Service started so far, including what the running jobs still have to do. */
  #started: Micros = 0;

  constructor(kernel: Kernel, name: string, options: StationOptions) {
    assert(options.servers >= 1, () => `station ${name} has ${options.servers} servers`);
    this.name = name;
    this.#kernel = kernel;
    this.#queueLimit = options.queueLimit ?? Infinity;
    this.#kind = kernel.define(`station ${name}`, (server) => this.#finish(server));
    for (let server = options.servers - 1; server >= 0; server--) {
      this.#serving[server] = undefined;
      this.#begins[server] = 0;
      this.#ends[server] = 0;
      this.#events[server] = 0;
      this.#idle.push(server);
    }
  }

  get busy(): number {
    const serving = this.#serving.length - this.#idle.length;
    const isOccupied = this.#occupiedUntil > (this.#paused ? 0 : this.#kernel.now);
    return serving === 0 && isOccupied ? 1 : serving;
  }

  get queued(): number {
    return this.#queue.length;
  }

  /** Service done so far, summed over the servers. */
  get busyTime(): Micros {
    const now = this.#paused ? 0 : this.#kernel.now;
    let left = Math.max(0, this.#occupiedUntil - now);
    for (let server = 0; server < this.#serving.length; server++) {
      if (this.#serving[server] === undefined) continue;
      left += (this.#ends[server] as Micros) - Math.max(now, this.#begins[server] as Micros);
    }
    return this.#started - left;
  }

  /** False when the queue is full: nothing is taken. */
  submit(serviceTime: Micros, done: Done): boolean {
    if (!(serviceTime >= 0))
      throw new SimulatorBug(`station ${this.name}: service time ${serviceTime}`);
    if (this.#full) return false;
    if (!this.#paused && this.#idle.length > 0) this.#start(serviceTime, done, this.#freeAt);
    else this.#queue.push(serviceTime, done, this.#kernel.cause);
    return true;
  }

  /** When a job submitted now would be done; undefined: that is not known. For a single server. */
  endOf(serviceTime: Micros): Micros | undefined {
    if (this.#paused || this.#idle.length === 0) return undefined;
    return this.#freeAt + Math.round(serviceTime * this.slowdown);
  }

  /** Takes the single server for a job whose end (endOf) its submitter knows and provides for, so it needs no event. */
  occupy(serviceTime: Micros): void {
    const end = this.endOf(serviceTime);
    assert(end !== undefined, () => `station ${this.name} is not free`);
    this.#started += end - this.#freeAt;
    this.#occupiedUntil = end;
  }

  /**
   * A job that will come at `at`, submitted ahead of its time: it gets its server now. False, and nothing is taken, unless that makes no difference:
   * no more than `others` jobs can come before it, and there is a server for each of them and for this one.
   */
  submitAhead(at: Micros, serviceTime: Micros, others: number, done: Done): boolean {
    if (this.#paused || this.#queue.length > 0 || this.#idle.length <= others) return false;
    this.#start(serviceTime, done, at);
    return true;
  }

  pause(): void {
    if (this.#paused) return;
    this.#paused = true;
    this.#occupiedUntil = Math.max(0, this.#occupiedUntil - this.#kernel.now);
    for (let server = 0; server < this.#serving.length; server++) {
      if (this.#serving[server] === undefined) continue;
      this.#kernel.cancel(this.#events[server] as Handle);
      this.#begins[server] = (this.#begins[server] as Micros) - this.#kernel.now;
      this.#ends[server] = (this.#ends[server] as Micros) - this.#kernel.now;
    }
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    const { now } = this.#kernel;
    this.#occupiedUntil += now;
    for (let server = 0; server < this.#serving.length; server++) {
      if (this.#serving[server] === undefined) continue;
      this.#run(
        server,
        (this.#begins[server] as Micros) + now,
        (this.#ends[server] as Micros) + now,
      );
    }
    const wasFull = this.#full;
    this.#startQueued();
    this.#announceRoom(wasFull);
  }

  /** Forgets all jobs, running and queued: the machine crashed. None of them is done. */
  reset(): void {
    this.#started = this.busyTime;
    this.#queue.clear();
    for (let server = 0; server < this.#serving.length; server++) {
      if (this.#serving[server] === undefined) continue;
      this.#kernel.cancel(this.#events[server] as Handle);
      this.#serving[server] = undefined;
      this.#idle.push(server);
    }
    this.#occupiedUntil = 0;
    this.#paused = false;
  }

  get #full(): boolean {
    if (this.#queueLimit === Infinity) return false;
    const waits = this.#paused || this.#idle.length === 0;
    return waits && this.#queue.length >= this.#queueLimit;
  }

  get #freeAt(): Micros {
    const { now } = this.#kernel;
    return this.#occupiedUntil > now ? this.#occupiedUntil : now;
  }

  #start(serviceTime: Micros, done: Done, at: Micros): void {
    const server = this.#idle.pop() as number;
    const time = Math.round(serviceTime * this.slowdown);
    this.#serving[server] = done;
    this.#started += time;
    this.#run(server, at, at + time);
  }

  #run(server: number, begin: Micros, end: Micros): void {
    this.#begins[server] = begin;
    this.#ends[server] = end;
    this.#events[server] = this.#kernel.schedule(end, this.#kind, server, 0);
  }

  #finish(server: number): void {
    const done = this.#serving[server] as Done;
    const wasFull = this.#full;
    this.#serving[server] = undefined;
    this.#idle.push(server);
    if (this.#queue.length > 0) this.#startQueued(); // before done(), which may submit: the queue is FIFO
    done();
    if (wasFull) this.#announceRoom(wasFull);
  }

  #startQueued(): void {
    const { cause } = this.#kernel;
    while (this.#idle.length > 0 && this.#queue.length > 0) {
      const time = this.#queue.headTime;
      // A job is served because it was submitted, not because one before it ended.
      this.#kernel.cause = this.#queue.headCause;
      this.#start(time, this.#queue.shift(), this.#freeAt);
    }
    this.#kernel.cause = cause;
  }

  #announceRoom(wasFull: boolean): void {
    if (wasFull && !this.#full) this.onRoom?.();
  }
}

/** FIFO of (service time, done, cause) in flat arrays; the eaten head is cut off when it is the larger half. */
class JobQueue {
  #times: Micros[] = [];
  #jobs: (Done | undefined)[] = [];
  #causes: number[] = [];
  #head = 0;

  get length(): number {
    return this.#jobs.length - this.#head;
  }

  get headTime(): Micros {
    return this.#times[this.#head] as Micros;
  }

  get headCause(): number {
    return this.#causes[this.#head] as number;
  }

  push(time: Micros, done: Done, cause: number): void {
    this.#times.push(time);
    this.#causes.push(cause);
    this.#jobs.push(done);
  }

  shift(): Done {
    const done = this.#jobs[this.#head] as Done;
    this.#jobs[this.#head++] = undefined;
    if (this.#head >= 32 && this.#head * 2 >= this.#jobs.length) {
      this.#times = this.#times.slice(this.#head);
      this.#jobs = this.#jobs.slice(this.#head);
      this.#causes = this.#causes.slice(this.#head);
      this.#head = 0;
    }
    return done;
  }

  clear(): void {
    this.#times = [];
    this.#jobs = [];
    this.#causes = [];
    this.#head = 0;
  }
}
