// The order of events at one instant is an accident of scheduling; real machines have no such order. This shuffles them by
// a seeded stream (`ties: "random"`), over either queue, so that exploration meets the other orders too.

import type { Micros } from "./kernel.ts";
import type { EventQueue } from "./queue.ts";
import type { Rng } from "./rng.ts";

export class ShuffledQueue implements EventQueue {
  readonly #queue: EventQueue;
  readonly #rng: Rng;
  /** Slots of one instant that are still to run, taken from the queue. */
  readonly #instant: number[] = [];

  constructor(queue: EventQueue, rng: Rng) {
    this.#queue = queue;
    this.#rng = rng;
  }

  get size(): number {
    return this.#queue.size + this.#instant.length;
  }

  get at(): Float64Array {
    return this.#queue.at;
  }

  reserve(capacity: number): void {
    this.#queue.reserve(capacity);
  }

  push(slot: number): void {
    this.#queue.push(slot);
  }

  popUntil(until: Micros): number {
    const instant = this.#instant;
    if (instant.length === 0) {
      const slot = this.#queue.popUntil(until);
      if (slot < 0) return slot;
      instant.push(slot);
    }
    const now = this.at[instant[0] as number] as number;
    for (;;) {
      const slot = this.#queue.popUntil(now);
      if (slot < 0) break;
      instant.push(slot);
    }
    const chosen = this.#rng.integer(0, instant.length - 1);
    const slot = instant[chosen] as number;
    const last = instant.pop() as number;
    if (chosen < instant.length) instant[chosen] = last;
    return slot;
  }

  remove(slot: number): void {
    const i = this.#instant.indexOf(slot);
    if (i < 0) this.#queue.remove(slot);
    else this.#instant.splice(i, 1);
  }
}
