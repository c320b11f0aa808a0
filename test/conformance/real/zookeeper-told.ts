// From the transaction log of a ZooKeeper server to the comparable trace. A registration is the znode of a broker's session, a partition
// epoch the version of a partition's state znode (KafkaZkClient, TopicPartitionStateZNode). ZooKeeper knows nothing of eligible leader
// replicas, and not who is shutting down: a broker asks the controller for that.
import type { BrokerStep, ControllerStep, PartitionStep } from "../comparable.ts";

/** One change of a znode. */
export interface ZnodeChange {
  /** By the server's clock, epoch milliseconds. */
  readonly at: number;
  readonly op: "create" | "set" | "delete";
  readonly path: string;
  readonly data?: string;
  /** After a set: counts from 0, the creation. */
  readonly version?: number;
}

/** Which broker was the controller, from the one at time zero on; its epoch is relative to that one's. */
export interface ControllerBroker {
  readonly broker: number;
  readonly epoch: number;
  readonly atMs: number;
}

/** In words, for a recording. */
export const UNKNOWN_WITH_ZOOKEEPER: readonly string[] = [
  "brokers: shuttingDown, which a broker tells the controller and nobody else",
  "partitions: elr is empty, as nothing like it exists",
];

const STATE = /^\/brokers\/topics\/([^/]+)\/partitions\/(\d+)\/state$/;
const REGISTRATION = /^\/brokers\/ids\/(\d+)$/;
const EPOCH = "/controller_epoch";
const CONTROLLER = "/controller";

export function partitionStepsIn(
  changes: readonly ZnodeChange[],
  topics: ReadonlySet<string>,
  zero: number,
): Record<string, PartitionStep[]> {
  const steps: Record<string, PartitionStep[]> = {};
  for (const { at, op, path, data, version } of changes) {
    const [, topic, partition] = STATE.exec(path) ?? [];
    if (topic === undefined || !topics.has(topic)) continue;
    const name = `${topic}-${partition}`;
    // Created anew under the same name: an earlier scenario's topic is another one.
    if (op === "delete") delete steps[name];
    if (data === undefined) continue;
    const { leader, leader_epoch: leaderEpoch, isr } = JSON.parse(data);
    steps[name] ??= [];
    steps[name].push({
      partitionEpoch: version ?? 0,
      ...{ leader, leaderEpoch, isr, elr: [] },
      atMs: at - zero,
    });
  }
  return steps;
}

export function registrationSteps(
  changes: readonly ZnodeChange[],
  brokers: readonly number[],
  zero: number,
): Record<string, BrokerStep[]> {
  const steps: Record<string, BrokerStep[]> = {};
  for (const id of brokers) steps[`broker-${id}`] = [];
  for (const { at, op, path } of changes) {
    const id = REGISTRATION.exec(path)?.[1];
    if (id === undefined || op === "set" || at <= zero) continue;
    const change = op === "create" ? "unfenced" : "fenced";
    steps[`broker-${id}`]?.push({ change, atMs: at - zero });
  }
  return steps;
}

/** A broker that becomes the controller creates its znode and raises the epoch in one transaction, in this order. */
export function controllerBrokers(
  changes: readonly ZnodeChange[],
  zero: number,
): ControllerBroker[] {
  const all: ControllerBroker[] = [];
  let broker = -1;
  for (const { at, op, path, data } of changes) {
    if (data === undefined) continue;
    if (path === CONTROLLER) broker = JSON.parse(data).brokerid;
    if (path === EPOCH && op === "set") all.push({ broker, epoch: Number(data), atMs: at - zero });
  }
  const base = all.filter(({ atMs }) => atMs <= 0).at(-1);
  return all
    .filter((step) => step === base || step.atMs > 0)
    .map((step) => ({ ...step, epoch: step.epoch - (base?.epoch ?? 0) }));
}

export const controllerStepsOf = (controllers: readonly ControllerBroker[]): ControllerStep[] =>
  controllers.filter(({ atMs }) => atMs > 0).map(({ epoch, atMs }) => ({ epoch, atMs }));
