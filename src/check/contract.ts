// Which anomaly the declared settings and faults permit, and by which of them (guarantees of Kafka's documentation, KIP-966).
// A finding is judged by the settings of what it is about: its topic, its producer, its group. A bug of an old release is not a
// permission: the contract is what the settings promise.
import type { CheckName } from "./check-name.ts";
import { CLAUSES, type ClauseName } from "./contract-clauses.ts";
import { Scope, type Subject } from "./contract-scope.ts";
import type { ContractSettings } from "./contract-settings.ts";

export type { Subject } from "./contract-scope.ts";

/** For each check, a setting or fault that permits its anomaly somewhere in the cluster; null: nothing does anywhere. */
export type Contract = Readonly<Record<CheckName, string | null>>;

export interface Permission {
  /** The forms of the anomaly; empty: it has one form only. */
  readonly forms: readonly string[];
  /** Each of them is enough. The first that is declared is named. */
  readonly by: readonly ClauseName[];
}

const permit = (forms: readonly string[], ...by: readonly ClauseName[]): Permission => ({
  forms,
  by,
});

/** An out-of-sync replica leads. */
const UNCLEAN = [
  "unclean.leader.election.enable=true",
  "kafka-leader-election --election-type unclean",
] as const;
/** Replicas have lost what they had told others they have. */
const DISK_LOST = ["HostChaos poweroff", "HostChaos wipe", "IOChaos corrupt"] as const;
/** The quorum has forgotten who is in sync: it elects whoever once was, and gives epochs and ids away again. */
const VOTER_LOST = "a voter's disk";
const DAMAGED = [...UNCLEAN, ...DISK_LOST, VOTER_LOST] as const;
const FORGOTTEN = ["acks=0", "acks=1", ...DAMAGED] as const;
const EARLY = ["commit: before", "handOff, commits run ahead"] as const;
/** Offsets that a group goes on from are not its own. */
const MOVED_ON = ["kafka-consumer-groups --reset-offsets", "auto.offset.reset=latest"] as const;
const REDELIVERED = [
  "handOff, work is repeated",
  "commit: auto",
  "commit: sync",
  "commit: async",
  "commit: none",
  "kafka-consumer-groups --reset-offsets",
] as const;
const REORDERED = "in-flight requests without idempotence";

const damaged = [permit([], ...DAMAGED)];
const voterLost = [permit([], VOTER_LOST)];
const nothing: readonly Permission[] = [];

/** test/contract holds every line to be neither too lax nor too strict: something produces it, and its safe twin does not. */
export const CONTRACT: Readonly<Record<CheckName, readonly Permission[]>> = {
  // Whoever commits has been given what it commits: only offsets that come from elsewhere pass by records unread.
  "lost-write": [
    permit(["log loss", "unreachable"], ...FORGOTTEN),
    permit(["skipped"], ...MOVED_ON),
  ],
  unseen: nothing,
  duplicate: [
    permit(["retry"], "retries without idempotence"),
    permit(["application resend"], "the application sends it twice"),
    permit(["state expired"], "producer.id.expiration.ms"),
  ],
  // What consumers may read is committed: no acknowledgement is too early for them.
  "inconsistent-offsets": [
    permit(["ack-vs-ack", "ack-vs-poll"], ...FORGOTTEN),
    permit(["poll-vs-poll"], ...DAMAGED),
  ],
  "aborted-read": nothing,
  // A consumer that is given again what it had been given.
  "nonmonotonic-poll": [
    permit(["rebalance"], "a rebalance"),
    permit(["seek"], "seek()"),
    permit(["reset", "truncation"], ...DAMAGED),
  ],
  "nonmonotonic-send": [permit([], REORDERED)],
  // A consumer that is moved past records nobody was given. Positions are validated (KIP-320): a damaged log only moves them back.
  "poll-skip": [permit(["rebalance"], ...MOVED_ON), permit(["reset"], "auto.offset.reset=latest")],
  // What is given again has been processed before, in order: damage does not disorder.
  "key-order": [
    permit(["moved"], "kafka-topics --alter --partitions"),
    permit(["overtaken"], REORDERED, ...EARLY, "kafka-consumer-groups --reset-offsets"),
  ],
  // A leader that was deposed in favour of a replica outside its ISR needs nobody's consent to acknowledge.
  durability: [permit(["early"], ...UNCLEAN, VOTER_LOST), permit(["log loss"], ...FORGOTTEN)],
  "repeatable-read": damaged,
  // A group that is made anew, or is older than its members know, counts its generations again.
  "exclusive-assignment": damaged,
  "complete-assignment": nothing,
  "committed-beyond-processed": [permit([], ...EARLY)],
  // An offset that is gone altogether is reset, and that is no rewind.
  "committed-rewind": [
    permit([], ...UNCLEAN, "HostChaos poweroff", "IOChaos corrupt", VOTER_LOST),
    permit(["overtaken"], "commit: async, one overtaken"),
  ],
  "processed-twice": [permit([], ...REDELIVERED, ...DAMAGED)],
  "never-processed": [permit([], ...EARLY, ...MOVED_ON)],
  "single-leader-per-epoch": voterLost,
  "log-matching": damaged,
  "true-high-watermark-monotonic": damaged,
  "isr-sound": [permit([], ...DISK_LOST, VOTER_LOST)],
  "leader-completeness": damaged,
  "epochs-monotonic": voterLost,
  "registration-sound": voterLost,
  "log-sound": nothing,
  "high-watermark-sound": nothing,
  "isr-agreed": voterLost,
  "truncation-sound": [permit([], "IOChaos corrupt")],
  "metadata-agreement": voterLost,
  "metadata-image": voterLost,
  "follower-appends": voterLost,
  "fetch-bounds": nothing,
  "producer-identity": voterLost,
  // Of a wiped log nothing is left to go back to: the group and its members are new.
  "generation-monotonic": [
    permit([], ...UNCLEAN, "HostChaos poweroff", "IOChaos corrupt", VOTER_LOST),
  ],
  "commit-sound": nothing,
  "quorum-state": nothing,
  "quorum-commit": voterLost,
  // Partitions of which no controller knows any more, or another thing than was decided last.
  "leaders-elected": voterLost,
  "isr-full": nothing,
  "sends-resolved": nothing,
  "lag-drained": voterLost,
  "groups-stable": voterLost,
  "election-safety": voterLost,
  "metadata-log-matching": voterLost,
};

/** The setting or fault that permits the anomaly of a check to what the finding is about. */
export function permission(
  settings: ContractSettings,
  check: CheckName,
  subject: Subject = {},
): string | null {
  const scope = new Scope(settings, subject);
  const { form } = subject;
  for (const { forms, by } of CONTRACT[check]) {
    if (form !== undefined && forms.length > 0 && !forms.includes(form)) continue;
    for (const name of by) {
      // What somebody did shows in the form: nothing that is declared tells of it.
      if (form === undefined && ACTS.includes(name)) continue;
      const permitted = CLAUSES[name](scope);
      if (permitted !== null) return permitted;
    }
  }
  return null;
}

const ACTS: readonly ClauseName[] = [
  "a rebalance",
  "seek()",
  "the application sends it twice",
  "producer.id.expiration.ms",
];

/** What is permitted to anything at all. */
export function contract(settings: ContractSettings): Contract {
  const permitted: Partial<Record<CheckName, string | null>> = {};
  for (const check of Object.keys(CONTRACT) as CheckName[])
    permitted[check] = permission(settings, check);
  return permitted as Contract;
}
