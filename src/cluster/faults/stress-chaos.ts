// StressChaos: somebody else uses a machine's processors. What is left serves more slowly: with load L a service takes 1 / (1 - L) times as long.
// Memory pressure is not modelled.
import type { Cluster } from "../cluster.ts";
import { resolve } from "../selector.ts";
import type { Fault, FaultOf } from "./fault.ts";

export function stressChaos(cluster: Cluster, fault: FaultOf<"StressChaos">): Fault {
  const hosts = resolve(cluster, fault.selector, fault.id);
  const busy = (): number => hosts.reduce((sum, host) => sum + host.busyTime, 0);
  const before = busy();
  return {
    targets: hosts.map((host) => host.name),
    begin: () => {
      for (const host of hosts) host.slowdown = 1 / (1 - fault.load);
    },
    heal: () => {
      for (const host of hosts) host.slowdown = 1;
    },
    bit: () => busy() > before,
  };
}
