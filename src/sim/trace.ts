// The trace: every fact the world tells about itself, stamped with number, time, node and cause, folded into the run's hash and handed to listeners.
// Facts are ids and numbers; the text a person reads is made by the event table. Observers read this and nothing else.
import type { Kernel, Micros } from "./kernel.ts";

/** One row of an event table: what the event means, and how it reads in one line. */
export interface EventKind<P> {
  readonly doc: string;
  readonly text: (event: P) => string;
}

/** Declares a row; the payload type is given, doc and text are values. */
export function event<P extends object>(doc: string, text: (event: P) => string): EventKind<P> {
  return { doc, text };
}

// biome-ignore lint/suspicious/noExplicitAny: a table holds rows of every payload type.
export type EventTable = { readonly [type: string]: EventKind<any> };

export interface Stamp<K> {
  readonly type: K;
  /** Number of the event in its run, from 1. */
  readonly seq: number;
  readonly at: Micros;
  /** Host the fact is about; 0 is the scenario itself. */
  readonly node: number;
  /** Number of the event that led here; 0 when nothing did. */
  readonly cause: number;
}

export type Payload<T extends EventTable, K extends keyof T> =
  T[K] extends EventKind<infer P> ? P : never;
export type EventOf<T extends EventTable, K extends keyof T> = Stamp<K> & Payload<T, K>;
/** The discriminated union of all events of a table. */
export type AnyEvent<T extends EventTable> = { [K in keyof T]: EventOf<T, K> }[keyof T];

/** Makes a whole event of a payload and its stamp, for kinds that are told all the time; every field of the payload must be in it. */
export type Stamping<T extends EventTable> = {
  readonly [K in keyof T & string]?: (
    payload: Payload<T, K>,
    seq: number,
    at: Micros,
    node: number,
    cause: number,
  ) => EventOf<T, K>;
};

type AnyStamping = (p: object, seq: number, at: Micros, node: number, cause: number) => object;

type Listener = (event: never) => void;

export class Trace<T extends EventTable> {
  readonly #kernel: Kernel;
  readonly #indexOf = new Map<keyof T, number>();
  readonly #listeners: Listener[][] = [];
  readonly #anyListeners: Listener[] = [];
  /** By kind. */
  readonly #stamping: (AnyStamping | undefined)[] = [];
  readonly #origin: Micros;
  #seq = 0;

  /** `origin`: the instant that events call zero; what happened before has negative times. */
  constructor(kernel: Kernel, table: T, origin: Micros = 0, stamping: Stamping<T> = {}) {
    this.#kernel = kernel;
    this.#origin = origin;
    for (const type of Object.keys(table)) {
      this.#indexOf.set(type, this.#listeners.length);
      this.#listeners.push([]);
      this.#stamping.push(stamping[type as keyof T & string] as AnyStamping | undefined);
    }
  }

  /** Number of the last event. */
  get seq(): number {
    return this.#seq;
  }

  /** Records a fact. The payload object may become the event: it must be a fresh literal. What is scheduled after this was caused by it. */
  emit<K extends keyof T & string>(node: number, type: K, payload: Payload<T, K>): number {
    const kernel = this.#kernel;
    const index = this.#indexOf.get(type) as number;
    const seq = ++this.#seq;
    const cause = kernel.cause;
    kernel.cause = seq;
    const hash = kernel.hash;
    hash.fold(index * 65536 + node);
    foldPayload(hash, payload as object);
    const listeners = this.#listeners[index] as Listener[];
    if (listeners.length === 0 && this.#anyListeners.length === 0) return seq;
    const stamping = this.#stamping[index];
    const at = kernel.now - this.#origin;
    const stamped =
      stamping === undefined
        ? stamp(payload as object, type, seq, at, node, cause)
        : stamping(payload as object, seq, at, node, cause);
    for (let i = 0; i < listeners.length; i++) (listeners[i] as Listener)(stamped as never);
    for (let i = 0; i < this.#anyListeners.length; i++)
      (this.#anyListeners[i] as Listener)(stamped as never);
    return seq;
  }

  on<K extends keyof T & string>(type: K, listener: (event: EventOf<T, K>) => void): void {
    const index = this.#indexOf.get(type) as number;
    (this.#listeners[index] as Listener[]).push(listener as Listener);
  }

  onAny(listener: (event: AnyEvent<T>) => void): void {
    this.#anyListeners.push(listener as Listener);
  }
}

function stamp(
  payload: object,
  type: string,
  seq: number,
  at: Micros,
  node: number,
  cause: number,
): object {
  const event = payload as {
    type: string;
    seq: number;
    at: Micros;
    node: number;
    cause: number;
  };
  event.type = type;
  event.seq = seq;
  event.at = at;
  event.node = node;
  event.cause = cause;
  return event;
}

interface Folding {
  fold(n: number): void;
  foldString(s: string): void;
}

function foldPayload(hash: Folding, payload: object): void {
  for (const key in payload) foldValue(hash, (payload as Record<string, unknown>)[key]);
}

function foldValue(hash: Folding, value: unknown): void {
  if (typeof value === "number") hash.fold(value);
  else if (typeof value === "string") hash.foldString(value);
  else if (typeof value === "boolean") hash.fold(value ? 1 : 2);
  else if (Array.isArray(value)) {
    hash.fold(value.length);
    for (let i = 0; i < value.length; i++) foldValue(hash, value[i]);
  } else if (value === undefined || value === null) hash.fold(0);
  // Interned vocabulary (a TopicPartition) stands for its index.
  else if (typeof (value as { index?: unknown }).index === "number")
    hash.fold((value as { index: number }).index);
  else foldPayload(hash, value as object);
}
