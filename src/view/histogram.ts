// A log-linear histogram after HdrHistogram: 128 steps an octave, so a percentile is off by less than 0.8 %.
// Whole numbers only, no logarithms: the same figures in every engine.

const SUB_BITS = 7;
const SUB = 1 << SUB_BITS;

export interface Summary {
  readonly min: number;
  readonly avg: number;
  readonly med: number;
  readonly p90: number;
  readonly p95: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
  readonly count: number;
}

export class Histogram {
  #counts = new Float64Array(SUB * 8);
  #count = 0;
  #sum = 0;
  #min = Number.MAX_SAFE_INTEGER;
  #max = 0;

  /** Adds a whole number >= 0, `weight` times. */
  record(value: number, weight = 1): void {
    const index = indexOf(value);
    if (index >= this.#counts.length) this.#grow(index);
    this.#counts[index] = (this.#counts[index] as number) + weight;
    this.#count += weight;
    this.#sum += value * weight;
    if (value < this.#min) this.#min = value;
    if (value > this.#max) this.#max = value;
  }

  get count(): number {
    return this.#count;
  }

  /** The smallest recorded step at or below which `percent` of the weight lies; 0 when empty. */
  percentile(percent: number): number {
    if (this.#count === 0) return 0;
    const wanted = Math.max(1, Math.ceil((this.#count * percent) / 100 - 1e-9));
    let seen = 0;
    for (let i = 0; i < this.#counts.length; i++) {
      seen += this.#counts[i] as number;
      if (seen >= wanted) return Math.max(this.#min, Math.min(highest(i), this.#max));
    }
    return this.#max;
  }

  /** Percentiles and extremes, each divided by `unit`. */
  summary(unit = 1): Summary {
    const at = (percent: number): number => this.percentile(percent) / unit;
    const empty = this.#count === 0;
    return {
      min: empty ? 0 : this.#min / unit,
      avg: empty ? 0 : this.#sum / this.#count / unit,
      med: at(50),
      p90: at(90),
      p95: at(95),
      p99: at(99),
      p999: at(99.9),
      max: this.#max / unit,
      count: this.#count,
    };
  }

  #grow(index: number): void {
    let length = this.#counts.length;
    while (length <= index) length *= 2;
    const counts = new Float64Array(length);
    counts.set(this.#counts);
    this.#counts = counts;
  }
}

function indexOf(value: number): number {
  let octave = 0;
  let v = value;
  while (v >= 2 * SUB) {
    v = Math.floor(v / 2);
    octave++;
  }
  return octave * SUB + v;
}

/** The largest value that falls into a step. */
function highest(index: number): number {
  if (index < 2 * SUB) return index;
  const octave = Math.floor(index / SUB) - 1;
  let value = index - octave * SUB + 1;
  for (let i = 0; i < octave; i++) value *= 2;
  return value - 1;
}
