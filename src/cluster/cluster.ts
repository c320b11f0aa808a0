// A cluster put together from a scenario: machines, their programs, and the access that faults, selectors and operations have to it.

import type { ConsumerProgram } from "../client/consumer/consumer.ts";
import type { ProducerProgram } from "../client/producer/program.ts";
import type { ControllerProgram } from "../controller/kraft/controller.ts";
import type { Environment } from "../protocol/environment.ts";
import type { KafkaHost, KafkaWorld } from "../protocol/kafka-host.ts";
import type { ClusterView } from "../protocol/roles.ts";
import type { TopicPartition } from "../protocol/types.ts";
import type { Scenario } from "../scenario/model.ts";
import type { Micros } from "../sim/kernel.ts";
import { seconds } from "../sim/kernel.ts";

export type MachineKind = "broker" | "controller" | "producer" | "consumer" | "operator";

/** A machine of the cluster, as scenarios and reports name it. A combined node is a broker that is a voter too. */
export interface Machine {
  readonly host: KafkaHost;
  readonly kind: MachineKind;
  readonly voter: boolean;
}

/**
 * The cluster boots this long before the scenario's time zero: quorum elected, brokers unfenced, topics created, ISRs full.
 * A scenario's times are then those of a cluster in operation.
 */
export const WARM_UP: Micros = seconds(30);

export class Cluster {
  readonly scenario: Scenario;
  readonly world: KafkaWorld;
  readonly env: Environment;
  readonly machines: readonly Machine[];
  /** Programs of the current lives, by node id. */
  readonly controllers = new Map<number, ControllerProgram>();
  readonly producers = new Map<number, ProducerProgram>();
  readonly consumers = new Map<number, ConsumerProgram>();
  /** The duration is over: who begins now sends nothing by itself. */
  isLoadOver = false;
  readonly #byName = new Map<string, Machine>();

  constructor(
    scenario: Scenario,
    world: KafkaWorld,
    env: Environment,
    machines: readonly Machine[],
  ) {
    this.scenario = scenario;
    this.world = world;
    this.env = env;
    this.machines = machines;
    for (const machine of machines) this.#byName.set(machine.host.name, machine);
  }

  /** Scenario time. */
  get now(): Micros {
    return this.world.kernel.now - WARM_UP;
  }

  /** Runs an action at a scenario time (at once when it is past). */
  at(time: Micros, action: () => void): void {
    this.world.kernel.after(Math.max(0, time + WARM_UP - this.world.kernel.now), action);
  }

  /** Is it a consumer that starts only when a fault tells it to join? */
  waits(name: string): boolean {
    return this.scenario.consumers.some((spec) => spec.waits && spec.name === name);
  }

  machine(name: string): Machine | undefined {
    return this.#byName.get(name);
  }

  partition(name: string): TopicPartition {
    const dash = name.lastIndexOf("-");
    return this.env.partitions.of(name.slice(0, dash), Number(name.slice(dash + 1)));
  }

  /** The active controller's node: of those that believe it, the one of the highest epoch. */
  activeController(): KafkaHost | undefined {
    let best: { host: KafkaHost; epoch: number } | undefined;
    for (const [id, program] of this.controllers) {
      const host = this.world.host(id);
      const epoch = host.state === "down" ? undefined : program.activeEpoch;
      if (epoch !== undefined && (best === undefined || epoch > best.epoch)) best = { host, epoch };
    }
    return best?.host;
  }

  /** Committed metadata: the active controller's image, or without one the newest any controller has. */
  metadata(): ClusterView | undefined {
    const active = this.activeController();
    if (active !== undefined) return this.controllers.get(active.id)?.image;
    let newest: ClusterView | undefined;
    for (const { image } of this.controllers.values()) {
      if (newest === undefined || image.offset > newest.offset) newest = image;
    }
    return newest;
  }
}
