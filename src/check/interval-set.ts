// Disjoint ranges of whole numbers, sorted and coalesced. Adding at the end, which is nearly always, costs a comparison.

export interface Interval {
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
}

export class IntervalSet {
  readonly #from: number[] = [];
  readonly #to: number[] = [];
  #size = 0;

  /** How many numbers it holds. */
  get size(): number {
    return this.#size;
  }

  /** How many ranges it takes to say so. */
  get ranges(): number {
    return this.#from.length;
  }

  /** One past the largest number; 0 when empty. */
  get end(): number {
    return this.#to[this.#to.length - 1] ?? 0;
  }

  at(index: number): Interval {
    return { from: this.#from[index] as number, to: this.#to[index] as number };
  }

  has(n: number): boolean {
    const i = this.#firstEndingAfter(n);
    return i < this.#from.length && (this.#from[i] as number) <= n;
  }

  /** How many numbers of [from, to) it holds. */
  overlap(from: number, to: number): number {
    const last = this.#from.length - 1;
    if (last < 0 || from >= (this.#to[last] as number)) return 0;
    let sum = 0;
    for (let i = this.#firstEndingAfter(from); i <= last && (this.#from[i] as number) < to; i++) {
      sum += Math.min(to, this.#to[i] as number) - Math.max(from, this.#from[i] as number);
    }
    return sum;
  }

  /** Adds [from, to); returns how many of them were there before. */
  add(from: number, to: number): number {
    const last = this.#from.length - 1;
    if (last < 0 || from >= (this.#to[last] as number)) {
      if (last >= 0 && from === this.#to[last]) this.#to[last] = to;
      else {
        this.#from.push(from);
        this.#to.push(to);
      }
      this.#size += to - from;
      return 0;
    }
    return this.#insert(from, to);
  }

  remove(from: number, to: number): void {
    const i = this.#firstEndingAfter(from);
    let j = i;
    const kept: [number, number][] = [];
    while (j < this.#from.length && (this.#from[j] as number) < to) {
      const f = this.#from[j] as number;
      const t = this.#to[j] as number;
      this.#size -= Math.min(to, t) - Math.max(from, f);
      if (f < from) kept.push([f, from]);
      if (t > to) kept.push([to, t]);
      j++;
    }
    this.#from.splice(i, j - i, ...kept.map((k) => k[0]));
    this.#to.splice(i, j - i, ...kept.map((k) => k[1]));
  }

  clear(): void {
    this.#from.length = 0;
    this.#to.length = 0;
    this.#size = 0;
  }

  /** Parts of [from, to) it does not hold, in order. */
  missing(from: number, to: number): Interval[] {
    const gaps: Interval[] = [];
    let next = from;
    for (let i = this.#firstEndingAfter(from); i < this.#from.length && next < to; i++) {
      const f = this.#from[i] as number;
      if (f >= to) break;
      if (f > next) gaps.push({ from: next, to: f });
      next = Math.max(next, this.#to[i] as number);
    }
    if (next < to) gaps.push({ from: next, to });
    return gaps;
  }

  /** Parts of [from, to) it holds, in order. */
  held(from: number, to: number): Interval[] {
    const parts: Interval[] = [];
    for (let i = this.#firstEndingAfter(from); i < this.#from.length; i++) {
      const f = this.#from[i] as number;
      if (f >= to) break;
      parts.push({ from: Math.max(from, f), to: Math.min(to, this.#to[i] as number) });
    }
    return parts;
  }

  #insert(from: number, to: number): number {
    // Ranges that touch [from, to) melt into it.
    const i = this.#firstEndingAfter(from - 1);
    let j = i;
    let start = from;
    let end = to;
    let before = 0;
    while (j < this.#from.length && (this.#from[j] as number) <= to) {
      const f = this.#from[j] as number;
      const t = this.#to[j] as number;
      before += Math.max(0, Math.min(to, t) - Math.max(from, f));
      if (f < start) start = f;
      if (t > end) end = t;
      j++;
    }
    if (j === i + 1) {
      this.#from[i] = start;
      this.#to[i] = end;
    } else {
      this.#from.splice(i, j - i, start);
      this.#to.splice(i, j - i, end);
    }
    this.#size += to - from - before;
    return before;
  }

  /** Index of the first range whose end is greater than n. */
  #firstEndingAfter(n: number): number {
    let low = 0;
    let high = this.#to.length;
    if (high > 0 && (this.#to[high - 1] as number) <= n) return high;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#to[middle] as number) > n) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
