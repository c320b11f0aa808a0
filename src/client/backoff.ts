// How long clients wait before they try again: ExponentialBackoff (KIP-580) with 20 % jitter, or always the same pause before Kafka 3.7.
// Reconnecting has grown exponentially since KIP-144, whatever the release.
import type { Rules } from "../protocol/releases.ts";
import { type Micros, ms } from "../sim/kernel.ts";
import type { Rng } from "../sim/rng.ts";

/** The pause before try number `failures` + 1 of a series; the first failure is number 0. */
export type Backoff = (failures: number) => Micros;

const JITTER = 0.2;

export function constantBackoff(initialMs: number): Backoff {
  return () => ms(initialMs);
}

/** Doubles up to maxMs, each time multiplied by a number in [0.8, 1.2); in whole milliseconds. */
export function exponentialBackoff(initialMs: number, maxMs: number, rng: Rng): Backoff {
  const initial = Math.min(initialMs, maxMs);
  if (maxMs <= initial) return constantBackoff(initial);
  return (failures) => {
    let term = initial;
    for (let n = 0; n < failures && term < maxMs && term > 0; n++) term *= 2;
    const factor = 1 - JITTER + 2 * JITTER * rng.float();
    return ms(Math.min(Math.floor(Math.min(term, maxMs) * factor), maxMs));
  };
}

export interface RetryConfig {
  readonly "retry.backoff.ms": number;
  readonly "retry.backoff.max.ms": number;
}

/** retry.backoff.ms as the release understands it. */
export function retryBackoff(rules: Rules, config: RetryConfig, rng: Rng): Backoff {
  return rules["producer.backoff"] === "constant"
    ? constantBackoff(config["retry.backoff.ms"])
    : exponentialBackoff(config["retry.backoff.ms"], config["retry.backoff.max.ms"], rng);
}
