// When a partition reassignment (KIP-455) is complete. The truth: PartitionReassignmentReplicas. Left out: starting and cancelling one.
import type { BrokerId, PartitionRegistration } from "../protocol/types.ts";

interface Completed {
  readonly replicas: readonly BrokerId[];
  readonly isr: readonly BrokerId[];
}

/** What replicas and ISR become when `targetIsr` completes the reassignment under way; undefined: there is none, or it goes on. */
export function completedReassignment(
  registration: PartitionRegistration,
  targetIsr: readonly BrokerId[],
): Completed | undefined {
  const { addingReplicas, removingReplicas } = registration;
  if (addingReplicas.length === 0 && removingReplicas.length === 0) return undefined;
  const stays = (id: BrokerId): boolean => !removingReplicas.includes(id);
  const isr = targetIsr.filter(stays);
  const replicas = registration.replicas.filter(stays);
  // Every replica of the target has to be in sync, not only the added ones.
  if (isr.length === 0 || !replicas.every((id) => isr.includes(id))) return undefined;
  return { replicas, isr };
}
