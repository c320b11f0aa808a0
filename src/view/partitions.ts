// Partitions as the controller has committed them (PartitionRegistration): leader, epochs, ISR, ELR, replicas.
// A broker's own opinion is in replicas.ts.
import type { BrokerId, LeaderEpoch, PartitionEpoch, TopicPartition } from "../protocol/types.ts";
import type { Micros } from "../sim/kernel.ts";
import type { Listeners } from "./listeners.ts";

export interface PartitionView {
  readonly partition: TopicPartition;
  readonly leader: BrokerId;
  readonly leaderEpoch: LeaderEpoch;
  readonly partitionEpoch: PartitionEpoch;
  readonly isr: readonly BrokerId[];
  readonly elr: readonly BrokerId[];
  readonly replicas: readonly BrokerId[];
  readonly minIsr: number;
  /** Brokers that told of another log directory (KIP-858) while there was no leader, and no election was due since. */
  readonly relocated: readonly BrokerId[];
  /** Who led when the leader was lost, remembered until there is another (KIP-966: lastKnownElr); -1: nobody. */
  readonly lastLeader: BrokerId;
  readonly deleted: boolean;
  /** Since when the partition has had no leader; -1: it has one. */
  readonly offlineSinceUs: Micros;
  /** Time without a leader, the running interval excluded. */
  readonly offlineUs: Micros;
  readonly uncleanElections: number;
  /** Number of the last leader.elected event; 0: none yet. */
  readonly electedSeq: number;
}

type Mutable = { -readonly [K in keyof PartitionView]: PartitionView[K] };

interface Registration {
  readonly partition: TopicPartition;
  readonly at: Micros;
  readonly leader: BrokerId;
  readonly leaderEpoch: LeaderEpoch;
  readonly partitionEpoch: PartitionEpoch;
  readonly isr: readonly BrokerId[];
}

export class PartitionsFold {
  readonly listeners: Listeners;
  readonly #partitions: (Mutable | undefined)[] = [];
  readonly #minIsrAtFirst: number[] = [];

  constructor() {
    const register = (e: Registration): void => {
      this.#register(e);
    };
    this.listeners = {
      "config.altered": (e) => {
        if (e.name !== "min.insync.replicas") return;
        for (const p of this.#partitions) {
          if (p === undefined || e.resource !== `topic ${p.partition.topic}`) continue;
          const atFirst = this.#minIsrAtFirst[p.partition.index] ?? 1;
          p.minIsr = e.value === "" ? atFirst : Number(e.value);
        }
      },
      "partition.created": (e) => {
        const p = this.#register(e);
        p.replicas = e.replicas;
        p.minIsr = e.minIsr;
        this.#minIsrAtFirst[e.partition.index] = e.minIsr;
        p.deleted = false;
      },
      "leader.elected": (e) => {
        const p = this.#register(e);
        p.electedSeq = e.seq;
        p.relocated = [];
        p.lastLeader = -1;
        if (e.unclean) p.uncleanElections++;
      },
      "leader.lost": (e) => {
        const p = this.#register(e);
        if (e.previous >= 0) p.lastLeader = e.previous;
      },
      "isr.shrunk": register,
      "isr.expanded": register,
      "elr.changed": (e) => {
        this.#register(e).elr = e.elr;
      },
      "directories.changed": (e) => {
        const p = this.#register(e);
        if (e.leader < 0) p.relocated = [...p.relocated, e.broker];
      },
      // The controller looks for a leader wherever there is none.
      "broker.unfenced": () => {
        for (const p of this.#partitions) if (p !== undefined) p.relocated = [];
      },
      "replicas.changed": (e) => {
        this.#at(e.partition).replicas = e.replicas;
      },
      "topic.deleted": (e) => {
        for (const p of this.#partitions) {
          if (p === undefined || p.partition.topic !== e.topic) continue;
          this.#leave(p, e.at);
          p.deleted = true;
        }
      },
    };
  }

  get(index: number): PartitionView | undefined {
    return this.#partitions[index];
  }

  named(name: string): PartitionView | undefined {
    return this.#partitions.find((p) => p?.partition.name === name);
  }

  /** Partitions that exist, in order of first mention. */
  *all(): IterableIterator<PartitionView> {
    for (const p of this.#partitions) if (p !== undefined && !p.deleted) yield p;
  }

  /** Every partition there ever was. */
  *ever(): IterableIterator<PartitionView> {
    for (const p of this.#partitions) if (p !== undefined) yield p;
  }

  /** Kafka's OfflinePartitionsCount. */
  get offlineCount(): number {
    return this.#count((p) => p.leader < 0);
  }

  /** Kafka's UnderReplicatedPartitions, cluster-wide. */
  get underReplicatedCount(): number {
    return this.#count((p) => p.isr.length < p.replicas.length);
  }

  /** Kafka's UnderMinIsrPartitionCount, cluster-wide. */
  get underMinIsrCount(): number {
    return this.#count((p) => p.isr.length < p.minIsr);
  }

  #count(predicate: (p: PartitionView) => boolean): number {
    let n = 0;
    for (const p of this.all()) if (predicate(p)) n++;
    return n;
  }

  #register(e: Registration): Mutable {
    const p = this.#at(e.partition);
    // A deposed controller may still tell of what it once committed.
    if (e.partitionEpoch < p.partitionEpoch && !p.deleted) return p;
    if (e.leader >= 0) this.#leave(p, e.at);
    else if (p.offlineSinceUs < 0) p.offlineSinceUs = e.at;
    p.leader = e.leader;
    p.leaderEpoch = e.leaderEpoch;
    p.partitionEpoch = e.partitionEpoch;
    p.isr = e.isr;
    return p;
  }

  /** Ends the interval without a leader, if there is one. */
  #leave(p: Mutable, at: Micros): void {
    if (p.offlineSinceUs < 0) return;
    p.offlineUs += at - p.offlineSinceUs;
    p.offlineSinceUs = -1;
  }

  #at(partition: TopicPartition): Mutable {
    let p = this.#partitions[partition.index];
    if (p === undefined) {
      p = {
        partition,
        leader: -1,
        leaderEpoch: -1,
        partitionEpoch: -1,
        isr: [],
        elr: [],
        replicas: [],
        minIsr: 1,
        relocated: [],
        lastLeader: -1,
        deleted: false,
        offlineSinceUs: -1,
        offlineUs: 0,
        uncleanElections: 0,
        electedSeq: 0,
      };
      this.#partitions[partition.index] = p;
    }
    return p;
  }
}
