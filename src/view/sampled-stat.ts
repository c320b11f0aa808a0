// Kafka's windowed statistics (SampledStat, Avg, Max, Rate): metrics.num.samples = 2 samples of metrics.sample.window.ms = 30 s, kept as long as
// they overlap the last minute. A rate counts as if a whole window had passed before the first record, so it rises slowly, as Kafka's does.
import type { Micros } from "../sim/kernel.ts";

const WINDOW: Micros = 30_000_000;
const SAMPLES = 2;

interface Sample {
  startAt: Micros;
  lastAt: Micros;
  count: number;
  sum: number;
  max: number;
}

const sampleAt = (at: Micros): Sample => ({
  startAt: at,
  lastAt: at,
  count: 0,
  sum: 0,
  max: Number.NEGATIVE_INFINITY,
});

export class SampledStat {
  readonly #samples: Sample[] = [];
  #current = 0;

  /** `count` values with this sum, the largest of which is `max`. */
  record(at: Micros, count: number, sum: number, max: number): void {
    const sample = this.#sampleFor(at);
    sample.count += count;
    sample.sum += sum;
    if (max > sample.max) sample.max = max;
    sample.lastAt = at;
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
    const sample = sampleAt(at);
    this.#samples[this.#current] = sample;
    return sample;
  }

  /** purgeObsoleteSamples: those without a record in the last minute begin anew. */
  #kept(now: Micros): Sample[] {
    return this.#samples.map((sample) =>
      now - sample.lastAt >= SAMPLES * WINDOW ? sampleAt(now) : sample,
    );
  }

  /** 0 where Kafka has no number. */
  avg(now: Micros): number {
    let count = 0;
    let sum = 0;
    for (const sample of this.#kept(now)) {
      count += sample.count;
      sum += sample.sum;
    }
    return count === 0 ? 0 : sum / count;
  }

  max(now: Micros): number {
    const max = this.#kept(now).reduce((most, sample) => Math.max(most, sample.max), -Infinity);
    return max === -Infinity ? 0 : max;
  }

  /** Sums per second. */
  rate(now: Micros): number {
    const samples = this.#kept(now);
    if (samples.length === 0) return 0;
    let sum = 0;
    let oldest = now;
    for (const sample of samples) {
      sum += sample.sum;
      if (sample.startAt < oldest) oldest = sample.startAt;
    }
    let elapsed = now - oldest;
    const missing = SAMPLES - 1 - Math.floor(elapsed / WINDOW);
    if (missing > 0) elapsed += missing * WINDOW;
    return (sum * 1_000_000) / Math.max(elapsed, 1000);
  }
}
