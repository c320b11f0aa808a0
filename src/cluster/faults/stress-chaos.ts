// StressChaos: somebody else uses a machine. Of its processors what is left serves more slowly: with load L a service takes 1 / (1 - L) times as long.
// Of its memory what is left is page cache, and where there is too little the kernel kills (memory-stressor.ts).
import type { KafkaHost } from "../../protocol/kafka-host.ts";
import type { Cluster } from "../cluster.ts";
import { resolve } from "../selector.ts";
import { type Fault, type FaultOf, faultOfHosts } from "./fault.ts";
import { MemoryStressor } from "./memory-stressor.ts";

export function stressChaos(cluster: Cluster, fault: FaultOf<"StressChaos">): Fault {
  const hosts = resolve(cluster, fault.selector, fault.id);
  const { memory } = cluster.scenario.cluster;
  const stressed = new Map<KafkaHost, readonly Stress[]>();
  for (const host of hosts) {
    const parts: Stress[] = fault.load > 0 ? [cpuStress(host, fault.load)] : [];
    if (fault.memory !== undefined && memory !== undefined)
      parts.push(new MemoryStressor(host, memory, fault.memory));
    stressed.set(host, parts);
  }
  return faultOfHosts({
    hosts,
    begin: (host) => {
      for (const part of stressed.get(host) ?? []) part.begin();
    },
    heal: (host) => {
      for (const part of stressed.get(host) ?? []) part.heal();
    },
    bit: () => [...stressed.values()].some((parts) => parts.some((part) => part.bit())),
  });
}

type Stress = Pick<Fault, "begin" | "heal" | "bit">;

function cpuStress(host: KafkaHost, load: number): Stress {
  const before = host.busyTime;
  return {
    begin: () => {
      host.slowdown = 1 / (1 - load);
    },
    heal: () => {
      host.slowdown = 1;
    },
    bit: () => host.busyTime > before,
  };
}
