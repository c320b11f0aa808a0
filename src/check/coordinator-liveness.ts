// What keeps a group's coordinator from storing anything, for good: assignments and offsets are records of __consumer_offsets.
import { groupPartitionFor } from "../protocol/java-hash.ts";
import type { CheckerContext } from "./checker.ts";
import { rightlyStuck } from "./liveness.ts";

const OFFSETS_TOPIC = "__consumer_offsets";

/** Why nothing can bring the group on, or undefined: its coordinator works or should. */
export function coordinatorStuck(
  { view, settings }: Pick<CheckerContext, "view" | "settings">,
  group: string,
): string | undefined {
  const all = [...view.partitions.all()].filter((p) => p.partition.topic === OFFSETS_TOPIC);
  const number = groupPartitionFor(group, all.length);
  const p = all.find(({ partition }) => partition.partition === number);
  if (p === undefined) return undefined;
  const excuse = rightlyStuck(view, p, settings);
  if (excuse !== undefined || p.isr.length >= p.minIsr) return excuse;
  // Should more replicas be in the ISR, it is isr-full that says so.
  return `${p.partition.name} is below min.insync.replicas=${p.minIsr} (ISR [${p.isr.join(", ")}])`;
}
