// The seam where Kafka changed its mind three times: to which offset a follower cuts its log before it copies a new leader's.
// AbstractFetcherThread.maybeTruncate and getOffsetTruncationState; KIP-101 (0.11), KIP-279 (2.0), KIP-595 (inter-broker protocol 2.7).
import type { ReplicaLog } from "../log/log.ts";
import type { Rules } from "../protocol/releases.ts";
import type { EpochEndOffset, LeaderEpoch, Offset } from "../protocol/types.ts";

/** No epoch is known, or the check is not wanted. */
export const UNDEFINED_EPOCH: LeaderEpoch = -1;
export const UNDEFINED_EPOCH_OFFSET: Offset = -1;

/** Where a follower begins in a new leader epoch. */
export interface FetchStart {
  readonly fetchOffset: Offset;
  /** Truncate before the first fetch. */
  readonly truncating: boolean;
  /** Sent with the fetch, for the leader to compare; UNDEFINED_EPOCH asks for no comparison. */
  readonly lastFetchedEpoch: LeaderEpoch;
}

export interface TruncationPoint {
  readonly offset: Offset;
  /** False: ask the leader again with what is the latest epoch then. */
  readonly completed: boolean;
}

export interface Truncation {
  /** Kafka's name of the rule, for the trace. */
  readonly name: string;
  start(log: ReplicaLog): FetchStart;
  /** While truncating: the epoch whose end to ask the leader for; UNDEFINED_EPOCH: cut to where the fetching starts. */
  epochToAsk(log: ReplicaLog): LeaderEpoch;
  /** The leader's answer, or the diverging epoch of a fetch response. `fetchOffset` is where fetching would start. */
  truncationPoint(log: ReplicaLog, answer: EpochEndOffset, fetchOffset: Offset): TruncationPoint;
  /** Epoch to send with the next fetch after the last appended batch or truncation left the log at `latest`. */
  lastFetchedEpoch(latest: LeaderEpoch): LeaderEpoch;
}

const startAtHighWatermark = (log: ReplicaLog): FetchStart => ({
  fetchOffset: log.highWatermark,
  truncating: true,
  lastFetchedEpoch: UNDEFINED_EPOCH,
});

/** Until 0.10. Loses acknowledged records: the high watermark a follower knows lags behind what was promised. */
const toHighWatermark: Truncation = {
  name: "high watermark",
  start: startAtHighWatermark,
  epochToAsk: () => UNDEFINED_EPOCH,
  truncationPoint: (_log, _answer, fetchOffset) => ({ offset: fetchOffset, completed: true }),
  lastFetchedEpoch: () => UNDEFINED_EPOCH,
};

/** KIP-101: to the end of the follower's last epoch as the leader has it, whatever epoch that end belongs to. */
const toLeaderEpoch: Truncation = {
  name: "leader epoch",
  start: startAtHighWatermark,
  epochToAsk: (log) => log.latestEpoch,
  truncationPoint: (log, answer, fetchOffset) => ({
    offset:
      answer.endOffset === UNDEFINED_EPOCH_OFFSET
        ? fetchOffset
        : Math.min(answer.endOffset, log.logEndOffset),
    completed: true,
  }),
  lastFetchedEpoch: () => UNDEFINED_EPOCH,
};

/** KIP-279: the answer names its epoch, and the two compare epochs until they find one that both have. */
const toAgreedEpoch: Truncation = {
  name: "leader epoch",
  start: startAtHighWatermark,
  epochToAsk: (log) => log.latestEpoch,
  truncationPoint: agreedPoint,
  lastFetchedEpoch: () => UNDEFINED_EPOCH,
};

function agreedPoint(
  log: ReplicaLog,
  answer: EpochEndOffset,
  fetchOffset: Offset,
): TruncationPoint {
  if (answer.endOffset === UNDEFINED_EPOCH_OFFSET) return { offset: fetchOffset, completed: true };
  const ours = log.endOffsetForEpoch(answer.leaderEpoch);
  if (answer.leaderEpoch === UNDEFINED_EPOCH || ours === undefined) {
    return { offset: Math.min(answer.endOffset, log.logEndOffset), completed: true };
  }
  const end = Math.min(ours.endOffset, log.logEndOffset);
  // The leader's epoch is unknown here: cut to where the next lower one ends and compare that.
  if (ours.leaderEpoch !== answer.leaderEpoch) return { offset: end, completed: false };
  return { offset: Math.min(end, answer.endOffset), completed: true };
}

/** KIP-595: fetch from the log end and let the leader say where the logs diverge. Without any epoch there is only the high watermark. */
const onDivergingEpoch: Truncation = {
  name: "diverging epoch",
  start: (log) =>
    log.latestEpoch === UNDEFINED_EPOCH
      ? startAtHighWatermark(log)
      : { fetchOffset: log.logEndOffset, truncating: false, lastFetchedEpoch: log.latestEpoch },
  epochToAsk: (log) => log.latestEpoch,
  // Either way the next fetch carries the new latest epoch and is compared again.
  truncationPoint: (log, answer, fetchOffset) => ({
    offset: agreedPoint(log, answer, fetchOffset).offset,
    completed: true,
  }),
  lastFetchedEpoch: (latest) => latest,
};

/** The mutant truncate-nothing. */
const toNothing: Truncation = {
  name: "nothing",
  start: (log) => ({
    fetchOffset: log.logEndOffset,
    truncating: false,
    lastFetchedEpoch: UNDEFINED_EPOCH,
  }),
  epochToAsk: () => UNDEFINED_EPOCH,
  truncationPoint: (log) => ({ offset: log.logEndOffset, completed: true }),
  lastFetchedEpoch: () => UNDEFINED_EPOCH,
};

const TRUNCATIONS = {
  "high-watermark": toHighWatermark,
  "leader-epoch": toLeaderEpoch,
  "leader-epoch-reply-epoch": toAgreedEpoch,
  "diverging-epoch": onDivergingEpoch,
} as const;

export const truncationFor = (rules: Rules): Truncation =>
  rules.mutant === "truncate-nothing" ? toNothing : TRUNCATIONS[rules["replication.truncation"]];
