// Retention (UnifiedLog.deleteOldSegments): which segments, oldest first, may go. Never one that reaches the high watermark,
// so the log start cannot pass it. Left out: tiered storage.
import type { Offset } from "../protocol/types.ts";
import { type Micros, ms } from "../sim/kernel.ts";
import type { LogConfig } from "./log-config.ts";
import type { Segment } from "./segment.ts";

export interface RetentionView {
  readonly segments: readonly Segment[];
  readonly sizeBytes: number;
  readonly logStartOffset: Offset;
  readonly logEndOffset: Offset;
  readonly highWatermark: Offset;
}

/** How many of the oldest segments a rule condemns. */
export type RetentionRule = (log: RetentionView, config: LogConfig, now: Micros) => number;

/** In Kafka's order. A log that is only compacted has but the first. */
export const RETENTION_RULES: readonly { readonly why: string; readonly count: RetentionRule }[] = [
  { why: "log start offset", count: belowLogStart },
  { why: "retention.bytes", count: beyondRetentionBytes },
  { why: "retention.ms", count: beyondRetentionMs },
];

function belowLogStart(log: RetentionView): number {
  return count(log, (_, next) => next !== undefined && next.baseOffset <= log.logStartOffset);
}

function beyondRetentionBytes(log: RetentionView, { retentionBytes }: LogConfig): number {
  if (retentionBytes < 0) return 0;
  let excess = log.sizeBytes - retentionBytes;
  return count(log, (segment) => {
    excess -= segment.sizeBytes;
    return excess >= 0;
  });
}

function beyondRetentionMs(log: RetentionView, { retentionMs }: LogConfig, now: Micros): number {
  if (retentionMs < 0) return 0;
  return count(log, (segment) => now - segment.largestTimestamp > ms(retentionMs));
}

function count(
  { segments, logEndOffset, highWatermark }: RetentionView,
  condemned: (segment: Segment, next: Segment | undefined) => boolean,
): number {
  let found = 0;
  for (const segment of segments) {
    const next = segments[found + 1];
    if (highWatermark < (next?.baseOffset ?? logEndOffset)) break;
    if (next === undefined && segment.isEmpty) break;
    if (!condemned(segment, next)) break;
    found++;
  }
  return found;
}
