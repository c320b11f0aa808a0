// The nodes of a cluster whose metadata is in ZooKeeper: one ZooKeeper server, and brokers of which one is the controller. Where a
// scenario speaks of controllers it means those of KRaft: all or most of them stand for the ZooKeeper server, the active one for the
// broker that is the controller.
import type { ClusterSpec, FaultSpec, Scenario, Selector } from "../../../src/scenario/model.ts";
import type { Jars } from "./jars.ts";
import { BROKER_DEFAULTS, brokerConfig } from "./kraft.ts";
import type { Network } from "./network.ts";
import { type NodeProgram, type NodeSpec, type Properties, RealNode } from "./node.ts";
import { freePorts } from "./processes.ts";

export const ZOOKEEPER = "zookeeper-1";
const ZOOKEEPER_ID = 2001;
const CONTROLLER = /^controller-\d+$/;
const HEARTBEAT = "broker.heartbeat.interval.ms";
const SESSION = "broker.session.timeout.ms";
const DEFAULT_HEARTBEAT_MS = 2_000;
const DEFAULT_SESSION_MS = 9_000;

export async function zookeeperNodes(
  jars: Jars,
  dir: string,
  spec: ClusterSpec,
  network: Network | undefined,
): Promise<RealNode[]> {
  const ports = await freePorts(spec.brokers.length + 1);
  const specOf = (id: number, name: string, isBroker: boolean): NodeSpec => ({
    ...{ id, name, isBroker, isVoter: false },
    ...(network?.add() ?? { address: "127.0.0.1", namespace: undefined }),
    port: ports.pop() as number,
  });
  const server = specOf(ZOOKEEPER_ID, ZOOKEEPER, false);
  const connect = `${server.address}:${server.port}`;
  const brokers = spec.brokers.map((broker) => {
    const node = specOf(broker.id, `broker-${broker.id}`, true);
    return new RealNode(jars, dir, node, brokerProgram(node, connect, brokerConfig(spec, broker)));
  });
  return [new RealNode(jars, dir, server, serverProgram(server, spec.config)), ...brokers];
}

/** ZooKeeper ends sessions in whole ticks: as coarse as heartbeats make the sessions of KRaft. */
const serverProgram = ({ address, port }: NodeSpec, config: Properties): NodeProgram => ({
  main: "org.apache.zookeeper.server.ZooKeeperServerMain",
  properties: (logDir) => ({
    tickTime: config[HEARTBEAT] ?? DEFAULT_HEARTBEAT_MS,
    dataDir: logDir,
    clientPort: port,
    clientPortAddress: address,
    // A session may be as long as a scenario wants: by default 20 ticks.
    maxSessionTimeout: 600_000,
    maxClientCnxns: 0,
    "admin.enableServer": false,
    // In KiB: its log is small and read again and again.
    preAllocSize: 64,
  }),
  format: () => undefined,
});

const brokerProgram = (spec: NodeSpec, connect: string, config: Properties): NodeProgram => ({
  main: "kafka.Kafka",
  properties: (logDir) => {
    const { [HEARTBEAT]: _, [SESSION]: session, ...rest } = config;
    return {
      "broker.id": spec.id,
      "zookeeper.connect": connect,
      "zookeeper.session.timeout.ms": session ?? DEFAULT_SESSION_MS,
      "zookeeper.connection.timeout.ms": 18_000,
      listeners: `PLAINTEXT://${spec.address}:${spec.port}`,
      "log.dirs": logDir,
      ...BROKER_DEFAULTS,
      ...rest,
    };
  },
  // A broker writes meta.properties itself, with the cluster id that it finds in ZooKeeper.
  format: () => undefined,
});

/** Reasons why a scenario means nothing where metadata is in ZooKeeper; empty: it can be played. */
export function zookeeperObstacles({ cluster, faults }: Scenario): string[] {
  const { count, mode } = cluster.controllers;
  if (mode === "combined") return ["with ZooKeeper no broker is a member of a quorum"];
  return faults.flatMap((fault) =>
    selectorsOf(fault).flatMap((names) => {
      const hit = new Set(names.filter((name) => CONTROLLER.test(name))).size;
      if (hit === 0) return [];
      if (fault.kind === "HostChaos") return [`fault ${fault.id} takes the disk of controllers`];
      if (2 * hit > count) return [];
      return [
        `fault ${fault.id} hits ${hit} of ${count} controllers, and one ZooKeeper server has no minority`,
      ];
    }),
  );
}

function selectorsOf(fault: FaultSpec): string[][] {
  const selectors: (Selector | undefined)[] = [
    "selector" in fault ? fault.selector : undefined,
    "target" in fault ? fault.target : undefined,
  ];
  return selectors.flatMap((selector) => (selector?.kind === "names" ? [[...selector.names]] : []));
}

/** The node that a scenario's name stands for. */
export const nameWithZookeeper = (name: string): string =>
  CONTROLLER.test(name) ? ZOOKEEPER : name;

/** Who is to be the controller at time zero: the last broker that no fault of the scenario names, or the last. */
export function controllerFor({ cluster, faults }: Scenario): number {
  const hit = new Set(faults.flatMap(selectorsOf).flat());
  const ids = cluster.brokers.map(({ id }) => id).sort((a, b) => b - a);
  return ids.find((id) => !hit.has(`broker-${id}`)) ?? (ids[0] as number);
}
