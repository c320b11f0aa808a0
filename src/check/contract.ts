// Which anomaly the declared settings and faults permit, and by which of them (guarantees of Kafka's documentation, KIP-966).
// A bug of an old release is not a permission: the contract is what the settings promise.
import type { CheckName } from "./check-name.ts";

export interface ContractSettings {
  readonly producers: readonly {
    readonly name: string;
    readonly topic: string;
    readonly acks: "0" | "1" | "all";
    readonly idempotence: boolean;
    readonly retries: number;
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
    "poll-skip": null,
    "single-leader-per-epoch": null,
    "log-matching": unclean ?? diskLoss,
    "true-high-watermark-monotonic": unclean ?? diskLoss,
    "isr-sound": unclean ?? diskLoss,
    "leader-completeness": unclean ?? diskLoss,
    "leaders-elected": null,
    "isr-full": null,
    "sends-resolved": null,
    "lag-drained": null,
    "election-safety": voterLoss,
    "metadata-log-matching": voterLoss,
  };
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

/** Before KIP-966 one lossy restart of the last ISR member suffices; with ELR it takes min.insync.replicas of them. */
function brokerDiskLoss(settings: ContractSettings): string | null {
  const lossy = lossyFaults(settings, "broker");
  if (lossy === undefined) return null;
  if (!settings.elr) return lossy.first;
  const minIsr = settings.topics.reduce(
    (least, topic) => Math.min(least, topic.minIsr),
    Number.MAX_SAFE_INTEGER,
  );
  return lossy.hosts >= minIsr ? `${lossy.first} of min.insync.replicas=${minIsr} replicas` : null;
}

function controllerDiskLoss(settings: ContractSettings): string | null {
  return lossyFaults(settings, "controller")?.first ?? null;
}
