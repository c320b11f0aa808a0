// Where requests wait (DelayedOperationPurgatory): as data, holding no thread. A request waits on its partitions and on a deadline; whoever
// changes a partition checks its waiters. Kafka's timing wheel is one timer a request here.

/** The part of a parked request that concerns one partition. */
export interface Waiter {
  /** The whole request is answered, or this part of it needs no more checks. */
  readonly done: boolean;
  /** Its partition has changed: is that what it waited for? */
  check(): void;
}

const PURGE_AT_LEAST = 16;

/** Who waits on one partition. A request answered elsewhere stays in the list until it is purged (Kafka: *.purgatory.purge.interval.requests). */
export class Watchers<W extends Waiter> {
  readonly #waiters: W[] = [];
  #purgeAt = PURGE_AT_LEAST;

  add(waiter: W): void {
    this.#waiters.push(waiter);
    if (this.#waiters.length < this.#purgeAt) return;
    this.#purge();
    this.#purgeAt = Math.max(PURGE_AT_LEAST, 2 * this.#waiters.length);
  }

  checkAll(): void {
    const waiters = this.#waiters;
    if (waiters.length === 0) return;
    for (let i = 0; i < waiters.length; i++) {
      const waiter = waiters[i] as W;
      if (!waiter.done) waiter.check();
    }
    this.#purge();
  }

  get size(): number {
    return this.#waiters.reduce((live, waiter) => (waiter.done ? live : live + 1), 0);
  }

  #purge(): void {
    const waiters = this.#waiters;
    let kept = 0;
    for (let i = 0; i < waiters.length; i++) {
      const waiter = waiters[i] as W;
      if (!waiter.done) waiters[kept++] = waiter;
    }
    waiters.length = kept;
  }
}
