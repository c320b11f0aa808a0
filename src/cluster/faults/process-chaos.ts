// ProcessChaos: what happens to a process while its machine lives. HostChaos: what happens to the machine.
import type { KafkaHost } from "../../protocol/kafka-host.ts";
import { ms } from "../../sim/kernel.ts";
import type { Cluster } from "../cluster.ts";
import { resolve } from "../selector.ts";
import { type Fault, type FaultOf, faultOfHosts } from "./fault.ts";

/** How often a restart looks whether the old process has gone. */
const RESTART_POLL = ms(50);

export function processChaos(cluster: Cluster, fault: FaultOf<"ProcessChaos">): Fault {
  const restarts = fault.action === "restart";
  // A restart also starts what is down; everything else needs a process to act on.
  const hosts = resolve(cluster, fault.selector, fault.id).filter(
    (host) => restarts || host.state !== "down",
  );
  const downFor = fault.durationUs ?? 0;
  const lives = new Map<KafkaHost, number>();
  const abandoned = new Set<KafkaHost>();
  return faultOfHosts({
    hosts,
    begin: (host) => {
      lives.set(host, host.incarnation);
      act(fault.action, host);
      if (restarts) restartWhenDown(cluster, host, downFor, abandoned);
    },
    heal: (host) => {
      if (fault.action === "pause") host.resume();
      else if (restarts) start(host);
      else startAfter(cluster, host, lives.get(host));
    },
    isOn: (host) =>
      host.incarnation === lives.get(host) && (fault.action !== "pause" || host.state === "paused"),
    abandon: (host) => abandoned.add(host),
    bit: () => hosts.length > 0,
  });
}

export function hostChaos(cluster: Cluster, fault: FaultOf<"HostChaos">): Fault {
  const hosts = resolve(cluster, fault.selector, fault.id);
  return faultOfHosts({
    hosts,
    begin: (host) => {
      host.crash("poweroff");
      if (fault.action === "wipe") host.wipe();
    },
    heal: start,
    isOn: (host) => host.state === "down",
    bit: () => hosts.length > 0,
  });
}

function act(action: "kill" | "terminate" | "pause" | "restart", host: KafkaHost): void {
  if (action === "kill") host.crash("kill");
  else if (action === "pause") host.pause();
  else host.terminate();
}

/** Starts a machine whose process has gone. */
export function start(host: KafkaHost): void {
  if (host.state === "down") host.boot();
}

/** A process that is still shutting down in the life that the fault ended is started when it has gone. */
function startAfter(cluster: Cluster, host: KafkaHost, life: number | undefined): void {
  if (host.state === "down" || host.incarnation !== life) return start(host);
  cluster.world.kernel.after(RESTART_POLL, () => startAfter(cluster, host, life));
}

function restartWhenDown(
  cluster: Cluster,
  host: KafkaHost,
  downFor: number,
  abandoned: ReadonlySet<KafkaHost>,
): void {
  const { kernel } = cluster.world;
  const startAgain = (): void => {
    if (!abandoned.has(host)) start(host);
  };
  kernel.after(RESTART_POLL, () => {
    if (host.state === "down") kernel.after(downFor, startAgain);
    else restartWhenDown(cluster, host, downFor, abandoned);
  });
}
