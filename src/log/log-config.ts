// What one log needs to know of its topic's settings (LogConfig), in Kafka's units; the broker fills it in.
// Left out: max.compaction.lag.ms, segment.jitter.ms (0), preallocation.
export interface LogConfig {
  /** cleanup.policy=compact: the cleaner keeps the last record of each key; retention does not touch the log. */
  readonly compact: boolean;
  readonly minCleanableRatio: number;
  readonly deleteRetentionMs: number;
  readonly compactionLagMs: number;
  readonly segmentBytes: number;
  readonly segmentMs: number;
  /** -1: for ever. */
  readonly retentionMs: number;
  /** -1: any size. */
  readonly retentionBytes: number;
  readonly fileDeleteDelayMs: number;
  readonly indexIntervalBytes: number;
  readonly segmentIndexBytes: number;
  readonly flushMessages: number;
  readonly flushMs: number;
}
