// Where a consumer should read (KIP-392; ReplicaManager.findPreferredReadReplica, RackAwareReplicaSelector): the leader if it is in the consumer's
// rack, else the most caught-up member of the ISR there that holds the offset, else the leader.
import type { BrokerConfig } from "../protocol/config/broker.ts";
import type { BrokerId, Offset } from "../protocol/types.ts";
import type { MetadataCache } from "./metadata-cache.ts";
import type { Partition } from "./partition.ts";
import type { RemoteReplica } from "./remote-replica.ts";

/** -1: here. */
export type ReplicaSelector = (
  partition: Partition,
  rackId: string,
  fetchOffset: Offset,
) => BrokerId;

const HERE: BrokerId = -1;

/** undefined: consumers read from leaders alone. */
export function replicaSelectorFor(
  config: BrokerConfig,
  metadata: MetadataCache,
): ReplicaSelector | undefined {
  if (config["replica.selector.class"] === "") return undefined;
  return (partition, rackId, fetchOffset) => {
    if (!partition.isLeader || rackId === "") return HERE;
    if (metadata.broker(partition.leaderId)?.rack === rackId) return HERE;
    let best: RemoteReplica | undefined;
    for (const replica of partition.remoteReplicas) {
      // A replica outside the ISR may fall behind for ever, and would be chosen for ever.
      const { brokerId, logEndOffset, logStartOffset } = replica;
      if (!partition.isrState.isr.includes(brokerId)) continue;
      if (logEndOffset < fetchOffset || logStartOffset > fetchOffset) continue;
      if (metadata.aliveBrokerEpoch(brokerId) === undefined) continue;
      if (metadata.broker(brokerId)?.rack !== rackId) continue;
      if (best === undefined || isMoreCaughtUp(replica, best)) best = replica;
    }
    return best?.brokerId ?? HERE;
  };
}

/** ReplicaView.comparator: by log end offset, then by the time since it was caught up, then by id. */
function isMoreCaughtUp(one: RemoteReplica, other: RemoteReplica): boolean {
  if (one.logEndOffset !== other.logEndOffset) return one.logEndOffset > other.logEndOffset;
  if (one.lastCaughtUpTime !== other.lastCaughtUpTime)
    return one.lastCaughtUpTime > other.lastCaughtUpTime;
  return one.brokerId > other.brokerId;
}
