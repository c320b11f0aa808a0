// The names a scenario may use in `expect.violates` and `expect.absent`: delivery, replication, quorum and liveness checks.

export const CHECK_NAMES: readonly string[] = [
  "lost-write",
  "duplicate",
  "inconsistent-offsets",
  "unseen",
  "aborted-read",
  "durability",
  "repeatable-read",
  "poll-skip",
  "nonmonotonic-poll",
  "nonmonotonic-send",
  "key-order",
  "exclusive-assignment",
  "committed-beyond-processed",
  "committed-rewind",
  "processed-twice",
  "never-processed",
  "single-leader-per-epoch",
  "log-matching",
  "leader-completeness",
  "true-high-watermark-monotonic",
  "isr-sound",
  "election-safety",
  "metadata-log-matching",
  "leaders-elected",
  "isr-full",
  "sends-resolved",
  "lag-drained",
  "groups-stable",
];

/** Anomalies of transactions, which are not simulated: a scenario cannot expect them. */
export const TRANSACTIONAL: readonly string[] = [
  "precommitted-read",
  "g1b",
  "g1c",
  "torn-transaction",
  "zombie-write",
  "lso-caught-up",
];
