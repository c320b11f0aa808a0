// IOChaos: slow, failing and lying disks. TimeChaos: wrong clocks.
import type { KafkaHost } from "../../protocol/kafka-host.ts";
import type { DiskFault } from "../../sim/disk.ts";
import type { Cluster } from "../cluster.ts";
import { resolve } from "../selector.ts";
import { type Fault, type FaultOf, faultOfHosts } from "./fault.ts";

export function ioChaos(cluster: Cluster, fault: FaultOf<"IOChaos">): Fault {
  const faults = new Map<KafkaHost, DiskFault>();
  for (const host of resolve(cluster, fault.selector, fault.id)) {
    const { methods, percent: probability } = fault;
    faults.set(host, { methods, probability, hits: 0, ...effect(fault) });
  }
  return faultOfHosts({
    hosts: [...faults.keys()],
    begin: (host) => host.disk.fault.add(faults.get(host) as DiskFault),
    heal: (host) => host.disk.fault.delete(faults.get(host) as DiskFault),
    bit: () => [...faults.values()].some(({ hits }) => hits > 0),
  });
}

function effect(fault: FaultOf<"IOChaos">): Pick<DiskFault, "latency" | "errno" | "corrupt"> {
  if (fault.action === "latency") return { latency: fault.latencyUs };
  return fault.action === "fault" ? { errno: fault.errno } : { corrupt: true };
}

export function timeChaos(cluster: Cluster, fault: FaultOf<"TimeChaos">): Fault {
  const hosts = resolve(cluster, fault.selector, fault.id);
  return faultOfHosts({
    hosts,
    begin: (host) => {
      if (fault.action === "timeOffset") host.clock.setOffset(fault.timeOffsetUs);
      else host.clock.setDrift(fault.driftPpm);
    },
    // The clock is set right again, as a time service would.
    heal: (host) => {
      host.clock.setDrift(0);
      host.clock.setOffset(0);
    },
    bit: () => hosts.length > 0,
  });
}
