// The content of a log as runs: which records (stream, numbers) lie at which offsets, written in which epoch.
// Five numbers side by side a run, not an object a batch; neighbours that continue each other are one run; the head can be let go.

export interface Run {
  readonly base: number;
  readonly count: number;
  readonly stream: number;
  readonly first: number;
  readonly epoch: number;
}

const WIDTH = 5;
/** Places within a run; base comes first. */
const COUNT = 1;
const STREAM = 2;
const FIRST = 3;
const EPOCH = 4;

const EMPTY = new Float64Array(0);

export class RunList {
  #runs = EMPTY;
  /** Where the first and the next run begin in it. */
  #head = 0;
  #next = 0;
  #end = 0;

  /** Offsets below it are no longer known. */
  get floor(): number {
    return this.#head < this.#next ? (this.#runs[this.#head] as number) : this.#end;
  }

  get end(): number {
    return this.#end;
  }

  /** Runs kept. */
  get length(): number {
    return (this.#next - this.#head) / WIDTH;
  }

  /** Lets an empty list begin elsewhere. */
  startAt(offset: number): void {
    if (this.#head === this.#next) this.#end = offset;
  }

  push(base: number, count: number, stream: number, first: number, epoch: number): void {
    this.#end = base + count;
    const last = this.#next - WIDTH;
    if (last >= this.#head) {
      const runs = this.#runs;
      const length = runs[last + COUNT] as number;
      if (
        runs[last + STREAM] === stream &&
        runs[last + EPOCH] === epoch &&
        (runs[last + FIRST] as number) + length === first &&
        (runs[last] as number) + length === base
      ) {
        runs[last + COUNT] = length + count;
        return;
      }
    }
    if (this.#next === this.#runs.length) this.#makeRoom();
    const runs = this.#runs;
    const at = this.#next;
    runs[at] = base;
    runs[at + COUNT] = count;
    runs[at + STREAM] = stream;
    runs[at + FIRST] = first;
    runs[at + EPOCH] = epoch;
    this.#next = at + WIDTH;
  }

  /** How many of the records lie here as given, from the first on. Unknown offsets below the floor count as equal. epoch -1: any. */
  matching(base: number, count: number, stream: number, first: number, epoch: number): number {
    const end = Math.min(base + count, this.#end);
    let at = Math.max(base, Math.min(this.floor, end));
    if (at >= end) return Math.max(0, at - base);
    const runs = this.#runs;
    for (let i = this.#find(at); at < end; i += WIDTH) {
      if (runs[i + STREAM] !== stream || (epoch >= 0 && runs[i + EPOCH] !== epoch)) break;
      if ((runs[i + FIRST] as number) - (runs[i] as number) !== first - base) break;
      at = Math.min(end, (runs[i] as number) + (runs[i + COUNT] as number));
    }
    return at - base;
  }

  /** The known runs within [from, to), cut to it, in order. */
  slice(from: number, to: number): Run[] {
    const found: Run[] = [];
    if (from >= this.#end || this.#head === this.#next) return found;
    const runs = this.#runs;
    for (let i = this.#find(Math.max(from, this.floor)); i < this.#next; i += WIDTH) {
      const base = runs[i] as number;
      if (base >= to) break;
      const start = Math.max(base, from);
      found.push({
        base: start,
        count: Math.min(base + (runs[i + COUNT] as number), to) - start,
        stream: runs[i + STREAM] as number,
        first: (runs[i + FIRST] as number) + start - base,
        epoch: runs[i + EPOCH] as number,
      });
    }
    return found;
  }

  /** Drops everything from `to` on. */
  cut(to: number): void {
    const runs = this.#runs;
    for (; this.#next > this.#head; this.#next -= WIDTH) {
      const last = this.#next - WIDTH;
      const base = runs[last] as number;
      if (base >= to) continue;
      runs[last + COUNT] = Math.min(runs[last + COUNT] as number, to - base);
      break;
    }
    this.#end = Math.min(this.#end, to);
  }

  /** Lets go of whole runs below `offset`, of the last `keep` none. */
  trim(offset: number, keep: number): void {
    const runs = this.#runs;
    const last = this.#next - keep * WIDTH;
    while (
      this.#head < last &&
      (runs[this.#head] as number) + (runs[this.#head + COUNT] as number) <= offset
    ) {
      this.#head += WIDTH;
    }
  }

  #find(offset: number): number {
    const runs = this.#runs;
    let low = this.#head;
    let high = this.#next - WIDTH;
    // Nearly always it is one of the last runs.
    for (let i = 0; i < 4 && high > low; i++, high -= WIDTH) {
      if ((runs[high] as number) <= offset) return high;
    }
    while (low < high) {
      const middle = low + WIDTH * Math.ceil((high - low) / WIDTH / 2);
      if ((runs[middle] as number) <= offset) low = middle;
      else high = middle - WIDTH;
    }
    return low;
  }

  /** What was let go of makes room if it is half of what there is; else there is twice as much. */
  #makeRoom(): void {
    const kept = this.#runs.subarray(this.#head, this.#next);
    const runs =
      this.#head * 2 > this.#next
        ? this.#runs
        : new Float64Array(Math.max(16 * WIDTH, 2 * this.#runs.length));
    runs.set(kept);
    this.#runs = runs;
    this.#next = kept.length;
    this.#head = 0;
  }
}
