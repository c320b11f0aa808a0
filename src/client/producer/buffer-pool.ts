// buffer.memory: what all batches of a producer may take together (BufferPool). Who finds too little waits, first come first served.
// Left out: the free list of pooled buffers, which changes cost but not behaviour.
import { assert } from "../../sim/assert.ts";

export interface MemoryWaiter {
  readonly sizeBytes: number;
  readonly granted: () => void;
}

export class BufferPool {
  readonly totalBytes: number;
  #available: number;
  #waiters: MemoryWaiter[] = [];

  constructor(totalBytes: number) {
    this.totalBytes = totalBytes;
    this.#available = totalBytes;
  }

  get availableBytes(): number {
    return this.#available;
  }

  /** How many wait: while anyone does, every batch counts as ready (RecordAccumulator.ready: exhausted). */
  get queued(): number {
    return this.#waiters.length;
  }

  /** False when there is too little, or others wait already. */
  tryTake(sizeBytes: number): boolean {
    if (this.#waiters.length > 0 || sizeBytes > this.#available) return false;
    this.#available -= sizeBytes;
    return true;
  }

  /** Queues up; `granted` is called once the memory has been set aside. */
  wait(sizeBytes: number, granted: () => void): MemoryWaiter {
    assert(sizeBytes <= this.totalBytes, () => `${sizeBytes} B can never be had`);
    const waiter: MemoryWaiter = { sizeBytes, granted };
    this.#waiters.push(waiter);
    return waiter;
  }

  /** Stops waiting; those behind may be served now. */
  cancel(waiter: MemoryWaiter): void {
    this.#waiters = this.#waiters.filter((other) => other !== waiter);
    this.#serve();
  }

  give(sizeBytes: number): void {
    this.#available += sizeBytes;
    assert(this.#available <= this.totalBytes, () => `more memory returned than taken`);
    this.#serve();
  }

  #serve(): void {
    for (;;) {
      const first = this.#waiters[0];
      if (first === undefined || first.sizeBytes > this.#available) return;
      this.#waiters.shift();
      this.#available -= first.sizeBytes;
      first.granted();
    }
  }
}
