// What the control plane of a real cluster decided, from its own record of it: the metadata log, or ZooKeeper's transaction log.
import type { BrokerStep, ControllerStep, PartitionStep } from "../comparable.ts";
import type { RealCluster } from "./cluster.ts";
import { brokerSteps, controllerSteps, type MetadataLog, partitionSteps } from "./told.ts";
import { ZOOKEEPER } from "./zookeeper.ts";
import {
  type ControllerBroker,
  controllerBrokers,
  controllerStepsOf,
  partitionStepsIn,
  registrationSteps,
  type ZnodeChange,
} from "./zookeeper-told.ts";

interface Decisions {
  readonly partitions: Readonly<Record<string, readonly PartitionStep[]>>;
  readonly brokers: Readonly<Record<string, readonly BrokerStep[]>>;
  readonly controllers: readonly ControllerStep[];
  readonly controllerBrokers?: readonly ControllerBroker[];
}

export async function decisionsOf(
  cluster: RealCluster,
  topics: ReadonlySet<string>,
  zero: number,
): Promise<Decisions> {
  const ids = cluster.brokers.map(({ spec }) => spec.id);
  if (cluster.controlPlane === "zookeeper") {
    const dir = cluster.node(ZOOKEEPER)?.logDir;
    const changes: ZnodeChange[] = await cluster.admin.ask("zooKeeperLog", { dir });
    const controllers = controllerBrokers(changes, zero);
    return {
      partitions: partitionStepsIn(changes, topics, zero),
      brokers: registrationSteps(changes, ids, zero),
      controllers: controllerStepsOf(controllers),
      controllerBrokers: controllers,
    };
  }
  const log = await metadataOf(cluster);
  return {
    partitions: partitionSteps(log, topics, zero),
    brokers: brokerSteps(log, ids, zero),
    controllers: controllerSteps(log, zero),
  };
}

/** From the voter that has most of it. */
async function metadataOf(cluster: RealCluster): Promise<MetadataLog> {
  let best: MetadataLog = { records: [], epochs: [] };
  for (const node of cluster.nodes) {
    if (!node.spec.isVoter) continue;
    const log: MetadataLog = await cluster.admin.ask("metadata", { dir: node.logDir });
    if (log.records.length > best.records.length) best = log;
  }
  return best;
}
