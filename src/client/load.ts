// Arrivals of an open load model (k6's constant and ramping arrival rates): how many records have come by a time, and when the next one comes.
// All in exact integers: a rate of r/s that lasts d seconds gives floor(r * d) records, however the time is cut.
import type { Micros } from "../sim/kernel.ts";

export interface LoadStage {
  /** undefined: without an end. */
  readonly durationUs: Micros | undefined;
  readonly fromPerSecond: number;
  readonly toPerSecond: number;
}

export interface LoadSpec {
  readonly stages: readonly LoadStage[];
  /** Stop after that many records; without stages all come at once. */
  readonly total: number | undefined;
}

/** A thousandth of a record a second, times a microsecond: 10^-9 records. */
const NANO_RECORDS = 1_000_000_000n;

interface Stage {
  readonly startsAt: Micros;
  readonly durationUs: Micros | undefined;
  /** Thousandths of a record per second. */
  readonly from: bigint;
  readonly to: bigint;
  /** Arrived before the stage, in 10^-9 records. */
  readonly before: bigint;
  /** The same, where the rate is even and a number holds every step exactly. */
  readonly even: EvenStage | undefined;
}

interface EvenStage {
  readonly wholeBefore: number;
  readonly nanoBefore: number;
  readonly thousandths: number;
}

const thousandths = (perSecond: number): bigint => BigInt(Math.round(perSecond * 1000));

export class LoadSchedule {
  readonly #stages: readonly Stage[];
  readonly #total: number;
  readonly #startUs: Micros;
  /** The stage that the last question was about: time mostly moves on. */
  #current = 0;

  constructor(spec: LoadSpec, startUs: Micros) {
    this.#startUs = startUs;
    this.#total = spec.total ?? Number.POSITIVE_INFINITY;
    this.#stages = stagesOf(spec.stages);
  }

  /** Records that have arrived up to and including `at`. */
  arrivedBy(at: Micros): number {
    if (at < this.#startUs) return 0;
    if (this.#stages.length === 0) return Number.isFinite(this.#total) ? this.#total : 0;
    const elapsed = at - this.#startUs;
    const stage = this.#stageAt(elapsed);
    return Math.min(recordsBy(stage, elapsed - stage.startsAt), this.#total);
  }

  /** The first time, not before `notBefore`, at which more than `count` have arrived; undefined: never. */
  nextArrival(count: number, notBefore: Micros): Micros | undefined {
    if (count >= this.#total) return undefined;
    const earliest = Math.max(notBefore, this.#startUs);
    if (this.arrivedBy(earliest) > count) return earliest;
    const wanted = BigInt(count + 1) * NANO_RECORDS;
    for (const stage of this.#stages) {
      const offset = firstTime(stage, wanted - stage.before);
      if (offset !== undefined) return Math.max(earliest, this.#startUs + stage.startsAt + offset);
    }
    return undefined;
  }

  #stageAt(elapsed: Micros): Stage {
    const stages = this.#stages;
    if ((stages[this.#current] as Stage).startsAt > elapsed) this.#current = 0;
    while ((stages[this.#current + 1]?.startsAt ?? Number.POSITIVE_INFINITY) <= elapsed)
      this.#current++;
    return stages[this.#current] as Stage;
  }
}

function recordsBy(stage: Stage, elapsed: Micros): number {
  const { even } = stage;
  if (even === undefined) return Number((stage.before + arrivedIn(stage, elapsed)) / NANO_RECORDS);
  const t = Math.min(elapsed, stage.durationUs ?? elapsed);
  // Whole seconds and the rest apart, so that no product needs more than 53 bits.
  const seconds = Math.floor(t / 1_000_000);
  const inSeconds = even.thousandths * seconds;
  const whole = Math.floor(inSeconds / 1000);
  const nano =
    even.nanoBefore +
    (inSeconds - whole * 1000) * 1_000_000 +
    even.thousandths * (t - seconds * 1_000_000);
  return even.wholeBefore + whole + Math.floor(nano / 1_000_000_000);
}

/** Up to a million records a second. */
const LARGEST_EVEN = 1_000_000_000;

function evenStage(from: bigint, to: bigint, before: bigint): EvenStage | undefined {
  if (from !== to || from > LARGEST_EVEN) return undefined;
  const wholeBefore = Number(before / NANO_RECORDS);
  const nanoBefore = Number(before % NANO_RECORDS);
  return { wholeBefore, nanoBefore, thousandths: Number(from) };
}

function stagesOf(specs: readonly LoadStage[]): Stage[] {
  const stages: Stage[] = [];
  let startsAt = 0;
  let before = 0n;
  for (const { durationUs, fromPerSecond, toPerSecond } of specs) {
    const from = thousandths(fromPerSecond);
    const to = thousandths(toPerSecond);
    const even = evenStage(from, to, before);
    const stage: Stage = { startsAt, durationUs, from, to, before, even };
    stages.push(stage);
    if (durationUs === undefined) break;
    before += arrivedIn(stage, durationUs);
    startsAt += durationUs;
  }
  return stages;
}

/** from * t + (to - from) * t^2 / 2d, in 10^-9 records. */
function arrivedIn(stage: Stage, elapsed: Micros): bigint {
  const d = stage.durationUs;
  const t = BigInt(d === undefined ? elapsed : Math.min(elapsed, d));
  const even = stage.from * t;
  if (d === undefined || d === 0 || stage.to === stage.from) return even;
  return even + ((stage.to - stage.from) * t * t) / (2n * BigInt(d));
}

/** When so much has arrived in the stage; undefined: not in this one. */
function firstTime(stage: Stage, wanted: bigint): Micros | undefined {
  if (wanted <= 0n) return 0;
  if (stage.from === stage.to) {
    if (stage.from <= 0n) return undefined;
    const t = Number((wanted + stage.from - 1n) / stage.from);
    return stage.durationUs === undefined || t <= stage.durationUs ? t : undefined;
  }
  let high = stage.durationUs ?? 0;
  if (arrivedIn(stage, high) < wanted) return undefined;
  let low = 0;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (arrivedIn(stage, middle) >= wanted) high = middle;
    else low = middle + 1;
  }
  return low;
}
