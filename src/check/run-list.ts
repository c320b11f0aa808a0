// The content of a log as runs: which records (stream, numbers) lie at which offsets, written in which epoch.
// Columns of numbers, not an object a batch; neighbours that continue each other are one run; the head can be let go.

export interface Run {
  readonly base: number;
  readonly count: number;
  readonly stream: number;
  readonly first: number;
  readonly epoch: number;
}

export class RunList {
  readonly #base: number[] = [];
  readonly #count: number[] = [];
  readonly #stream: number[] = [];
  readonly #first: number[] = [];
  readonly #epoch: number[] = [];
  #head = 0;
  #end = 0;

  /** Offsets below it are no longer known. */
  get floor(): number {
    return this.#head < this.#base.length ? (this.#base[this.#head] as number) : this.#end;
  }

  get end(): number {
    return this.#end;
  }

  /** Runs kept. */
  get length(): number {
    return this.#base.length - this.#head;
  }

  /** Lets an empty list begin elsewhere. */
  startAt(offset: number): void {
    if (this.length === 0) this.#end = offset;
  }

  push(base: number, count: number, stream: number, first: number, epoch: number): void {
    const last = this.#base.length - 1;
    if (
      last >= this.#head &&
      this.#stream[last] === stream &&
      this.#epoch[last] === epoch &&
      (this.#first[last] as number) + (this.#count[last] as number) === first &&
      (this.#base[last] as number) + (this.#count[last] as number) === base
    ) {
      this.#count[last] = (this.#count[last] as number) + count;
    } else {
      this.#base.push(base);
      this.#count.push(count);
      this.#stream.push(stream);
      this.#first.push(first);
      this.#epoch.push(epoch);
    }
    this.#end = base + count;
  }

  /** How many of the records lie here as given, from the first on. Unknown offsets below the floor count as equal. epoch -1: any. */
  matching(base: number, count: number, stream: number, first: number, epoch: number): number {
    const end = Math.min(base + count, this.#end);
    let at = Math.max(base, Math.min(this.floor, end));
    if (at >= end) return Math.max(0, at - base);
    for (let i = this.#find(at); at < end; i++) {
      if (this.#stream[i] !== stream || (epoch >= 0 && this.#epoch[i] !== epoch)) break;
      if ((this.#first[i] as number) - (this.#base[i] as number) !== first - base) break;
      at = Math.min(end, (this.#base[i] as number) + (this.#count[i] as number));
    }
    return at - base;
  }

  /** The known runs within [from, to), cut to it, in order. */
  slice(from: number, to: number): Run[] {
    const runs: Run[] = [];
    if (from >= this.#end || this.length === 0) return runs;
    for (let i = this.#find(Math.max(from, this.floor)); i < this.#base.length; i++) {
      const base = this.#base[i] as number;
      if (base >= to) break;
      const start = Math.max(base, from);
      runs.push({
        base: start,
        count: Math.min(base + (this.#count[i] as number), to) - start,
        stream: this.#stream[i] as number,
        first: (this.#first[i] as number) + start - base,
        epoch: this.#epoch[i] as number,
      });
    }
    return runs;
  }

  /** Drops everything from `to` on. */
  cut(to: number): void {
    while (this.#base.length > this.#head) {
      const last = this.#base.length - 1;
      const base = this.#base[last] as number;
      if (base < to) {
        this.#count[last] = Math.min(this.#count[last] as number, to - base);
        break;
      }
      this.#pop();
    }
    this.#end = Math.min(this.#end, to);
  }

  /** Lets go of whole runs below `offset`, of the last `keep` none. */
  trim(offset: number, keep: number): void {
    const last = this.#base.length - keep;
    while (
      this.#head < last &&
      (this.#base[this.#head] as number) + (this.#count[this.#head] as number) <= offset
    ) {
      this.#head++;
    }
    if (this.#head > 1024 && this.#head * 2 > this.#base.length) this.#compact();
  }

  #find(offset: number): number {
    let low = this.#head;
    let high = this.#base.length - 1;
    // Nearly always it is one of the last runs.
    for (let i = 0; i < 4 && high > low; i++, high--) {
      if ((this.#base[high] as number) <= offset) return high;
    }
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if ((this.#base[middle] as number) <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  #pop(): void {
    this.#base.pop();
    this.#count.pop();
    this.#stream.pop();
    this.#first.pop();
    this.#epoch.pop();
  }

  #compact(): void {
    for (const column of [this.#base, this.#count, this.#stream, this.#first, this.#epoch]) {
      column.copyWithin(0, this.#head);
      column.length -= this.#head;
    }
    this.#head = 0;
  }
}
