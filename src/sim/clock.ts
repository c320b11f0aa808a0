// The wall clock of one host, as System.currentTimeMillis() would show it: wrong by an offset (a jump, bad NTP) and a drift.
// Timers are not affected: Kafka measures waits with the monotonic clock, which here is the kernel's.

import type { Kernel, Micros } from "./kernel.ts";

export class HostClock {
  readonly #kernel: Kernel;
  #offset: Micros = 0;
  #driftPpm = 0;
  /** Drift counts from here; what it gained before is in `#offset`. */
  #driftSince: Micros = 0;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  now(): Micros {
    return this.#kernel.now + this.#offset + this.#gained();
  }

  /** The clock jumps to `offset` away from the true time; a drift goes on from there. */
  setOffset(offset: Micros): void {
    this.#offset = Math.round(offset);
    this.#driftSince = this.#kernel.now;
  }

  /** From now on the clock runs fast (positive) or slow by that many parts per million; what it gained so far stays. */
  setDrift(ppm: number): void {
    this.#offset += this.#gained();
    this.#driftSince = this.#kernel.now;
    this.#driftPpm = ppm;
  }

  #gained(): Micros {
    return Math.round(((this.#kernel.now - this.#driftSince) * this.#driftPpm) / 1_000_000);
  }
}
