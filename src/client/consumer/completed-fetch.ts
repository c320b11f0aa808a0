// A partition's share of a fetch response on its way to the application, and the pieces in which it gets there (CompletedFetch).
import type { FetchPartitionData } from "../../protocol/apis.ts";
import type {
  BrokerId,
  LeaderEpoch,
  Offset,
  RecordBatch,
  TopicPartition,
} from "../../protocol/types.ts";
import type { PartitionPosition } from "./positions.ts";

/** One partition's share of a response, being handed out batch by batch. */
export interface CompletedFetch {
  readonly position: PartitionPosition;
  readonly data: FetchPartitionData;
  /** Where the next record handed out has to begin. */
  expected: Offset;
  readonly from: BrokerId;
  /** Index of the batch to look at next. */
  next: number;
  /** It was looked at once: there is no error, and its beginning was the position. */
  isInitialized: boolean;
}

/** What poll() returned of one batch. */
export interface Polled {
  readonly partition: TopicPartition;
  readonly stream: number;
  readonly firstNumber: number;
  readonly count: number;
  readonly baseOffset: Offset;
  readonly leaderEpoch: LeaderEpoch;
  /** Bytes of one record, on average. */
  readonly recordBytes: number;
}

/** Data for a position that has moved elsewhere meanwhile is thrown away. */
export function isUsable({ position, data, expected }: CompletedFetch): boolean {
  if (position.fetchState !== "FETCHING" || position.isPendingRevocation) return false;
  return data.error === "NONE" && position.offset === expected;
}

/** `count` records of a batch, from the record number `skip` on. */
export function pieceOf(
  partition: TopicPartition,
  batch: RecordBatch,
  skip: number,
  count: number,
): Polled {
  return {
    partition,
    stream: batch.stream,
    firstNumber: batch.firstNumber + skip,
    count,
    baseOffset: batch.baseOffset + skip,
    leaderEpoch: batch.leaderEpoch,
    recordBytes: Math.ceil(batch.sizeBytes / batch.count),
  };
}
