// The consumer's side of its group, in the order of poll() and close() (ConsumerCoordinator.poll, close): membership, commits, committed offsets.
import type { ConsumerConfig } from "../../protocol/config/consumer.ts";
import type { Environment } from "../../protocol/environment.ts";
import type { CommittedOffset } from "../../protocol/group-apis.ts";
import type { KafkaHost, Process } from "../../protocol/kafka-host.ts";
import { type Micros, ms } from "../../sim/kernel.ts";
import type { Backoff } from "../backoff.ts";
import type { NetworkClient } from "../network-client.ts";
import { OffsetCommits } from "./commits.ts";
import { CommittedOffsets } from "./committed-offsets.ts";
import { CoordinatorLink } from "./coordinator-link.ts";
import type { GroupError, GroupSettings } from "./group-settings.ts";
import { GroupJoin } from "./joining.ts";
import { Membership } from "./membership.ts";
import { Rebalance, type RebalanceParts } from "./rebalance.ts";

export const CLOSE_TIMEOUT = ms(30_000);

export interface GroupParts extends Omit<RebalanceParts, "membership" | "commits"> {
  readonly network: NetworkClient;
  readonly backoff: Backoff;
}

export class ConsumerGroup {
  readonly settings: GroupSettings;
  readonly membership: Membership;
  readonly #host: KafkaHost;
  readonly #parts: GroupParts;
  readonly #link: CoordinatorLink;
  readonly #rebalance: Rebalance;
  readonly #join: GroupJoin;
  readonly #commits: OffsetCommits;
  readonly #committed: CommittedOffsets;
  /** Planted bug. */
  readonly #commitsWhatPollReturns: boolean;

  constructor(
    host: KafkaHost,
    env: Environment,
    config: ConsumerConfig,
    settings: GroupSettings,
    parts: GroupParts,
  ) {
    const { backoff } = parts;
    this.settings = settings;
    this.#host = host;
    this.#parts = parts;
    this.#commitsWhatPollReturns = env.rules.mutant === "commits-what-poll-returns";
    const link = new CoordinatorLink(host, settings.groupId, config, parts);
    const membership = new Membership(host, settings, link, backoff);
    const all = { ...parts, link, membership };
    const retriesAsync = env.rules.mutant === "async-commits-retried";
    const commits = new OffsetCommits(host, settings, { ...all, retriesAsync });
    const steps = new Rebalance(host, env, settings, { ...all, commits });
    this.membership = membership;
    this.#link = link;
    this.#commits = commits;
    this.#rebalance = steps;
    this.#join = new GroupJoin(host, settings, { ...all, steps });
    const defect = { goesTooFar: env.rules.mutant === "resumes-one-too-far" };
    this.#committed = new CommittedOffsets(host, settings, { ...all, ...defect });
  }

  /** An error that poll() would throw: the application ends. */
  get fatal(): GroupError | undefined {
    return this.membership.fatal ?? this.#link.fatal ?? this.#committed.fatal;
  }

  get isStable(): boolean {
    return this.membership.state === "STABLE" && !this.membership.isRejoinNeededOrPending;
  }

  get nextAutoCommitAt(): Micros {
    return this.#commits.nextAutoCommitAt;
  }

  /**
   * False when the member cannot go on by the deadline; a process when that is not known without a wait. poll() does not wait for a join to
   * complete, only for the coordinator.
   */
  poll(deadline: Micros): boolean | Process<boolean> {
    this.#commits.runCallbacks();
    if (this.fatal !== undefined) return false;
    this.membership.heartbeat.poll();
    return this.#link.isKnown ? this.#coordinated() : this.#whenCoordinated(deadline);
  }

  *#whenCoordinated(deadline: Micros): Process<boolean> {
    if (!(yield* this.#link.ensureReady(deadline))) return false;
    const polled = this.#coordinated();
    return typeof polled === "boolean" ? polled : yield* polled;
  }

  #coordinated(): boolean | Process<boolean> {
    this.#rebalance.checkMetadata();
    if (this.membership.isRejoinNeededOrPending) return this.#rejoined();
    this.#autoCommit();
    return true;
  }

  *#rejoined(): Process<boolean> {
    if (!(yield* this.#join.run(this.#host.now))) return false;
    this.#autoCommit();
    return true;
  }

  #autoCommit(): void {
    if (!this.#commitsWhatPollReturns) this.#commits.maybeAutoCommit();
  }

  /** Positions for partitions that have just been assigned, if there are any; false when the coordinator has not told by the deadline. */
  initialize(deadline: Micros, validates: boolean): boolean | Process<boolean> {
    const { subscriptions } = this.#parts;
    if (!subscriptions.isInitializing) return true;
    return this.#committed.initialize(subscriptions, deadline, validates);
  }

  /** poll() may be about to return records: positions are past them. */
  collected(): void {
    if (this.#commitsWhatPollReturns) this.#commits.maybeAutoCommit();
  }

  commitAsync(offsets = this.#parts.subscriptions.allConsumed()): void {
    this.#commits.commitAsync(offsets);
  }

  /** commitSync() of the current positions, or of given offsets. */
  commitSync(
    offsets: readonly CommittedOffset[] = this.#parts.subscriptions.allConsumed(),
  ): Process<boolean> {
    return this.#commits.commitSync(offsets, this.#host.now + this.settings.apiTimeoutUs);
  }

  /**
   * ConsumerCoordinator.close: the last automatic commit, then what still looks for its coordinator, then the farewell. Commits under way are answered
   * before the connection closes (awaitPendingRequests), but their callbacks are never called: whether they succeeded the application does not hear.
   */
  *close(deadline: Micros): Process {
    if (this.#commits.isAutomatic) {
      const consumed = this.#parts.subscriptions.allConsumed();
      yield* this.#commits.commitSync(consumed, deadline, "auto");
    }
    yield* this.#commits.awaitLookups(deadline);
    this.membership.heartbeat.close();
    this.#rebalance.onLeavePrepare();
    this.membership.leave("the consumer is being closed");
    yield* this.#parts.arrivals.until(() => this.#link.inFlight === 0, deadline);
  }
}
