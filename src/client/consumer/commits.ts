// Committing offsets (ConsumerCoordinator): synchronous commits are tried again until default.api.timeout.ms, asynchronous ones never;
// their callbacks run inside later calls of the application, in order. Left out: interceptors.
import type { ErrorName } from "../../protocol/errors.ts";
import type { CommittedOffset } from "../../protocol/group-apis.ts";
import type { KafkaHost, Process, Reply } from "../../protocol/kafka-host.ts";
import { type Micros, seconds } from "../../sim/kernel.ts";
import type { Backoff } from "../backoff.ts";
import type { Arrivals } from "./arrivals.ts";
import type { CoordinatorLink } from "./coordinator-link.ts";
import { type GroupError, type GroupSettings, isRetriable } from "./group-settings.ts";
import type { Generation, Membership } from "./membership.ts";
import type { SubscriptionState } from "./subscription-state.ts";

/** The defect async-commits-retried: after so long. */
const ASYNC_RETRY = seconds(1);

export type CommitKind = "auto" | "sync" | "async";

/** One OffsetCommit: a future. */
export interface Commit {
  readonly offsets: readonly CommittedOffset[];
  readonly how: CommitKind;
  isDone: boolean;
  error: GroupError | undefined;
}

export class OffsetCommits {
  readonly #host: KafkaHost;
  readonly #settings: GroupSettings;
  readonly #link: CoordinatorLink;
  readonly #arrivals: Arrivals;
  readonly #backoff: Backoff;
  readonly #membership: Membership;
  readonly #subscriptions: SubscriptionState;
  readonly #retriesAsync: boolean;
  /** Asynchronous commits whose callbacks have not run, in the order in which they were made. */
  #inFlight: Commit[] = [];
  /** Of them those that wait for the coordinator to be found (pendingAsyncCommits). */
  #lookingUp = 0;
  #nextAutoCommitAt: Micros = Number.POSITIVE_INFINITY;

  constructor(
    host: KafkaHost,
    settings: GroupSettings,
    parts: {
      readonly link: CoordinatorLink;
      readonly arrivals: Arrivals;
      readonly backoff: Backoff;
      readonly membership: Membership;
      readonly subscriptions: SubscriptionState;
      /** Planted bug. */
      readonly retriesAsync: boolean;
    },
  ) {
    this.#host = host;
    this.#settings = settings;
    this.#link = parts.link;
    this.#arrivals = parts.arrivals;
    this.#backoff = parts.backoff;
    this.#membership = parts.membership;
    this.#subscriptions = parts.subscriptions;
    this.#retriesAsync = parts.retriesAsync;
    this.rescheduleAutoCommit();
  }

  get nextAutoCommitAt(): Micros {
    return this.#nextAutoCommitAt;
  }

  get isAutomatic(): boolean {
    return this.#settings.autoCommitIntervalUs !== undefined;
  }

  rescheduleAutoCommit(): void {
    const { autoCommitIntervalUs } = this.#settings;
    if (autoCommitIntervalUs === undefined) return;
    this.#nextAutoCommitAt = this.#host.now + autoCommitIntervalUs;
  }

  /** Inside poll(): what earlier polls have returned, if it is time. */
  maybeAutoCommit(): void {
    if (!this.isAutomatic || this.#host.now < this.#nextAutoCommitAt) return;
    this.rescheduleAutoCommit();
    this.autoCommit();
  }

  autoCommit(): Commit {
    return this.#async(this.#subscriptions.allConsumed(), "auto");
  }

  commitAsync(offsets: readonly CommittedOffset[]): void {
    this.runCallbacks();
    this.#async(offsets, "async");
  }

  #async(offsets: readonly CommittedOffset[], how: CommitKind): Commit {
    const commit: Commit = { offsets, how, isDone: false, error: undefined };
    this.#inFlight.push(commit);
    if (offsets.length === 0) commit.isDone = true;
    else if (this.#link.isKnown) this.#send(commit);
    else {
      this.#lookingUp++;
      this.#host.spawn(this.#sendOnceFound(commit));
    }
    return commit;
  }

  /** One lookup, and no second try: commits that overtake each other would move the group back. */
  *#sendOnceFound(commit: Commit): Process {
    const lookup = this.#link.lookup();
    yield* this.#arrivals.until(() => lookup.isDone, Number.POSITIVE_INFINITY);
    this.#lookingUp--;
    if (lookup.error === undefined) this.#send(commit);
    else this.#finish(commit, lookup.error);
    this.#arrivals.notify();
  }

  /** Commits until it has succeeded, an error is final, or time is up. */
  *commitSync(
    offsets: readonly CommittedOffset[],
    deadline: Micros,
    how: CommitKind = "sync",
  ): Process<boolean> {
    this.runCallbacks();
    if (offsets.length === 0) return yield* this.awaitAsync(deadline);
    let error: GroupError = "timeout";
    for (let attempts = 0; this.#host.now < deadline; attempts++) {
      if (!(yield* this.#link.ensureReady(deadline))) break;
      const commit: Commit = { offsets, how, isDone: false, error: undefined };
      this.#send(commit);
      yield* this.#arrivals.until(() => commit.isDone, deadline);
      this.runCallbacks();
      if (commit.isDone && commit.error === undefined) {
        this.#report(commit);
        return true;
      }
      if (commit.error !== undefined && !isRetriable(commit.error)) {
        error = commit.error;
        break;
      }
      const left = deadline - this.#host.now;
      if (left > 0) yield* this.#host.sleep(Math.min(left, this.#backoff(attempts)));
    }
    this.#host.emit("consumer.commitFailed", { group: this.#settings.groupId, error, how });
    return false;
  }

  /** Waits for asynchronous commits under way, so that their callbacks have run. */
  *awaitAsync(deadline: Micros): Process<boolean> {
    const isOver = (): boolean => this.#inFlight.every((commit) => commit.isDone);
    const isInTime = yield* this.#arrivals.until(isOver, deadline);
    this.runCallbacks();
    return isInTime;
  }

  /** Until every commit that was made has been sent or given up. */
  *awaitLookups(deadline: Micros): Process {
    yield* this.#arrivals.until(() => this.#lookingUp === 0, deadline);
    this.runCallbacks();
  }

  /** invokeCompletedOffsetCommitCallbacks */
  runCallbacks(): void {
    while (this.#inFlight[0]?.isDone === true) this.#report(this.#inFlight.shift() as Commit);
  }

  #report(commit: Commit): void {
    const { groupId: group, retryBackoffUs } = this.#settings;
    const { how, error } = commit;
    if (error === undefined) {
      for (const { partition, offset } of commit.offsets)
        this.#host.emit("consumer.committed", { partition, group, offset, how });
      return;
    }
    this.#host.emit("consumer.commitFailed", { group, error, how });
    if (how === "auto" && isRetriable(error))
      this.#nextAutoCommitAt = this.#host.now + retryBackoffUs;
    if (how !== "sync" && error === "FENCED_INSTANCE_ID") this.#membership.fatal = error;
  }

  #send(commit: Commit): void {
    const { generation, state } = this.#membership;
    const { groupId, groupInstanceId, requestTimeoutUs } = this.#settings;
    if (!this.#link.isKnown) return this.#finish(commit, "COORDINATOR_NOT_AVAILABLE");
    if (state !== "STABLE") return this.#finish(commit, this.#refusal());
    const { generationId, memberId } = generation;
    const { offsets } = commit;
    const request = { groupId, generationId, memberId, groupInstanceId, offsets };
    this.#link.send("OffsetCommit", request, requestTimeoutUs, (reply) =>
      this.#answered(commit, generation, reply),
    );
  }

  /** Outside a stable generation nothing can be committed: RebalanceInProgressException, or CommitFailedException. */
  #refusal(): ErrorName {
    return this.#membership.isRebalancing ? "REBALANCE_IN_PROGRESS" : "UNKNOWN_MEMBER_ID";
  }

  #answered(commit: Commit, sent: Generation, reply: Reply<"OffsetCommit">): void {
    if (!reply.ok) {
      if (this.#retriesAsync && commit.how === "async") this.#sendLater(commit);
      return this.#finish(commit, reply.reason);
    }
    const failed = reply.response.partitions.find((answer) => answer.error !== "NONE");
    this.#finish(commit, failed === undefined ? undefined : this.#consequence(failed.error, sent));
  }

  /** Planted bug: a second try, though later commits may have been made meanwhile. */
  #sendLater(commit: Commit): void {
    const again = { ...commit };
    this.#host.after(ASYNC_RETRY, () => this.#send(again));
  }

  /** What an error means for the membership, and what the application is told. */
  #consequence(error: ErrorName, sent: Generation): ErrorName {
    const membership = this.#membership;
    const hasMovedOn = !membership.isCurrent(sent) && membership.state === "PREPARING_REBALANCE";
    switch (error) {
      case "COORDINATOR_NOT_AVAILABLE":
      case "NOT_COORDINATOR":
      case "REQUEST_TIMED_OUT":
        this.#link.markUnknown(`error response ${error}`);
        return error;
      case "REBALANCE_IN_PROGRESS":
        membership.requestRejoin("offset commit failed since group is already rebalancing");
        return error;
      case "FENCED_INSTANCE_ID":
        if (membership.isCurrent(sent)) return error;
        return hasMovedOn ? "REBALANCE_IN_PROGRESS" : "UNKNOWN_MEMBER_ID";
      case "UNKNOWN_MEMBER_ID":
      case "ILLEGAL_GENERATION":
        if (hasMovedOn) return "REBALANCE_IN_PROGRESS";
        membership.reset(error, "OffsetCommit");
        return error;
      default:
        return error;
    }
  }

  #finish(commit: Commit, error: GroupError | undefined): void {
    commit.error = error;
    commit.isDone = true;
  }
}
