// A fingerprint of what a metadata image keeps: a sum over its entries, so that it does not matter in which order they came, and a change
// costs what it touches.

/** What an image keeps: a registration, the settings of one resource. What it is about is part of it. */
type Entry = Readonly<Record<string, unknown>>;

/** The digest (32 bits, 0 of nothing) of an image that keeps `after` where it kept `before`. */
export const replaced = (
  digest: number,
  before: object | undefined,
  after: object | undefined,
): number => (digest - weight(before) + weight(after)) >>> 0;

const weight = (entry: object | undefined): number =>
  entry === undefined ? 0 : scramble(fold(0x2a5b1f37, entry));

function fold(hash: number, value: unknown): number {
  if (typeof value === "number") return foldNumber(hash, value);
  if (typeof value === "string") return foldText(hash, value);
  if (typeof value === "boolean") return mix(hash, value ? 1 : 2);
  if (value === undefined) return mix(hash, 3);
  if (Array.isArray(value)) return value.reduce<number>(fold, mix(hash, value.length));
  const { index } = value as { readonly index?: unknown };
  // Interned vocabulary (a TopicPartition) stands for its index.
  return mix(hash, typeof index === "number" ? index : foldFields(value as Entry));
}

const foldNumber = (hash: number, n: number): number =>
  (n | 0) === n ? mix(hash, n) : foldText(hash, String(n));

/** In any order: settings are kept in that in which they were made. What is not set is as good as not there. */
function foldFields(entry: Entry): number {
  let sum = 0;
  for (const [name, value] of Object.entries(entry))
    if (value !== undefined) sum = (sum + scramble(fold(foldText(0x7c3d9e05, name), value))) | 0;
  return sum;
}

function foldText(hash: number, text: string): number {
  let folded = mix(hash, text.length);
  for (let i = 0; i < text.length; i++) folded = mix(folded, text.charCodeAt(i));
  return folded;
}

function mix(hash: number, word: number): number {
  const x = Math.imul(hash ^ word, 0x01000193);
  return x ^ (x >>> 15);
}

function scramble(hash: number): number {
  const x = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return x ^ (x >>> 13);
}
