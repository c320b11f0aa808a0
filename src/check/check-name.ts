// The names of the checks: part of the product's interface (expect.violates, --only, results).

export type CheckName =
  | "lost-write"
  | "duplicate"
  | "inconsistent-offsets"
  | "nonmonotonic-poll"
  | "poll-skip"
  | "single-leader-per-epoch"
  | "log-matching"
  | "true-high-watermark-monotonic"
  | "isr-sound"
  | "leader-completeness"
  | "leaders-elected"
  | "isr-full"
  | "sends-resolved"
  | "lag-drained"
  | "election-safety"
  | "metadata-log-matching";
