// The table of checks. Names are part of the product's interface (expect.violates, --only, results).
import type { CheckName } from "./check-name.ts";
import type { Property } from "./checker.ts";
import { duplicate } from "./duplicate.ts";
import { electionSafety } from "./election-safety.ts";
import { inconsistentOffsets } from "./inconsistent-offsets.ts";
import { isrFull } from "./isr-full.ts";
import { isrSound } from "./isr-sound.ts";
import { lagDrained } from "./lag-drained.ts";
import { leaderCompleteness } from "./leader-completeness.ts";
import { leadersElected } from "./leaders-elected.ts";
import { logMatching } from "./log-matching.ts";
import { lostWrite } from "./lost-write.ts";
import { metadataLogMatching } from "./metadata-log-matching.ts";
import { nonmonotonicPoll } from "./nonmonotonic-poll.ts";
import { pollSkip } from "./poll-skip.ts";
import { sendsResolved } from "./sends-resolved.ts";
import { singleLeaderPerEpoch } from "./single-leader-per-epoch.ts";
import { trueHighWatermarkMonotonic } from "./true-high-watermark-monotonic.ts";

export type { CheckName };

export const CHECKS: Readonly<Record<CheckName, Property>> = {
  "lost-write": lostWrite,
  duplicate,
  "inconsistent-offsets": inconsistentOffsets,
  "nonmonotonic-poll": nonmonotonicPoll,
  "poll-skip": pollSkip,
  "single-leader-per-epoch": singleLeaderPerEpoch,
  "log-matching": logMatching,
  "true-high-watermark-monotonic": trueHighWatermarkMonotonic,
  "isr-sound": isrSound,
  "leader-completeness": leaderCompleteness,
  "leaders-elected": leadersElected,
  "isr-full": isrFull,
  "sends-resolved": sendsResolved,
  "lag-drained": lagDrained,
  "election-safety": electionSafety,
  "metadata-log-matching": metadataLogMatching,
};

export const CHECK_NAMES = Object.keys(CHECKS) as readonly CheckName[];
