// Virtual time and the pending events of a whole cluster. Kafka has threads and timers; here everything that happens is
// an event (at, kind, a, b), run in (time, insertion) order. No wall clock, no promises, no object per event.

import { assert, SimulatorBug } from "./assert.ts";
import { TraceHash } from "./hash.ts";
import { DEFAULT_QUEUE, type EventQueue, QUEUES, type QueueName } from "./queue.ts";
import { ShuffledQueue } from "./queue-shuffled.ts";
import { type Rng, rngFor } from "./rng.ts";

/** Virtual time in whole microseconds since the start of the run. */
export type Micros = number;
export const us = (n: number): Micros => Math.round(n);
export const ms = (n: number): Micros => Math.round(n * 1000);
export const seconds = (n: number): Micros => Math.round(n * 1_000_000);

/** Names one scheduled event. Generation-checked, so a stale one is harmless; 0 is never valid. */
export type Handle = number;
export type EventKind = number;
export type EventHandler = (a: number, b: number) => void;

export interface Timer {
  /** Harmless after firing; false then. */
  cancel(): boolean;
}

/** A pending action: one object is the timer and what it does. Kernel.arm() fills in the rest. */
export interface Task {
  handle: Handle;
  slot: number;
  fire(): void;
}

export interface KernelOptions {
  readonly seed: string;
  readonly queue?: QueueName;
  /** Events of one instant run in the order they were scheduled, or shuffled. */
  readonly ties?: "fifo" | "random";
  /** Fold every event into `hash`. Default true. */
  readonly hash?: boolean;
  readonly maxEvents?: number;
  readonly maxEventsPerInstant?: number;
}

/** A handle is generation * SLOTS + slot: 8 million pending events, and 2^30 lives of each slot before one repeats. */
const SLOTS = 8388608;
/** Exact: SLOTS is a power of two. */
const PER_SLOTS = 1 / SLOTS;
const LAST_GENERATION = 1073741823;
/** How many of the last events a limit message looks at; a power of two. */
const RECENT = 1024;

export class Kernel {
  /** The trace event being processed: stored with whatever is scheduled, restored when that fires. 0 = none. */
  cause = 0;
  readonly hash = new TraceHash();
  readonly #seed: string;
  readonly #isHashing: boolean;
  readonly #maxEvents: number;
  readonly #maxEventsPerInstant: number;
  readonly #queue: EventQueue;
  readonly #names: string[] = [];
  readonly #handlers: EventHandler[] = [];
  readonly #rngs = new Map<string, Rng>();
  readonly #tasks = new TaskPool();
  readonly #actionKind: EventKind;
  #now: Micros = 0;
  #events = 0;
  #eventsAtInstant = 0;
  readonly #recentKinds = new Uint16Array(RECENT);

  /** By slot. Arguments are int32 until the first that is not: nearly all are ids, and memory is cache misses. */
  #at: Float64Array = new Float64Array(0); // the queue's
  #kinds = new Uint16Array(0);
  #as: Int32Array | Float64Array = new Int32Array(0);
  #bs: Int32Array | Float64Array = new Int32Array(0);
  #generations = new Uint32Array(0);
  /** What caused the event; in a free slot, the next free slot + 1. */
  #causes = new Uint32Array(0);
  #free = 0;

  constructor(options: KernelOptions) {
    this.#seed = options.seed;
    this.#isHashing = options.hash ?? true;
    this.#maxEvents = options.maxEvents ?? Infinity;
    this.#maxEventsPerInstant = options.maxEventsPerInstant ?? 1_000_000;
    const queue = QUEUES[options.queue ?? DEFAULT_QUEUE]();
    this.#queue =
      options.ties === "random" ? new ShuffledQueue(queue, this.rng("kernel/ties")) : queue;
    this.#actionKind = this.define("after", (slot) => this.#tasks.take(slot).fire());
  }

  get now(): Micros {
    return this.#now;
  }

  /** Events run so far. */
  get events(): number {
    return this.#events;
  }

  get pending(): number {
    return this.#queue.size;
  }

  /** Adds a row to the handler table. The name is for messages. */
  define(name: string, handler: EventHandler): EventKind {
    assert(this.#handlers.length < 65536, () => `too many event kinds: ${name}`);
    this.#names.push(name);
    return this.#handlers.push(handler) - 1;
  }

  schedule(at: Micros, kind: EventKind, a: number, b: number): Handle {
    if (!(at >= this.#now && at <= Number.MAX_SAFE_INTEGER && Math.floor(at) === at))
      this.#refuse(at, kind);
    if (this.#handlers[kind] === undefined) this.#refuse(at, kind);
    if (this.#free === 0) this.#grow();
    const slot = this.#free - 1;
    this.#free = this.#causes[slot] as number;
    this.#causes[slot] = this.cause;
    this.#kinds[slot] = kind;
    if ((a | 0) !== a || (b | 0) !== b) this.#widen();
    this.#as[slot] = a;
    this.#bs[slot] = b;
    this.#at[slot] = at;
    this.#queue.push(slot);
    return (this.#generations[slot] as number) * SLOTS + slot;
  }

  /** Takes the event out at once; false when it already fired or was cancelled. */
  cancel(handle: Handle): boolean {
    const generation = Math.floor(handle * PER_SLOTS);
    const slot = handle - generation * SLOTS;
    if (generation === 0 || this.#generations[slot] !== generation) return false;
    this.#queue.remove(slot);
    this.#release(slot);
    return true;
  }

  after(delay: Micros, action: () => void): Timer {
    const timer = new ActionTimer(this, action);
    this.arm(delay, timer);
    return timer;
  }

  /** The task fires after `delay`. */
  arm(delay: Micros, task: Task): void {
    const slot = this.#tasks.put(task);
    task.slot = slot;
    task.handle = this.schedule(this.#now + delay, this.#actionKind, slot, 0);
  }

  /** The task does not fire; false: it already has, or was disarmed. */
  disarm(task: Task): boolean {
    const isPending = this.cancel(task.handle);
    if (isPending) this.#tasks.take(task.slot);
    return isPending;
  }

  /** The random stream of that name: the same object every time. */
  rng(stream: string): Rng {
    let rng = this.#rngs.get(stream);
    if (rng === undefined) {
      rng = rngFor(`${this.#seed}/${stream}`);
      this.#rngs.set(stream, rng);
    }
    return rng;
  }

  /** Runs the earliest event; false when there is none. */
  step(): boolean {
    const slot = this.#queue.popUntil(Infinity);
    if (slot < 0) return false;
    this.#execute(slot);
    this.cause = 0;
    return true;
  }

  /** Runs every event up to and including `until`; then it is `until`. */
  run(until: Micros): void {
    const queue = this.#queue;
    for (let slot = queue.popUntil(until); slot >= 0; slot = queue.popUntil(until)) {
      this.#execute(slot);
    }
    this.cause = 0;
    if (until > this.#now) {
      this.#now = until;
      this.#eventsAtInstant = 0;
    }
  }

  #execute(slot: number): void {
    const at = this.#at[slot] as number;
    const kind = this.#kinds[slot] as number;
    const a = this.#as[slot] as number;
    const b = this.#bs[slot] as number;
    this.cause = this.#causes[slot] as number;
    this.#release(slot);
    if (at !== this.#now) {
      this.#now = at;
      this.#eventsAtInstant = 0;
    }
    this.#recentKinds[this.#events & (RECENT - 1)] = kind;
    this.#events++;
    this.#eventsAtInstant++;
    if (this.#eventsAtInstant > this.#maxEventsPerInstant || this.#events > this.#maxEvents) {
      this.#reportLimit();
    }
    if (this.#isHashing) this.hash.foldEvent(at, kind, a);
    (this.#handlers[kind] as EventHandler)(a, b);
  }

  #release(slot: number): void {
    const generation = this.#generations[slot] as number;
    this.#generations[slot] = generation === LAST_GENERATION ? 1 : generation + 1;
    this.#causes[slot] = this.#free;
    this.#free = slot + 1;
  }

  #grow(): void {
    const old = this.#kinds.length;
    const capacity = Math.max(256, 2 * old);
    assert(capacity <= SLOTS, () => `more than ${old} pending events at ${this.#now} us`);
    this.#kinds = enlarged(this.#kinds, new Uint16Array(capacity));
    this.#as = enlarged(
      this.#as,
      this.#as instanceof Int32Array ? new Int32Array(capacity) : new Float64Array(capacity),
    );
    this.#bs = enlarged(
      this.#bs,
      this.#bs instanceof Int32Array ? new Int32Array(capacity) : new Float64Array(capacity),
    );
    this.#generations = enlarged(this.#generations, new Uint32Array(capacity));
    this.#generations.fill(1, old);
    this.#causes = enlarged(this.#causes, new Uint32Array(capacity));
    for (let slot = old; slot < capacity - 1; slot++) this.#causes[slot] = slot + 2;
    this.#free = old + 1;
    this.#queue.reserve(capacity);
    this.#at = this.#queue.at;
  }

  #widen(): void {
    if (this.#as instanceof Float64Array) return;
    this.#as = new Float64Array(this.#as);
    this.#bs = new Float64Array(this.#bs);
  }

  #refuse(at: Micros, kind: EventKind): never {
    const what = `${this.#names[kind] ?? `undefined kind ${kind}`} at ${at}`;
    throw new SimulatorBug(
      `cannot schedule ${what}: it is ${this.#now} us and time is whole microseconds`,
    );
  }

  #reportLimit(): never {
    const tally = new Map<EventKind, number>();
    const looked = Math.min(RECENT, this.#eventsAtInstant);
    for (let i = 1; i <= looked; i++) {
      const kind = this.#recentKinds[(this.#events - i) & (RECENT - 1)] as number;
      tally.set(kind, (tally.get(kind) ?? 0) + 1);
    }
    const [busiest = [0, 0]] = [...tally].sort((x, y) => y[1] - x[1] || x[0] - y[0]);
    throw new SimulatorBug(
      `${this.#events} events in all, ${this.#eventsAtInstant} of them at ${this.#now} us: more than the limits of ` +
        `${this.#maxEvents} and ${this.#maxEventsPerInstant}. ${busiest[1]} of the last ${looked} are "${this.#names[busiest[0]]}"`,
    );
  }
}

/** Tasks of pending timers by slot, so that an event needs a number only. */
class TaskPool {
  readonly #tasks: (Task | undefined)[] = [];
  readonly #free: number[] = [];

  put(task: Task): number {
    const slot = this.#free.pop() ?? this.#tasks.length;
    this.#tasks[slot] = task;
    return slot;
  }

  take(slot: number): Task {
    const task = this.#tasks[slot] as Task;
    this.#tasks[slot] = undefined;
    this.#free.push(slot);
    return task;
  }
}

class ActionTimer implements Timer, Task {
  handle: Handle = 0;
  slot = 0;
  readonly #kernel: Kernel;
  readonly #action: () => void;

  constructor(kernel: Kernel, action: () => void) {
    this.#kernel = kernel;
    this.#action = action;
  }

  fire(): void {
    const action = this.#action;
    action();
  }

  cancel(): boolean {
    return this.#kernel.disarm(this);
  }
}

function enlarged<A extends Uint16Array | Uint32Array | Int32Array | Float64Array>(
  old: A,
  larger: A,
): A {
  larger.set(old);
  return larger;
}
