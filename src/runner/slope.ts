// The trend of a value that was read now and then: the slope of the least-squares line through the readings.
import type { Micros } from "../sim/kernel.ts";

export interface Sample {
  readonly atUs: Micros;
  readonly value: number;
}

/** Per second; undefined: too few readings for a line. */
export function slopePerSecond(samples: readonly Sample[]): number | undefined {
  const n = samples.length;
  const origin = samples[0];
  if (n < 2 || origin === undefined) return undefined;
  // Sums of differences to the first reading: small numbers, nothing cancels.
  let meanX = 0;
  let meanY = 0;
  for (const { atUs, value } of samples) {
    meanX += (atUs - origin.atUs) / 1_000_000 / n;
    meanY += (value - origin.value) / n;
  }
  let above = 0;
  let below = 0;
  for (const { atUs, value } of samples) {
    const x = (atUs - origin.atUs) / 1_000_000 - meanX;
    above += x * (value - origin.value - meanY);
    below += x * x;
  }
  return below === 0 ? undefined : above / below;
}
