// Kafka's sensors, as far as several kinds of clients have them (Meter; SampledStat is a file of its own).
import type { Micros } from "../sim/kernel.ts";
import { SampledStat, SampledStats } from "./sampled-stat.ts";

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

const LATENCY = 0;
const TIMES = 1;

/** How often something is over, and how long it took. */
export class Latency {
  readonly #stats = new SampledStats(TIMES + 1);
  total = 0;

  record(at: Micros, latencyUs: Micros): void {
    const sample = this.#stats.at(at);
    sample.add(LATENCY, 1, latencyUs, latencyUs);
    sample.add(TIMES, 1, 1, 1);
    this.total++;
  }

  avgMs(now: Micros): number {
    return this.#stats.avg(LATENCY, now) / 1000;
  }

  maxMs(now: Micros): number {
    return this.#stats.max(LATENCY, now) / 1000;
  }

  rate(now: Micros): number {
    return this.#stats.rate(TIMES, now);
  }
}

/** Metrics under name{...}. */
export const labelled = (
  metrics: Readonly<Record<string, number>>,
  labels: string,
): Record<string, number> =>
  Object.fromEntries(Object.entries(metrics).map(([name, value]) => [`${name}${labels}`, value]));
