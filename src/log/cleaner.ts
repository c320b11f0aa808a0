// Cleaner: what compaction makes of a log. Of each key the last record stays; a tombstone goes too, some time after a cleaning has found it.
// Offsets stay: a batch that lost records still covers its range, an emptied one is gone. Only batches whose contents are kept have keys.
// Left out: the size of the offset map (log.cleaner.dedupe.buffer.size), index sizes in the grouping, transactions.
import { BATCH_HEADER_BYTES } from "../protocol/batch-size.ts";
import { lastOffset, type Offset, type RecordBatch } from "../protocol/types.ts";
import { type Micros, ms } from "../sim/kernel.ts";
import type { LogConfig } from "./log-config.ts";
import type { Segment } from "./segment.ts";

/** Segments that become one, the first of them. */
export interface CleanedGroup {
  /** With the number of batches each had when it was read. */
  readonly segments: readonly { readonly segment: Segment; readonly length: number }[];
  readonly batches: readonly RecordBatch[];
}

export interface Cleaning {
  readonly from: Offset;
  readonly to: Offset;
  readonly groups: readonly CleanedGroup[];
  readonly removed: number;
  readonly kept: number;
  readonly bytesBefore: number;
  readonly bytesAfter: number;
  /** LogToClean.cleanableRatio: bytes not cleaned yet, of all that could be. */
  readonly cleanableRatio: number;
}

interface CleanableLog {
  readonly config: LogConfig;
  readonly logStartOffset: Offset;
  readonly logEndOffset: Offset;
  readonly lastStableOffset: Offset;
}

/** undefined: not dirty enough (LogCleanerManager.grabFilthiestCompactedLog, cleanableOffsets). */
export function cleaningOf(
  segments: readonly Segment[],
  log: CleanableLog,
  cleanedTo: Offset,
  now: Micros,
): Cleaning | undefined {
  const { config } = log;
  if (!config.compact) return undefined;
  const isValid = cleanedTo >= log.logStartOffset && cleanedTo <= log.logEndOffset;
  const from = isValid ? cleanedTo : log.logStartOffset;
  const closed = cleanable(segments, log, from, now);
  const dirty = closed.filter((segment) => segment.baseOffset >= from);
  const bytesBefore = bytesOf(closed);
  const cleanableRatio = bytesBefore === 0 ? 0 : bytesOf(dirty) / bytesBefore;
  if (cleanableRatio <= config.minCleanableRatio) return undefined;
  // LogCleaner marks a partition with a damaged batch uncleanable; recovery may mend it.
  if (closed.some(({ file }) => file.corrupted.size > 0)) return undefined;
  const latest = offsetMap(dirty);
  const to = lastOffset((dirty.at(-1) as Segment).batches.at(-1) as RecordBatch) + 1;
  const count = new Counted();
  const horizon = now + ms(config.deleteRetentionMs);
  const groups = grouped(closed, config.segmentBytes).map((group) => ({
    segments: group.map((segment) => ({ segment, length: segment.file.length })),
    batches: group.flatMap(({ batches }) =>
      batches.flatMap((batch) => filtered(batch, latest, now, horizon, count)),
    ),
  }));
  const { removed, kept, bytesAfter } = count;
  return { from, to, groups, removed, kept, bytesBefore, bytesAfter, cleanableRatio };
}

class Counted {
  removed = 0;
  kept = 0;
  bytesAfter = 0;
}

/** Closed segments that lie wholly below the last stable offset, none of them younger than min.compaction.lag.ms, and none behind one that is. */
function cleanable(
  segments: readonly Segment[],
  { config, lastStableOffset }: CleanableLog,
  from: Offset,
  now: Micros,
): Segment[] {
  const found: Segment[] = [];
  for (let i = 0; i + 1 < segments.length; i++) {
    const segment = segments[i] as Segment;
    if ((segments[i + 1] as Segment).baseOffset > lastStableOffset) break;
    const isYoung = segment.largestTimestamp > now - ms(config.compactionLagMs);
    if (config.compactionLagMs > 0 && segment.baseOffset >= from && isYoung) break;
    found.push(segment);
  }
  while (found.at(-1)?.isEmpty) found.pop();
  return found;
}

function bytesOf(segments: readonly Segment[]): number {
  let bytes = 0;
  for (const { sizeBytes } of segments) bytes += sizeBytes;
  return bytes;
}

/** Cleaner.buildOffsetMap: the last offset of each key in the dirty part. */
function offsetMap(dirty: readonly Segment[]): Map<string, Offset> {
  const latest = new Map<string, Offset>();
  for (const { batches } of dirty) {
    for (const { baseOffset, payload, format } of batches) {
      if (payload === undefined || format === undefined) continue;
      for (const [i, record] of payload.entries())
        if (record !== undefined) latest.set(format.keyOf(record), baseOffset + i);
    }
  }
  return latest;
}

/** Cleaner.groupSegmentsBySize: neighbours whose old sizes fit into one segment. */
function grouped(segments: readonly Segment[], segmentBytes: number): Segment[][] {
  const groups: Segment[][] = [];
  let bytes = 0;
  for (const segment of segments) {
    const group = groups.at(-1);
    if (group === undefined || bytes + segment.sizeBytes > segmentBytes) {
      groups.push([segment]);
      bytes = segment.sizeBytes;
    } else {
      group.push(segment);
      bytes += segment.sizeBytes;
    }
  }
  return groups;
}

/** Cleaner.shouldRetainRecord for each record of a batch. An emptied batch is no batch. */
function filtered(
  batch: RecordBatch,
  latest: ReadonlyMap<string, Offset>,
  now: Micros,
  horizon: Micros,
  count: Counted,
): RecordBatch[] {
  const { payload, format, baseOffset, deleteHorizon } = batch;
  if (payload === undefined || format === undefined) {
    count.bytesAfter += batch.sizeBytes;
    count.kept += batch.count;
    return [batch];
  }
  let kept = 0;
  let sizeBytes = BATCH_HEADER_BYTES;
  let hasTombstone = false;
  const retained = payload.map((record, i) => {
    if (record === undefined) return undefined;
    const isTombstone = format.isTombstone(record);
    const isLatest = baseOffset + i >= (latest.get(format.keyOf(record)) ?? -1);
    const isDue = isTombstone && deleteHorizon !== undefined && now >= deleteHorizon;
    if (!isLatest || isDue) {
      count.removed++;
      return undefined;
    }
    kept++;
    hasTombstone ||= isTombstone;
    sizeBytes += format.bytesOf(record, i);
    return record;
  });
  if (kept === 0) return [];
  count.kept += kept;
  count.bytesAfter += sizeBytes;
  const cleaned = { ...batch, payload: retained, sizeBytes };
  return [
    hasTombstone && deleteHorizon === undefined ? { ...cleaned, deleteHorizon: horizon } : cleaned,
  ];
}
