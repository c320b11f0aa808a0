// The roles of a voter, what each remembers, whom it would vote for, and which role may follow which.
// The truth: QuorumState, EpochState and its subclasses (KIP-595, KIP-996). What must survive a restart is on disk before it is acted on.
import { assert } from "../../../sim/assert.ts";
import type { Micros } from "../../../sim/kernel.ts";
import type { LeaderState } from "./leader-state.ts";

/** The quorum-state file. */
export interface ElectionState {
  readonly epoch: number;
  readonly leaderId: number | undefined;
  readonly votedId: number | undefined;
}

/** A request for a vote, as far as the decision goes. */
export interface Ballot {
  readonly candidate: number;
  readonly preVote: boolean;
  /** The candidate's log is at least as long as the voter's. */
  readonly upToDate: boolean;
}

interface RoleBase {
  readonly epoch: number;
  readonly leaderId: number | undefined;
  readonly votedId: number | undefined;
  canGrantVote(ballot: Ballot): boolean;
}

/** Knows the epoch but no leader; may have voted in it. */
export class Unattached implements RoleBase {
  readonly kind = "unattached";
  readonly leaderId = undefined;
  readonly epoch: number;
  readonly votedId: number | undefined;
  readonly electionDeadline: Micros;

  constructor(epoch: number, votedId: number | undefined, electionDeadline: Micros) {
    this.epoch = epoch;
    this.votedId = votedId;
    this.electionDeadline = electionDeadline;
  }

  canGrantVote({ candidate, preVote, upToDate }: Ballot): boolean {
    if (preVote || this.votedId === undefined) return upToDate;
    return this.votedId === candidate;
  }
}

/** Fetches from the leader of its epoch. */
export class Follower implements RoleBase {
  readonly kind = "follower";
  readonly epoch: number;
  readonly leaderId: number;
  readonly votedId: number | undefined;
  fetchDeadline: Micros;
  hasFetched = false;

  constructor(epoch: number, leaderId: number, votedId: number | undefined, fetchDeadline: Micros) {
    this.epoch = epoch;
    this.leaderId = leaderId;
    this.votedId = votedId;
    this.fetchDeadline = fetchDeadline;
  }

  /** A leader that answers is not to be disturbed; one that never did may be out of reach for everybody. */
  canGrantVote({ preVote, upToDate }: Ballot): boolean {
    return preVote && upToDate && !this.hasFetched;
  }
}

/** Counts answers to vote requests. */
class Tally {
  readonly #voters: number;
  readonly #granted = new Set<number>();
  readonly #rejected = new Set<number>();

  constructor(self: number, voters: number) {
    this.#voters = voters;
    this.#granted.add(self);
  }

  record(voter: number, granted: boolean): void {
    if (granted) this.#granted.add(voter);
    else if (!this.#granted.has(voter)) this.#rejected.add(voter);
  }

  get isWon(): boolean {
    return this.#granted.size >= this.#majority;
  }

  /** The votes still out cannot make a majority any more. */
  get isLost(): boolean {
    return this.#voters - this.#rejected.size < this.#majority;
  }

  get #majority(): number {
    return Math.floor(this.#voters / 2) + 1;
  }
}

/** Asks whether it could win before it raises the epoch (KIP-996). */
export class Prospective implements RoleBase {
  readonly kind = "prospective";
  readonly epoch: number;
  readonly leaderId: number | undefined;
  readonly votedId: number | undefined;
  readonly electionDeadline: Micros;
  readonly tally: Tally;

  constructor(from: ElectionState, self: number, voters: number, electionDeadline: Micros) {
    this.epoch = from.epoch;
    this.leaderId = from.leaderId;
    this.votedId = from.votedId;
    this.electionDeadline = electionDeadline;
    this.tally = new Tally(self, voters);
  }

  canGrantVote({ candidate, preVote, upToDate }: Ballot): boolean {
    if (preVote) return upToDate;
    if (this.votedId !== undefined) return this.votedId === candidate;
    return this.leaderId === undefined && upToDate;
  }
}

/** Asks for votes in a new epoch; has voted for itself. */
export class Candidate implements RoleBase {
  readonly kind = "candidate";
  readonly leaderId = undefined;
  readonly epoch: number;
  readonly votedId: number;
  readonly electionDeadline: Micros;
  /** Elections tried in a row, from 1. */
  readonly retries: number;
  readonly tally: Tally;
  isBackingOff = false;

  constructor(
    epoch: number,
    self: number,
    voters: number,
    timing: { readonly electionDeadline: Micros; readonly retries: number },
  ) {
    this.epoch = epoch;
    this.votedId = self;
    this.electionDeadline = timing.electionDeadline;
    this.retries = timing.retries;
    this.tally = new Tally(self, voters);
  }

  canGrantVote({ preVote, upToDate }: Ballot): boolean {
    return preVote && upToDate;
  }
}

export class Leader implements RoleBase {
  readonly kind = "leader";
  readonly epoch: number;
  readonly leaderId: number;
  readonly votedId: number;
  readonly voters: LeaderState;

  constructor(epoch: number, self: number, voters: LeaderState) {
    this.epoch = epoch;
    this.leaderId = self;
    this.votedId = self;
    this.voters = voters;
  }

  /** A leader without a high watermark may be cut off from the majority that asks. */
  canGrantVote({ preVote, upToDate }: Ballot): boolean {
    return preVote && upToDate && this.voters.highWatermark === undefined;
  }
}

/** Led this epoch, and does not any more: after a restart, a shutdown or the loss of the majority. */
export class Resigned implements RoleBase {
  readonly kind = "resigned";
  readonly epoch: number;
  readonly leaderId: number;
  readonly votedId: number;
  readonly electionDeadline: Micros;

  constructor(epoch: number, self: number, electionDeadline: Micros) {
    this.epoch = epoch;
    this.leaderId = self;
    this.votedId = self;
    this.electionDeadline = electionDeadline;
  }

  canGrantVote({ preVote, upToDate }: Ballot): boolean {
    return preVote && upToDate;
  }
}

export type Role = Unattached | Follower | Prospective | Candidate | Leader | Resigned;
export type RoleKind = Role["kind"];

interface Start {
  readonly self: number;
  readonly lastEpoch: number;
  readonly voters: number;
  readonly electionDeadline: Micros;
  readonly fetchDeadline: Micros;
}

/** The role a restarted voter finds itself in: QuorumState.initialize. */
export function initialRole(saved: ElectionState, start: Start): Role {
  const { self, electionDeadline } = start;
  const { epoch, leaderId, votedId } = saved;
  if (start.lastEpoch > epoch) {
    return new Unattached(start.lastEpoch, undefined, electionDeadline);
  }
  // It led; whether the others have noticed that it was gone, it cannot know.
  if (leaderId === self) return new Resigned(epoch, self, electionDeadline);
  if (leaderId !== undefined) return new Follower(epoch, leaderId, votedId, start.fetchDeadline);
  if (votedId === self) {
    return new Candidate(epoch, self, start.voters, { electionDeadline, retries: 1 });
  }
  return new Unattached(epoch, votedId, electionDeadline);
}

/** Which role may follow which; within one epoch or into a later one. */
const TRANSITIONS: Readonly<Record<RoleKind, readonly RoleKind[]>> = {
  unattached: ["unattached", "follower", "prospective", "candidate"],
  follower: ["unattached", "follower", "prospective", "candidate"],
  prospective: ["unattached", "follower", "candidate", "prospective"],
  candidate: ["unattached", "follower", "prospective", "candidate", "leader"],
  leader: ["unattached", "follower", "resigned"],
  resigned: ["unattached", "follower", "candidate", "prospective"],
};
/** Roles that a leader of the same epoch cannot fall back to. */
const NEEDS_LATER_EPOCH: readonly RoleKind[] = ["unattached", "follower"];

export function checkTransition(from: Role, to: Role): void {
  const sameEpoch = from.epoch === to.epoch;
  const led = from.kind === "leader" || from.kind === "resigned";
  const legal =
    TRANSITIONS[from.kind].includes(to.kind) &&
    to.epoch >= from.epoch &&
    !(sameEpoch && led && NEEDS_LATER_EPOCH.includes(to.kind)) &&
    !(sameEpoch && from.kind === "follower" && to.kind === "follower");
  assert(legal, () => `quorum: ${from.kind}@${from.epoch} cannot become ${to.kind}@${to.epoch}`);
}

/** Till when a role waits before it acts by itself; undefined: forever. */
export function deadlineOf(role: Role): Micros | undefined {
  if (role.kind === "follower") return role.fetchDeadline;
  return role.kind === "leader" ? undefined : role.electionDeadline;
}
