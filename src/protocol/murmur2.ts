// The hash that maps a key to a partition (Utils.murmur2): 32-bit, wrapping. Keys are hashed over their UTF-8 bytes.

const M = 0x5bd1e995;
const SEED = 0x9747b28c;

/** Signed 32-bit, as Java returns it. */
export function murmur2(bytes: Uint8Array): number {
  const length = bytes.length;
  const whole = length & ~3;
  let h = SEED ^ length;
  for (let i = 0; i < whole; i += 4) {
    let k =
      (bytes[i] as number) |
      ((bytes[i + 1] as number) << 8) |
      ((bytes[i + 2] as number) << 16) |
      ((bytes[i + 3] as number) << 24);
    k = Math.imul(k, M);
    k ^= k >>> 24;
    k = Math.imul(k, M);
    h = Math.imul(h, M) ^ k;
  }
  if (whole < length) {
    for (let i = length - 1; i >= whole; i--) h ^= (bytes[i] as number) << (8 * (i - whole));
    h = Math.imul(h, M);
  }
  h ^= h >>> 13;
  h = Math.imul(h, M);
  h ^= h >>> 15;
  return h | 0;
}

/** Utils.toPositive: clears the sign bit, which is not the absolute value. */
export const toPositive = (n: number): number => n & 0x7fffffff;

/** The partition of a key among `partitions`, leaderless ones included (BuiltInPartitioner.partitionForKey). */
export const partitionForKey = (key: string, partitions: number): number =>
  toPositive(murmur2(utf8(key))) % partitions;

/** UTF-8; lone surrogates become "?", as Java's String.getBytes does. */
export function utf8(text: string): Uint8Array {
  const bytes: number[] = [];
  for (const character of text) {
    const code = character.codePointAt(0) as number;
    if (code < 0x80) bytes.push(code);
    else if (code < 0x800) bytes.push(0xc0 | (code >> 6), trail(code));
    else if (code >= 0xd800 && code <= 0xdfff) bytes.push(0x3f);
    else if (code < 0x10000) bytes.push(0xe0 | (code >> 12), trail(code >> 6), trail(code));
    else bytes.push(0xf0 | (code >> 18), trail(code >> 12), trail(code >> 6), trail(code));
  }
  return Uint8Array.from(bytes);
}

const trail = (code: number): number => 0x80 | (code & 0x3f);
