// When something of a scenario happens: at a time, or at the nth trace event that matches.
import type { TraceEvent } from "../protocol/events.ts";
import type { Trigger } from "../scenario/model.ts";
import type { Cluster } from "./cluster.ts";
import { equalValue } from "./match.ts";

/** Calls `fire` once, from an event of its own. `fired` tells who waits in vain. */
export function arm(cluster: Cluster, trigger: Trigger, fire: () => void): void {
  if (trigger.kind === "at") {
    cluster.at(trigger.atUs, fire);
    return;
  }
  let seen = 0;
  // The loader has checked that the name is an event's; which one does not matter to the types below.
  cluster.world.trace.on(trigger.event as "host.booted", (event: TraceEvent) => {
    if (
      seen >= trigger.nth ||
      event.at < trigger.afterUs ||
      !matches(cluster, event, trigger.match)
    )
      return;
    seen++;
    if (seen === trigger.nth) cluster.world.kernel.after(trigger.delayUs, fire);
  });
}

function matches(
  cluster: Cluster,
  event: TraceEvent,
  wanted: Readonly<Record<string, unknown>>,
): boolean {
  for (const [field, value] of Object.entries(wanted)) {
    const actual = (event as unknown as Record<string, unknown>)[field];
    if (!equalValue(actual, nodeId(cluster, value)) && !equalValue(actual, value)) return false;
  }
  return true;
}

/** A node may be given by name where the event has its id. */
function nodeId(cluster: Cluster, value: unknown): unknown {
  if (typeof value !== "string") return value;
  return cluster.machine(value)?.host.id ?? value;
}
