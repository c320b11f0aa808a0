// Kafka's sensors, as far as several kinds of clients have them (Meter; SampledStat is a file of its own).
import type { Micros } from "../sim/kernel.ts";
import { SampledStat } from "./sampled-stat.ts";

/** A rate, and everything so far. */
export class Meter {
  readonly #stat = new SampledStat();
  total = 0;

  record(at: Micros, value: number): void {
    this.#stat.record(at, 1, value, value);
    this.total += value;
  }

  rate(now: Micros): number {
    return this.#stat.rate(now);
  }
}

/** How often something is over, and how long it took. */
export class Latency {
  readonly stat = new SampledStat();
  readonly #count = new Meter();

  record(at: Micros, latencyUs: Micros): void {
    this.stat.record(at, 1, latencyUs, latencyUs);
    this.#count.record(at, 1);
  }

  avgMs(now: Micros): number {
    return this.stat.avg(now) / 1000;
  }

  maxMs(now: Micros): number {
    return this.stat.max(now) / 1000;
  }

  rate(now: Micros): number {
    return this.#count.rate(now);
  }

  get total(): number {
    return this.#count.total;
  }
}

/** Metrics under name{...}. */
export const labelled = (
  metrics: Readonly<Record<string, number>>,
  labels: string,
): Record<string, number> =>
  Object.fromEntries(Object.entries(metrics).map(([name, value]) => [`${name}${labels}`, value]));
