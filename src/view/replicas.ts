// Replicas as their brokers know them (Partition and UnifiedLog on one broker): log end, high watermark, role, epoch, ISR.
// A broker that is down keeps its offsets, which is what its disk holds, and loses its role.
import type {
  BrokerId,
  LeaderEpoch,
  Offset,
  PartitionEpoch,
  TopicPartition,
} from "../protocol/types.ts";
import type { Listeners } from "./listeners.ts";

export interface ReplicaView {
  readonly partition: TopicPartition;
  readonly node: BrokerId;
  readonly role: "leader" | "follower" | "none";
  readonly leader: BrokerId;
  readonly leaderEpoch: LeaderEpoch;
  readonly partitionEpoch: PartitionEpoch;
  /** A leader's committed ISR, and with members it is about to add. */
  readonly isr: readonly BrokerId[];
  readonly maximalIsr: readonly BrokerId[];
  readonly logStartOffset: Offset;
  readonly logEndOffset: Offset;
  readonly highWatermark: Offset;
}

type Mutable = { -readonly [K in keyof ReplicaView]: ReplicaView[K] };

const NONE: readonly BrokerId[] = [];

export class ReplicasFold {
  readonly listeners: Listeners;
  /** By partition index, then by broker id. */
  readonly #replicas: (Mutable | undefined)[][] = [];

  constructor() {
    this.listeners = { ...this.#logListeners(), ...this.#roleListeners() };
  }

  get(partition: TopicPartition, node: BrokerId): ReplicaView | undefined {
    return this.#replicas[partition.index]?.[node];
  }

  *of(partition: TopicPartition): IterableIterator<ReplicaView> {
    const row = this.#replicas[partition.index];
    if (row === undefined) return;
    for (const replica of row) if (replica !== undefined) yield replica;
  }

  *all(): IterableIterator<ReplicaView> {
    for (const row of this.#replicas) {
      if (row === undefined) continue;
      for (const replica of row) if (replica !== undefined) yield replica;
    }
  }

  #logListeners(): Listeners {
    return {
      "log.opened": (e) => {
        const r = this.#at(e.partition, e.node);
        r.logStartOffset = e.logStartOffset;
        r.logEndOffset = e.logEndOffset;
        r.highWatermark = e.highWatermark;
      },
      "log.appended": (e) => {
        this.#at(e.partition, e.node).logEndOffset = e.baseOffset + e.count;
      },
      "log.truncated": (e) => {
        this.#at(e.partition, e.node).logEndOffset = e.to;
      },
      "log.startAdvanced": (e) => {
        const r = this.#at(e.partition, e.node);
        r.logStartOffset = e.to;
        if (r.logEndOffset < e.to) r.logEndOffset = e.to;
      },
      "log.deleted": (e) => {
        const row = this.#replicas[e.partition.index];
        if (row !== undefined) row[e.node] = undefined;
      },
      "hw.advanced": (e) => {
        this.#at(e.partition, e.node).highWatermark = e.to;
      },
      "hw.lowered": (e) => {
        this.#at(e.partition, e.node).highWatermark = e.to;
      },
    };
  }

  #roleListeners(): Listeners {
    const leave = (e: { readonly node: number }): void => {
      for (const row of this.#replicas) {
        const r = row?.[e.node];
        if (r !== undefined) r.role = "none";
      }
    };
    return {
      "replica.becameLeader": (e) => {
        const r = this.#at(e.partition, e.node);
        r.role = "leader";
        r.leader = e.node;
        r.leaderEpoch = e.leaderEpoch;
        r.partitionEpoch = e.partitionEpoch;
        r.isr = e.isr;
        r.maximalIsr = e.isr;
        r.highWatermark = e.highWatermark;
      },
      "replica.becameFollower": (e) => {
        const r = this.#at(e.partition, e.node);
        r.role = "follower";
        r.leader = e.leader;
        r.leaderEpoch = e.leaderEpoch;
        r.isr = NONE;
        r.maximalIsr = NONE;
        r.logEndOffset = e.logEndOffset;
      },
      "isr.committed": (e) => {
        const r = this.#at(e.partition, e.node);
        r.partitionEpoch = e.partitionEpoch;
        r.isr = e.isr;
        r.maximalIsr = e.maximalIsr;
      },
      "isr.proposed": (e) => {
        if (e.change === "expand") this.#at(e.partition, e.node).maximalIsr = e.isr;
      },
      "isr.rejected": (e) => {
        // The controller says that nothing was applied; after any other error the leader stays with the larger ISR.
        if (e.error !== "INELIGIBLE_REPLICA" && e.error !== "OPERATION_NOT_ATTEMPTED") return;
        const r = this.#at(e.partition, e.node);
        r.maximalIsr = r.isr;
      },
      "host.crashed": leave,
      "host.stopped": leave,
      "host.wiped": (e) => {
        for (const row of this.#replicas) if (row?.[e.node] !== undefined) row[e.node] = undefined;
      },
    };
  }

  #at(partition: TopicPartition, node: BrokerId): Mutable {
    let row = this.#replicas[partition.index];
    if (row === undefined) {
      row = [];
      this.#replicas[partition.index] = row;
    }
    let replica = row[node];
    if (replica === undefined) {
      replica = {
        partition,
        node,
        role: "none",
        leader: -1,
        leaderEpoch: -1,
        partitionEpoch: -1,
        isr: NONE,
        maximalIsr: NONE,
        logStartOffset: 0,
        logEndOffset: 0,
        highWatermark: 0,
      };
      row[node] = replica;
    }
    return replica;
  }
}
