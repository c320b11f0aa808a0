// Builds the machines of a scenario and gives each its program. Nothing runs yet.
import { environment } from "../protocol/environment.ts";
import { type KafkaHost, type KafkaWorld, kafkaWorld } from "../protocol/kafka-host.ts";
import { type Rules, rulesFor } from "../protocol/releases.ts";
import type { ClusterSpec, Scenario } from "../scenario/model.ts";
import type { KernelOptions } from "../sim/kernel.ts";
import { Cluster, type Machine, type MachineKind, WARM_UP } from "./cluster.ts";
import { installBroker, installConsumer, installController, installProducer } from "./programs.ts";

/** Node ids beside the brokers' own. */
const FIRST_CONTROLLER = 3001;
const FIRST_CLIENT = 5001;
const OPERATOR = 9001;

export type BuildOptions = Pick<KernelOptions, "ties" | "queue" | "hash" | "maxEvents">;

export function buildCluster(scenario: Scenario, options: BuildOptions): Cluster {
  const spec = scenario.cluster;
  const world = kafkaWorld({
    kernel: { seed: scenario.seed, ...options },
    network: spec.network,
    origin: WARM_UP,
  });
  const machines = [...serverMachines(world, spec), ...clientMachines(world, scenario)];
  const env = environment({
    release: spec.release,
    rules: rulesFor(spec.release, spec.rules as Partial<Rules>),
    voters: machines.filter((machine) => machine.voter).map((machine) => machine.host.id),
    brokers: spec.brokers.map((broker) => broker.id),
  });
  const cluster = new Cluster(scenario, world, env, machines);
  for (const machine of machines) installProgram(cluster, machine);
  return cluster;
}

/** The operator's machine: where the admin client of operations runs. */
export const operatorOf = (cluster: Cluster): KafkaHost => cluster.world.host(OPERATOR);

function serverMachines(world: KafkaWorld, spec: ClusterSpec): Machine[] {
  const { count, mode } = spec.controllers;
  const { capacityBytes, ...disk } = spec.disk;
  const { memory } = spec;
  const diskOptions = {
    ...disk,
    ...(capacityBytes === undefined ? {} : { capacityBytes }),
    ...(memory === undefined ? {} : { pageCacheBytes: memory.sizeBytes - memory.heapBytes }),
  };
  const machines: Machine[] = [];
  const add = (
    id: number,
    name: string,
    rack: string | undefined,
    kind: MachineKind,
    voter: boolean,
  ): void => {
    machines.push({ host: world.addHost({ id, name, rack, disk: diskOptions }), kind, voter });
  };
  if (mode === "dedicated") {
    for (let i = 0; i < count; i++) {
      // Dedicated controllers are spread over the racks as the brokers are.
      const rack = spec.brokers[i % spec.brokers.length]?.rack;
      add(FIRST_CONTROLLER + i, `controller-${i + 1}`, rack, "controller", true);
    }
  }
  spec.brokers.forEach((broker, i) => {
    add(broker.id, `broker-${broker.id}`, broker.rack, "broker", mode === "combined" && i < count);
  });
  return machines;
}

function clientMachines(world: KafkaWorld, scenario: Scenario): Machine[] {
  const { memory } = scenario.cluster;
  const { capacityBytes: _, ...own } = scenario.cluster.disk;
  const disk =
    memory === undefined ? own : { ...own, pageCacheBytes: memory.sizeBytes - memory.heapBytes };
  let id = FIRST_CLIENT;
  const machine = (
    name: string,
    rack: string | undefined,
    kind: MachineKind,
    nodeId: number,
  ): Machine => ({
    host: world.addHost({ id: nodeId, name, rack, disk }),
    kind,
    voter: false,
  });
  return [
    ...scenario.producers.map((spec) => machine(spec.name, spec.rack, "producer", id++)),
    ...scenario.consumers.map((spec) => machine(spec.name, spec.rack, "consumer", id++)),
    machine("operator", undefined, "operator", OPERATOR),
  ];
}

function installProgram(cluster: Cluster, machine: Machine): void {
  const { producers, consumers } = cluster.scenario;
  const { host, kind } = machine;
  if (kind === "controller") installController(cluster, machine);
  else if (kind === "broker") installBroker(cluster, machine);
  else if (kind === "operator") host.install(() => undefined);
  else if (kind === "producer") {
    for (const spec of producers) if (spec.name === host.name) installProducer(cluster, host, spec);
  } else {
    for (const spec of consumers) if (spec.name === host.name) installConsumer(cluster, host, spec);
  }
}
