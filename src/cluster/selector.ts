// Which machines a selector means, at the moment it is asked.
import { groupPartitionFor } from "../protocol/java-hash.ts";
import type { KafkaHost } from "../protocol/kafka-host.ts";
import type { Selector } from "../scenario/model.ts";
import type { Cluster, Machine } from "./cluster.ts";

const GROUP_TOPIC = "__consumer_offsets";

/** `stream`: the random stream that a mode draws from. */
export function resolve(cluster: Cluster, selector: Selector, stream: string): KafkaHost[] {
  switch (selector.kind) {
    case "names":
      return selector.names.flatMap((name) => cluster.machine(name)?.host ?? []);
    case "rack":
      return hosts(cluster, (machine) => machine.host.rack === selector.rack);
    case "role":
      return hosts(cluster, (machine) => hasRole(machine, selector.role));
    case "leaderOf":
    case "followersOf":
      return replicasOf(cluster, selector.partition, selector.kind === "leaderOf");
    case "activeController": {
      const active = cluster.activeController();
      return active === undefined ? [] : [active];
    }
    case "coordinatorOf":
      return coordinatorOf(cluster, selector.group);
    case "mode":
      return draw(
        cluster,
        resolve(cluster, selector.of, stream),
        selector.mode,
        selector.value,
        stream,
      );
  }
}

function hosts(cluster: Cluster, wanted: (machine: Machine) => boolean): KafkaHost[] {
  return cluster.machines
    .filter((machine) => machine.kind !== "operator" && wanted(machine))
    .map((machine) => machine.host);
}

function hasRole(machine: Machine, role: "broker" | "controller" | "client"): boolean {
  if (role === "broker") return machine.kind === "broker";
  if (role === "controller") return machine.voter;
  return machine.kind === "producer" || machine.kind === "consumer";
}

function replicasOf(cluster: Cluster, name: string, leader: boolean): KafkaHost[] {
  const registration = cluster.metadata()?.partition(cluster.partition(name));
  if (registration === undefined) return [];
  const ids = registration.replicas.filter((id) => (id === registration.leader) === leader);
  return ids.map((id) => cluster.world.host(id));
}

/** The leader of the group's partition of __consumer_offsets; nobody before the topic exists. */
function coordinatorOf(cluster: Cluster, group: string): KafkaHost[] {
  const partitions = cluster.metadata()?.topics.get(GROUP_TOPIC)?.partitions.length ?? 0;
  if (partitions === 0) return [];
  return replicasOf(cluster, `${GROUP_TOPIC}-${groupPartitionFor(group, partitions)}`, true);
}

function draw(
  cluster: Cluster,
  from: KafkaHost[],
  mode: "one" | "all" | "fixed",
  value: number,
  stream: string,
): KafkaHost[] {
  if (mode === "all") return from;
  const rng = cluster.world.kernel.rng(`selector/${stream}`);
  return rng.shuffle([...from]).slice(0, mode === "one" ? 1 : value);
}
