// What becomes of an append (UnifiedLog.appendAsLeader, appendAsFollower), and the batch as the log keeps it.
import type { LeaderEpoch, Offset, ProducedBatch, RecordBatch } from "../protocol/types.ts";
import type { SequenceError } from "./producer-state-entry.ts";

export type LeaderAppend =
  | { readonly ok: true; readonly baseOffset: Offset; readonly lastOffset: Offset }
  | { readonly ok: false; readonly error: "KAFKA_STORAGE_ERROR" | SequenceError };

/** UNEXPECTED_APPEND_OFFSET: the batch begins below the log end (Kafka throws UnexpectedAppendOffsetException and gives the partition up). */
export type FollowerAppend = "ok" | "KAFKA_STORAGE_ERROR" | "UNEXPECTED_APPEND_OFFSET";

export const STORAGE_ERROR = { ok: false, error: "KAFKA_STORAGE_ERROR" } as const;

/** The batch with its place in the log. */
export function placed(
  produced: ProducedBatch,
  baseOffset: Offset,
  leaderEpoch: LeaderEpoch,
): RecordBatch {
  const { payload, format, content } = produced;
  const batch = {
    stream: produced.stream,
    firstNumber: produced.firstNumber,
    count: produced.count,
    sizeBytes: produced.sizeBytes,
    firstTimestamp: produced.firstTimestamp,
    maxTimestamp: produced.maxTimestamp,
    producerId: produced.producerId,
    producerEpoch: produced.producerEpoch,
    baseSequence: produced.baseSequence,
    baseOffset,
    leaderEpoch,
  };
  if (content !== undefined) return { ...batch, content };
  if (payload === undefined) return batch;
  return format === undefined ? { ...batch, payload } : { ...batch, payload, format };
}
