// One replica of a partition on this broker, leader or follower of it (kafka.cluster.Partition).
// A leader keeps apart the committed ISR, the maximal ISR (isr-state.ts) and what the metadata log says. Left out: future replicas (moving
// between log directories), delete-records.
import type { ReplicaLog } from "../log/log.ts";
import type { FetchPartition } from "../protocol/apis.ts";
import type { TopicConfig } from "../protocol/config/topic.ts";
import type { ErrorName } from "../protocol/errors.ts";
import {
  type BrokerId,
  type LeaderEpoch,
  NO_LEADER,
  type Offset,
  type PartitionEpoch,
  type PartitionRegistration,
  type ProducedBatch,
  type TopicPartition,
} from "../protocol/types.ts";
import { type Micros, ms } from "../sim/kernel.ts";
import type { BrokerParts } from "./broker-parts.ts";
import type { DelayedFetch } from "./delayed-fetch.ts";
import { mustWait } from "./flushed.ts";
import type { LedReplicas } from "./high-watermark.ts";
import { Isr } from "./isr.ts";
import type { IsrState } from "./isr-state.ts";
import { type Waiter, Watchers } from "./purgatory.ts";
import { converted, type TargetCompression, targetCompression } from "./recompression.ts";
import { RemoteReplica } from "./remote-replica.ts";
import { logConfigOf, refusalOf, stamped } from "./topic-settings.ts";

export type Problem = Exclude<ErrorName, "NONE">;

export type AppendResult =
  | { readonly error: "NONE"; readonly baseOffset: Offset; readonly highWatermarkAdvanced: boolean }
  | { readonly error: Problem };

const NO_REPLICAS: readonly RemoteReplica[] = [];

/** Who copies the partition from its leader. */
export interface Copying {
  /** Something about the log has changed. */
  logMoved(): void;
}

export class Partition implements LedReplicas {
  readonly name: TopicPartition;
  readonly log: ReplicaLog;
  /** Produce requests and coordinators that wait for the high watermark, fetches that wait for data. */
  readonly acks = new Watchers<Waiter>();
  readonly fetches = new Watchers<DelayedFetch>();
  leaderId: BrokerId = NO_LEADER;
  leaderEpoch: LeaderEpoch = -1;
  partitionEpoch: PartitionEpoch = -1;
  /** Where the current epoch began; undefined while following. */
  epochStartOffset: Offset | undefined;
  /** compression.type of the topic; undefined: the producer's. */
  targetCompression: TargetCompression | undefined;
  copying: Copying | undefined;
  #remotes: readonly RemoteReplica[] = NO_REPLICAS;
  #config: TopicConfig;
  readonly #isr: Isr;
  readonly #parts: BrokerParts;

  constructor(name: TopicPartition, log: ReplicaLog, config: TopicConfig, parts: BrokerParts) {
    this.name = name;
    this.log = log;
    this.#config = config;
    this.#parts = parts;
    this.#isr = new Isr(this, { ...parts, rules: parts.env.rules });
    log.onMoved = () => this.#logMoved();
  }

  get isLeader(): boolean {
    return this.leaderId === this.#parts.host.id;
  }

  get isrState(): IsrState {
    return this.#isr.state;
  }

  get remoteReplicas(): readonly RemoteReplica[] {
    return this.#remotes;
  }

  get minIsr(): number {
    return this.#config["min.insync.replicas"];
  }

  get maxLag(): Micros {
    return ms(this.#parts.settings.config["replica.lag.time.max.ms"]);
  }

  get logEndOffset(): Offset {
    return this.log.logEndOffset;
  }

  get highWatermark(): Offset {
    return this.log.highWatermark;
  }

  remoteReplica(id: BrokerId): RemoteReplica | undefined {
    const replicas = this.#remotes;
    for (let i = 0; i < replicas.length; i++) if (replicas[i]?.brokerId === id) return replicas[i];
    return undefined;
  }

  isIsrEligible(replica: RemoteReplica): boolean {
    return this.#isr.isEligible(replica);
  }

  // Leader and follower

  /** False when the change is older than what is known. */
  makeLeader(registration: PartitionRegistration, config: TopicConfig): boolean {
    if (registration.partitionEpoch < this.partitionEpoch) return false;
    this.stir();
    const newLeader = !this.isLeader;
    const newEpoch = registration.leaderEpoch > this.leaderEpoch;
    const isrChanged = this.#isr.differsFrom(registration.isr);
    this.configure(config);
    this.#assign(registration.replicas);
    this.#isr.adopt(registration.isr);
    if (newEpoch) this.#beginEpoch(registration, newLeader);
    this.partitionEpoch = registration.partitionEpoch;
    this.leaderId = this.#parts.host.id;
    if (newEpoch) this.#emitLeader(registration);
    else if (isrChanged) this.#emitIsr();
    this.#advanceAndComplete();
    return true;
  }

  /** True when the leader epoch rose: fetching starts anew, whether the leader is another one or not. */
  makeFollower(registration: PartitionRegistration, config: TopicConfig): boolean {
    if (registration.partitionEpoch < this.partitionEpoch) return false;
    this.stir();
    const newEpoch = registration.leaderEpoch > this.leaderEpoch;
    this.configure(config);
    this.leaderId = registration.leader;
    this.leaderEpoch = registration.leaderEpoch;
    this.partitionEpoch = registration.partitionEpoch;
    this.epochStartOffset = undefined;
    this.#remotes = NO_REPLICAS;
    this.#isr.adopt([]);
    if (newEpoch) {
      const { leader, leaderEpoch } = registration;
      this.#parts.host.emit("replica.becameFollower", {
        partition: this.name,
        leader,
        leaderEpoch,
        logEndOffset: this.logEndOffset,
      });
    }
    return newEpoch;
  }

  /** The replica leaves this broker. */
  stop(): void {
    this.stir();
    this.leaderId = NO_LEADER;
    this.epochStartOffset = undefined;
    this.#remotes = NO_REPLICAS;
    this.#isr.adopt([]);
  }

  configure(config: TopicConfig): void {
    this.#config = config;
    this.targetCompression = targetCompression(config);
    this.log.config = logConfigOf(config);
    if (mustWait(this.log)) this.#parts.logs.someFlushAppends = true;
  }

  #logMoved(): void {
    this.copying?.logMoved();
    this.stir();
  }

  /** Something has changed that a follower's next fetch has to be compared with: the log, the epoch, the ISR. */
  stir(): void {
    const replicas = this.#remotes;
    for (let i = 0; i < replicas.length; i++) (replicas[i] as RemoteReplica).stir();
  }

  #assign(replicas: readonly BrokerId[]): void {
    const known = this.#remotes;
    this.#remotes = replicas
      .filter((id) => id !== this.#parts.host.id)
      .map((id) => known.find((replica) => replica.brokerId === id) ?? new RemoteReplica(id));
  }

  #beginEpoch(registration: PartitionRegistration, newLeader: boolean): void {
    const start = this.logEndOffset;
    // Before any append: followers with records of an epoch between must find out where this one begins.
    this.log.assignEpochStart(registration.leaderEpoch, start);
    const now = this.#parts.host.clock.now();
    for (const replica of this.#remotes) {
      const inSync = registration.isr.includes(replica.brokerId);
      replica.reset({ now, leaderEndOffset: start, newLeader, inSync });
    }
    this.leaderEpoch = registration.leaderEpoch;
    this.epochStartOffset = start;
  }

  #emitLeader({ isr, leaderEpoch, partitionEpoch }: PartitionRegistration): void {
    this.#parts.host.emit("replica.becameLeader", {
      partition: this.name,
      leaderEpoch,
      partitionEpoch,
      isr,
      epochStartOffset: this.epochStartOffset as Offset,
      highWatermark: this.highWatermark,
    });
  }

  #emitIsr(): void {
    const { isr, maximalIsr } = this.isrState;
    this.#parts.host.emit("isr.committed", {
      partition: this.name,
      leaderEpoch: this.leaderEpoch,
      partitionEpoch: this.partitionEpoch,
      isr,
      maximalIsr,
      highWatermark: this.highWatermark,
    });
  }

  // ISR and high watermark

  maybeShrinkIsr(): void {
    if (this.isLeader) this.#isr.maybeShrink();
  }

  /** The controller accepted a proposal. */
  isrCommitted(isr: readonly BrokerId[], partitionEpoch: PartitionEpoch): void {
    this.#isr.adopt(isr);
    this.partitionEpoch = partitionEpoch;
    this.#emitIsr();
    this.#advanceAndComplete();
  }

  /** A follower's fetch was accepted at this position. */
  followerFetched(
    replica: RemoteReplica,
    fetch: FetchPartition,
    leaderEndOffset: Offset,
    brokerEpoch: number,
  ): void {
    const before = replica.logEndOffset;
    const at = this.#parts.host.clock.now();
    replica.fetched(fetch, at, leaderEndOffset, brokerEpoch);
    this.#isr.maybeExpand(replica);
    if (replica.logEndOffset !== before) this.#advanceAndComplete();
  }

  #advanceAndComplete(): void {
    if (this.#advanceHighWatermark()) this.completeWaiters();
  }

  #advanceHighWatermark(): boolean {
    const candidate = this.#parts.highWatermark.candidate(this, this.#parts.host.clock.now());
    const before = this.log.highWatermark;
    if (candidate === undefined || candidate <= before) return false;
    return this.log.maybeAdvanceHighWatermark(candidate, this.leaderEpoch, true) > before;
  }

  /** Something about the replica changed that parked requests may wait for. */
  completeWaiters(): void {
    this.acks.checkAll();
    this.fetches.checkAll();
  }

  /** Is everything before `offset` replicated? undefined: not yet. */
  replicationError(offset: Offset): ErrorName | undefined {
    if (!this.isLeader) {
      return this.#parts.metadata.contains(this.name)
        ? "NOT_LEADER_OR_FOLLOWER"
        : "UNKNOWN_TOPIC_OR_PARTITION";
    }
    if (this.highWatermark < offset) return undefined;
    const enough =
      this.#parts.highWatermark.effectiveMinIsr(this) <= this.isrState.maximalIsr.length;
    return enough ? "NONE" : "NOT_ENOUGH_REPLICAS_AFTER_APPEND";
  }

  // Appending and reading

  /** min.insync.replicas is checked for acks=all alone, and before anything is written. */
  appendAsLeader(batch: ProducedBatch, acks: number): AppendResult {
    if (!this.isLeader) return { error: "NOT_LEADER_OR_FOLLOWER" };
    const minIsr = this.#parts.highWatermark.effectiveMinIsr(this);
    if (acks === -1 && this.isrState.isr.length < minIsr) return { error: "NOT_ENOUGH_REPLICAS" };
    const { mutant } = this.#parts.env.rules;
    const now = this.#parts.host.clock.now();
    const refusal = refusalOf(batch, this.#config, now);
    if (refusal !== undefined) return { error: refusal };
    const toAppend = converted(stamped(batch, this.#config, now), this.targetCompression);
    // What the leader compressed anew may have grown (messageSizeMaybeChanged).
    if (toAppend.sizeBytes > batch.sizeBytes) {
      const grown = refusalOf(toAppend, this.#config, now);
      if (grown !== undefined) return { error: grown };
    }
    const appended = this.log.appendAsLeader(
      // Without its producer id the log has nothing to compare the sequence with.
      mutant === "sequences-ignored" ? { ...toAppend, producerId: -1 } : toAppend,
      this.leaderEpoch,
    );
    if (!appended.ok) return { error: appended.error };
    if (mutant === "duplicate-append-on-leader") {
      // Without its producer id: the log would recognise it.
      this.log.appendAsLeader({ ...toAppend, producerId: -1 }, this.leaderEpoch);
    }
    // The ISR may be this replica alone.
    const highWatermarkAdvanced = this.#advanceHighWatermark();
    return { error: "NONE", baseOffset: appended.baseOffset, highWatermarkAdvanced };
  }

  /** KIP-320: a request that names an epoch must name this one. -1 names none. */
  epochError(epoch: LeaderEpoch): ErrorName {
    if (epoch === -1 || epoch === this.leaderEpoch) return "NONE";
    return epoch < this.leaderEpoch ? "FENCED_LEADER_EPOCH" : "UNKNOWN_LEADER_EPOCH";
  }

  /** What a request that only the leader may answer meets here. */
  leaderError(epoch: LeaderEpoch): ErrorName {
    const error = this.epochError(epoch);
    if (error !== "NONE") return error;
    return this.isLeader ? "NONE" : "NOT_LEADER_OR_FOLLOWER";
  }
}
