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
  /** By server: what it serves, when that ends (while paused: how long it still takes), and the event of the end. */
  readonly #serving: (Done | undefined)[] = [];
  readonly #ends: Micros[] = [];
  readonly #events: Handle[] = [];
  readonly #idle: number[] = [];
  readonly #queue = new JobQueue();
  #paused = false;
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
      this.#ends[server] = 0;
      this.#events[server] = 0;
      this.#idle.push(server);
    }
  }

  get busy(): number {
    return this.#serving.length - this.#idle.length;
  }

  get queued(): number {
    return this.#queue.length;
  }

  /** Service done so far, summed over the servers. */
  get busyTime(): Micros {
    let left = 0;
    for (let server = 0; server < this.#serving.length; server++) {
      if (this.#serving[server] === undefined) continue;
      const end = this.#ends[server] as Micros;
      left += this.#paused ? end : end - this.#kernel.now;
    }
    return this.#started - left;
  }

  /** False when the queue is full: nothing is taken. */
  submit(serviceTime: Micros, done: Done): boolean {
    if (!(serviceTime >= 0))
      throw new SimulatorBug(`station ${this.name}: service time ${serviceTime}`);
    if (this.#full) return false;
    if (!this.#paused && this.#idle.length > 0) this.#start(serviceTime, done);
    else this.#queue.push(serviceTime, done, this.#kernel.cause);
    return true;
  }

  pause(): void {
    if (this.#paused) return;
    this.#paused = true;
    for (let server = 0; server < this.#serving.length; server++) {
      if (this.#serving[server] === undefined) continue;
      this.#kernel.cancel(this.#events[server] as Handle);
      this.#ends[server] = (this.#ends[server] as Micros) - this.#kernel.now;
    }
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    for (let server = 0; server < this.#serving.length; server++) {
      if (this.#serving[server] === undefined) continue;
      this.#run(server, this.#ends[server] as Micros);
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
    this.#paused = false;
  }

  get #full(): boolean {
    if (this.#queueLimit === Infinity) return false;
    const waits = this.#paused || this.#idle.length === 0;
    return waits && this.#queue.length >= this.#queueLimit;
  }

  #start(serviceTime: Micros, done: Done): void {
    const server = this.#idle.pop() as number;
    const time = Math.round(serviceTime * this.slowdown);
    this.#serving[server] = done;
    this.#started += time;
    this.#run(server, time);
  }

  #run(server: number, time: Micros): void {
    const end = this.#kernel.now + time;
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
      this.#start(time, this.#queue.shift());
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
