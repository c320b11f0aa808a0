// Which anomaly the declared settings and faults permit, and by which of them (guarantees of Kafka's documentation, KIP-966).
// A bug of an old release is not a permission: the contract is what the settings promise.
import type { CheckName } from "./check-name.ts";

export interface GroupApplication {
  readonly group: string;
  readonly commit: "auto" | "sync" | "async" | "before" | "none";
  readonly deduplicate: boolean;
  readonly handOff: boolean;
  readonly externalOffsets: boolean;
}

export interface ContractSettings {
  readonly producers: readonly {
    readonly name: string;
    readonly topic: string;
    readonly acks: "0" | "1" | "all";
    readonly idempotence: boolean;
    readonly retries: number;
    readonly maxInFlight: number;
  }[];
  readonly topics: readonly {
    readonly name: string;
    readonly replicationFactor: number;
    readonly minIsr: number;
    /** Does the controller elect out-of-sync replicas by itself? */
    readonly unclean: boolean;
    /** Is every append fsynced before it counts (flush.messages=1)? */
    readonly flushed: boolean;
  }[];
  readonly consumers: readonly {
    readonly name: string;
    readonly autoOffsetReset: "earliest" | "latest" | "none";
    /** What it does with records, when it is in a group. */
    readonly application?: GroupApplication;
  }[];
  /** Rule controller.eligible-leader-replicas. */
  readonly elr: boolean;
  /** Faults the scenario declares; hosts: how many machines it may hit, of which kind. */
  readonly faults: readonly {
    readonly kind: string;
    readonly action: string;
    readonly hosts: number;
    readonly on: "broker" | "controller" | "both" | "client";
  }[];
  /** Operations that elect out-of-sync replicas (kafka-leader-election --election-type unclean). */
  readonly uncleanOperations: number;
  /** Operations that move committed offsets (kafka-consumer-groups --reset-offsets --execute). */
  readonly offsetResets?: number;
}

/** For each check, the setting or fault that permits its anomaly; null: nothing does. */
export type Contract = Readonly<Record<CheckName, string | null>>;

export function contract(settings: ContractSettings): Contract {
  const unclean = uncleanElection(settings);
  const diskLoss = brokerDiskLoss(settings);
  const weakAcks = weakAcknowledgement(settings);
  const voterLoss = controllerDiskLoss(settings);
  return {
    "lost-write": weakAcks ?? unclean ?? diskLoss,
    duplicate: resends(settings),
    "inconsistent-offsets": weakAcks ?? unclean ?? diskLoss,
    "nonmonotonic-poll": null,
    "nonmonotonic-send": reorders(settings),
    "poll-skip": null,
    "exclusive-assignment": null,
    "committed-beyond-processed": earlyCommit(settings),
    "committed-rewind": unclean ?? diskLoss,
    "processed-twice": redelivery(settings) ?? unclean ?? diskLoss,
    "never-processed": passedBy(settings) ?? weakAcks ?? unclean ?? diskLoss,
    "single-leader-per-epoch": null,
    "log-matching": unclean ?? diskLoss,
    "true-high-watermark-monotonic": unclean ?? diskLoss,
    "isr-sound": unclean ?? diskLoss,
    "leader-completeness": unclean ?? diskLoss,
    "leaders-elected": null,
    "isr-full": null,
    "sends-resolved": null,
    "lag-drained": null,
    "groups-stable": null,
    "election-safety": voterLoss,
    "metadata-log-matching": voterLoss,
  };
}

const applications = (settings: ContractSettings): readonly GroupApplication[] =>
  settings.consumers.flatMap(({ application }) => application ?? []);

const RESET = "kafka-consumer-groups --reset-offsets";

/** Commits that run ahead of the work: at most once. */
function earlyCommit(settings: ContractSettings): string | null {
  for (const { commit, handOff } of applications(settings)) {
    if (commit === "before") return "commit: before";
    if (handOff && commit !== "none") return `handOff with commit: ${commit}`;
  }
  return null;
}

/** Commits that follow the work (or none at all): at least once, unless the application recognises what it has done. */
function redelivery(settings: ContractSettings): string | null {
  for (const { commit, deduplicate, externalOffsets, handOff } of applications(settings)) {
    if (deduplicate || externalOffsets) continue;
    if (handOff) return `handOff with commit: ${commit}`;
    if (commit !== "before") return `commit: ${commit}`;
  }
  return (settings.offsetResets ?? 0) > 0 ? RESET : null;
}

function passedBy(settings: ContractSettings): string | null {
  const early = earlyCommit(settings);
  if (early !== null) return early;
  if ((settings.offsetResets ?? 0) > 0) return RESET;
  const jumps = settings.consumers.some(
    ({ application, autoOffsetReset }) => application !== undefined && autoOffsetReset === "latest",
  );
  return jumps ? "auto.offset.reset=latest" : null;
}

function uncleanElection(settings: ContractSettings): string | null {
  if (settings.topics.some((topic) => topic.unclean)) return "unclean.leader.election.enable=true";
  return settings.uncleanOperations > 0 ? "kafka-leader-election --election-type unclean" : null;
}

function weakAcknowledgement(settings: ContractSettings): string | null {
  const weak = settings.producers.find((producer) => producer.acks !== "all");
  return weak === undefined ? null : `acks=${weak.acks}`;
}

function resends(settings: ContractSettings): string | null {
  const resending = settings.producers.some(
    (p) => !p.idempotence && p.retries > 0 && p.acks !== "0",
  );
  return resending ? "enable.idempotence=false with retries" : null;
}

function reorders(settings: ContractSettings): string | null {
  const reordering = settings.producers.some(
    (p) => !p.idempotence && p.retries > 0 && p.acks !== "0" && p.maxInFlight > 1,
  );
  return reordering ? "max.in.flight.requests.per.connection>1 without idempotence" : null;
}

/** Faults after which a machine comes back with less than it had told others it has. */
function lossyFaults(
  settings: ContractSettings,
  on: "broker" | "controller",
): { readonly hosts: number; readonly first: string } | undefined {
  const allFlushed = settings.topics.every((topic) => topic.flushed);
  let hosts = 0;
  let first: string | undefined;
  for (const fault of settings.faults) {
    if (fault.on !== on && fault.on !== "both") continue;
    // The metadata log is fsynced before a voter answers: power loss takes nothing from it.
    const powerLoss =
      fault.kind === "HostChaos" && fault.action === "poweroff" && on === "broker" && !allFlushed;
    const diskGone =
      (fault.kind === "HostChaos" && fault.action === "wipe") ||
      (fault.kind === "IOChaos" && fault.action === "corrupt");
    if (!powerLoss && !diskGone) continue;
    hosts += fault.hosts;
    first ??= `${fault.kind} ${fault.action}`;
  }
  return first === undefined ? undefined : { hosts, first };
}

/**
 * Before KIP-966 one lossy restart of the last ISR member suffices; with ELR it takes min.insync.replicas unclean shutdowns, one of them lossy:
 * a broker that was killed has lost nothing, but comes back without the marker of a clean shutdown and is not eligible either.
 */
function brokerDiskLoss(settings: ContractSettings): string | null {
  const lossy = lossyFaults(settings, "broker");
  if (lossy === undefined) return null;
  if (!settings.elr) return lossy.first;
  const minIsr = settings.topics.reduce(
    (least, topic) => Math.min(least, topic.minIsr),
    Number.MAX_SAFE_INTEGER,
  );
  if (lossy.hosts >= minIsr) return `${lossy.first} of min.insync.replicas=${minIsr} replicas`;
  return lossy.hosts + uncleanShutdowns(settings) >= minIsr
    ? `${lossy.first}, and unclean shutdowns of min.insync.replicas=${minIsr} replicas in all`
    : null;
}

/** Brokers that end without losing anything and without a clean shutdown. A failing disk halts its broker. */
function uncleanShutdowns({ faults }: ContractSettings): number {
  let hosts = 0;
  for (const { kind, action, on, hosts: hit } of faults) {
    const ends =
      (kind === "ProcessChaos" && action === "kill") || (kind === "IOChaos" && action === "fault");
    if (ends && (on === "broker" || on === "both")) hosts += hit;
  }
  return hosts;
}

function controllerDiskLoss(settings: ContractSettings): string | null {
  return lossyFaults(settings, "controller")?.first ?? null;
}
