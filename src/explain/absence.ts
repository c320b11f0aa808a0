// Why a machine was not heard of. Timeouts have no cause in the trace: what did not arrive did not happen. So the reason is looked for among
// what had befallen the machine by then: it was down, paused, cut off, or a fault slowed it.
import type { KafkaEvent, TraceEvent } from "../protocol/events.ts";
import { seconds } from "../sim/kernel.ts";
import type { HostDirectory } from "../view/hosts.ts";
import type { Chronicle } from "./chronicle.ts";
import { faultName, when } from "./words.ts";

export interface Reason {
  /** A clause that begins with the machine: `broker-1 was killed at 10.000s (#12) by fault x`. */
  readonly text: string;
  readonly events: readonly number[];
}

/** What ended earlier than this before a timeout did not lead to it. */
const REMEMBERED = seconds(35);

export function reasonOfAbsence(
  chronicle: Chronicle,
  hosts: HostDirectory,
  node: number,
  seq: number,
  atUs: number,
): Reason | undefined {
  return (
    endOf(chronicle, hosts, node, seq, atUs) ?? faultOn(chronicle, hosts.name(node), seq, atUs)
  );
}

const ENDINGS: Readonly<Record<string, string>> = {
  "host.stopped": "shut down",
  "host.paused": "was paused",
  "host.wiped": "lost its disk",
};

function endOf(
  chronicle: Chronicle,
  hosts: HostDirectory,
  node: number,
  seq: number,
  atUs: number,
): Reason | undefined {
  let backAtUs: number | undefined;
  for (const e of chronicle.before(seq)) {
    if (e.node !== node) continue;
    if (e.type === "host.booted" || e.type === "host.resumed") backAtUs ??= e.at;
    const ending = endingOf(e);
    if (ending === undefined) continue;
    // Down for good, or back too late to be heard of in time.
    if (backAtUs !== undefined && atUs - backAtUs > REMEMBERED) return undefined;
    const fault = chronicle.faultBehind(e);
    const by = fault === undefined ? "" : ` by ${faultName(fault)}`;
    const events = fault === undefined ? [e.seq] : [fault.seq, e.seq];
    return { text: `${hosts.name(node)} ${ending} at ${when(e)}${by}`, events };
  }
  return undefined;
}

function endingOf(e: TraceEvent): string | undefined {
  if (e.type === "host.crashed") return e.how === "poweroff" ? "lost power" : "was killed";
  return ENDINGS[e.type];
}

function faultOn(
  chronicle: Chronicle,
  name: string,
  seq: number,
  atUs: number,
): Reason | undefined {
  const faults = chronicle.faultsWithin(seq, atUs - REMEMBERED);
  const fault = faults.find((e) => e.targets.some((target) => mentions(target, name)));
  if (fault === undefined) return undefined;
  return { text: `${name} ${effectOf(fault)}`, events: [fault.seq] };
}

function effectOf(fault: KafkaEvent<"fault.injected">): string {
  const since = `from ${when(fault)} on by ${faultName(fault)}`;
  if (fault.kind === "NetworkChaos" && fault.action === "partition") return `was cut off ${since}`;
  return `was hampered ${since}`;
}

/** Targets are names, or lists of names around an arrow. */
export const mentions = (target: string, name: string): boolean =>
  target.split(/, | <-> | -> /).includes(name);
