// A leader's view of the ISR (kafka.cluster.PartitionState, KIP-497): committed by the controller, or with one change on its way there.
// An expansion counts at once, because it only makes the leader wait for more; a shrink counts when it is committed.
import type { BrokerId } from "../protocol/types.ts";

export interface CommittedIsr {
  readonly kind: "committed";
  readonly isr: readonly BrokerId[];
  /** Whom the high watermark waits for. */
  readonly maximalIsr: readonly BrokerId[];
}

export interface PendingIsr {
  readonly kind: "pendingExpand" | "pendingShrink";
  /** The committed ISR. */
  readonly isr: readonly BrokerId[];
  readonly maximalIsr: readonly BrokerId[];
  /** What was sent to the controller. */
  readonly proposed: readonly BrokerId[];
  readonly lastCommitted: CommittedIsr;
}

export type IsrState = CommittedIsr | PendingIsr;

export const committed = (isr: readonly BrokerId[]): CommittedIsr => ({
  kind: "committed",
  isr,
  maximalIsr: isr,
});

export function pendingExpand(from: CommittedIsr, added: BrokerId): PendingIsr {
  const proposed = [...from.isr, added];
  return {
    kind: "pendingExpand",
    isr: from.isr,
    maximalIsr: proposed,
    proposed,
    lastCommitted: from,
  };
}

export function pendingShrink(from: CommittedIsr, removed: readonly BrokerId[]): PendingIsr {
  return {
    kind: "pendingShrink",
    isr: from.isr,
    maximalIsr: from.isr,
    proposed: from.isr.filter((id) => !removed.includes(id)),
    lastCommitted: from,
  };
}

export const sameMembers = (a: readonly BrokerId[], b: readonly BrokerId[]): boolean =>
  a.length === b.length && a.every((id) => b.includes(id));
