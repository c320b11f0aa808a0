// Partition reassignment (KIP-455): what it adds and removes, and when it is complete. The truth: PartitionReassignmentReplicas.
import type { BrokerId, PartitionRegistration } from "../protocol/types.ts";

export interface Reassignment {
  readonly replicas: readonly BrokerId[];
  readonly adding: readonly BrokerId[];
  readonly removing: readonly BrokerId[];
}

interface Completed {
  readonly replicas: readonly BrokerId[];
  readonly isr: readonly BrokerId[];
}

/**
 * A reassignment to `target`: the replicas to be removed stay until it is complete, behind the others. A mere new order is complete at once.
 * @public
 */
export function reassignmentTo(
  registration: PartitionRegistration,
  target: readonly BrokerId[],
): Reassignment {
  const { addingReplicas, replicas } = registration;
  // What an unfinished reassignment was adding is not there yet.
  const current = replicas.filter((id) => !addingReplicas.includes(id));
  const removing = replicas.filter((id) => !target.includes(id));
  const adding = target.filter((id) => !current.includes(id));
  return { replicas: [...target, ...removing], adding, removing };
}

/** What replicas and ISR become when `targetIsr` completes the reassignment under way; undefined: there is none, or it goes on. */
export function completedReassignment(
  { replicas, adding, removing }: Reassignment,
  targetIsr: readonly BrokerId[],
): Completed | undefined {
  if (adding.length === 0 && removing.length === 0) return undefined;
  const stays = (id: BrokerId): boolean => !removing.includes(id);
  const isr = targetIsr.filter(stays);
  const remaining = replicas.filter(stays);
  // Every replica of the target has to be in sync, not only the added ones.
  if (isr.length === 0 || !remaining.every((id) => isr.includes(id))) return undefined;
  return { replicas: remaining, isr };
}
