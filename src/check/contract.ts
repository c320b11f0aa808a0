// Which anomaly the declared settings and faults permit, and by which of them (guarantees of Kafka's documentation, KIP-966).
// A finding is judged by the settings of what it is about: its topic, its producer, its group. A bug of an old release is not a
// permission: the contract is what the settings promise.
import type { CheckName } from "./check-name.ts";
import type {
  ContractSettings,
  DeclaredFault,
  GroupApplication,
  ProducerSettings,
  TopicDurability,
  TopicSettings,
} from "./contract-settings.ts";

/** What a finding is about; whatever is left out may be any. */
export interface Subject {
  readonly topic?: string | undefined;
  /** Instance name. */
  readonly producer?: string | undefined;
  readonly group?: string | undefined;
  readonly consumer?: string | undefined;
  /** The form of the anomaly; see Finding. */
  readonly form?: string | undefined;
}

/** For each check, a setting or fault that permits its anomaly somewhere in the cluster; null: nothing does anywhere. */
export type Contract = Readonly<Record<CheckName, string | null>>;

type Permission = (scope: Scope) => string | null;

const nothing: Permission = () => null;
const damaged: Permission = (s) => uncleanElection(s) ?? brokerDiskLoss(s);
const forgotten: Permission = (s) => weakAcknowledgement(s) ?? damaged(s);
const voterLost: Permission = (s) =>
  lossyFaults(s.settings, "controller", undefined)?.first ?? null;

const PERMISSIONS: Readonly<Record<CheckName, Permission>> = {
  "lost-write": (s) => (s.form === "skipped" ? passedBy(s) : forgotten(s)),
  unseen: nothing,
  duplicate: doubled,
  // What consumers may read is committed: no acknowledgement is too early for them.
  "inconsistent-offsets": (s) => (s.form === "poll-vs-poll" ? damaged(s) : forgotten(s)),
  "aborted-read": nothing,
  "nonmonotonic-poll": movedBack,
  "nonmonotonic-send": reorders,
  "poll-skip": movedOn,
  "key-order": (s) => movedKeys(s) ?? reorders(s) ?? earlyCommit(s) ?? resets(s) ?? damaged(s),
  durability: (s) => (s.form === "early" ? damaged(s) : forgotten(s)),
  "repeatable-read": damaged,
  "exclusive-assignment": nothing,
  "committed-beyond-processed": earlyCommit,
  "committed-rewind": damaged,
  "processed-twice": (s) => redelivery(s) ?? damaged(s),
  "never-processed": (s) => passedBy(s) ?? forgotten(s),
  "single-leader-per-epoch": nothing,
  "log-matching": damaged,
  "true-high-watermark-monotonic": damaged,
  "isr-sound": damaged,
  "leader-completeness": damaged,
  "epochs-monotonic": voterLost,
  "registration-sound": voterLost,
  "log-sound": nothing,
  "high-watermark-sound": nothing,
  "isr-agreed": voterLost,
  "truncation-sound": damaged,
  "metadata-agreement": voterLost,
  "follower-appends": nothing,
  "fetch-bounds": nothing,
  "producer-identity": voterLost,
  "generation-monotonic": damaged,
  "commit-sound": damaged,
  "quorum-state": voterLost,
  "quorum-commit": voterLost,
  "leaders-elected": nothing,
  "isr-full": nothing,
  "sends-resolved": nothing,
  "lag-drained": nothing,
  "groups-stable": nothing,
  "election-safety": voterLost,
  "metadata-log-matching": voterLost,
};

/** The setting or fault that permits the anomaly of a check to what the finding is about. */
export function permission(
  settings: ContractSettings,
  check: CheckName,
  subject: Subject = {},
): string | null {
  return PERMISSIONS[check](new Scope(settings, subject));
}

/** What is permitted to anything at all. */
export function contract(settings: ContractSettings): Contract {
  const permitted: Partial<Record<CheckName, string | null>> = {};
  for (const check of Object.keys(PERMISSIONS) as CheckName[])
    permitted[check] = permission(settings, check);
  return permitted as Contract;
}

/** The settings that count for a subject. */
class Scope {
  readonly settings: ContractSettings;
  readonly form: string | undefined;
  readonly #subject: Subject;

  constructor(settings: ContractSettings, subject: Subject) {
    this.settings = settings;
    this.form = subject.form;
    this.#subject = subject;
  }

  get topics(): readonly (TopicDurability & Partial<TopicSettings>)[] {
    const { topic } = this.#subject;
    const { topics, otherTopics } = this.settings;
    if (topic === undefined) return otherTopics === undefined ? topics : [...topics, otherTopics];
    const declared = topics.filter(({ name }) => name === topic);
    if (declared.length > 0 || otherTopics === undefined) return declared;
    return [otherTopics];
  }

  get producers(): readonly ProducerSettings[] {
    const { producer, topic } = this.#subject;
    const all = this.settings.producers;
    if (producer !== undefined) return all.filter(({ name }) => name === producer);
    return topic === undefined ? all : all.filter((p) => p.topic === topic);
  }

  get consumers(): ContractSettings["consumers"] {
    const { consumer, group, topic } = this.#subject;
    return this.settings.consumers.filter(
      ({ name, application, topics }) =>
        (consumer === undefined || name === consumer) &&
        (group === undefined || application?.group === group) &&
        (topic === undefined || topics === undefined || topics.includes(topic)),
    );
  }

  get applications(): readonly GroupApplication[] {
    return this.consumers.flatMap(({ application }) => application ?? []);
  }
}

const RESET = "kafka-consumer-groups --reset-offsets";

const resets = ({ settings }: Scope): string | null =>
  (settings.offsetResets ?? 0) > 0 ? RESET : null;

/** Commits that run ahead of the work: at most once. */
function earlyCommit(scope: Scope): string | null {
  for (const { commit, handOff } of scope.applications) {
    if (commit === "before") return "commit: before";
    if (handOff && commit !== "none") return `handOff with commit: ${commit}`;
  }
  return null;
}

/** Commits that follow the work (or none at all): at least once, unless the application recognises what it has done. */
function redelivery(scope: Scope): string | null {
  for (const { commit, deduplicate, externalOffsets, handOff } of scope.applications) {
    if (deduplicate || externalOffsets) continue;
    if (handOff) return `handOff with commit: ${commit}`;
    if (commit !== "before") return `commit: ${commit}`;
  }
  return resets(scope);
}

function jumpsToEnd({ consumers }: Scope): string | null {
  const jumps = consumers.some(({ autoOffsetReset }) => autoOffsetReset === "latest");
  return jumps ? "auto.offset.reset=latest" : null;
}

/** Records that a group has left behind. */
const passedBy = (scope: Scope): string | null =>
  earlyCommit(scope) ?? resets(scope) ?? jumpsToEnd(scope);

/** A consumer that is given again what it had been given. */
function movedBack(scope: Scope): string | null {
  switch (scope.form) {
    case "rebalance": {
      const [application] = scope.applications;
      return application === undefined ? null : `a rebalance with commit: ${application.commit}`;
    }
    case "seek":
      return "seek()";
    case "reset":
      return damaged(scope) ?? resets(scope);
    case "truncation":
      return damaged(scope);
    default:
      return null;
  }
}

/** A consumer that is moved past records it was never given. */
function movedOn(scope: Scope): string | null {
  switch (scope.form) {
    case "rebalance":
      return passedBy(scope) ?? damaged(scope);
    case "seek":
      return "seek()";
    case "reset":
      return jumpsToEnd(scope) ?? damaged(scope);
    default:
      return null;
  }
}

/** What takes a key to another partition. */
function movedKeys({ form, topics }: Scope): string | null {
  const isGrown = topics.some(({ grows }) => grows === true);
  return isGrown && form === "moved" ? "kafka-topics --alter --partitions" : null;
}

function uncleanElection({ topics, settings }: Scope): string | null {
  if (topics.some((topic) => topic.unclean)) return "unclean.leader.election.enable=true";
  return settings.uncleanOperations > 0 ? "kafka-leader-election --election-type unclean" : null;
}

function weakAcknowledgement({ producers }: Scope): string | null {
  const weak = producers.find((producer) => producer.acks !== "all");
  return weak === undefined ? null : `acks=${weak.acks}`;
}

const resending = ({ producers }: Scope): readonly ProducerSettings[] =>
  producers.filter((p) => !p.idempotence && p.retries > 0 && p.acks !== "0");

function doubled(scope: Scope): string | null {
  switch (scope.form) {
    case "application resend":
      return "the application sends it twice";
    case "state expired":
      return "producer.id.expiration.ms";
    case "unclean":
      return damaged(scope);
    default:
      return resending(scope).length > 0 ? "enable.idempotence=false with retries" : null;
  }
}

function reorders(scope: Scope): string | null {
  return resending(scope).some((p) => p.maxInFlight > 1)
    ? "max.in.flight.requests.per.connection>1 without idempotence"
    : null;
}

interface Lossy {
  readonly hosts: number;
  readonly first: string;
}

/** Faults after which a machine comes back with less than it had told others it has. `topic`: whose replicas count. */
function lossyFaults(
  settings: ContractSettings,
  on: "broker" | "controller",
  topic: (TopicDurability & Partial<TopicSettings>) | undefined,
): Lossy | undefined {
  let hosts = 0;
  let first: string | undefined;
  for (const fault of settings.faults) {
    if (fault.on !== on && fault.on !== "both") continue;
    // The metadata log is fsynced before a voter answers: power loss takes nothing from it.
    const powerLoss =
      fault.kind === "HostChaos" && fault.action === "poweroff" && topic?.flushed === false;
    const diskGone =
      (fault.kind === "HostChaos" && fault.action === "wipe") ||
      (fault.kind === "IOChaos" && fault.action === "corrupt");
    const hit = hostsHit(fault, topic?.holders);
    if (hit === 0 || (!powerLoss && !diskGone)) continue;
    hosts += hit;
    first ??= `${fault.kind} ${fault.action}`;
  }
  return first === undefined ? undefined : { hosts, first };
}

/** How many of the machines that hold replicas a fault may hit. */
function hostsHit({ names, hosts }: DeclaredFault, holders: readonly string[] | undefined): number {
  if (holders === undefined || names === undefined) return hosts;
  return names.filter((name) => name.endsWith("?") || holders.includes(name)).length;
}

function brokerDiskLoss({ settings, topics }: Scope): string | null {
  for (const topic of topics) {
    const lossy = lossyFaults(settings, "broker", topic);
    const loss = lossy === undefined ? null : lossOf(settings, topic, lossy);
    if (loss !== null) return loss;
  }
  return null;
}

/**
 * Before KIP-966 one lossy restart of the last ISR member suffices; with ELR it takes min.insync.replicas unclean shutdowns, one of them lossy:
 * a broker that was killed has lost nothing, but comes back without the marker of a clean shutdown and is not eligible either.
 */
function lossOf(
  settings: ContractSettings,
  topic: TopicDurability & Partial<TopicSettings>,
  lossy: Lossy,
): string | null {
  if (!settings.elr) return lossy.first;
  const minIsr = Math.min(topic.minIsr, topic.replicationFactor ?? topic.minIsr);
  if (lossy.hosts >= minIsr) return `${lossy.first} of min.insync.replicas=${minIsr} replicas`;
  return lossy.hosts + uncleanShutdowns(settings, topic.holders) >= minIsr
    ? `${lossy.first}, and unclean shutdowns of min.insync.replicas=${minIsr} replicas in all`
    : null;
}

/** Brokers that end without losing anything and without a clean shutdown. A failing disk halts its broker. */
function uncleanShutdowns(
  { faults }: ContractSettings,
  holders: readonly string[] | undefined,
): number {
  let hosts = 0;
  for (const fault of faults) {
    const { kind, action, on } = fault;
    const ends =
      (kind === "ProcessChaos" && action === "kill") ||
      (kind === "IOChaos" && action === "fault") ||
      // Too little memory, and the kernel kills.
      (kind === "StressChaos" && action.includes("memory"));
    if (ends && (on === "broker" || on === "both")) hosts += hostsHit(fault, holders);
  }
  return hosts;
}
