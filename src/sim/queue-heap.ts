// A 4-ary heap in typed arrays with back pointers: cancelling takes the event out at once. The plain one of the two queues.

import type { Micros } from "./kernel.ts";
import type { EventQueue } from "./queue.ts";

export class HeapQueue implements EventQueue {
  size = 0;
  at = new Float64Array(0);
  /** By position in the heap. */
  #times = new Float64Array(0);
  #seq = new Float64Array(0);
  #slot = new Int32Array(0);
  /** By slot: where it is in the heap. */
  #position = new Int32Array(0);
  #nextSeq = 0;

  reserve(capacity: number): void {
    this.at = grown(this.at, new Float64Array(capacity));
    this.#times = grown(this.#times, new Float64Array(capacity));
    this.#seq = grown(this.#seq, new Float64Array(capacity));
    this.#slot = grown(this.#slot, new Int32Array(capacity));
    this.#position = grown(this.#position, new Int32Array(capacity));
  }

  push(slot: number): void {
    this.#siftUp(this.size++, slot, this.at[slot] as number, this.#nextSeq++);
  }

  popUntil(until: Micros): number {
    if (this.size === 0) return -1;
    if ((this.#times[0] as number) > until) return -1;
    const slot = this.#slot[0] as number;
    this.#removeAt(0);
    return slot;
  }

  remove(slot: number): void {
    this.#removeAt(this.#position[slot] as number);
  }

  /** Fills the hole with the last element, which may belong above or below it. */
  #removeAt(hole: number): void {
    const last = --this.size;
    if (hole === last) return;
    const at = this.#times[last] as number;
    const seq = this.#seq[last] as number;
    const slot = this.#slot[last] as number;
    const parent = (hole - 1) >> 2;
    if (hole > 0 && this.#isBefore(at, seq, parent)) this.#siftUp(hole, slot, at, seq);
    else this.#siftDown(hole, slot, at, seq);
  }

  #siftUp(from: number, slot: number, at: Micros, seq: number): void {
    let i = from;
    while (i > 0) {
      const parent = (i - 1) >> 2;
      if (!this.#isBefore(at, seq, parent)) break;
      this.#move(parent, i);
      i = parent;
    }
    this.#set(i, slot, at, seq);
  }

  #siftDown(from: number, slot: number, at: Micros, seq: number): void {
    const size = this.size;
    let i = from;
    for (;;) {
      const first = 4 * i + 1;
      if (first >= size) break;
      let least = first;
      let leastAt = this.#times[first] as number;
      const end = first + 4 < size ? first + 4 : size;
      for (let child = first + 1; child < end; child++) {
        const childAt = this.#times[child] as number;
        if (childAt > leastAt) continue;
        if (childAt === leastAt && (this.#seq[child] as number) > (this.#seq[least] as number)) {
          continue;
        }
        least = child;
        leastAt = childAt;
      }
      if (this.#isBefore(at, seq, least)) break;
      this.#move(least, i);
      i = least;
    }
    this.#set(i, slot, at, seq);
  }

  #isBefore(at: Micros, seq: number, position: number): boolean {
    const other = this.#times[position] as number;
    return at < other || (at === other && seq < (this.#seq[position] as number));
  }

  #move(from: number, to: number): void {
    const slot = this.#slot[from] as number;
    this.#times[to] = this.#times[from] as number;
    this.#seq[to] = this.#seq[from] as number;
    this.#slot[to] = slot;
    this.#position[slot] = to;
  }

  #set(i: number, slot: number, at: Micros, seq: number): void {
    this.#times[i] = at;
    this.#seq[i] = seq;
    this.#slot[i] = slot;
    this.#position[slot] = i;
  }
}

function grown<A extends Float64Array | Int32Array>(old: A, larger: A): A {
  larger.set(old);
  return larger;
}
