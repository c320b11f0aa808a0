// org.apache.kafka.common.Uuid as text (22 characters of base64url): its hash code and its order, which decide assignments.

const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const BITS = 128;

/** The four 32-bit words of an id, signed. The last digit's low four bits are padding. */
function wordsOf(id: string): readonly [number, number, number, number] {
  const words: [number, number, number, number] = [0, 0, 0, 0];
  for (let bit = 0; bit < BITS; bit++) {
    const digit = DIGITS.indexOf(id.charAt(Math.floor(bit / 6)));
    if (((digit >> (5 - (bit % 6))) & 1) === 1) words[bit >> 5] = wordWith(words, bit);
  }
  return words;
}

const wordWith = (words: readonly number[], bit: number): number =>
  (words[bit >> 5] as number) | (1 << (31 - (bit % 32)));

/** Uuid.hashCode. */
export function uuidHash(id: string): number {
  const [a, b, c, d] = wordsOf(id);
  return a ^ b ^ c ^ d;
}

/** Uuid.compareTo: two signed halves. */
export function compareUuids(left: string, right: string): number {
  const a = wordsOf(left);
  const b = wordsOf(right);
  return a[0] - b[0] || (a[1] >>> 0) - (b[1] >>> 0) || a[2] - b[2] || (a[3] >>> 0) - (b[3] >>> 0);
}
