// A leader's ISR and its changes (Partition.maybeExpandIsr, maybeShrinkIsr, submitAlterPartition; KIP-497, KIP-841, KIP-903).
// The controller decides; the answer and the metadata log may bring its decision in either order.
import type { KafkaHost } from "../protocol/kafka-host.ts";
import type { Rules } from "../protocol/releases.ts";
import type { ControlPlane, IsrAnswer } from "../protocol/roles.ts";
import type { BrokerId } from "../protocol/types.ts";
import {
  committed,
  type IsrState,
  type PendingIsr,
  pendingExpand,
  pendingShrink,
  sameMembers,
} from "./isr-state.ts";
import type { MetadataCache } from "./metadata-cache.ts";
import type { Partition } from "./partition.ts";
import type { RemoteReplica } from "./remote-replica.ts";

/** Broker epoch of a replica whose epoch is not to be checked. */
const UNCHECKED = -1;

export class Isr {
  #state: IsrState = committed([]);
  readonly #host: KafkaHost;
  readonly #rules: Rules;
  readonly #controlPlane: ControlPlane;
  readonly #metadata: MetadataCache;
  readonly #partition: Partition;

  constructor(
    partition: Partition,
    deps: { host: KafkaHost; rules: Rules; controlPlane: ControlPlane; metadata: MetadataCache },
  ) {
    this.#partition = partition;
    this.#host = deps.host;
    this.#rules = deps.rules;
    this.#controlPlane = deps.controlPlane;
    this.#metadata = deps.metadata;
  }

  get state(): IsrState {
    return this.#state;
  }

  #change(state: IsrState): void {
    this.#state = state;
    this.#partition.stir();
  }

  /** What the metadata log says replaces whatever is pending; a late answer to that is then ignored. */
  adopt(isr: readonly BrokerId[]): void {
    this.#change(committed(isr));
  }

  /** Not fenced, not shutting down, and the same life of the broker that the controller knows. */
  isEligible(replica: RemoteReplica): boolean {
    const broker = this.#metadata.broker(replica.brokerId);
    if (broker === undefined || broker.fenced || broker.inControlledShutdown) return false;
    const { brokerEpoch } = replica;
    return brokerEpoch === UNCHECKED || brokerEpoch === broker.brokerEpoch;
  }

  /** Called for a fetch of this follower and at no other time. How long it has lagged does not matter. */
  maybeExpand(replica: RemoteReplica): void {
    const { state } = this;
    if (state.kind !== "committed" || state.isr.includes(replica.brokerId)) return;
    if (this.#rules.mutant === "isr-never-grows") return;
    if (!this.isEligible(replica) || !this.#hasReachedEpoch(replica)) return;
    this.#propose(pendingExpand(state, replica.brokerId), [replica.brokerId]);
  }

  maybeShrink(): void {
    const { state } = this;
    if (state.kind !== "committed") return;
    const removed = this.#outOfSync(state.isr);
    if (removed.length > 0) this.#propose(pendingShrink(state, removed), removed);
  }

  /**
   * The high watermark alone is not enough: between it and the start of this epoch there may be records that are committed,
   * and a replica without them must not become electable.
   */
  #hasReachedEpoch(replica: RemoteReplica): boolean {
    const { highWatermark, epochStartOffset } = this.#partition;
    if (epochStartOffset === undefined || replica.logEndOffset < highWatermark) return false;
    if (this.#rules.mutant === "isr-expand-without-epoch-start") return true;
    return replica.logEndOffset >= epochStartOffset;
  }

  #outOfSync(isr: readonly BrokerId[]): BrokerId[] {
    const partition = this.#partition;
    const now = this.#host.clock.now();
    return isr.filter((id) => {
      if (id === this.#host.id) return false;
      const replica = partition.remoteReplica(id);
      return (
        replica === undefined || !replica.isCaughtUp(partition.logEndOffset, now, partition.maxLag)
      );
    });
  }

  #propose(pending: PendingIsr, members: readonly BrokerId[]): void {
    this.#change(pending);
    const { name: partition, leaderEpoch, partitionEpoch } = this.#partition;
    this.#host.emit("isr.proposed", {
      partition,
      leaderEpoch,
      partitionEpoch,
      change: pending.kind === "pendingExpand" ? "expand" : "shrink",
      isr: pending.proposed,
      members,
    });
    this.#submit(pending, partitionEpoch);
  }

  #submit(pending: PendingIsr, partitionEpoch: number): void {
    const { name: partition, leaderEpoch } = this.#partition;
    const isr = pending.proposed.map((brokerId) => ({
      brokerId,
      brokerEpoch: this.#brokerEpoch(brokerId),
    }));
    this.#controlPlane.proposeIsr(
      { partition, leaderEpoch, partitionEpoch, isr, leaderRecoveryState: "RECOVERED" },
      (answer) => this.#answered(pending, partitionEpoch, answer),
    );
  }

  /** A member that has not fetched in this epoch goes unchecked: if it has died, the controller has moved the partition epoch on. */
  #brokerEpoch(id: BrokerId): number {
    if (id === this.#host.id) return this.#controlPlane.brokerEpoch;
    return this.#partition.remoteReplica(id)?.brokerEpoch ?? UNCHECKED;
  }

  #answered(pending: PendingIsr, partitionEpoch: number, answer: IsrAnswer): void {
    // A new epoch or the metadata log came first: this answer is history.
    const adoptsAll = this.#rules.mutant === "isr-adopts-late-answer";
    if (this.state !== pending && !adoptsAll) return;
    if (answer.error === "NONE") {
      const partition = this.#partition;
      const stale =
        !adoptsAll &&
        (answer.leaderEpoch !== partition.leaderEpoch ||
          answer.partitionEpoch < partition.partitionEpoch);
      if (!stale) partition.isrCommitted(answer.isr, answer.partitionEpoch);
      return;
    }
    this.#host.emit("isr.rejected", {
      partition: this.#partition.name,
      error: answer.error,
      isr: pending.proposed,
    });
    this.#refused(pending, partitionEpoch, answer);
  }

  #refused(pending: PendingIsr, partitionEpoch: number, answer: IsrAnswer): void {
    switch (answer.error) {
      // The controller says that the partition epoch is right and that nothing was applied: safe to go back.
      case "INELIGIBLE_REPLICA":
      case "OPERATION_NOT_ATTEMPTED":
        this.#change(pending.lastCommitted);
        return;
      // Unknown what was applied: stay pending, with the larger ISR, until the metadata log tells.
      case "UNKNOWN_TOPIC_OR_PARTITION":
      case "FENCED_LEADER_EPOCH":
      case "INVALID_UPDATE_VERSION":
      case "INVALID_REQUEST":
      case "NEW_LEADER_ELECTED":
        return;
      default:
        this.#submit(pending, partitionEpoch);
    }
  }

  /** Has the committed ISR other members? */
  differsFrom(isr: readonly BrokerId[]): boolean {
    return !sameMembers(this.state.isr, isr);
  }
}
