// A ladder queue (Tang, Goh, Thng 2005) in typed arrays. Far events lie unsorted in `top`; when nearer ones run out they are
// dealt into the buckets of a rung, a full bucket into a finer rung, a small one is sorted into `bottom`, which is popped.
// Where a slot lies follows from its time alone, so cancelling unlinks it without any search.

import type { Micros } from "./kernel.ts";
import type { EventQueue } from "./queue.ts";

/** A bucket with more slots than this becomes a rung. */
const SORTED = 48;
/** An insertion that shifts more than SHIFTED slots of a bottom of more than SPILLED turns the bottom into a rung. */
const SPILLED = 96;
const SHIFTED = 16;
/** Each rung is at least SORTED / 2 times finer than the one above: 2^53 microseconds need 12. */
const RUNGS = 16;
const NONE = -1;
/** The bottom starts here, so that an event before all others goes in front without shifting. */
const FRONT = 16;

export class LadderQueue implements EventQueue {
  size = 0;
  at = new Float64Array(0);

  /** By slot. Each bucket is a circular list in insertion order. */
  #next = new Int32Array(0);
  #previous = new Int32Array(0);

  /** Everything at or after `#topStart`, with bounds of its times. */
  #topStart: Micros = 0;
  #top = NONE;
  #topCount = 0;
  #topMin: Micros = Infinity;
  #topMax: Micros = -Infinity;

  /** By rung, coarsest first. Widths are integer powers of two, so that no rounding moves an event to another bucket. */
  #rungs = 0;
  readonly #base = new Float64Array(RUNGS);
  readonly #width = new Float64Array(RUNGS);
  readonly #perWidth = new Float64Array(RUNGS);
  readonly #buckets = new Int32Array(RUNGS);
  readonly #current = new Int32Array(RUNGS);
  /** Start of the current bucket: what is earlier lies in a finer rung or in the bottom. */
  readonly #start = new Float64Array(RUNGS);
  /** First slot of each bucket; the last bucket also holds what lies beyond it. */
  readonly #heads: Int32Array[] = [];

  /** Sorted, from `#first` to before `#end`. */
  #bottomSlot = new Int32Array(256);
  #bottomAt = new Float64Array(256);
  #first = FRONT;
  #end = FRONT;

  constructor() {
    for (let rung = 0; rung < RUNGS; rung++) this.#heads.push(new Int32Array(64).fill(NONE));
  }

  reserve(capacity: number): void {
    const at = new Float64Array(capacity);
    const next = new Int32Array(capacity);
    const previous = new Int32Array(capacity);
    at.set(this.at);
    next.set(this.#next);
    previous.set(this.#previous);
    this.at = at;
    this.#next = next;
    this.#previous = previous;
  }

  push(slot: number): void {
    this.size++;
    const at = this.at[slot] as number;
    if (at >= this.#topStart) return this.#pushTop(slot, at);
    const rungs = this.#rungs;
    const starts = this.#start;
    for (let rung = 0; rung < rungs; rung++) {
      if (at >= (starts[rung] as number)) return this.#pushRung(rung, slot, at);
    }
    this.#pushBottom(slot, at);
  }

  popUntil(until: Micros): number {
    if (this.#first === this.#end && !this.#refill()) return NONE;
    const first = this.#first;
    const at = this.#bottomAt[first] as number;
    if (at > until) return NONE;
    this.#first = first + 1;
    this.size--;
    return this.#bottomSlot[first] as number;
  }

  remove(slot: number): void {
    this.size--;
    const at = this.at[slot] as number;
    if (at >= this.#topStart) {
      this.#topCount--;
      this.#top = this.#unlink(this.#top, slot);
      return;
    }
    for (let rung = 0; rung < this.#rungs; rung++) {
      if (at < (this.#start[rung] as number)) continue;
      const heads = this.#heads[rung] as Int32Array;
      const bucket = this.#bucketOf(rung, at);
      heads[bucket] = this.#unlink(heads[bucket] as number, slot);
      return;
    }
    this.#removeFromBottom(slot, at);
  }

  #pushTop(slot: number, at: Micros): void {
    this.#top = this.#append(this.#top, slot);
    this.#topCount++;
    if (at < this.#topMin) this.#topMin = at;
    if (at > this.#topMax) this.#topMax = at;
  }

  #pushRung(rung: number, slot: number, at: Micros): void {
    const heads = this.#heads[rung] as Int32Array;
    const bucket = this.#bucketOf(rung, at);
    heads[bucket] = this.#append(heads[bucket] as number, slot);
  }

  #bucketOf(rung: number, at: Micros): number {
    const bucket = (at - (this.#base[rung] as number)) * (this.#perWidth[rung] as number);
    const last = (this.#buckets[rung] as number) - 1;
    return bucket < last ? bucket | 0 : last;
  }

  #pushBottom(slot: number, at: Micros): void {
    if (
      this.#end > this.#first &&
      at < (this.#bottomAt[this.#first] as number) &&
      this.#first > 0
    ) {
      this.#first--;
      this.#bottomAt[this.#first] = at;
      this.#bottomSlot[this.#first] = slot;
      return;
    }
    const shifted = this.#insert(slot, at);
    if (shifted > SHIFTED && this.#end - this.#first > SPILLED) this.#spill();
  }

  /** Puts a slot behind all of the bottom that are not later; returns how many were. */
  #insert(slot: number, at: Micros): number {
    if (this.#end === this.#bottomSlot.length) this.#makeRoom();
    const ats = this.#bottomAt;
    const slots = this.#bottomSlot;
    const first = this.#first;
    const end = this.#end++;
    let i = end;
    for (; i > first; i--) {
      const before = ats[i - 1] as number;
      if (before <= at) break;
      ats[i] = before;
      slots[i] = slots[i - 1] as number;
    }
    ats[i] = at;
    slots[i] = slot;
    return end - i;
  }

  /** Moves the bottom back to the front of its arrays, or into larger ones. */
  #makeRoom(): void {
    const count = this.#end - this.#first;
    if (count > this.#bottomSlot.length / 2) {
      const slots = new Int32Array(this.#bottomSlot.length * 2);
      const ats = new Float64Array(this.#bottomSlot.length * 2);
      slots.set(this.#bottomSlot.subarray(this.#first, this.#end), FRONT);
      ats.set(this.#bottomAt.subarray(this.#first, this.#end), FRONT);
      this.#bottomSlot = slots;
      this.#bottomAt = ats;
    } else {
      this.#bottomSlot.copyWithin(FRONT, this.#first, this.#end);
      this.#bottomAt.copyWithin(FRONT, this.#first, this.#end);
    }
    this.#first = FRONT;
    this.#end = FRONT + count;
  }

  #removeFromBottom(slot: number, at: Micros): void {
    let low = this.#first;
    let high = this.#end;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#bottomAt[middle] as number) < at) low = middle + 1;
      else high = middle;
    }
    while (this.#bottomSlot[low] !== slot) low++;
    if (low === this.#first) {
      this.#first++;
      return;
    }
    this.#bottomSlot.copyWithin(low, low + 1, this.#end);
    this.#bottomAt.copyWithin(low, low + 1, this.#end);
    this.#end--;
  }

  /** Fills the empty bottom with the next bucket; false when the queue is empty. */
  #refill(): boolean {
    this.#first = FRONT;
    this.#end = FRONT;
    for (;;) {
      const rung = this.#rungs - 1;
      const list = rung < 0 ? this.#takeTop() : this.#takeBucket(rung);
      if (list !== NONE && this.#sortOrDeal(list)) return true;
      if (list === NONE && this.#rungs === 0 && this.#topCount === 0) return false;
    }
  }

  /** The next bucket in use of the finest rung, or NONE when it has no more; a rung without buckets left is dropped. */
  #takeBucket(rung: number): number {
    const heads = this.#heads[rung] as Int32Array;
    const buckets = this.#buckets[rung] as number;
    let i = this.#current[rung] as number;
    while (i < buckets && heads[i] === NONE) i++;
    if (i >= buckets - 1) this.#rungs--;
    if (i >= buckets) return NONE;
    const list = heads[i] as number;
    heads[i] = NONE;
    this.#current[rung] = i + 1;
    this.#start[rung] = (this.#base[rung] as number) + (i + 1) * (this.#width[rung] as number);
    return list;
  }

  /** A short list, or one of a single time, goes sorted into the bottom (true); any other becomes a rung. */
  #sortOrDeal(list: number): boolean {
    let count = 0;
    let slot = list;
    do {
      if (++count > SORTED) break;
      this.#insert(slot, this.at[slot] as number);
      slot = this.#next[slot] as number;
    } while (slot !== list);
    if (count <= SORTED) return true;
    this.#end = this.#first;
    return this.#dealIfSpread(list);
  }

  /** Makes a rung of a long list; one of a single time goes into the bottom as it is (true). */
  #dealIfSpread(list: number): boolean {
    let count = 0;
    let min = Infinity;
    let max = -Infinity;
    let slot = list;
    do {
      const at = this.at[slot] as number;
      if (at < min) min = at;
      if (at > max) max = at;
      count++;
      slot = this.#next[slot] as number;
    } while (slot !== list);
    if (min === max || this.#rungs === RUNGS) {
      do {
        this.#insert(slot, this.at[slot] as number);
        slot = this.#next[slot] as number;
      } while (slot !== list);
      return true;
    }
    this.#addRung(min, max, count);
    this.#deal(list);
    return false;
  }

  #takeTop(): number {
    const list = this.#top;
    if (list === NONE) return NONE;
    this.#top = NONE;
    this.#topCount = 0;
    this.#topStart = this.#topMax + 1;
    this.#topMax = -Infinity;
    return list;
  }

  #spill(): void {
    if (this.#rungs === RUNGS) return;
    const first = this.#first;
    const end = this.#end;
    const ats = this.#bottomAt;
    this.#first = FRONT;
    this.#end = FRONT;
    const rung = this.#addRung(ats[first] as number, ats[end - 1] as number, end - first);
    for (let i = first; i < end; i++) {
      this.#pushRung(rung, this.#bottomSlot[i] as number, ats[i] as number);
    }
  }

  /** Buckets for `count` slots between min and max. */
  #addRung(min: Micros, max: Micros, count: number): number {
    let width = 1;
    while (width * count < max - min) width *= 2;
    const buckets = Math.floor((max - min) / width) + 1;
    const rung = this.#rungs++;
    this.#base[rung] = min;
    this.#start[rung] = min;
    this.#width[rung] = width;
    this.#perWidth[rung] = 1 / width;
    this.#current[rung] = 0;
    this.#buckets[rung] = buckets;
    let capacity = (this.#heads[rung] as Int32Array).length;
    if (capacity < buckets) {
      while (capacity < buckets) capacity *= 2;
      this.#heads[rung] = new Int32Array(capacity).fill(NONE);
    }
    return rung;
  }

  /** Deals a list into the finest rung, in order. */
  #deal(list: number): void {
    const rung = this.#rungs - 1;
    const last = this.#previous[list] as number;
    for (let slot = list; ; ) {
      const next = this.#next[slot] as number;
      this.#pushRung(rung, slot, this.at[slot] as number);
      if (slot === last) return;
      slot = next;
    }
  }

  /** Adds to a circular list, which may be NONE; returns its first slot. */
  #append(list: number, slot: number): number {
    if (list === NONE) {
      this.#next[slot] = slot;
      this.#previous[slot] = slot;
      return slot;
    }
    const last = this.#previous[list] as number;
    this.#next[last] = slot;
    this.#previous[slot] = last;
    this.#next[slot] = list;
    this.#previous[list] = slot;
    return list;
  }

  /** Takes out of a circular list; returns its first slot or NONE. */
  #unlink(list: number, slot: number): number {
    const next = this.#next[slot] as number;
    if (next === slot) return NONE;
    const previous = this.#previous[slot] as number;
    this.#next[previous] = next;
    this.#previous[next] = previous;
    return list === slot ? next : list;
  }
}
