// What a quorum leader knows of its voters: how far each has fetched, and when a majority was last heard of. The truth: LeaderState.
import type { Offset } from "../../../protocol/types.ts";
import type { Micros } from "../../../sim/kernel.ts";

export interface LeaderStateOptions {
  readonly id: number;
  readonly voters: readonly number[];
  readonly epochStartOffset: Offset;
  readonly now: Micros;
  readonly checkQuorumTimeout: Micros;
  /** Planted bug. */
  readonly commitsAlone?: boolean;
}

export class LeaderState {
  readonly epochStartOffset: Offset;
  readonly #id: number;
  readonly #voters: readonly number[];
  readonly #checkQuorumTimeout: Micros;
  readonly #commitsAlone: boolean;
  /** Log end offset of each voter, the leader's own among them; -1 unknown. */
  readonly #endOffsets = new Map<number, Offset>();
  /** Voters that fetched since the timer last started. */
  readonly #fetched = new Set<number>();
  #highWatermark: Offset | undefined;
  #checkQuorumDeadline: Micros;

  constructor(options: LeaderStateOptions) {
    this.#id = options.id;
    this.#voters = options.voters;
    this.#commitsAlone = options.commitsAlone ?? false;
    this.epochStartOffset = options.epochStartOffset;
    this.#checkQuorumTimeout = options.checkQuorumTimeout;
    this.#checkQuorumDeadline = options.now + options.checkQuorumTimeout;
    for (const voter of options.voters) this.#endOffsets.set(voter, -1);
  }

  /** Unknown until something of this epoch is on a majority. */
  get highWatermark(): Offset | undefined {
    return this.#highWatermark;
  }

  get checkQuorumDeadline(): Micros {
    return this.#voters.length === 1 ? Infinity : this.#checkQuorumDeadline;
  }

  /** The leader's own log is durable up to here. True when the high watermark rose. */
  updateLocalEndOffset(endOffset: Offset): boolean {
    this.#endOffsets.set(this.#id, endOffset);
    return this.#updateHighWatermark();
  }

  /** A replica fetched from `fetchOffset`: it has everything before. Observers do not count. True when the high watermark rose. */
  updateReplica(id: number, fetchOffset: Offset, now: Micros): boolean {
    const known = this.#endOffsets.get(id);
    if (known === undefined || id === this.#id) return false;
    this.#endOffsets.set(id, fetchOffset);
    this.#noteFetch(id, now);
    return this.#updateHighWatermark();
  }

  /** The other voters, the most advanced first: who should lead next. */
  preferredSuccessors(): number[] {
    return this.#voters
      .filter((voter) => voter !== this.#id)
      .sort((a, b) => this.#endOffset(b) - this.#endOffset(a) || a - b);
  }

  #endOffset(voter: number): Offset {
    return this.#endOffsets.get(voter) as Offset;
  }

  #noteFetch(voter: number, now: Micros): void {
    this.#fetched.add(voter);
    // The leader itself is one of the majority.
    if (this.#fetched.size + 1 < Math.floor(this.#voters.length / 2) + 1) return;
    this.#fetched.clear();
    this.#checkQuorumDeadline = now + this.#checkQuorumTimeout;
  }

  #updateHighWatermark(): boolean {
    const offsets = this.#voters.map((voter) => this.#endOffset(voter)).sort((a, b) => b - a);
    const held = this.#commitsAlone ? 0 : Math.floor(offsets.length / 2);
    const candidate = offsets[held] as Offset;
    // A leader cannot count what was written before its epoch until something of its own is committed.
    if (candidate <= this.epochStartOffset) return false;
    if (this.#highWatermark !== undefined && candidate <= this.#highWatermark) return false;
    this.#highWatermark = candidate;
    return true;
  }
}
