// StressChaos: somebody else uses a machine. Of its processors what is left serves more slowly: with load L a service takes 1 / (1 - L) times as long.
// Of its memory what is left is page cache, and where there is too little the kernel kills (memory-stressor.ts).
import type { KafkaHost } from "../../protocol/kafka-host.ts";
import type { Cluster } from "../cluster.ts";
import { resolve } from "../selector.ts";
import type { Fault, FaultOf } from "./fault.ts";
import { MemoryStressor } from "./memory-stressor.ts";

export function stressChaos(cluster: Cluster, fault: FaultOf<"StressChaos">): Fault {
  const hosts = resolve(cluster, fault.selector, fault.id);
  const { memory } = cluster.scenario.cluster;
  const parts: Stress[] = [];
  if (fault.load > 0) parts.push(cpuStress(hosts, fault.load));
  if (fault.memory !== undefined && memory !== undefined) {
    for (const host of hosts) parts.push(new MemoryStressor(host, memory, fault.memory));
  }
  return {
    targets: hosts.map((host) => host.name),
    begin: () => {
      for (const part of parts) part.begin();
    },
    heal: () => {
      for (const part of parts) part.heal();
    },
    bit: () => parts.some((part) => part.bit()),
  };
}

type Stress = Omit<Fault, "targets">;

function cpuStress(hosts: readonly KafkaHost[], load: number): Stress {
  const busy = (): number => hosts.reduce((sum, host) => sum + host.busyTime, 0);
  const before = busy();
  return {
    begin: () => {
      for (const host of hosts) host.slowdown = 1 / (1 - load);
    },
    heal: () => {
      for (const host of hosts) host.slowdown = 1;
    },
    bit: () => busy() > before,
  };
}
