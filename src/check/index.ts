// The table of checks. Names are part of the product's interface (expect.violates, --only, results).
import { abortedRead } from "./aborted-read.ts";
import type { CheckName } from "./check-name.ts";
import type { Property } from "./checker.ts";
import { commitSound } from "./commit-sound.ts";
import { committedBeyondProcessed } from "./committed-beyond-processed.ts";
import { committedRewind } from "./committed-rewind.ts";
import { completeAssignment } from "./complete-assignment.ts";
import { duplicate } from "./duplicate.ts";
import { durability } from "./durability.ts";
import { electionSafety } from "./election-safety.ts";
import { epochsMonotonic } from "./epochs-monotonic.ts";
import { exclusiveAssignment } from "./exclusive-assignment.ts";
import { fetchBounds } from "./fetch-bounds.ts";
import { followerAppends } from "./follower-appends.ts";
import { generationMonotonic } from "./generation-monotonic.ts";
import { groupsStable } from "./groups-stable.ts";
import { highWatermarkSound } from "./high-watermark-sound.ts";
import { inconsistentOffsets } from "./inconsistent-offsets.ts";
import { isrAgreed } from "./isr-agreed.ts";
import { isrFull } from "./isr-full.ts";
import { isrSound } from "./isr-sound.ts";
import { keyOrder } from "./key-order.ts";
import { lagDrained } from "./lag-drained.ts";
import { leaderCompleteness } from "./leader-completeness.ts";
import { leadersElected } from "./leaders-elected.ts";
import { logMatching } from "./log-matching.ts";
import { logSound } from "./log-sound.ts";
import { lostWrite } from "./lost-write.ts";
import { metadataAgreement } from "./metadata-agreement.ts";
import { metadataImage } from "./metadata-image.ts";
import { metadataLogMatching } from "./metadata-log-matching.ts";
import { neverProcessed } from "./never-processed.ts";
import { nonmonotonicPoll } from "./nonmonotonic-poll.ts";
import { nonmonotonicSend } from "./nonmonotonic-send.ts";
import { pollSkip } from "./poll-skip.ts";
import { processedTwice } from "./processed-twice.ts";
import { producerIdentity } from "./producer-identity.ts";
import { quorumCommit } from "./quorum-commit.ts";
import { quorumState } from "./quorum-state.ts";
import { registrationSound } from "./registration-sound.ts";
import { repeatableRead } from "./repeatable-read.ts";
import { sendsResolved } from "./sends-resolved.ts";
import { singleLeaderPerEpoch } from "./single-leader-per-epoch.ts";
import { trueHighWatermarkMonotonic } from "./true-high-watermark-monotonic.ts";
import { truncationSound } from "./truncation-sound.ts";
import { unseen } from "./unseen.ts";

export type { CheckName };

export const CHECKS: Readonly<Record<CheckName, Property>> = {
  "lost-write": lostWrite,
  unseen,
  duplicate,
  "inconsistent-offsets": inconsistentOffsets,
  "aborted-read": abortedRead,
  durability,
  "repeatable-read": repeatableRead,
  "nonmonotonic-poll": nonmonotonicPoll,
  "nonmonotonic-send": nonmonotonicSend,
  "poll-skip": pollSkip,
  "key-order": keyOrder,
  "exclusive-assignment": exclusiveAssignment,
  "complete-assignment": completeAssignment,
  "committed-beyond-processed": committedBeyondProcessed,
  "committed-rewind": committedRewind,
  "processed-twice": processedTwice,
  "never-processed": neverProcessed,
  "single-leader-per-epoch": singleLeaderPerEpoch,
  "log-matching": logMatching,
  "true-high-watermark-monotonic": trueHighWatermarkMonotonic,
  "isr-sound": isrSound,
  "leader-completeness": leaderCompleteness,
  "epochs-monotonic": epochsMonotonic,
  "registration-sound": registrationSound,
  "log-sound": logSound,
  "high-watermark-sound": highWatermarkSound,
  "isr-agreed": isrAgreed,
  "truncation-sound": truncationSound,
  "metadata-agreement": metadataAgreement,
  "metadata-image": metadataImage,
  "follower-appends": followerAppends,
  "fetch-bounds": fetchBounds,
  "producer-identity": producerIdentity,
  "generation-monotonic": generationMonotonic,
  "commit-sound": commitSound,
  "quorum-state": quorumState,
  "quorum-commit": quorumCommit,
  "leaders-elected": leadersElected,
  "isr-full": isrFull,
  "sends-resolved": sendsResolved,
  "lag-drained": lagDrained,
  "groups-stable": groupsStable,
  "election-safety": electionSafety,
  "metadata-log-matching": metadataLogMatching,
};

export const CHECK_NAMES = Object.keys(CHECKS) as readonly CheckName[];
