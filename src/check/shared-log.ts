// All replicas of one log, told once: a trunk, which is the current leader's log, and for each copy how far it agrees
// with the trunk and what it holds beyond that. In a healthy cluster a copy is one number.
import { type Run, RunList } from "./run-list.ts";

export interface Copy {
  readonly node: number;
  readonly end: number;
  /** Offsets below it hold what the trunk holds. */
  readonly common: number;
  /** What the copy holds from `common` on: it is not in the trunk. */
  readonly own: readonly Run[];
}

interface MutableCopy {
  readonly node: number;
  end: number;
  common: number;
  own: Run[];
}

export interface LogHooks {
  /** Records entered the trunk. */
  placed(base: number, count: number, stream: number, first: number): void;
  /** Records left the trunk; some copy may still hold them. */
  removed(run: Run): void;
  /** Records left a copy that had never been in the trunk since it diverged. */
  dropped(run: Run): void;
}

/** What becomes leader, compared with the trunk it takes over. */
export interface TakeoverExtent {
  readonly end: number;
  readonly common: number;
}

/** Runs kept though all copies agree on them: what a power loss may still take back. */
const KEPT_RUNS = 8192;

export class SharedLog {
  readonly trunk = new RunList();
  readonly #hooks: LogHooks;
  readonly #copies: MutableCopy[] = [];
  readonly #byNode: (MutableCopy | undefined)[] = [];
  #owner = -1;
  #forks = 0;

  constructor(hooks: LogHooks) {
    this.#hooks = hooks;
  }

  get copies(): readonly Copy[] {
    return this.#copies;
  }

  /** Copies that hold something the trunk does not. */
  get forks(): number {
    return this.#forks;
  }

  /** The node whose log the trunk is; -1 while nobody leads. */
  get owner(): number {
    return this.#owner;
  }

  copy(node: number): Copy | undefined {
    return this.#byNode[node];
  }

  /** A copy was loaded from disk: what it lost it no longer has. */
  open(node: number, end: number): void {
    const known = this.#byNode[node];
    if (known === undefined) this.#create(node, end);
    else if (end < known.end) this.truncate(node, end);
  }

  append(
    node: number,
    base: number,
    count: number,
    stream: number,
    first: number,
    epoch: number,
  ): void {
    let copy = this.#byNode[node];
    if (copy === undefined) copy = this.#create(node, base);
    else if (base < copy.end) this.truncate(node, base);
    else if (base > copy.end) this.#jump(copy, base);
    copy.end = base + count;
    if (copy.own.length > 0) pushOwn(copy.own, base, count, stream, first, epoch);
    else if (node === this.#owner) this.#extend(copy, base, count, stream, first, epoch);
    else this.#follow(copy, base, count, stream, first, epoch);
  }

  truncate(node: number, to: number): void {
    const copy = this.#byNode[node];
    if (copy === undefined || to >= copy.end) return;
    copy.end = to;
    if (node === this.#owner) this.#owner = -1;
    this.#dropOwn(copy, to);
    if (to < copy.common) copy.common = to;
    this.#shrink();
  }

  /** The copy is gone: wiped, deleted. */
  remove(node: number): void {
    const copy = this.#byNode[node];
    if (copy === undefined) return;
    this.truncate(node, 0);
    if (this.#owner === node) this.#owner = -1;
    this.#byNode[node] = undefined;
    this.#copies.splice(this.#copies.indexOf(copy), 1);
  }

  /** Retention or DeleteRecords: the copy's head is gone, and if it was shorter, it now begins there. */
  advanceStart(node: number, to: number): void {
    const copy = this.#byNode[node];
    if (copy !== undefined && copy.end < to) this.#jump(copy, to);
  }

  /** A node leads: its log becomes the trunk. */
  lead(node: number): TakeoverExtent {
    const copy = this.#byNode[node] ?? this.#create(node, 0);
    const extent = { end: copy.end, common: copy.common };
    this.#owner = node;
    if (copy.own.length > 0 || copy.end < this.trunk.end) {
      this.#cutTrunk(copy.common, true);
      for (const r of copy.own) this.#place(r.base, r.count, r.stream, r.first, r.epoch);
      if (copy.own.length > 0) this.#forks--;
      copy.own = [];
      copy.common = copy.end;
      for (const other of this.#copies) this.#rematch(other);
    }
    return extent;
  }

  /** A node leads no longer (it follows, or is down); its log stays what it is. */
  retire(node: number): void {
    if (this.#owner === node) this.#owner = -1;
  }

  /** Lets go of what all copies agree on below `offset`. */
  trim(offset: number): void {
    let floor = offset;
    for (const copy of this.#copies) if (copy.common < floor) floor = copy.common;
    this.trunk.trim(floor, KEPT_RUNS);
  }

  #create(node: number, end: number): MutableCopy {
    if (this.#copies.length === 0) this.trunk.startAt(end);
    // Content that nobody has told about is taken for the trunk's.
    const copy: MutableCopy = { node, end, common: end, own: [] };
    this.#copies.push(copy);
    this.#byNode[node] = copy;
    return copy;
  }

  /** The log continues at a higher offset: there is nothing in between, and nothing to compare below. */
  #jump(copy: MutableCopy, to: number): void {
    this.#dropOwn(copy, 0);
    copy.end = to;
    copy.common = to;
    if (to > this.trunk.end) {
      this.#cutTrunk(0, false);
      this.trunk.startAt(to);
    }
  }

  #extend(
    copy: MutableCopy,
    base: number,
    count: number,
    stream: number,
    first: number,
    epoch: number,
  ): void {
    if (base < this.trunk.end) this.#cutTrunk(base, true);
    this.#place(base, count, stream, first, epoch);
    copy.common = copy.end;
  }

  #follow(
    copy: MutableCopy,
    base: number,
    count: number,
    stream: number,
    first: number,
    epoch: number,
  ): void {
    const same = this.trunk.matching(base, count, stream, first, epoch);
    copy.common = base + same;
    if (same === count) return;
    const rest = base + same;
    if (this.#owner < 0 && rest === this.trunk.end) {
      this.#place(rest, count - same, stream, first + same, epoch);
      copy.common = copy.end;
    } else {
      this.#forks++;
      pushOwn(copy.own, rest, count - same, stream, first + same, epoch);
    }
  }

  #place(base: number, count: number, stream: number, first: number, epoch: number): void {
    this.trunk.push(base, count, stream, first, epoch);
    this.#hooks.placed(base, count, stream, first);
  }

  /** Ends the trunk at `to`; copies that hold the tail keep it as their own. */
  #cutTrunk(to: number, keepInCopies: boolean): void {
    if (to >= this.trunk.end) return;
    const tail = this.trunk.slice(to, this.trunk.end);
    for (const copy of this.#copies) {
      if (copy.common <= to) continue;
      if (keepInCopies && copy.node !== this.#owner) {
        const kept = this.trunk.slice(to, copy.common);
        if (copy.own.length === 0 && kept.length > 0) this.#forks++;
        copy.own = [...kept, ...copy.own];
      }
      copy.common = to;
    }
    this.trunk.cut(to);
    for (const run of tail) this.#hooks.removed(run);
  }

  /** What no copy holds any more is in no log. */
  #shrink(): void {
    let held = 0;
    for (const copy of this.#copies) if (copy.common > held) held = copy.common;
    this.#cutTrunk(held, false);
  }

  #rematch(copy: MutableCopy): void {
    if (copy.own.length === 0) return;
    const runs = copy.own;
    copy.own = [];
    this.#forks--;
    for (const r of runs) {
      if (copy.own.length > 0) copy.own.push(r);
      else this.#follow(copy, r.base, r.count, r.stream, r.first, r.epoch);
    }
  }

  #dropOwn(copy: MutableCopy, from: number): void {
    if (copy.own.length === 0) return;
    const kept: Run[] = [];
    for (const run of copy.own) {
      const keep = Math.min(run.count, Math.max(0, from - run.base));
      if (keep > 0) kept.push({ ...run, count: keep });
      if (keep === run.count) continue;
      const dropped = {
        ...run,
        base: run.base + keep,
        first: run.first + keep,
        count: run.count - keep,
      };
      this.#hooks.dropped(dropped);
    }
    copy.own = kept;
    if (kept.length === 0) this.#forks--;
  }
}

function pushOwn(
  own: Run[],
  base: number,
  count: number,
  stream: number,
  first: number,
  epoch: number,
): void {
  const last = own[own.length - 1];
  const continues =
    last !== undefined &&
    last.stream === stream &&
    last.epoch === epoch &&
    last.first + last.count === first &&
    last.base + last.count === base;
  if (continues) own[own.length - 1] = { ...last, count: last.count + count };
  else own.push({ base, count, stream, first, epoch });
}
