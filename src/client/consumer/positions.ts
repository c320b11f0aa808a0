// Where a consumer stands in each of its partitions (SubscriptionState.TopicPartitionState, FetchPosition): the next offset, the epoch of the
// record before it, and whether the position may be fetched from, must be found first, or must be checked against a new leader (KIP-320).
import type { FetchPartition } from "../../protocol/apis.ts";
import type { BrokerId, LeaderEpoch, Offset, TopicPartition } from "../../protocol/types.ts";
import { NO_LEADER } from "../../protocol/types.ts";
import type { Micros } from "../../sim/kernel.ts";
import type { Leader } from "../metadata.ts";

/** Kafka's FetchStates; failed: the application cannot go on with this partition; revoked: it is no longer assigned. */
export type FetchState =
  | "INITIALIZING"
  | "AWAIT_RESET"
  | "AWAIT_VALIDATION"
  | "FETCHING"
  | "FAILED"
  | "REVOKED";

const UNKNOWN: Leader = { id: NO_LEADER, epoch: -1 };

export class PartitionPosition {
  readonly partition: TopicPartition;
  fetchState: FetchState;
  /** -1: none yet. */
  offset: Offset = -1;
  /** Leader epoch of the last record consumed; -1: none, so there is nothing to validate. */
  offsetEpoch: LeaderEpoch = -1;
  /** The leader that the position is known to be good for. */
  leader: Leader = UNKNOWN;
  /** Its leader was asked, or asking has failed: not asked again before this time. Whatever changes the position ends the wait. */
  retryAt: Micros = 0;
  /** How many fetches came for it and wait to be returned. */
  buffered = 0;
  /** A replica to read from instead of the leader (KIP-392), and until when; NO_LEADER none. */
  preferredReplica: BrokerId = NO_LEADER;
  preferredUntil: Micros = 0;
  /** pause(): nothing is fetched or returned, what is buffered stays. */
  isPaused = false;
  /** A commit before the rebalance is under way: nothing may be returned that it does not cover. */
  isPendingRevocation = false;
  /** Its entry in the last request. */
  #asked: FetchPartition | undefined;

  /** A member of a group first looks for a committed offset (INITIALIZING). */
  constructor(partition: TopicPartition, fetchState: "INITIALIZING" | "AWAIT_RESET") {
    this.partition = partition;
    this.fetchState = fetchState;
  }

  get isInitializing(): boolean {
    return this.fetchState === "INITIALIZING" && !this.isPendingRevocation;
  }

  get isFetchable(): boolean {
    return this.fetchState === "FETCHING" && !this.isPaused && !this.isPendingRevocation;
  }

  /** Its entry in the next request; the same object as long as nothing in it changes. */
  ask(maxBytes: number): FetchPartition {
    const known = this.#asked;
    const { offset: fetchOffset, leader } = this;
    if (known?.fetchOffset === fetchOffset && known.currentLeaderEpoch === leader.epoch)
      return known;
    const asked: FetchPartition = {
      partition: this.partition,
      fetchOffset,
      currentLeaderEpoch: leader.epoch,
      lastFetchedEpoch: -1,
      logStartOffset: -1,
      maxBytes,
    };
    this.#asked = asked;
    return asked;
  }

  /** A new leader or epoch: from now on fetch there, but check the position first if it has an epoch (maybeValidatePosition). */
  learnLeader(leader: Leader, validates: boolean): void {
    if (this.fetchState !== "FETCHING" && this.fetchState !== "AWAIT_VALIDATION") return;
    if (leader.id === NO_LEADER || isSameLeader(leader, this.leader)) return;
    this.leader = leader;
    this.preferredReplica = NO_LEADER;
    this.#validate(validates);
  }

  #validate(validates: boolean): void {
    const needsCheck = validates && this.offsetEpoch >= 0 && this.leader.epoch >= 0;
    this.fetchState = needsCheck ? "AWAIT_VALIDATION" : "FETCHING";
    this.retryAt = 0;
  }

  /** Records up to `offset` were returned to the application. */
  advance(offset: Offset, epoch: LeaderEpoch): void {
    this.offset = offset;
    this.offsetEpoch = epoch;
  }

  /** The position is where the logs part: nothing that has to be checked again (seekValidated). */
  moveTo(offset: Offset, epoch: LeaderEpoch): void {
    this.offset = offset;
    this.offsetEpoch = epoch;
    this.completeValidation();
  }

  completeValidation(): void {
    this.fetchState = "FETCHING";
    this.retryAt = 0;
  }

  requestReset(): void {
    this.fetchState = "AWAIT_RESET";
    this.retryAt = 0;
  }

  /** An offset with an epoch is checked against the leader first (seekUnvalidated). What is buffered of another offset is dropped when its turn comes. */
  seek(offset: Offset, epoch: LeaderEpoch, leader: Leader, validates: boolean): void {
    this.offset = offset;
    this.offsetEpoch = epoch;
    this.leader = leader;
    this.#validate(validates);
  }
}

export const isSameLeader = (a: Leader, b: Leader): boolean => a.id === b.id && a.epoch === b.epoch;
