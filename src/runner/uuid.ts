// Ids as Kafka's Uuid writes them: a version 4 UUID in 22 characters of base64url, never with a dash in front. Here it is drawn from a
// random stream named after the seed and the thing, so the same scenario and seed always give the same id.
import { rngFor } from "../sim/rng.ts";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const BYTES = 16;

export type IdKind = "cluster" | "topic" | "directory";

export function uuidOf(seed: string, kind: IdKind, name: string): string {
  const rng = rngFor(`${seed}/uuid/${kind}/${name}`);
  for (;;) {
    const bytes = Array.from({ length: BYTES }, () => rng.integer(0, 255));
    bytes[6] = 0x40 | ((bytes[6] as number) & 0x0f);
    bytes[8] = 0x80 | ((bytes[8] as number) & 0x3f);
    const text = base64(bytes);
    if (!text.startsWith("-")) return text;
  }
}

/** Without padding. */
function base64(bytes: readonly number[]): string {
  let text = "";
  for (let i = 0; i < bytes.length; i += 3) {
    const [a = 0, b = 0, c = 0] = bytes.slice(i, i + 3);
    const bits = (a << 16) | (b << 8) | c;
    const digits = Math.min(4, bytes.length - i + 1);
    for (let d = 0; d < digits; d++) text += ALPHABET.charAt((bits >>> (18 - 6 * d)) & 63);
  }
  return text;
}
