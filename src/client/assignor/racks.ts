// When racks matter to an assignor (KIP-881, AbstractPartitionAssignor.useRackAwareAssignment).
import type { MemberSubscription } from "./assignor.ts";

/** The rack of a member; an empty `client.rack` is none. */
export const rackOf = (member: MemberSubscription): string | undefined =>
  member.rackId === "" ? undefined : member.rackId;

/** Not when nobody can gain: no rack in common, or every partition on every rack. */
export function useRackAwareAssignment(
  consumerRacks: ReadonlySet<string>,
  racksPerPartition: Iterable<ReadonlySet<string>>,
): boolean {
  const partitions = [...racksPerPartition];
  const partitionRacks = new Set(partitions.flatMap((racks) => [...racks]));
  if (![...consumerRacks].some((rack) => partitionRacks.has(rack))) return false;
  // Each is a subset of the union, so equal size means equal.
  return partitions.some((racks) => racks.size !== partitionRacks.size);
}
