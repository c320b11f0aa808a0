// A topic's settings as the leader applies them to what is produced (LogValidator, UnifiedLog.analyzeAndValidateRecords) and as its log needs them.
// On the leader only: followers append what the leader has accepted.
import type { LogConfig } from "../log/log-config.ts";
import type { TopicConfig } from "../protocol/config/topic.ts";
import type { ErrorName } from "../protocol/errors.ts";
import type { ProducedBatch } from "../protocol/types.ts";
import { type Micros, ms } from "../sim/kernel.ts";

export function logConfigOf(topic: TopicConfig): LogConfig {
  return {
    compact: (topic["cleanup.policy"] as string) === "compact",
    minCleanableRatio: topic["min.cleanable.dirty.ratio"],
    deleteRetentionMs: topic["delete.retention.ms"],
    compactionLagMs: topic["min.compaction.lag.ms"],
    segmentBytes: topic["segment.bytes"],
    segmentMs: topic["segment.ms"],
    retentionMs: topic["retention.ms"],
    retentionBytes: topic["retention.bytes"],
    fileDeleteDelayMs: topic["file.delete.delay.ms"],
    indexIntervalBytes: topic["index.interval.bytes"],
    segmentIndexBytes: topic["segment.index.bytes"],
    flushMessages: topic["flush.messages"],
    flushMs: topic["flush.ms"],
  };
}

export type Refusal = Extract<
  ErrorName,
  "MESSAGE_TOO_LARGE" | "RECORD_LIST_TOO_LARGE" | "INVALID_TIMESTAMP"
>;

/** Why a produced batch may not enter the log; undefined: it may. */
export function refusalOf(
  batch: ProducedBatch,
  topic: TopicConfig,
  now: Micros,
): Refusal | undefined {
  if (batch.sizeBytes > topic["max.message.bytes"]) return "MESSAGE_TOO_LARGE";
  if (batch.sizeBytes > topic["segment.bytes"]) return "RECORD_LIST_TOO_LARGE";
  if (topic["message.timestamp.type"] === "LogAppendTime") return undefined;
  const tooOld = now - batch.firstTimestamp > ms(topic["message.timestamp.before.max.ms"]);
  const tooNew = batch.maxTimestamp - now > ms(topic["message.timestamp.after.max.ms"]);
  return tooOld || tooNew ? "INVALID_TIMESTAMP" : undefined;
}

/** With LogAppendTime the leader's clock replaces the producer's. */
export function stamped(batch: ProducedBatch, topic: TopicConfig, now: Micros): ProducedBatch {
  if (topic["message.timestamp.type"] === "CreateTime") return batch;
  return { ...batch, firstTimestamp: now, maxTimestamp: now };
}
