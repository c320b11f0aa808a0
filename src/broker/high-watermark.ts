// How a leader's high watermark follows from its replicas (Partition.maybeIncrementLeaderHW, KAFKA-15583 / KIP-966 part 1).
// It waits for the maximal ISR and for replicas outside the ISR that are caught up and about to join it.
import type { Rules } from "../protocol/releases.ts";
import type { Offset } from "../protocol/types.ts";
import type { Micros } from "../sim/kernel.ts";
import type { IsrState } from "./isr-state.ts";
import type { RemoteReplica } from "./remote-replica.ts";

/** What the rule looks at; a Partition is one, so that nothing is built on the hot path. */
export interface LedReplicas {
  readonly logEndOffset: Offset;
  readonly isrState: IsrState;
  readonly remoteReplicas: readonly RemoteReplica[];
  /** min.insync.replicas */
  readonly minIsr: number;
  readonly maxLag: Micros;
  isIsrEligible(replica: RemoteReplica): boolean;
}

export interface HighWatermarkRule {
  /** min.insync.replicas as it counts for a partition. */
  effectiveMinIsr(partition: LedReplicas): number;
  /** The offset all who count have reached; undefined: the high watermark stands still. */
  candidate(partition: LedReplicas, now: Micros): Offset | undefined;
}

export function highWatermarkRuleFor(rules: Rules): HighWatermarkRule {
  const freezes = rules["replication.high-watermark-min-isr"] === "on";
  const effectiveMinIsr = (partition: LedReplicas): number =>
    freezes ? Math.min(partition.minIsr, partition.remoteReplicas.length + 1) : partition.minIsr;
  const reached = rules.mutant === "hw-from-committed-isr" ? byCommittedIsr : byMaximalIsr;
  const ahead = rules.mutant === "high-watermark-ahead" ? 1 : 0;
  return {
    effectiveMinIsr,
    candidate(partition, now) {
      if (freezes && partition.isrState.isr.length < effectiveMinIsr(partition)) return undefined;
      return Math.min(reached(partition, now) + ahead, partition.logEndOffset);
    },
  };
}

function byMaximalIsr(partition: LedReplicas, now: Micros): Offset {
  const leaderEndOffset = partition.logEndOffset;
  const { maximalIsr } = partition.isrState;
  const replicas = partition.remoteReplicas;
  let offset = leaderEndOffset;
  for (let i = 0; i < replicas.length; i++) {
    const replica = replicas[i] as RemoteReplica;
    if (replica.logEndOffset >= offset) continue;
    if (
      maximalIsr.includes(replica.brokerId) ||
      (replica.isCaughtUp(leaderEndOffset, now, partition.maxLag) &&
        partition.isIsrEligible(replica))
    ) {
      offset = replica.logEndOffset;
    }
  }
  return offset;
}

function byCommittedIsr(partition: LedReplicas): Offset {
  let offset = partition.logEndOffset;
  for (const replica of partition.remoteReplicas) {
    if (partition.isrState.isr.includes(replica.brokerId))
      offset = Math.min(offset, replica.logEndOffset);
  }
  return offset;
}
