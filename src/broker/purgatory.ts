// Where requests wait (DelayedOperationPurgatory): as data, holding no thread. A request waits on its partitions and on a deadline; whoever
// changes a partition checks its waiters. Deadlines are in deadlines.ts.

/** A parked request, or several parts of one: one part a partition it waits on, told apart by number. */
export interface Waiter {
  /** The whole request is answered, or this part of it needs no more checks. */
  isDone(part: number): boolean;
  /** The part's partition has changed: is that what it waited for? */
  check(part: number): void;
}

const PURGE_AT_LEAST = 16;

/**
 * Who waits on one partition. A request answered elsewhere stays in the list until it is purged (Kafka: *.purgatory.purge.interval.requests).
 * Two columns, the waiter and its part, so that waiting takes no object a partition.
 */
export class Watchers<W extends Waiter> {
  readonly #waiters: W[] = [];
  readonly #parts: number[] = [];
  #purgeAt = PURGE_AT_LEAST;

  add(waiter: W, part: number): void {
    this.#waiters.push(waiter);
    this.#parts.push(part);
    if (this.#waiters.length < this.#purgeAt) return;
    this.#purge();
    this.#purgeAt = Math.max(PURGE_AT_LEAST, 2 * this.#waiters.length);
  }

  /** Into its place among those who waited before; `isLater`: one that came after it. */
  insert(waiter: W, part: number, isLater: (listed: W) => boolean): void {
    const waiters = this.#waiters;
    const parts = this.#parts;
    let at = waiters.length;
    for (; at > 0 && isLater(waiters[at - 1] as W); at--) {
      waiters[at] = waiters[at - 1] as W;
      parts[at] = parts[at - 1] as number;
    }
    waiters[at] = waiter;
    parts[at] = part;
  }

  checkAll(): void {
    const waiters = this.#waiters;
    if (waiters.length === 0) return;
    for (let i = 0; i < waiters.length; i++) {
      const waiter = waiters[i] as W;
      const part = this.#parts[i] as number;
      if (!waiter.isDone(part)) waiter.check(part);
    }
    this.#purge();
  }

  get size(): number {
    let live = 0;
    this.#waiters.forEach((waiter, i) => {
      if (!waiter.isDone(this.#parts[i] as number)) live++;
    });
    return live;
  }

  #purge(): void {
    const waiters = this.#waiters;
    const parts = this.#parts;
    let kept = 0;
    for (let i = 0; i < waiters.length; i++) {
      const waiter = waiters[i] as W;
      const part = parts[i] as number;
      if (waiter.isDone(part)) continue;
      waiters[kept] = waiter;
      parts[kept++] = part;
    }
    waiters.length = kept;
    parts.length = kept;
  }
}
