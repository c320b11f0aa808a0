// A follower as its leader sees it (kafka.cluster.Replica): how far it has fetched, and when it was last caught up.
// Times are the leader's wall clock, as in Kafka, so a jump of that clock can cost a follower its place in the ISR.
import type { BrokerEpoch, BrokerId, Offset } from "../protocol/types.ts";
import type { Micros } from "../sim/kernel.ts";

/** Kafka writes 0, the year 1970; a simulated clock may start there, so "never" is far before it. */
export const NEVER: Micros = Number.MIN_SAFE_INTEGER;
const UNKNOWN_OFFSET: Offset = -1;

/** From where a follower asks, and where its own log begins. */
export interface FetchPosition {
  readonly fetchOffset: Offset;
  readonly logStartOffset: Offset;
}

/** Where the follower's fetches are taken note of while they say nothing new: each of them is one at the leader's log end. */
export interface Rest {
  /** The last fetch. */
  readonly fetchedAt: Micros;
  /** There may be something new. */
  end(): void;
}

export class RemoteReplica {
  readonly brokerId: BrokerId;
  logEndOffset: Offset = UNKNOWN_OFFSET;
  logStartOffset: Offset = UNKNOWN_OFFSET;
  /** The broker epoch of its last fetch; undefined before the first. */
  brokerEpoch: BrokerEpoch | undefined;
  /** What the last response told it (the leader's side of an incremental fetch session, KIP-227). */
  toldHighWatermark: Offset = UNKNOWN_OFFSET;
  toldLogStartOffset: Offset = UNKNOWN_OFFSET;
  #lastCaughtUpTime: Micros = NEVER;
  #lastFetchTime: Micros = NEVER;
  #rest: Rest | undefined;
  #lastFetchLeaderEndOffset: Offset = 0;

  constructor(brokerId: BrokerId) {
    this.brokerId = brokerId;
  }

  get lastCaughtUpTime(): Micros {
    const rest = this.#rest;
    return rest === undefined
      ? this.#lastCaughtUpTime
      : Math.max(this.#lastCaughtUpTime, rest.fetchedAt);
  }

  /** From now on until it stirs, its fetches are those of the rest. */
  restIn(rest: Rest): void {
    this.#rest = rest;
  }

  stir(): void {
    const rest = this.#rest;
    if (rest === undefined) return;
    this.#rest = undefined;
    this.#caughtUpAt(rest.fetchedAt);
    this.#lastFetchTime = rest.fetchedAt;
    rest.end();
  }

  /**
   * A fetch at the leader's log end catches up now. A fetch at or beyond what was the log end at the previous fetch was caught up then:
   * a follower that is always one request behind a busy leader is still in sync. `leaderEndOffset`: the leader's log end offset before the read.
   */
  fetched(
    { fetchOffset, logStartOffset }: FetchPosition,
    at: Micros,
    leaderEndOffset: Offset,
    brokerEpoch: BrokerEpoch,
  ): void {
    // It may rest in another session, which it has left.
    this.stir();
    if (fetchOffset >= leaderEndOffset) this.#caughtUpAt(at);
    else if (fetchOffset >= this.#lastFetchLeaderEndOffset) this.#caughtUpAt(this.#lastFetchTime);
    this.logEndOffset = fetchOffset;
    this.logStartOffset = logStartOffset;
    this.brokerEpoch = brokerEpoch;
    this.#lastFetchTime = at;
    if (leaderEndOffset > this.#lastFetchLeaderEndOffset)
      this.#lastFetchLeaderEndOffset = leaderEndOffset;
  }

  /** The leader begins a new epoch. `newLeader`: it did not lead before, so it knows nothing of its followers. */
  reset(epoch: {
    now: Micros;
    leaderEndOffset: Offset;
    newLeader: boolean;
    inSync: boolean;
  }): void {
    // Outside the ISR: never caught up, so that a follower that has left does not hold back the high watermark.
    this.#lastCaughtUpTime = epoch.inSync ? epoch.now : NEVER;
    if (epoch.newLeader) {
      this.logEndOffset = UNKNOWN_OFFSET;
      this.logStartOffset = UNKNOWN_OFFSET;
      this.brokerEpoch = undefined;
      this.#lastFetchTime = NEVER;
      this.#lastFetchLeaderEndOffset = UNKNOWN_OFFSET;
    } else {
      this.#lastFetchTime = epoch.inSync ? epoch.now : NEVER;
      this.#lastFetchLeaderEndOffset = epoch.leaderEndOffset;
    }
  }

  /** At the leader's log end a follower is caught up whatever the time: only fencing evicts a dead follower of an idle partition. */
  isCaughtUp(leaderEndOffset: Offset, now: Micros, maxLag: Micros): boolean {
    return leaderEndOffset === this.logEndOffset || now - this.lastCaughtUpTime <= maxLag;
  }

  #caughtUpAt(time: Micros): void {
    this.#lastCaughtUpTime = Math.max(this.#lastCaughtUpTime, time);
  }
}
