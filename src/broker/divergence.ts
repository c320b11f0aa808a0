// The leader's side of KIP-595 truncation (Partition.readRecords): does the log of whoever fetches agree with this one up to the fetch offset?
import type { ReplicaLog } from "../log/log.ts";
import type { FetchPartition } from "../protocol/apis.ts";
import type { EpochEndOffset } from "../protocol/types.ts";

/** "none", or "unknown": there is no epoch to compare with, or where the logs part. */
export type Divergence = "none" | "unknown" | EpochEndOffset;

export function divergence(log: ReplicaLog, fetch: FetchPartition): Divergence {
  const epoch = fetch.lastFetchedEpoch;
  // The latest epoch reaches to the log end: nothing can diverge below it.
  if (epoch < 0 || (epoch === log.latestEpoch && fetch.fetchOffset <= log.logEndOffset)) {
    return "none";
  }
  const end = log.endOffsetForEpoch(epoch);
  if (end === undefined) return "unknown";
  return end.leaderEpoch < epoch || end.endOffset < fetch.fetchOffset ? end : "none";
}
