// What two events must share to count as the same: time, machine, type and payload. Numbers and causes follow from what came before.
import type { TraceEvent } from "../protocol/events.ts";

const STAMP: ReadonlySet<string> = new Set(["seq", "cause", "type", "at", "node"]);

export function signature(e: TraceEvent): number {
  const { at, node } = e;
  let hash = text(0x811c9dc5, e.type);
  hash = whole(whole(hash, at), node);
  for (const key in e) {
    if (!STAMP.has(key)) hash = value(hash, (e as unknown as Record<string, unknown>)[key]);
  }
  return hash >>> 0;
}

const mix = (hash: number, n: number): number => Math.imul(hash ^ n, 0x01000193);

/** Both halves: times go beyond 32 bits. */
const whole = (hash: number, n: number): number =>
  mix(mix(hash, n | 0), Math.floor(n / 4294967296));

function text(hash: number, s: string): number {
  let h = mix(hash, s.length);
  for (let i = 0; i < s.length; i++) h = mix(h, s.charCodeAt(i));
  return h;
}

function value(hash: number, v: unknown): number {
  if (typeof v === "number") return whole(hash, v);
  if (typeof v === "string") return text(hash, v);
  if (typeof v === "boolean") return mix(hash, v ? 1 : 2);
  if (Array.isArray(v)) return v.reduce<number>(value, mix(hash, v.length));
  if (typeof v !== "object" || v === null) return mix(hash, 3);
  if ("name" in v && "index" in v) return text(hash, String(v.name));
  return Object.values(v).reduce<number>(value, hash);
}
