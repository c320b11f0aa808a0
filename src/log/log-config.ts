// What one log needs to know of its topic's settings (LogConfig), in Kafka's units; the broker fills it in.
// Left out: cleanup.policy=compact, segment.jitter.ms (0), preallocation.
export interface LogConfig {
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
