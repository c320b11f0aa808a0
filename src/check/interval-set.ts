// Disjoint ranges of whole numbers from 0 on, sorted and coalesced. Adding at the end, which is nearly always, costs a comparison: the last range
// lies in the set itself, and the arrays of those before it are made when there is one.

export interface Interval {
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
}

const NONE: number[] = [];

export class IntervalSet {
  /** The ranges before the last. */
  #from = NONE;
  #to = NONE;
  /** The last range; both 0: there is none. */
  #lastFrom = 0;
  #lastTo = 0;
  #size = 0;

  /** How many numbers it holds. */
  get size(): number {
    return this.#size;
  }

  /** How many ranges it takes to say so. */
  get ranges(): number {
    return this.#lastTo === 0 ? 0 : this.#from.length + 1;
  }

  /** One past the largest number; 0 when empty. */
  get end(): number {
    return this.#lastTo;
  }

  at(index: number): Interval {
    return { from: this.#fromAt(index), to: this.#toAt(index) };
  }

  has(n: number): boolean {
    const i = this.#firstEndingAfter(n);
    return i < this.ranges && this.#fromAt(i) <= n;
  }

  /** How many numbers of [from, to) it holds. */
  overlap(from: number, to: number): number {
    if (from >= this.#lastFrom) return Math.max(0, Math.min(to, this.#lastTo) - from);
    let sum = 0;
    const { ranges } = this;
    for (let i = this.#firstEndingAfter(from); i < ranges && this.#fromAt(i) < to; i++) {
      sum += Math.min(to, this.#toAt(i)) - Math.max(from, this.#fromAt(i));
    }
    return sum;
  }

  /** Adds [from, to); returns how many of them were there before. */
  add(from: number, to: number): number {
    if (from === this.#lastTo) {
      this.#lastTo = to;
      this.#size += to - from;
      return 0;
    }
    if (from < this.#lastTo) return this.#insert(from, to);
    this.#pushLast();
    this.#lastFrom = from;
    this.#lastTo = to;
    this.#size += to - from;
    return 0;
  }

  remove(from: number, to: number): void {
    this.#pushLast();
    const i = this.#firstEndingAfter(from);
    let j = i;
    const kept: [number, number][] = [];
    for (let f = this.#from[j]; f !== undefined && f < to; f = this.#from[++j]) {
      const t = this.#to[j] as number;
      this.#size -= Math.min(to, t) - Math.max(from, f);
      if (f < from) kept.push([f, from]);
      if (t > to) kept.push([to, t]);
    }
    this.#from.splice(i, j - i, ...kept.map((k) => k[0]));
    this.#to.splice(i, j - i, ...kept.map((k) => k[1]));
    this.#popLast();
  }

  /** Parts of [from, to) it does not hold, in order. */
  missing(from: number, to: number): Interval[] {
    const gaps: Interval[] = [];
    let next = from;
    for (const part of this.held(from, to)) {
      if (part.from > next) gaps.push({ from: next, to: part.from });
      next = part.to;
    }
    if (next < to) gaps.push({ from: next, to });
    return gaps;
  }

  /** Parts of [from, to) it holds, in order. */
  held(from: number, to: number): Interval[] {
    const parts: Interval[] = [];
    const { ranges } = this;
    for (let i = this.#firstEndingAfter(from); i < ranges; i++) {
      const f = this.#fromAt(i);
      if (f >= to) break;
      parts.push({ from: Math.max(from, f), to: Math.min(to, this.#toAt(i)) });
    }
    return parts;
  }

  #insert(from: number, to: number): number {
    this.#pushLast();
    // Ranges that touch [from, to) melt into it.
    const i = this.#firstEndingAfter(from - 1);
    let j = i;
    let start = from;
    let end = to;
    let before = 0;
    for (let f = this.#from[j]; f !== undefined && f <= to; f = this.#from[++j]) {
      const t = this.#to[j] as number;
      before += Math.max(0, Math.min(to, t) - Math.max(from, f));
      start = Math.min(start, f);
      end = Math.max(end, t);
    }
    if (j === i + 1) {
      this.#from[i] = start;
      this.#to[i] = end;
    } else {
      this.#from.splice(i, j - i, start);
      this.#to.splice(i, j - i, end);
    }
    this.#size += to - from - before;
    this.#popLast();
    return before;
  }

  #fromAt(index: number): number {
    return index < this.#from.length ? (this.#from[index] as number) : this.#lastFrom;
  }

  #toAt(index: number): number {
    return index < this.#to.length ? (this.#to[index] as number) : this.#lastTo;
  }

  /** The last range joins the others. */
  #pushLast(): void {
    if (this.#lastTo === 0) return;
    if (this.#from === NONE) {
      this.#from = [];
      this.#to = [];
    }
    this.#from.push(this.#lastFrom);
    this.#to.push(this.#lastTo);
    this.#lastFrom = 0;
    this.#lastTo = 0;
  }

  #popLast(): void {
    this.#lastFrom = this.#from.pop() ?? 0;
    this.#lastTo = this.#to.pop() ?? 0;
  }

  /** Index of the first range whose end is greater than n. */
  #firstEndingAfter(n: number): number {
    if (this.#lastTo > 0 && n >= this.#lastTo) return this.ranges;
    let low = 0;
    let high = this.#to.length;
    if ((this.#to[high - 1] ?? 0) <= n) return high;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#to[middle] as number) > n) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
