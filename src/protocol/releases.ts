// Kafka releases and what each one does: named protocol rules instead of version comparisons, as Kafka's MetadataVersion asks
// "is it supported", plus known bugs that can be planted. Only rules are listed that something in this product reads.

export const RELEASES = [
  "0.8",
  "0.9",
  "0.10",
  "0.11",
  "1.0",
  "1.1",
  "2.0",
  "2.1",
  "2.2",
  "2.3",
  "2.4",
  "2.5",
  "2.6",
  "2.7",
  "2.8",
  "3.0",
  "3.1",
  "3.2",
  "3.3",
  "3.4",
  "3.5",
  "3.6",
  "3.7",
  "3.8",
  "3.9",
  "4.0",
  "4.1",
] as const;

/** A Kafka release, without the patch level. */
export type Release = (typeof RELEASES)[number];

export const LATEST_RELEASE: Release = "4.1";

/** Is `release` the release `since` or a later one? */
export const atLeast = (release: Release, since: Release): boolean =>
  RELEASES.indexOf(release) >= RELEASES.indexOf(since);

export const isRelease = (text: string): text is Release =>
  (RELEASES as readonly string[]).includes(text);

/** Values by the release that introduced them: `{ "0.8": true, "0.11": false }`. */
export type SinceRelease<T> = Readonly<Partial<Record<Release, T>>>;

/** The value in force at `release`: that of the newest entry not newer than it. */
export function valueSince<T>(table: SinceRelease<T>, release: Release): T | undefined {
  for (let index = RELEASES.indexOf(release); index >= 0; index--) {
    const value = table[RELEASES[index] as Release];
    if (value !== undefined) return value;
  }
  return undefined;
}

interface Rule<V extends string> {
  readonly values: readonly V[];
  readonly since: SinceRelease<V>;
  /** KIP or JIRA that changed it. */
  readonly source: string;
  readonly doc: string;
}

const rule = <const V extends string>(row: Rule<V>): Rule<V> => row;
const ON_OFF = ["off", "on"] as const;

/** The protocol rules of a cluster, each with its history. */
export const RULES = {
  "replication.truncation": rule({
    values: ["high-watermark", "leader-epoch", "leader-epoch-reply-epoch", "diverging-epoch"],
    since: {
      "0.8": "high-watermark",
      "0.11": "leader-epoch",
      "2.0": "leader-epoch-reply-epoch",
      "2.7": "diverging-epoch",
    },
    source: "KIP-101, KIP-279, KIP-595",
    doc: "How a follower finds the point to which it cuts its log: its own high watermark; the end offset of its last leader epoch, asked from the leader; the same, with the epoch in the answer, repeated until both agree; or the diverging epoch that the leader reports in a fetch response.",
  }),
  "replication.high-watermark-min-isr": rule({
    values: ON_OFF,
    since: { "0.8": "off", "3.7": "on" },
    source: "KAFKA-15583",
    doc: "The high watermark stands still while the ISR is smaller than min.insync.replicas.",
  }),
  "replication.leader-epoch-bump-on-shrink": rule({
    values: ON_OFF,
    since: { "0.8": "off", "3.0": "on", "3.6": "off" },
    source: "KAFKA-15021",
    doc: "The KRaft controller raises the leader epoch when the ISR shrinks, which makes every follower start its fetching anew.",
  }),
  "replication.isr-broker-epoch": rule({
    values: ON_OFF,
    since: { "0.8": "off", "3.5": "on" },
    source: "KIP-903",
    doc: "AlterPartition carries broker epochs, so that a broker that has restarted since is not taken back into the ISR.",
  }),
  "controller.unclean-election": rule({
    values: ["kraft-manual", "automatic"],
    since: { "0.8": "automatic", "3.0": "kraft-manual", "3.9": "automatic" },
    source: "KAFKA-12670",
    doc: "Whether the KRaft controller acts on unclean.leader.election.enable, or elects an out-of-sync replica only when an operator asks for it.",
  }),
  "controller.eligible-leader-replicas": rule({
    values: ON_OFF,
    since: { "0.8": "off", "4.1": "on" },
    source: "KIP-966",
    doc: "Replicas that left the ISR while it was at min.insync.replicas or below stay eligible as leaders, because they still hold everything up to the high watermark.",
  }),
  "controller.directory-assignment": rule({
    values: ON_OFF,
    since: { "0.8": "off", "3.7": "on" },
    source: "KIP-858",
    doc: "The KRaft controller knows in which log directory each replica lies. A broker that comes back with an empty disk cannot be elected for the replicas it had until it has told where it put them.",
  }),
  "producer.partitioner": rule({
    values: ["round-robin", "sticky", "adaptive"],
    since: { "0.8": "round-robin", "2.4": "sticky", "3.3": "adaptive" },
    source: "KIP-480, KIP-794",
    doc: "Where records without a key go: the next partition a record; one partition until its batch is complete; or the same in equal amounts of bytes, with less for partitions that queue up.",
  }),
  "producer.round-robin-partitioner": rule({
    values: ["even", "skips"],
    since: { "0.8": "even", "2.4": "skips", "4.0": "even" },
    source: "KAFKA-9965, KAFKA-18295",
    doc: "Since KIP-480 a custom partitioner was asked again whenever a record opened a batch, which made RoundRobinPartitioner skip partitions. Since 4.0 it is asked once.",
  }),
  "producer.batch-split": rule({
    values: ["batch-size", "halves"],
    since: { "0.8": "batch-size" },
    source: "KAFKA-8350",
    doc: "How a batch that the broker finds too large is split: into batches of batch.size, again and again if they are still too large; or the second time into halves (Kafka 4.2).",
  }),
  "producer.backoff": rule({
    values: ["constant", "exponential"],
    since: { "0.8": "constant", "3.7": "exponential" },
    source: "KIP-580",
    doc: "Retries wait retry.backoff.ms each, or twice as long each time up to retry.backoff.max.ms, with 20 % jitter.",
  }),
  "producer.leader-hints": rule({
    values: ON_OFF,
    since: { "0.8": "off", "3.7": "on" },
    source: "KIP-951",
    doc: "A response with NOT_LEADER_OR_FOLLOWER or FENCED_LEADER_EPOCH names the new leader, and clients use it without waiting for metadata.",
  }),
  "consumer.position-validation": rule({
    values: ON_OFF,
    since: { "0.8": "off", "2.3": "on" },
    source: "KIP-320",
    doc: "After a change of leader a consumer asks for the end offset of its position's leader epoch and so notices that the log was truncated.",
  }),
  "consumer.spares-buffered-nodes": rule({
    values: ON_OFF,
    since: { "0.8": "off", "4.1": "on" },
    source: "KAFKA-17182",
    doc: "A consumer fetches nothing from a broker while records of another of its partitions wait to be returned, so that the broker's fetch session keeps all of them.",
  }),
  "consumer.rack-aware-assignment": rule({
    values: ON_OFF,
    since: { "0.8": "off", "3.5": "on" },
    source: "KIP-881",
    doc: "The leader of a group prefers to assign partitions with a replica in the member's rack, and a leader with a rack assigns anew when the racks of replicas change, as they do when a broker dies.",
  }),
  "group.unexpected-errors": rule({
    values: ["older", "newer"],
    since: { "0.8": "older", "4.0": "newer" },
    source: "KIP-848",
    doc: "A coordinator answers a commit for a group that it does not know with ILLEGAL_GENERATION, and a SyncGroup while it loads with REBALANCE_IN_PROGRESS; since 4.0 with GROUP_ID_NOT_FOUND and COORDINATOR_LOAD_IN_PROGRESS, neither of which makes a member join again.",
  }),
  "group.member-id-required": rule({
    values: ON_OFF,
    since: { "0.8": "off", "2.2": "on" },
    source: "KIP-394",
    doc: "A new dynamic member is given an id and has to join again with it, so that a client that tries again does not become two members.",
  }),
  "group.static-leader-skips-assignment": rule({
    values: ON_OFF,
    since: { "0.8": "off", "3.2": "on" },
    source: "KIP-814",
    doc: "A static leader that comes back to a stable group is told that it leads and that it must not assign again; before, it was told that another member leads.",
  }),
  "group.new-group-record": rule({
    values: ON_OFF,
    since: { "0.8": "off", "4.0": "on" },
    source: "KIP-848",
    doc: "A group that does not exist yet is stored, empty, when its first member asks to join, so that the next coordinator knows it too; before, the first generation was the first record.",
  }),
  "raft.check-quorum": rule({
    values: ON_OFF,
    since: { "0.8": "off", "3.7": "on" },
    source: "KAFKA-15489",
    doc: "A quorum leader resigns when a majority of the voters has not fetched from it for 1.5 fetch timeouts.",
  }),
  "raft.pre-vote": rule({
    values: ON_OFF,
    since: { "0.8": "off", "4.0": "on" },
    source: "KIP-996",
    doc: "A voter asks whether it could win before it raises the epoch, so that a voter that was cut off does not disturb a healthy quorum.",
  }),
  "raft.fetch-high-watermark": rule({
    values: ON_OFF,
    since: { "0.8": "off", "4.1": "on" },
    source: "KIP-1166",
    doc: "A fetch of the metadata log names the high watermark it knows and is answered when the leader's is higher. Before, it waited for the next record or 500 ms, and committed metadata was applied that much later.",
  }),
} as const;

export type RuleName = keyof typeof RULES;
export const RULE_NAMES = Object.keys(RULES) as readonly RuleName[];

/** Defects that Kafka had (by JIRA or the KIP that forbids them) or could have (planted). Off in every release; each has a check that must catch it. */
export const MUTANTS = {
  "ack-before-replicated":
    "A produce with acks=all is answered after the leader's own append (planted).",
  "hw-from-committed-isr":
    "The high watermark counts only the ISR the controller has confirmed and ignores replicas that are being added (KIP-497).",
  "isr-expand-without-epoch-start":
    "A follower joins the ISR at the high watermark even when the leader's epoch starts beyond its log end (KAFKA-7128).",
  "isr-ignores-broker-epoch":
    "The controller accepts a replica into the ISR though its broker has restarted since (KIP-903).",
  "truncate-nothing":
    "A follower keeps its whole log when it starts to follow a new leader (planted).",
  "elect-any-replica": "Elections take the first live replica, in the ISR or not (planted).",
  "double-vote":
    "A voter forgets whom it voted for and grants a second vote in the same epoch (planted).",
  "append-without-epoch-check":
    "A replica appends what it fetched without checking that the leader epoch is still the same (planted).",
  "consumer-skips-batch":
    "A consumer moves its position past a batch that it has not returned (planted).",
  "keys-over-available-partitions":
    "A producer hashes keys over the partitions that have a leader, so that a key moves when a leader dies (planted).",
  "duplicate-append-on-leader": "A leader appends a produced batch twice (planted).",
  "fetch-ignores-high-watermark":
    "A leader gives consumers what it has, committed or not (planted).",
  "sequences-ignored":
    "A leader appends batches of idempotent producers without looking at their sequence (planted).",
  "producer-id-repeats": "A broker hands out the same producer id again and again (planted).",
  "commit-any-generation":
    "A group coordinator accepts commits of any member and generation (planted).",
  "quorum-commits-alone":
    "The quorum leader takes the end of its own log for the high watermark (planted).",
  "forgets-attempts":
    "A producer forgets that an attempt may have been written, and reports a certain failure (planted).",
  "high-watermark-ahead":
    "A leader's high watermark runs one offset ahead of what is replicated (planted).",
  "follower-high-watermark-uncapped":
    "A follower takes over its leader's high watermark though its own log does not reach there yet (planted).",
  "isr-never-grows":
    "A leader does not propose replicas for the ISR, however far they have come (planted).",
  "isr-adopts-late-answer":
    "A leader adopts the answer to an ISR proposal though the metadata log has told it of later changes (KIP-497).",
  "isr-takes-fenced": "The controller accepts a fenced broker into the ISR (KIP-841, KAFKA-13916).",
  "deposed-leader-reigns-on":
    "A broker that is told of another leader takes the new epoch for its own (planted).",
  "config-changes-overlooked":
    "A broker that runs passes over settings that change, in its image of the cluster, too (planted).",
  "epochs-outlive-records":
    "A replica that cuts its log keeps the leader epochs of what it has cut (planted).",
  "new-partitions-overlooked":
    "The leader of a group does not notice that a topic has more partitions than when it divided them (planted).",
  "metadata-changes-coalesced":
    "Of several changes of a partition that arrive together a broker applies the last one alone (planted).",
  "unfence-elects-nobody":
    "The controller unfences a broker and leaves the partitions that waited for it without a leader (planted).",
  "voter-forgets-epoch": "A voter starts without its quorum-state file (planted).",
  "quorum-hides-divergence":
    "Who fetches the metadata log names the leader's epoch instead of that of its own last record (planted).",
  "producer-forgets-batch":
    "A batch whose connection breaks is neither sent again nor given an outcome (planted).",
  "consumer-repeats-batch":
    "A consumer is given one batch in ten twice: its position stays (planted).",
  "consumer-misreads-batch":
    "A consumer whose position lies inside a batch is given the batch's first records under the offsets of later ones (planted).",
  "validation-never-ends":
    "A consumer that has asked whether its position is good for a new leader (KIP-320) does not act on the answer (planted).",
  "commits-what-poll-returns":
    "The automatic commit covers the records that the same poll() is about to return (KAFKA-2942).",
  "resumes-one-too-far":
    "A member goes on one record after the committed offset, as if that were the last one processed (planted).",
  "async-commits-retried":
    "commitAsync() is tried again after a disconnect, and overtakes the commits that were made since (planted).",
  "memory-of-the-process":
    "An application recognises records that it has processed by what it remembers since it was started (planted).",
  "assigns-all-but-last":
    "The leader of a group leaves the last partition of a topic unassigned (planted).",
  "cooperative-hands-over-at-once":
    "The cooperative assignor gives a partition to its new owner in the generation in which the old one is to revoke it (KAFKA-14639).",
  "generation-starts-over": "A group that was empty begins with generation 1 again (planted).",
  "sessions-never-end": "A coordinator does not remove members that send no heartbeats (planted).",
} as const;

export type MutantName = keyof typeof MUTANTS;
export const MUTANT_NAMES = Object.keys(MUTANTS) as readonly MutantName[];

/** The rules a run obeys. Each is read in exactly one file. */
export type Rules = {
  readonly [R in RuleName]: (typeof RULES)[R]["values"][number];
} & { readonly mutant: MutantName | "none" };

/** The rules of a release, single ones overridden. Names and values of `overrides` are checked when a scenario is loaded. */
export function rulesFor(release: Release, overrides: Partial<Rules> = {}): Rules {
  const rules: Record<string, string> = {};
  for (const name of RULE_NAMES) {
    // Every rule has an entry for the first release, so each has a value.
    rules[name] = valueSince(RULES[name].since as SinceRelease<string>, release) as string;
  }
  return { ...(rules as Rules), mutant: "none", ...overrides };
}
