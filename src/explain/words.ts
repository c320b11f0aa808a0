// How explanations speak: instants with event numbers, lists of machines, faults by name.
import type { KafkaEvent } from "../protocol/events.ts";
import type { Micros } from "../sim/kernel.ts";
import type { HostDirectory } from "../view/hosts.ts";

/** 10.002s: the report's way of writing an instant. */
export function clock(us: Micros): string {
  const ms = String(Math.trunc(Math.abs(us) / 1000)).padStart(4, "0");
  return `${us < 0 ? "-" : ""}${ms.slice(0, -3)}.${ms.slice(-3)}s`;
}

interface Moment {
  readonly seq: number;
  readonly at: Micros;
}

/** `10.002s (#4211)` */
export const when = ({ seq, at }: Moment): string => `${clock(at)} (#${seq})`;

export const list = (ids: readonly number[]): string => `[${ids.join(", ")}]`;

/** `a`, `a and b`, `a, b and c` */
export function names(words: readonly string[]): string {
  if (words.length < 2) return words[0] ?? "nobody";
  return `${words.slice(0, -1).join(", ")} and ${words[words.length - 1]}`;
}

export const hostNames = (hosts: HostDirectory, ids: readonly number[]): string =>
  names(ids.map((id) => hosts.name(id)));

export const count = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? "" : "s"}`;

/** `fault cut (NetworkChaos partition broker-1 <-> broker-2)` */
export const faultName = (e: KafkaEvent<"fault.injected">): string =>
  `fault ${e.id} (${e.kind} ${e.action}${e.targets.length > 0 ? ` ${e.targets.join("; ")}` : ""})`;
