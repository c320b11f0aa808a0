// Virtual time and the pending events of a whole cluster. Kafka has threads and timers; here everything that happens is
// an event (at, kind, a, b) run in (time, insertion) order. No wall clock, no promises.

import { assert, SimulatorBug } from "./assert.ts";
import { TraceHash } from "./hash.ts";
import { type Rng, rngFor } from "./rng.ts";

/** Virtual time in whole microseconds since the start of the run. */
export type Micros = number;
export const us = (n: number): Micros => Math.round(n);
export const ms = (n: number): Micros => Math.round(n * 1000);
export const seconds = (n: number): Micros => Math.round(n * 1_000_000);

/** Names one scheduled event. Generation-checked: stale handles are harmless; 0 is never valid. */
export type Handle = number;
export type EventKind = number;
export type EventHandler = (a: number, b: number) => void;

export interface Timer {
  /** Harmless after firing. */
  cancel(): void;
}

export interface KernelOptions {
  readonly seed: string;
  readonly queue?: "ladder" | "heap";
  readonly ties?: "fifo" | "random";
  /** Fold every event into `hash`. Default true. */
  readonly hash?: boolean;
  readonly maxEvents?: number;
  readonly maxEventsPerInstant?: number;
}

interface Pending {
  readonly at: Micros;
  readonly tie: number;
  readonly seq: number;
  readonly kind: EventKind;
  readonly a: number;
  readonly b: number;
  readonly cause: number;
}

export class Kernel {
  /** Number of the trace event being processed; restored when what it scheduled fires. 0 = none. */
  cause = 0;
  readonly hash = new TraceHash();
  readonly #options: KernelOptions;
  readonly #names: string[] = [];
  readonly #handlers: EventHandler[] = [];
  readonly #rngs = new Map<string, Rng>();
  readonly #live = new Map<Handle, Pending>();
  readonly #heap: Pending[] = [];
  readonly #tally = new Map<EventKind, number>();
  #now: Micros = 0;
  #events = 0;
  #eventsNow = 0;
  #seq = 0;

  constructor(options: KernelOptions) {
    this.#options = options;
  }

  get now(): Micros {
    return this.#now;
  }

  get events(): number {
    return this.#events;
  }

  get pending(): number {
    return this.#live.size;
  }

  define(name: string, handler: EventHandler): EventKind {
    this.#names.push(name);
    return this.#handlers.push(handler) - 1;
  }

  schedule(at: Micros, kind: EventKind, a: number, b: number): Handle {
    assert(Number.isInteger(at) && at >= this.#now, () => `event at ${at}, now ${this.#now}`);
    assert(kind in this.#handlers, () => `event kind ${kind} is not defined`);
    const seq = ++this.#seq;
    const tie = this.#options.ties === "random" ? this.rng("kernel/ties").float() : 0;
    const event = { at, tie, seq, kind, a, b, cause: this.cause };
    this.#live.set(seq, event);
    let i = this.#heap.push(event) - 1;
    for (; i > 0; i = (i - 1) >> 1) {
      const parent = this.#heap[(i - 1) >> 1] as Pending;
      if (!before(event, parent)) break;
      this.#heap[i] = parent;
    }
    this.#heap[i] = event;
    return seq;
  }

  cancel(handle: Handle): boolean {
    return this.#live.delete(handle);
  }

  after(delay: Micros, action: () => void): Timer {
    const kind = this.define("after", () => action());
    const handle = this.schedule(this.#now + delay, kind, 0, 0);
    return { cancel: () => void this.cancel(handle) };
  }

  rng(stream: string): Rng {
    let rng = this.#rngs.get(stream);
    if (rng === undefined) {
      rng = rngFor(`${this.#options.seed}/${stream}`);
      this.#rngs.set(stream, rng);
    }
    return rng;
  }

  step(): boolean {
    const event = this.#peek();
    if (event === undefined) return false;
    this.#pop();
    this.#live.delete(event.seq);
    this.#count(event);
    this.cause = event.cause;
    if (this.#options.hash !== false) {
      this.hash.fold(event.at);
      this.hash.fold(event.kind);
      this.hash.fold(event.a);
    }
    (this.#handlers[event.kind] as EventHandler)(event.a, event.b);
    this.cause = 0;
    return true;
  }

  run(until: Micros): void {
    for (let next = this.#peek(); next !== undefined && next.at <= until; next = this.#peek()) {
      this.step();
    }
    this.#now = Math.max(this.#now, until);
  }

  #count(event: Pending): void {
    if (event.at > this.#now) {
      this.#now = event.at;
      this.#eventsNow = 0;
      this.#tally.clear();
    }
    this.#tally.set(event.kind, (this.#tally.get(event.kind) ?? 0) + 1);
    this.#events++;
    this.#eventsNow++;
    const { maxEvents = Infinity, maxEventsPerInstant = 1_000_000 } = this.#options;
    if (this.#events <= maxEvents && this.#eventsNow <= maxEventsPerInstant) return;
    const [busiest] = [...this.#tally].sort((x, y) => y[1] - x[1] || x[0] - y[0]);
    const name = this.#names[busiest?.[0] ?? 0];
    throw new SimulatorBug(`too many events at ${this.#now} us: mostly ${name}`);
  }

  #peek(): Pending | undefined {
    while (this.#heap[0] !== undefined && !this.#live.has(this.#heap[0].seq)) this.#pop();
    return this.#heap[0];
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop() as Pending;
    if (heap.length === 0) return;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= heap.length) break;
      const right = heap[child + 1];
      if (right !== undefined && before(right, heap[child] as Pending)) child++;
      if (!before(heap[child] as Pending, last)) break;
      heap[i] = heap[child] as Pending;
      i = child;
    }
    heap[i] = last;
  }
}

function before(x: Pending, y: Pending): boolean {
  if (x.at !== y.at) return x.at < y.at;
  if (x.tie !== y.tie) return x.tie < y.tie;
  return x.seq < y.seq;
}
