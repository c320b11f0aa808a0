// ProcessChaos: what happens to a process while its machine lives. HostChaos: what happens to the machine.
import type { KafkaHost } from "../../protocol/kafka-host.ts";
import { ms } from "../../sim/kernel.ts";
import type { Cluster } from "../cluster.ts";
import { resolve } from "../selector.ts";
import type { Fault, FaultOf } from "./fault.ts";

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
  return {
    targets: hosts.map((host) => host.name),
    begin: () =>
      each(hosts, (host) => {
        lives.set(host, host.incarnation);
        act(fault.action, host);
        if (restarts) restartWhenDown(cluster, host, downFor);
      }),
    heal: () =>
      each(hosts, (host) => {
        if (fault.action === "pause") host.resume();
        else if (restarts) start(host);
        else startAfter(cluster, host, lives.get(host));
      }),
    bit: () => hosts.length > 0,
  };
}

export function hostChaos(cluster: Cluster, fault: FaultOf<"HostChaos">): Fault {
  const hosts = resolve(cluster, fault.selector, fault.id);
  return {
    targets: hosts.map((host) => host.name),
    begin: () =>
      each(hosts, (host) => {
        host.crash("poweroff");
        if (fault.action === "wipe") host.wipe();
      }),
    heal: () => each(hosts, start),
    bit: () => hosts.length > 0,
  };
}

function act(action: "kill" | "terminate" | "pause" | "restart", host: KafkaHost): void {
  if (action === "kill") host.crash("kill");
  else if (action === "pause") host.pause();
  else host.terminate();
}

function start(host: KafkaHost): void {
  if (host.state === "down") host.boot();
}

/** A process that is still shutting down in the life that the fault ended is started when it has gone. */
function startAfter(cluster: Cluster, host: KafkaHost, life: number | undefined): void {
  if (host.state === "down" || host.incarnation !== life) return start(host);
  cluster.world.kernel.after(RESTART_POLL, () => startAfter(cluster, host, life));
}

function restartWhenDown(cluster: Cluster, host: KafkaHost, downFor: number): void {
  cluster.world.kernel.after(RESTART_POLL, () => {
    if (host.state === "down") cluster.world.kernel.after(downFor, () => start(host));
    else restartWhenDown(cluster, host, downFor);
  });
}

function each(hosts: readonly KafkaHost[], action: (host: KafkaHost) => void): void {
  for (const host of hosts) action(host);
}
