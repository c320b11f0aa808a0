// The partition of __consumer_offsets in which a group's records are: its leader is the group's coordinator.
import { groupPartitionFor } from "../protocol/java-hash.ts";
import type { PartitionsFold, PartitionView } from "./partitions.ts";

const OFFSETS_TOPIC = "__consumer_offsets";

/** Undefined before there is such a topic. */
export function groupPartition(
  partitions: PartitionsFold,
  group: string,
): PartitionView | undefined {
  const all = [...partitions.all()].filter((p) => p.partition.topic === OFFSETS_TOPIC);
  const number = groupPartitionFor(group, all.length);
  return all.find(({ partition }) => partition.partition === number);
}
