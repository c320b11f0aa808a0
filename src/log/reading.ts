// LocalLog.read and the search by timestamp, over the segments of one log.
import { lastOffset, type Offset, type RecordBatch } from "../protocol/types.ts";
import type { Micros } from "../sim/kernel.ts";
import type { LogDirectory } from "./log-directory.ts";
import type { Segment } from "./segment.ts";
import type { Segments } from "./segments.ts";

interface ReadBatches {
  readonly batches: readonly RecordBatch[];
  readonly sizeBytes: number;
  /** Of them not in the page cache. */
  readonly coldBytes: number;
}

export type ReadResult =
  | ReadBatches
  | "OFFSET_OUT_OF_RANGE"
  | "KAFKA_STORAGE_ERROR"
  | "CORRUPT_MESSAGE";

export interface ReadRequest {
  readonly fetchOffset: Offset;
  readonly maxBytes: number;
  readonly upperBound: Offset;
  readonly minOneBatch: boolean;
}

const NOTHING: ReadBatches = { batches: [], sizeBytes: 0, coldBytes: 0 };

export function readSegments(
  segments: Segments,
  directory: LogDirectory,
  request: ReadRequest,
): ReadResult {
  const { fetchOffset, upperBound } = request;
  if (fetchOffset >= upperBound) return NOTHING;
  let damaged = false;
  const { disk } = directory.host;
  if (disk.fault.size > 0) {
    const { errno, corrupt } = disk.strike("read");
    if (errno !== undefined) {
      directory.fail("read", errno);
      return "KAFKA_STORAGE_ERROR";
    }
    damaged = corrupt;
  }
  const { list } = segments;
  // A segment may end below the next one's base; then the next one has the answer.
  for (let i = segments.floorIndex(fetchOffset); i < list.length; i++) {
    const segment = list[i] as Segment;
    const from = segment.indexOf(fetchOffset);
    if (from === segment.batches.length) continue;
    const result = readSegment(segment, from, request);
    return damaged && result !== NOTHING ? "CORRUPT_MESSAGE" : result;
  }
  return NOTHING;
}

function readSegment(
  { batches, file }: Segment,
  from: number,
  { maxBytes, upperBound, minOneBatch }: ReadRequest,
): ReadBatches | "CORRUPT_MESSAGE" {
  const { corrupted } = file;
  let sizeBytes = 0;
  let isCut = false;
  let to = from;
  for (; to < batches.length; to++) {
    const batch = batches[to] as RecordBatch;
    if (lastOffset(batch) >= upperBound) break;
    const isFirst = to === from;
    if (sizeBytes + batch.sizeBytes > maxBytes && !(isFirst && minOneBatch)) {
      isCut = true;
      break;
    }
    if (corrupted.size > 0 && corrupted.has(to)) {
      // Sent all the same by Kafka; whoever receives it finds the CRC wrong.
      if (isFirst) return "CORRUPT_MESSAGE";
      break;
    }
    sizeBytes += batch.sizeBytes;
  }
  if (to === from) return NOTHING;
  // The file is cut by bytes: the beginning of the next batch goes along, and is of no use to anybody (LogSegment.read).
  if (isCut) sizeBytes = Math.max(sizeBytes, maxBytes);
  const coldBytes = file.coldLength > from ? file.coldBytes(from, to) : 0;
  return { batches: batches.slice(from, to), sizeBytes, coldBytes };
}

/** First record at or after the timestamp. Within a batch records are taken to be evenly spread between its first and last timestamp. */
export function offsetForTimestamp(
  segments: Segments,
  timestamp: Micros,
  logStartOffset: Offset,
): Offset | undefined {
  for (const segment of segments.list) {
    if (segment.isEmpty || segment.largestTimestamp < timestamp) continue;
    for (const batch of segment.batches) {
      if (batch.maxTimestamp < timestamp || lastOffset(batch) < logStartOffset) continue;
      const offset = batch.baseOffset + recordAt(batch, timestamp);
      return Math.max(offset, logStartOffset);
    }
  }
  return undefined;
}

function recordAt({ firstTimestamp, maxTimestamp, count }: RecordBatch, timestamp: Micros): number {
  if (timestamp <= firstTimestamp || count === 1) return 0;
  const elapsed = (timestamp - firstTimestamp) / (maxTimestamp - firstTimestamp);
  return Math.ceil(elapsed * (count - 1));
}
