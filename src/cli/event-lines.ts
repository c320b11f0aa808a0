// Trace events as lines: for people (time, node, text) and for programs (one JSON object a line, partitions by name).
import type { TraceEvent } from "../protocol/events.ts";
import { instant } from "../report/format.ts";

export const eventText = (event: TraceEvent, text: string, host: string): string =>
  `${instant(event.at).padStart(12)}  #${String(event.seq).padEnd(7)} ${host.padEnd(12)} ${event.type.padEnd(22)} ${text}`;

export function eventJson(event: TraceEvent, text: string): string {
  const { seq, at, node, cause, type, ...payload } = event;
  return JSON.stringify({ seq, atUs: at, node, cause, type, text, ...payload }, byName);
}

/** An interned partition is its name. */
function byName(_key: string, value: unknown): unknown {
  if (typeof value === "object" && value !== null && "name" in value && "index" in value) {
    return value.name;
  }
  return value;
}
