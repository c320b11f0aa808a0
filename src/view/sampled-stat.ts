// Kafka's windowed statistics (SampledStat, Avg, Max, Rate): metrics.num.samples = 2 samples of metrics.sample.window.ms = 30 s, kept as long as
// they overlap the last minute. A rate counts as if a whole window had passed before the first record, so it rises slowly, as Kafka's does.
import type { Micros } from "../sim/kernel.ts";

const WINDOW: Micros = 30_000_000;
const SAMPLES = 2;

/** What was recorded within one window. */
class Sample {
  readonly startAt: Micros;
  lastAt: Micros;
  /** Count, sum and maximum of each statistic. */
  readonly values: Float64Array;

  constructor(at: Micros, statistics: number) {
    this.startAt = at;
    this.lastAt = at;
    this.values = new Float64Array(3 * statistics);
    for (let i = 2; i < this.values.length; i += 3) this.values[i] = Number.NEGATIVE_INFINITY;
  }

  /** `count` values of a statistic with this sum, the largest of which is `max`. */
  add(statistic: number, count: number, sum: number, max: number): void {
    const { values } = this;
    const i = 3 * statistic;
    values[i] = (values[i] as number) + count;
    values[i + 1] = (values[i + 1] as number) + sum;
    if (max > (values[i + 2] as number)) values[i + 2] = max;
  }
}

/** Statistics that are always recorded together, by number: their windows are the same. */
export class SampledStats {
  readonly #statistics: number;
  readonly #samples: Sample[] = [];
  #current = 0;

  constructor(statistics: number) {
    this.#statistics = statistics;
  }

  /** Where to add what happens at this time. */
  at(at: Micros): Sample {
    const sample = this.#sampleFor(at);
    sample.lastAt = at;
    return sample;
  }

  #sampleFor(at: Micros): Sample {
    const current = this.#samples[this.#current];
    if (current === undefined) return this.#renew(at);
    if (at - current.startAt < WINDOW) return current;
    // One place more than samples: the oldest may still overlap the window.
    this.#current = (this.#current + 1) % (SAMPLES + 1);
    return this.#renew(at);
  }

  #renew(at: Micros): Sample {
    const sample = new Sample(at, this.#statistics);
    this.#samples[this.#current] = sample;
    return sample;
  }

  /** purgeObsoleteSamples: those without a record in the last minute begin anew. */
  #kept(now: Micros): Sample[] {
    return this.#samples.map((sample) =>
      now - sample.lastAt >= SAMPLES * WINDOW ? new Sample(now, this.#statistics) : sample,
    );
  }

  /** 0 where Kafka has no number. */
  avg(statistic: number, now: Micros): number {
    let count = 0;
    let sum = 0;
    for (const { values } of this.#kept(now)) {
      count += values[3 * statistic] as number;
      sum += values[3 * statistic + 1] as number;
    }
    return count === 0 ? 0 : sum / count;
  }

  max(statistic: number, now: Micros): number {
    const max = this.#kept(now).reduce(
      (most, { values }) => Math.max(most, values[3 * statistic + 2] as number),
      -Infinity,
    );
    return max === -Infinity ? 0 : max;
  }

  /** Sums per second. */
  rate(statistic: number, now: Micros): number {
    const samples = this.#kept(now);
    if (samples.length === 0) return 0;
    let sum = 0;
    let oldest = now;
    for (const { values, startAt } of samples) {
      sum += values[3 * statistic + 1] as number;
      if (startAt < oldest) oldest = startAt;
    }
    let elapsed = now - oldest;
    const missing = SAMPLES - 1 - Math.floor(elapsed / WINDOW);
    if (missing > 0) elapsed += missing * WINDOW;
    return (sum * 1_000_000) / Math.max(elapsed, 1000);
  }
}

export class SampledStat {
  readonly #stats = new SampledStats(1);

  /** `count` values with this sum, the largest of which is `max`. */
  record(at: Micros, count: number, sum: number, max: number): void {
    this.#stats.at(at).add(0, count, sum, max);
  }

  avg(now: Micros): number {
    return this.#stats.avg(0, now);
  }

  max(now: Micros): number {
    return this.#stats.max(0, now);
  }

  rate(now: Micros): number {
    return this.#stats.rate(0, now);
  }
}
