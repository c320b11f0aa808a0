// Words that findings share.
import type { Micros } from "../sim/kernel.ts";

/** `60.012 s`: cut, not rounded, as the report does. */
export const seconds = (us: Micros): string => `${(Math.trunc(us / 1000) / 1000).toFixed(3)} s`;

export const plural = (count: number, noun: string): string =>
  `${count} ${noun}${count === 1 ? "" : "s"}`;
