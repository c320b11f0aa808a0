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
  return {
    targets: hosts.map((host) => host.name),
    begin: () =>
      each(hosts, (host) => {
        act(fault.action, host);
        if (restarts) restartWhenDown(cluster, host, downFor);
      }),
    heal: () => each(hosts, fault.action === "pause" ? (host) => host.resume() : start),
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

function restartWhenDown(cluster: Cluster, host: KafkaHost, downFor: number): void {
  cluster.world.kernel.after(RESTART_POLL, () => {
    if (host.state === "down") cluster.world.kernel.after(downFor, () => start(host));
    else restartWhenDown(cluster, host, downFor);
  });
}

function each(hosts: readonly KafkaHost[], action: (host: KafkaHost) => void): void {
  for (const host of hosts) action(host);
}
