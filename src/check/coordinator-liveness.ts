// What keeps a group's coordinator from storing anything, for good: assignments and offsets are records of __consumer_offsets.

import { groupPartition } from "../view/group-partition.ts";
import type { CheckerContext } from "./checker.ts";
import { notServed } from "./liveness.ts";

/** Why nothing can bring the group on, or undefined: its coordinator works or should. */
export function coordinatorStuck(
  { view, settings }: Pick<CheckerContext, "view" | "settings">,
  group: string,
): string | undefined {
  const p = groupPartition(view.partitions, group);
  if (p === undefined) return undefined;
  const excuse = notServed(view, p, settings);
  if (excuse !== undefined) return `${p.partition.name}: ${excuse}`;
  // Should more replicas be in the ISR, it is isr-full that says so.
  if (p.isr.length >= p.minIsr) return undefined;
  return `${p.partition.name} is below min.insync.replicas=${p.minIsr} (ISR [${p.isr.join(", ")}])`;
}
