// NetworkChaos: faults of the links between machines, in Chaos Mesh's words. They act on directed paths; connections feel them as TCP would.
import type { KafkaHost } from "../../protocol/kafka-host.ts";
import type { Path } from "../../sim/path.ts";
import type { Rng } from "../../sim/rng.ts";
import type { Cluster } from "../cluster.ts";
import { resolve } from "../selector.ts";
import { type Fault, type FaultOf, NOTHING } from "./fault.ts";

type Spec = FaultOf<"NetworkChaos">;
type Link = readonly [from: KafkaHost, to: KafkaHost];

export function networkChaos(cluster: Cluster, fault: Spec): Fault {
  const links = fault.topology === undefined ? selected(cluster, fault) : shaped(cluster, fault);
  if (fault.action === "reset") return reset(cluster, links);
  const pathOf = ([from, to]: Link): Path => cluster.world.network.path(from.id, to.id);
  const paths = links.map(pathOf);
  const before = touches(paths);
  return {
    targets: describe(links),
    begin: () => {
      for (const path of paths) apply(fault, path);
    },
    heal: () => {
      for (const path of paths) path.heal(fault.id);
    },
    divide: (core) => {
      const isInside = ([from, to]: Link): boolean => core.has(from.id) && core.has(to.id);
      const inside = links.filter(isInside);
      return {
        inside: describe(inside),
        outside: describe(links.filter((link) => !isInside(link))),
        heal: () => {
          for (const link of inside) pathOf(link).heal(fault.id);
        },
      };
    },
    bit: () => touches(paths) > before,
  };
}

function reset(cluster: Cluster, links: readonly Link[]): Fault {
  let broken = 0;
  return {
    targets: describe(links),
    begin: () => {
      for (const [from, to] of links) broken += cluster.world.network.reset(from.id, to.id);
    },
    heal: () => undefined,
    divide: () => NOTHING,
    bit: () => broken > 0,
  };
}

function apply(fault: Spec, path: Path): void {
  if (fault.action === "partition") path.cut(fault.id);
  else if (fault.action === "delay") path.addDelay(fault.id, fault);
  else if (fault.action === "loss") path.addLoss(fault.id, fault.loss);
  else path.limit(fault.id, fault.bytesPerSecond);
}

function touches(paths: readonly Path[]): number {
  let sum = 0;
  for (const path of paths) sum += path.touched;
  return sum;
}

/** selector -> target (to), target -> selector (from), or both. Without a target: everybody else. */
function selected(cluster: Cluster, fault: Spec): Link[] {
  const ours =
    fault.selector === undefined ? servers(cluster) : resolve(cluster, fault.selector, fault.id);
  const theirs =
    fault.target === undefined
      ? everybody(cluster).filter((host) => !ours.includes(host))
      : resolve(cluster, fault.target, `${fault.id}/target`);
  const links: Link[] = [];
  for (const a of ours) {
    for (const b of theirs) {
      if (a === b) continue;
      if (fault.direction !== "from") links.push([a, b]);
      if (fault.direction !== "to") links.push([b, a]);
    }
  }
  return unique(links);
}

/** Jepsen's named shapes over the selected machines (all servers without a selector), drawn from the seed. */
function shaped(cluster: Cluster, fault: Spec): Link[] {
  const all =
    fault.selector === undefined ? servers(cluster) : resolve(cluster, fault.selector, fault.id);
  const rng = cluster.world.kernel.rng(`topology/${fault.id}`);
  const hosts = rng.shuffle([...all]);
  const links: Link[] = [];
  for (const a of hosts) {
    for (const b of hosts) if (a !== b && isCut(fault.topology, hosts, a, b)) links.push([a, b]);
  }
  return fault.topology === "isolate" ? isolate(cluster, hosts, rng) : links;
}

function isCut(
  shape: Spec["topology"],
  hosts: readonly KafkaHost[],
  a: KafkaHost,
  b: KafkaHost,
): boolean {
  const n = hosts.length;
  const i = hosts.indexOf(a);
  const j = hosts.indexOf(b);
  const half = Math.floor(n / 2);
  if (shape === "halves") return i < half !== j < half;
  // One machine sees both halves; the halves do not see each other.
  if (shape === "bridge") return i !== half && j !== half && i < half !== j < half;
  // Majorities ring: each sees a majority, itself included, and no two see the same one.
  const distance = Math.min((i - j + n) % n, (j - i + n) % n);
  return distance > Math.floor(Math.floor(n / 2 + 1) / 2);
}

/** One machine, cut from everybody, clients included. */
function isolate(cluster: Cluster, hosts: readonly KafkaHost[], rng: Rng): Link[] {
  if (hosts.length === 0) return [];
  const alone = rng.pick(hosts);
  return everybody(cluster)
    .filter((host) => host !== alone)
    .flatMap((host): Link[] => [
      [alone, host],
      [host, alone],
    ]);
}

function everybody(cluster: Cluster): KafkaHost[] {
  return cluster.machines.map((machine) => machine.host);
}

function servers(cluster: Cluster): KafkaHost[] {
  return cluster.machines
    .filter((machine) => machine.kind === "broker" || machine.kind === "controller")
    .map((machine) => machine.host);
}

function unique(links: readonly Link[]): Link[] {
  const seen = new Set<number>();
  return links.filter(([from, to]) => {
    const key = from.id * 65536 + to.id;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

/** Everybody on one side at a time: `a, b <-> c` when all links go both ways, `a -> c` when they go one way. */
function describe(links: readonly Link[]): string[] {
  const peersOf = new Map<string, string[]>();
  const both = new Set(links.map(([from, to]) => `${from.name}>${to.name}`));
  for (const [from, to] of links) {
    const mutual = both.has(`${to.name}>${from.name}`);
    const known = mutual && peersOf.get(`${to.name} <->`)?.includes(from.name);
    if (known) continue;
    const key = `${from.name} ${mutual ? "<->" : "->"}`;
    peersOf.set(key, [...(peersOf.get(key) ?? []), to.name]);
  }
  // Machines that see the same peers the same way are told of together.
  const groups = new Map<string, string[]>();
  for (const [key, peers] of peersOf) {
    const [name, arrow] = key.split(" ") as [string, string];
    const sees = `${arrow} ${peers.join(", ")}`;
    groups.set(sees, [...(groups.get(sees) ?? []), name]);
  }
  return [...groups].map(([sees, names]) => `${names.join(", ")} ${sees}`);
}
