// Random UUIDs (version 4) from a stream of the run, so that member ids are the same in every replay.
import type { Rng } from "../../sim/rng.ts";

/** By number of hexadecimal digits. */
const LARGEST: Readonly<Record<number, number>> = { 3: 0xfff, 4: 0xffff, 8: 0xffffffff };

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, "0");

export function uuids(rng: Pick<Rng, "integer">): () => string {
  const random = (digits: number): string => hex(rng.integer(0, LARGEST[digits] as number), digits);
  return () => {
    const variant = hex(8 + rng.integer(0, 3), 1);
    return `${random(8)}-${random(4)}-4${random(3)}-${variant}${random(3)}-${random(8)}${random(4)}`;
  };
}
