// How a scenario writes quantities: 250ms, 16KiB, 500/s, 10Gbps, 30%. Exact: a duration is a whole number of microseconds or an error.
import type { Micros } from "../sim/kernel.ts";

export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: string };

const fail = (error: string): { readonly ok: false; readonly error: string } => ({
  ok: false,
  error,
});

const MICROS = { us: 1, ms: 1e3, s: 1e6, m: 60e6, h: 3600e6, d: 86_400e6 } as const;
const BYTES = {
  B: 1,
  KiB: 1024,
  MiB: 1_048_576,
  GiB: 1_073_741_824,
  TiB: 1_099_511_627_776,
} as const;
const BITS = { bps: 1, kbps: 1e3, Mbps: 1e6, Gbps: 1e9 } as const;
const PER = { s: 1, m: 60, h: 3600 } as const;

export const DURATION_PATTERN = /^\d+(\.\d+)?(us|ms|s|m|h|d)$/;
export const SIGNED_DURATION_PATTERN = /^[+-]?\d+(\.\d+)?(us|ms|s|m|h|d)$/;
export const SIZE_PATTERN = /^\d+(\.\d+)?(B|KiB|MiB|GiB|TiB)$/;
export const RATE_PATTERN = /^\d+(\.\d+)?\/(s|m|h)$/;
export const BANDWIDTH_PATTERN = /^\d+(\.\d+)?((B|KiB|MiB|GiB|TiB)\/s|bps|kbps|Mbps|Gbps)$/;
export const PERCENT_PATTERN = /^\d+(\.\d+)?%$/;

const DURATION_FORM = "a duration is a number with a unit (us, ms, s, m, h or d), like 250ms";
const SIZE_FORM = "a size is a number with a unit (B, KiB, MiB or GiB), like 16KiB";

/** `digits` times `unit`, without rounding; undefined when it is not a whole number. */
function exact(digits: string, unit: number): bigint | undefined {
  const [whole = "", fraction = ""] = digits.split(".");
  const scaled = BigInt(whole + fraction) * BigInt(unit);
  let divisor = 1n;
  for (let i = 0; i < fraction.length; i++) divisor *= 10n;
  return scaled % divisor === 0n ? scaled / divisor : undefined;
}

function whole(digits: string, unit: number, what: "microsecond" | "byte"): Parsed<number> {
  // Longer digit strings are beyond 2^53 in any unit or finer than the unit.
  if (digits.length > 40) return fail("has too many digits");
  const value = exact(digits, unit);
  if (value === undefined) return fail(`is not a whole number of ${what}s`);
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) return fail(`is more than 2^53 ${what}s`);
  return { ok: true, value: Number(value) };
}

const split = (text: string): { digits: string; unit: string } => {
  const end = text.search(/[^\d.]/);
  return { digits: text.slice(0, end), unit: text.slice(end) };
};

/** A bare number is milliseconds. */
export function parseDuration(input: string | number): Parsed<Micros> {
  const text = typeof input === "number" ? `${input}ms` : input;
  if (typeof input === "number" && input < 0) return fail("must not be negative");
  if (text.startsWith("-") && SIGNED_DURATION_PATTERN.test(text))
    return fail("must not be negative");
  if (!DURATION_PATTERN.test(text)) return fail(DURATION_FORM);
  const { digits, unit } = split(text);
  return whole(digits, MICROS[unit as keyof typeof MICROS], "microsecond");
}

/** A duration that may point back: -5s. */
export function parseSignedDuration(input: string | number): Parsed<Micros> {
  const text = typeof input === "number" ? `${input}ms` : input;
  if (!SIGNED_DURATION_PATTERN.test(text)) return fail(DURATION_FORM);
  const parsed = parseDuration(text.replace(/^[+-]/, ""));
  if (!parsed.ok || !text.startsWith("-") || parsed.value === 0) return parsed;
  return { ok: true, value: -parsed.value };
}

/** A bare number is bytes. */
export function parseSize(input: string | number): Parsed<number> {
  const text = typeof input === "number" ? `${input}B` : input;
  if (typeof input === "number" && input < 0) return fail("must not be negative");
  if (!SIZE_PATTERN.test(text)) return fail(SIZE_FORM);
  const { digits, unit } = split(text);
  return whole(digits, BYTES[unit as keyof typeof BYTES], "byte");
}

/** Events a second. A bare number is per second. */
export function parseRate(input: string | number): Parsed<number> {
  const text = typeof input === "number" ? `${input}/s` : input;
  if (!RATE_PATTERN.test(text) || text.length > 40) return fail("a rate is written like 500/s");
  const [digits = "", unit = "s"] = text.split("/");
  return { ok: true, value: Number(digits) / PER[unit as keyof typeof PER] };
}

/** Bytes a second, from 500MiB/s or from network units like 10Gbps. */
export function parseBandwidth(input: string | number): Parsed<number> {
  const text = String(input);
  if (!BANDWIDTH_PATTERN.test(text) || text.length > 40) {
    return fail("a bandwidth is written like 500MiB/s or 10Gbps");
  }
  const { digits, unit } = split(text);
  const bytes = unit.endsWith("/s")
    ? BYTES[unit.slice(0, -2) as keyof typeof BYTES]
    : BITS[unit as keyof typeof BITS] / 8;
  const value = Math.round(Number(digits) * bytes);
  if (!Number.isSafeInteger(value)) return fail("is more than 2^53 bytes a second");
  return value > 0 ? { ok: true, value } : fail("must be more than nothing");
}

/** A share of one, from 30%. The sign is required: 0.3 could mean either. */
export function parsePercent(input: string | number): Parsed<number> {
  const text = String(input);
  if (!PERCENT_PATTERN.test(text) || text.length > 40) {
    return fail("a percentage carries its sign, like 30%");
  }
  const percent = Number(text.slice(0, -1));
  return percent <= 100 ? { ok: true, value: percent / 100 } : fail("is more than 100%");
}

/** In the largest unit that needs no fraction: 90s, 2m, 1500us. */
export function formatDuration(us: Micros): string {
  if (us === 0) return "0s";
  const magnitude = Math.abs(us);
  for (const unit of ["d", "h", "m", "s", "ms"] as const) {
    if (magnitude % MICROS[unit] === 0) return `${us / MICROS[unit]}${unit}`;
  }
  return `${us}us`;
}

export function formatSize(bytes: number): string {
  if (bytes === 0) return "0B";
  for (const unit of ["TiB", "GiB", "MiB", "KiB"] as const) {
    if (bytes % BYTES[unit] === 0) return `${bytes / BYTES[unit]}${unit}`;
  }
  return `${bytes}B`;
}
