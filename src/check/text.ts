// Words that findings share.
import type { Micros } from "../sim/kernel.ts";

/** `60.012 s` */
export const seconds = (us: Micros): string => `${(us / 1_000_000).toFixed(3)} s`;

export const plural = (count: number, noun: string): string =>
  `${count} ${noun}${count === 1 ? "" : "s"}`;
