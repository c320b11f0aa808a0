// Faults after which a machine comes back with less than it had told others it has, and whether the protocol permits a loss then.
import type { Scope, TopicInScope } from "./contract-scope.ts";
import type { ContractSettings, DeclaredFault } from "./contract-settings.ts";

export type LossyFault = "HostChaos poweroff" | "HostChaos wipe" | "IOChaos corrupt";

interface Lossy {
  readonly hosts: number;
  readonly first: LossyFault;
}

/** `topic`: whose replicas count. */
export function lossyFaults(
  settings: ContractSettings,
  on: "broker" | "controller",
  topic: TopicInScope | undefined,
): Lossy | undefined {
  let hosts = 0;
  let first: LossyFault | undefined;
  for (const fault of settings.faults) {
    if (fault.on !== on && fault.on !== "both") continue;
    const name = lossyName(fault);
    // The metadata log is fsynced before a voter answers: power loss takes nothing from it.
    if (name === undefined || (name === "HostChaos poweroff" && topic?.flushed !== false)) continue;
    const hit = hostsHit(fault, topic?.holders);
    if (hit === 0) continue;
    hosts += hit;
    first ??= name;
  }
  return first === undefined ? undefined : { hosts, first };
}

function lossyName({ kind, action }: DeclaredFault): LossyFault | undefined {
  if (kind === "HostChaos" && action === "poweroff") return "HostChaos poweroff";
  if (kind === "HostChaos" && action === "wipe") return "HostChaos wipe";
  return kind === "IOChaos" && action === "corrupt" ? "IOChaos corrupt" : undefined;
}

/** How many of the machines that hold replicas a fault may hit. */
function hostsHit({ names, hosts }: DeclaredFault, holders: readonly string[] | undefined): number {
  if (holders === undefined || names === undefined) return hosts;
  return names.filter((name) => name.endsWith("?") || holders.includes(name)).length;
}

/** The loss of a broker's disk, if the first such fault is the one named. */
export function brokerDiskLoss({ settings, topics }: Scope, fault: LossyFault): string | null {
  for (const topic of topics) {
    const lossy = lossyFaults(settings, "broker", topic);
    if (lossy?.first !== fault) continue;
    const loss = lossOf(settings, topic, lossy);
    if (loss !== null) return loss;
  }
  return null;
}

/**
 * Before KIP-966 one lossy restart of the last ISR member suffices; with ELR it takes min.insync.replicas unclean shutdowns, one of them lossy:
 * a broker that was killed has lost nothing, but comes back without the marker of a clean shutdown and is not eligible either.
 */
function lossOf(settings: ContractSettings, topic: TopicInScope, lossy: Lossy): string | null {
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
