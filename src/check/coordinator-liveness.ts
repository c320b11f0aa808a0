// What keeps a group's coordinator from storing anything, for good: assignments and offsets are records of __consumer_offsets, appended with
// acks=all. Below min.insync.replicas members get COORDINATOR_NOT_AVAILABLE for their assignment, and join again (GroupMetadataManager).

import { groupPartition } from "../view/group-partition.ts";
import type { PartitionView } from "../view/partitions.ts";
import type { CheckerContext } from "./checker.ts";
import { unrest } from "./group-liveness.ts";
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

/** Why a consumer of the group has no position on a partition and gets none. With a position it reads on without its coordinator. */
export function placeless(
  context: Pick<CheckerContext, "view" | "settings">,
  name: string,
  node: number,
  { partition }: PartitionView,
): string | undefined {
  const { view } = context;
  if ((view.consumers.get(node, partition)?.position ?? -1) >= 0) return undefined;
  const group = view.groups.get(name);
  // A group at rest has its assignment, and is asked to read what it was given.
  if (group !== undefined && unrest(view, group) === undefined) return undefined;
  return coordinatorStuck(context, name);
}
