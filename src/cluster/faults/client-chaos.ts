// ClientChaos: what applications do to themselves: another load, slower processing, a poll loop that hangs, a crash, a newcomer, a farewell.
import type { KafkaHost } from "../../protocol/kafka-host.ts";
import type { Cluster } from "../cluster.ts";
import { resolve } from "../selector.ts";
import { type Fault, type FaultOf, faultOfHosts } from "./fault.ts";

type Spec = FaultOf<"ClientChaos">;
type Deed = Pick<Fault, "begin" | "heal">;

export function clientChaos(cluster: Cluster, fault: Spec): Fault {
  const wantsRunning = fault.action !== "join";
  const hosts = resolve(cluster, fault.selector, fault.id).filter(
    (host) => wantsRunning === (host.state !== "down") && concerns(cluster, fault, host),
  );
  const deeds = new Map(hosts.map((host) => [host, deedOf(cluster, fault, host)]));
  return faultOfHosts({
    hosts,
    begin: (host) => deeds.get(host)?.begin(),
    heal: (host) => deeds.get(host)?.heal(),
    isOn: (host) => fault.action !== "crash" || host.state === "down",
    bit: () => hosts.length > 0,
  });
}

function concerns(cluster: Cluster, { action }: Spec, host: KafkaHost): boolean {
  const kind = cluster.machine(host.name)?.kind;
  if (action === "rate") return kind === "producer";
  if (action === "crash") return kind === "producer" || kind === "consumer";
  return kind === "consumer";
}

function deedOf(cluster: Cluster, fault: Spec, host: KafkaHost): Deed {
  // A program that has been restarted meanwhile is another one: it is asked for anew each time.
  const consumer = () => (host.state === "down" ? undefined : cluster.consumers.get(host.id));
  const producer = () => (host.state === "down" ? undefined : cluster.producers.get(host.id));
  const start = (): void => {
    if (host.state === "down") host.boot();
  };
  switch (fault.action) {
    case "crash":
      return { begin: () => host.crash("kill"), heal: start };
    case "join":
      return { begin: start, heal: () => host.terminate() };
    case "leave":
      return { begin: () => host.terminate(), heal: start };
    case "stopPolling":
      return {
        begin: () => consumer()?.stopPolling(),
        heal: () => consumer()?.resumePolling(),
      };
    case "processingTime": {
      const before = cluster.scenario.consumers.find((spec) => spec.name === host.name);
      return {
        begin: () => consumer()?.setProcessingTime(fault.timeUs),
        heal: () => consumer()?.setProcessingTime(before?.processing.timeUs ?? 0),
      };
    }
    case "rate":
      return {
        begin: () => producer()?.setRate(fault.perSecond),
        heal: () => producer()?.setRate(undefined),
      };
  }
}
