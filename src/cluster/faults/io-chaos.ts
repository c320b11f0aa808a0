// IOChaos: slow, failing and lying disks. TimeChaos: wrong clocks.
import type { DiskFault } from "../../sim/disk.ts";
import type { Cluster } from "../cluster.ts";
import { resolve } from "../selector.ts";
import type { Fault, FaultOf } from "./fault.ts";

export function ioChaos(cluster: Cluster, fault: FaultOf<"IOChaos">): Fault {
  const hosts = resolve(cluster, fault.selector, fault.id);
  const faults = hosts.map((host) => {
    const diskFault: DiskFault = {
      methods: fault.methods,
      probability: fault.percent,
      hits: 0,
      ...effect(fault),
    };
    return { host, diskFault };
  });
  return {
    targets: hosts.map((host) => host.name),
    begin: () => {
      for (const { host, diskFault } of faults) host.disk.fault.add(diskFault);
    },
    heal: () => {
      for (const { host, diskFault } of faults) host.disk.fault.delete(diskFault);
    },
    bit: () => faults.some(({ diskFault }) => diskFault.hits > 0),
  };
}

function effect(fault: FaultOf<"IOChaos">): Pick<DiskFault, "latency" | "errno" | "corrupt"> {
  if (fault.action === "latency") return { latency: fault.latencyUs };
  return fault.action === "fault" ? { errno: fault.errno } : { corrupt: true };
}

export function timeChaos(cluster: Cluster, fault: FaultOf<"TimeChaos">): Fault {
  const hosts = resolve(cluster, fault.selector, fault.id);
  return {
    targets: hosts.map((host) => host.name),
    begin: () => {
      for (const host of hosts) {
        if (fault.action === "timeOffset") host.clock.setOffset(fault.timeOffsetUs);
        else host.clock.setDrift(fault.driftPpm);
      }
    },
    // The clock is set right again, as a time service would.
    heal: () => {
      for (const host of hosts) {
        host.clock.setDrift(0);
        host.clock.setOffset(0);
      }
    },
    bit: () => hosts.length > 0,
  };
}
