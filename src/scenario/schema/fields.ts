// Building blocks of the schema: strict objects that know their keys, quantities that arrive as integers, and error texts a person can use.
// Convention: in a message everything after a line feed is the hint; messages of several unknown keys are separated by form feeds.
import { z } from "zod";
import {
  BANDWIDTH_PATTERN,
  DURATION_PATTERN,
  type Parsed,
  PERCENT_PATTERN,
  parseBandwidth,
  parseDuration,
  parsePercent,
  parseRate,
  parseSignedDuration,
  parseSize,
  RATE_PATTERN,
  SIGNED_DURATION_PATTERN,
  SIZE_PATTERN,
} from "../duration.ts";
import { didYouMean } from "../suggest.ts";

// zod compiles validators with new Function unless told otherwise; a browser page may forbid that.
z.config({ jitless: true });

export const SEPARATOR = "\f";

export const withHint = (message: string, hint: string | undefined): string =>
  hint === undefined ? message : `${message}\n${hint}`;

type UnknownKeyText = (key: string, known: readonly string[]) => string;

const unknownKey: UnknownKeyText = (key, known) =>
  withHint(`unknown key "${key}"`, didYouMean(key, known));

/** An object whose unknown keys are errors with a suggestion. */
export function strict<S extends z.core.$ZodShape>(shape: S, text: UnknownKeyText = unknownKey) {
  const known = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === "unrecognized_keys"
        ? (issue.keys as string[]).map((key) => text(key, known)).join(SEPARATOR)
        : undefined,
  });
}

/** A number or a text with a unit, as an integer in the smallest unit. */
function quantity(pattern: RegExp, parse: (input: string | number) => Parsed<number>, doc: string) {
  // The pattern is for editors; parse() has the better words.
  return z
    .union([z.number(), z.string().meta({ pattern: pattern.source })], {
      error: () => doc,
    })
    .transform((input, context) => {
      const parsed = parse(input);
      if (parsed.ok) return parsed.value;
      const message = `${JSON.stringify(input)}: ${parsed.error}`;
      context.issues.push({ code: "custom", message, input });
      return z.NEVER;
    });
}

export const duration = () =>
  quantity(DURATION_PATTERN, parseDuration, "must be a duration like 250ms, 30s or 5m");
export const signedDuration = () =>
  quantity(SIGNED_DURATION_PATTERN, parseSignedDuration, "must be a duration like -5s or 250ms");
export const size = () => quantity(SIZE_PATTERN, parseSize, "must be a size like 512B or 16KiB");
/** A size, or a share of what there is. */
export const sizeOrShare = () =>
  z.union([percent().transform((share) => ({ share })), size().transform((bytes) => ({ bytes }))], {
    error: () => "must be a size like 512MiB or a percentage like 80%",
  });
export const rate = () => quantity(RATE_PATTERN, parseRate, "must be a rate like 500/s");
export const bandwidth = () =>
  quantity(BANDWIDTH_PATTERN, parseBandwidth, "must be a bandwidth like 500MiB/s or 10Gbps");
export const percent = () =>
  quantity(PERCENT_PATTERN, parsePercent, "must be a percentage like 30%");

/** One of a few words, with a suggestion. */
export function oneOf<const V extends readonly [string, ...string[]]>(values: V) {
  return z.enum(values, {
    error: (issue) =>
      withHint(
        `must be one of ${values.join(", ")}`,
        typeof issue.input === "string" ? didYouMean(issue.input, values) : undefined,
      ),
  });
}

/** What can be written without quotes and stands for itself. */
export const scalar = () =>
  z.union([z.string(), z.number(), z.boolean()], {
    error: () => "must be a text, a number, true or false",
  });

export const word = () => z.string().min(1, { error: () => "must not be empty" });
export const count = (min: number, max: number) =>
  z
    .int({ error: (issue) => (issue.input === undefined ? undefined : "must be a whole number") })
    .min(min, { error: () => `must be at least ${min}` })
    .max(max, { error: () => `must be at most ${max}` });

/** Names become parts of node and partition names. */
export const name = () =>
  z.string().regex(/^[A-Za-z0-9]([A-Za-z0-9._-]{0,98}[A-Za-z0-9])?$/, {
    error: () => "must consist of letters, digits, '-', '_' and '.', 100 at most",
  });

export const partitionName = () =>
  z.string({ error: () => "must be a partition like orders-0" }).regex(/^.+-\d+$/, {
    error: () => "must be a partition like orders-0",
  });
