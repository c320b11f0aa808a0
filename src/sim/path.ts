// One direction between two machines: its latency, and what faults have done to it.
import type { Micros } from "./kernel.ts";
import { seconds } from "./kernel.ts";
import type { Rng } from "./rng.ts";

export interface PathOptions {
  /** One way. */
  readonly latencyUs: Micros;
  /** Uniform in [-jitter, +jitter], never below zero in all. */
  readonly jitterUs: Micros;
  /** Added between machines of different racks. */
  readonly interRackLatencyUs: Micros;
  readonly bandwidthBytesPerSecond: number;
}

/** Extra delay of a NetworkChaos delay, as netem has it: each sample leans on the last by `correlation` (0..1). */
export interface DelayFault {
  readonly latencyUs: Micros;
  readonly jitterUs: Micros;
  readonly correlation: number;
}

export class Path {
  readonly #rng: Rng;
  readonly #base: Micros;
  readonly #jitter: Micros;
  readonly #bandwidth: number;
  readonly #onHealed: () => void;
  readonly #delays = new Map<string, DelayFault>();
  readonly #lossRates = new Map<string, number>();
  readonly #rates = new Map<string, number>();
  readonly #cuts = new Set<string>();
  readonly #waiting: (() => void)[] = [];
  /** Does any fault act here? Asked for every message. */
  #isDisturbed = false;
  #lastSample = 0;
  /** When a limited way has passed on all it was given. */
  #throttleFree: Micros = 0;
  /** Messages that faults delayed, lost or stalled: how a fault knows that it bit. */
  touched = 0;

  constructor(rng: Rng, options: PathOptions, sameRack: boolean, onHealed: () => void) {
    this.#rng = rng;
    this.#base = options.latencyUs + (sameRack ? 0 : options.interRackLatencyUs);
    this.#jitter = options.jitterUs;
    this.#bandwidth = options.bandwidthBytesPerSecond;
    this.#onHealed = onHealed;
  }

  get isStalled(): boolean {
    if (!this.#isDisturbed || this.#cuts.size === 0) return false;
    this.touched++;
    return true;
  }

  cut(fault: string): void {
    this.#cuts.add(fault);
    this.#isDisturbed = true;
  }
  addDelay(fault: string, delay: DelayFault): void {
    this.#delays.set(fault, delay);
    this.#isDisturbed = true;
  }
  addLoss(fault: string, rate: number): void {
    this.#lossRates.set(fault, rate);
    this.#isDisturbed = true;
  }
  limit(fault: string, bytesPerSecond: number): void {
    this.#rates.set(fault, bytesPerSecond);
    this.#isDisturbed = true;
  }

  /** Undoes whatever the fault did. */
  heal(fault: string): void {
    this.#delays.delete(fault);
    this.#lossRates.delete(fault);
    this.#rates.delete(fault);
    const wasCut = this.#cuts.delete(fault);
    this.#isDisturbed =
      this.#delays.size + this.#lossRates.size + this.#rates.size + this.#cuts.size > 0;
    if (!wasCut || this.#cuts.size > 0) return;
    for (const action of this.#waiting.splice(0)) action();
    this.#onHealed();
  }

  whenHealed(action: () => void): void {
    this.#waiting.push(action);
  }

  /** One way latency of the next message. */
  delay(loopbackUs: Micros, loopback: boolean): Micros {
    if (loopback) return loopbackUs;
    let delay = this.#base;
    if (this.#jitter > 0) delay += this.#rng.integer(-this.#jitter, this.#jitter);
    if (this.#isDisturbed && this.#delays.size > 0) delay += this.#faultDelay();
    return delay > 0 ? delay : 0;
  }

  /** Time the bytes take to leave the card. */
  transmission(bytes: number): Micros {
    return Math.round((bytes * seconds(1)) / this.#bandwidth);
  }

  /** When bytes that left the card have passed the tightest limit on this way alone: what goes elsewhere does not wait for them. */
  throttled(departure: Micros, bytes: number): Micros {
    if (!this.#isDisturbed || this.#rates.size === 0) return departure;
    this.touched++;
    const rate = Math.min(...this.#rates.values());
    const start = departure > this.#throttleFree ? departure : this.#throttleFree;
    this.#throttleFree = start + Math.round((bytes * seconds(1)) / rate);
    return this.#throttleFree;
  }

  /** How often the next message is lost before it gets through, at most `most`. */
  losses(most: number): number {
    if (!this.#isDisturbed || this.#lossRates.size === 0) return 0;
    let losses = 0;
    for (const rate of this.#lossRates.values())
      while (losses < most && this.#rng.chance(rate)) losses++;
    if (losses > 0) this.touched++;
    return losses;
  }

  #faultDelay(): Micros {
    let extra = 0;
    for (const { latencyUs, jitterUs, correlation } of this.#delays.values()) {
      this.touched++;
      const fresh = this.#rng.float() * 2 - 1;
      this.#lastSample = this.#lastSample * correlation + fresh * (1 - correlation);
      extra += latencyUs + Math.round(jitterUs * this.#lastSample);
    }
    return extra;
  }
}
