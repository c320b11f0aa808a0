// A voter of the metadata quorum: elections, who leads, and a log that all voters agree on up to the high watermark.
// The truth: KafkaRaftClient, QuorumState (KIP-595, KIP-996). Left out: snapshots, changing voters (KIP-853).
import type { BrokerConfig } from "../../../protocol/config/broker.ts";
import type { Environment } from "../../../protocol/environment.ts";
import type { KafkaHost } from "../../../protocol/kafka-host.ts";
import type { Rules } from "../../../protocol/releases.ts";
import type { MetadataBatch, MetadataRecord, Offset } from "../../../protocol/types.ts";
import { assert } from "../../../sim/assert.ts";
import type { Micros, Timer } from "../../../sim/kernel.ts";
import { LeaderDuties } from "./leader-duties.ts";
import { LeaderState } from "./leader-state.ts";
import { endOf, type MetadataLog } from "./log.ts";
import { LogFetcher } from "./log-fetcher.ts";
import {
  Candidate,
  checkTransition,
  deadlineOf,
  type ElectionState,
  Follower,
  initialRole,
  Leader,
  Prospective,
  Resigned,
  type Role,
  Unattached,
} from "./quorum-state.ts";
import type { RaftListener } from "./raft-listener.ts";
import { quorumHandlers, refuseFetch } from "./requests.ts";
import { RaftStorage } from "./storage.ts";
import { RaftTimings } from "./timings.ts";
import { VoterClient } from "./voter-client.ts";

export class RaftNode {
  readonly log: MetadataLog;
  readonly #host: KafkaHost;
  readonly #timings: RaftTimings;
  readonly #client: VoterClient;
  readonly #voters: readonly number[];
  readonly #rules: Rules;
  readonly #preVote: boolean;
  readonly #listener: RaftListener;
  readonly #storage: RaftStorage;
  #role: Role;
  #timer: Timer | undefined;
  #duties: LeaderDuties | undefined;
  #fetcher: LogFetcher | undefined;
  /** -1: unknown since the start. */
  #highWatermark: Offset = -1;
  #delivered: Offset = 0;
  #claimed = false;

  constructor(host: KafkaHost, env: Environment, config: BrokerConfig, listener: RaftListener) {
    this.#host = host;
    this.#timings = new RaftTimings(config, host.rng("election"));
    this.#client = new VoterClient(host, env.voters, this.#timings.requestTimeout, (...heard) =>
      this.heardOf(...heard),
    );
    this.#voters = env.voters;
    this.#rules = env.rules;
    this.#preVote = env.rules["raft.pre-vote"] === "on";
    this.#listener = listener;
    this.#storage = new RaftStorage(host, env.rules);
    this.log = this.#storage.log;
    this.#role = new Unattached(0, undefined, host.now + this.#timings.electionTimeout());
    host.serve(quorumHandlers(this));
    this.#initialize();
  }

  get role(): Role {
    return this.#role;
  }

  /** -1: unknown. */
  get leaderId(): number {
    return this.#role.leaderId ?? -1;
  }

  get voters(): readonly number[] {
    return this.#voters;
  }

  get duties(): LeaderDuties | undefined {
    return this.#duties;
  }

  get highWatermark(): Offset {
    return this.#highWatermark;
  }

  /** Only the leader may; the records are committed later, or never. */
  append(records: readonly MetadataRecord[]): MetadataBatch {
    assert(this.#duties !== undefined, () => `${this.#host.name} appends without leading`);
    return this.#duties.append(records);
  }

  /** The leader steps down, tells the others who should follow it, and stands back for a while. */
  resign(why: string, standsBack = this.#timings.electionTimeout()): void {
    const role = this.#role;
    if (role.kind !== "leader") return;
    const preferredSuccessors = role.voters.preferredSuccessors();
    const resigned = new Resigned(role.epoch, this.#host.id, this.#host.now + standsBack);
    this.#become(resigned, why);
    this.#tellResignation(resigned, preferredSuccessors);
  }

  // What the others say

  /** Epoch and leader as somebody else knows them: KafkaRaftClient.maybeTransition. */
  heardOf(epoch: number, leaderId: number, why: string): void {
    const role = this.#role;
    const names = leaderId >= 0 && leaderId !== this.#host.id;
    if (epoch > role.epoch) {
      if (names) this.#follow(epoch, leaderId, why);
      else this.#detach(epoch, why);
    } else if (epoch === role.epoch && names && role.leaderId === undefined) {
      this.#follow(epoch, leaderId, why);
    }
  }

  /** The leader that resigned proposes successors; each waits its turn. */
  leaderResigned(leaderId: number, preferredSuccessors: readonly number[]): void {
    const role = this.#role;
    if (role.kind !== "follower" || role.leaderId !== leaderId) return;
    const position = preferredSuccessors.indexOf(this.#host.id);
    role.fetchDeadline =
      this.#host.now + this.#timings.successionDelay(position, preferredSuccessors.length);
    this.#arm();
  }

  /** Decides about a vote; the answer may be given when `durable` is called. */
  vote(
    ballot: { readonly candidate: number; readonly preVote: boolean; readonly upToDate: boolean },
    durable: (granted: boolean) => void,
  ): void {
    const role = this.#role;
    const { candidate, preVote, upToDate } = ballot;
    const planted = this.#rules.mutant === "double-vote";
    const forgets = planted && !preVote && upToDate && role.leaderId === undefined;
    const granted = role.canGrantVote(ballot) || forgets;
    this.#host.emit("quorum.voted", { candidate, epoch: role.epoch, granted, preVote });
    const fresh = role.kind === "unattached" || role.kind === "prospective";
    if (!granted || preVote || !fresh || role.votedId === candidate) {
      durable(granted);
      return;
    }
    // A vote starts the election timer anew: the candidate gets its time.
    const deadline = this.#host.now + this.#timings.electionTimeout();
    const { epoch } = role;
    const after = { epoch, leaderId: role.leaderId, votedId: candidate };
    const voted =
      role.kind === "prospective"
        ? this.#prospective(after, deadline)
        : new Unattached(epoch, candidate, deadline);
    this.#become(voted, `voted for node ${candidate}`);
    this.#storage.sync(() => durable(granted));
  }

  // Roles

  #initialize(): void {
    const self = this.#host.id;
    const { now } = this.#host;
    const role = initialRole(this.#storage.electionState, {
      self,
      lastEpoch: this.log.lastEpoch,
      voters: this.#voters.length,
      electionDeadline: now + this.#timings.electionTimeout(),
      fetchDeadline: now + this.#timings.fetchTimeout,
    });
    this.#role = role;
    this.#begin(role, "restarted");
    if (this.#voters.length === 1 && role.kind !== "candidate") {
      this.#runForElection("the only voter");
    } else if (role.kind === "resigned") this.#tellResignation(role, []);
  }

  #tellResignation(role: Resigned, preferredSuccessors: readonly number[]): void {
    this.#client.endQuorumEpoch(role.epoch, preferredSuccessors, () => this.#role === role);
  }

  #become(role: Role, why: string): void {
    const from = this.#role;
    checkTransition(from, role);
    this.#fetcher?.stop();
    this.#fetcher = undefined;
    this.#role = role;
    if (from.kind === "leader") this.#leave(why);
    this.#begin(role, why);
  }

  #begin(role: Role, why: string): void {
    const { kind, epoch, leaderId, votedId } = role;
    this.#storage.save({ epoch, leaderId, votedId });
    this.#host.emit("quorum.roleChanged", { role: kind, epoch, leaderId: leaderId ?? -1, why });
    this.#arm();
    if (kind === "follower") this.#startFetching(role);
    else if (kind === "prospective") this.#campaign(role);
    else if (kind === "candidate") this.#storage.sync(() => this.#campaign(role));
    else if (kind === "leader") this.#startLeading(role);
  }

  #leave(why: string): void {
    const duties = this.#duties;
    this.#duties = undefined;
    this.#claimed = false;
    duties?.stop((call) => refuseFetch(this, "NOT_LEADER_OR_FOLLOWER", call));
    this.#listener.renounced(why);
  }

  #follow(epoch: number, leaderId: number, why: string): void {
    const { votedId } = this.#role.epoch === epoch ? this.#role : { votedId: undefined };
    const deadline = this.#host.now + this.#timings.fetchTimeout;
    this.#become(new Follower(epoch, leaderId, votedId, deadline), why);
  }

  /** What was left of the waiting time stays. */
  #detach(epoch: number, why: string): void {
    const deadline = deadlineOf(this.#role) ?? this.#host.now + this.#timings.electionTimeout();
    this.#become(new Unattached(epoch, undefined, Math.max(deadline, this.#host.now)), why);
  }

  /** A prospective that found no majority goes back to where it came from. */
  #giveUp(role: Prospective, why: string): void {
    if (role.leaderId !== undefined) this.#follow(role.epoch, role.leaderId, why);
    else {
      const deadline = this.#host.now + this.#timings.electionTimeout();
      this.#become(new Unattached(role.epoch, role.votedId, deadline), why);
    }
  }

  #askFirst(why: string): void {
    if (!this.#preVote || this.#voters.length === 1) return this.#runForElection(why);
    const deadline = this.#host.now + this.#timings.electionTimeout();
    this.#become(this.#prospective(this.#role, deadline), why);
  }

  #prospective(from: ElectionState, deadline: Micros): Prospective {
    return new Prospective(from, this.#host.id, this.#voters.length, deadline);
  }

  #runForElection(why: string): void {
    const role = this.#role;
    const retries = role.kind === "candidate" ? role.retries + 1 : 1;
    const timing = { electionDeadline: this.#host.now + this.#timings.electionTimeout(), retries };
    const candidate = new Candidate(role.epoch + 1, this.#host.id, this.#voters.length, timing);
    this.#become(candidate, why);
  }

  // Time

  #arm(): void {
    this.#timer?.cancel();
    const deadline = deadlineOf(this.#role);
    if (deadline === undefined) return;
    const delay = Math.max(0, deadline - this.#host.now);
    this.#timer = this.#host.after(delay, () => this.#onTimeout());
  }

  #onTimeout(): void {
    const role = this.#role;
    switch (role.kind) {
      case "unattached":
        return this.#askFirst("election timeout");
      case "follower":
        return this.#askFirst("fetch timeout");
      case "prospective":
        return this.#giveUp(role, "no answer to pre-vote");
      case "candidate":
        return this.#preVote ? this.#askFirst("not elected in time") : this.#backOff(role);
      case "resigned":
        // The others have had their time; with pre-votes a node that led re-enters as any other.
        if (this.#preVote) return this.#detach(role.epoch + 1, "election timeout");
        return this.#runForElection("election timeout");
    }
  }

  /** A lost election. With pre-votes a candidate waits until its election is over; without, a random time more. */
  #backOff(role: Candidate): void {
    if (role.isBackingOff) return;
    role.isBackingOff = true;
    if (this.#preVote) return;
    this.#timer?.cancel();
    const delay = this.#timings.electionBackoff(role.retries);
    this.#timer = this.#host.after(delay, () => this.#runForElection("lost the election"));
  }

  // Elections

  #campaign(role: Candidate | Prospective): void {
    if (this.#role !== role) return;
    const request = {
      candidateEpoch: role.epoch,
      candidateId: this.#host.id,
      lastOffsetEpoch: this.log.lastEpoch,
      lastOffset: this.log.endOffset,
      preVote: role.kind === "prospective",
    };
    const isOpen = (): boolean =>
      this.#role === role && !(role.kind === "candidate" && role.isBackingOff);
    this.#client.askVotes(request, isOpen, (voter, granted) => {
      role.tally.record(voter, granted);
      this.#count(role);
    });
    this.#count(role);
  }

  #count(role: Candidate | Prospective): void {
    if (role.kind === "prospective") {
      if (role.tally.isWon) this.#runForElection("a majority would vote for it");
      else if (role.tally.isLost) this.#giveUp(role, "pre-vote rejected");
    } else if (role.tally.isWon) {
      const state = new LeaderState({
        id: this.#host.id,
        voters: this.#voters,
        epochStartOffset: this.log.endOffset,
        now: this.#host.now,
        checkQuorumTimeout: this.#timings.checkQuorumTimeout,
        commitsAlone: this.#rules.mutant === "quorum-commits-alone",
      });
      this.#become(new Leader(role.epoch, this.#host.id, state), "elected by a majority");
    } else if (role.tally.isLost) this.#backOff(role);
  }

  // Leading

  #startLeading(role: Leader): void {
    const host = this.#host;
    this.#duties = new LeaderDuties({
      host,
      epoch: role.epoch,
      voters: role.voters,
      voterIds: this.#voters,
      log: this.log,
      linger: this.#timings.appendLinger,
      fetchTimeout: this.#timings.fetchTimeout,
      write: (batches, durable) => this.#storage.append(batches, true, durable),
      advanced: (highWatermark) => this.#advance(highWatermark),
      announce: () => this.#client.beginQuorumEpoch(role.epoch),
      majorityLost:
        this.#rules["raft.check-quorum"] === "on"
          ? () => this.resign("no majority has fetched for 1.5 fetch timeouts")
          : undefined,
    });
    this.#duties.start({ type: "LeaderChange", leaderId: host.id, voters: this.#voters });
  }

  // Following

  #startFetching(role: Follower): void {
    const host = this.#host;
    const fetcher = new LogFetcher(host, {
      log: this.log,
      replicaId: host.id,
      rules: this.#rules,
      knownHighWatermark: () => this.#highWatermark,
      requestTimeout: this.#timings.requestTimeout,
      retryBackoff: this.#timings.retryBackoff,
      target: () => ({ node: role.leaderId, epoch: role.epoch }),
      unreachable: () => undefined,
      accepts: ({ error, leaderId, leaderEpoch }) => {
        this.heardOf(leaderEpoch, leaderId, `answer to a fetch by node ${role.leaderId}`);
        if (this.#role !== role || error !== "NONE") return false;
        role.hasFetched = true;
        role.fetchDeadline = host.now + this.#timings.fetchTimeout;
        this.#arm();
        return true;
      },
      truncated: (from, to) => {
        const committed = this.#highWatermark;
        assert(to >= committed, () => `metadata log cut to ${to}, below ${committed}`);
        host.emit("quorum.truncated", { from, to });
      },
      append: (batches, done) => this.#storage.append(batches, false, done),
      highWatermark: (leaders) => this.#advance(Math.min(leaders, this.log.endOffset)),
    });
    this.#fetcher = fetcher;
    // A fetch offset is a promise: what a kill left in the page cache has to be durable first.
    this.#storage.settle(() => fetcher.start());
  }

  #advance(highWatermark: Offset): void {
    if (highWatermark <= this.#highWatermark || highWatermark < 0) return;
    this.#highWatermark = highWatermark;
    const role = this.#role;
    const leads = role.kind === "leader";
    this.#host.emit("quorum.hwAdvanced", { to: highWatermark, epoch: role.epoch, leader: leads });
    for (const batch of this.log.read(this.#delivered, highWatermark)) {
      this.#delivered = endOf(batch);
      this.#listener.committed(batch);
    }
    if (role.kind !== "leader" || this.#claimed || this.#role !== role) return;
    // Nothing older than this epoch is undecided any more.
    this.#claimed = true;
    this.#listener.claimed(role.epoch);
  }
}
