// One cluster under one scenario, from boot to the end: what a runner steps through. Emits trace events, judges nothing.
import type { KafkaEvents } from "../protocol/events.ts";
import type { KafkaHost } from "../protocol/kafka-host.ts";
import type { Scenario } from "../scenario/model.ts";
import type { Micros } from "../sim/kernel.ts";
import type { Trace } from "../sim/trace.ts";
import { type BuildOptions, buildCluster } from "./build.ts";
import { type Cluster, type MachineKind, WARM_UP } from "./cluster.ts";
import { type FaultReport, FaultSchedule } from "./faults/schedule.ts";
import { startOperator } from "./operations.ts";
import { resolve } from "./selector.ts";
import { arm } from "./trigger.ts";

export interface MachineName {
  readonly id: number;
  readonly name: string;
  readonly kind: MachineKind;
  readonly voter: boolean;
  readonly rack: string | undefined;
}

export class ClusterRun {
  readonly #cluster: Cluster;
  readonly #faults: FaultSchedule;

  /** Boots the machines; time zero of the scenario is WARM_UP later. */
  constructor(scenario: Scenario, options: BuildOptions = {}) {
    this.#cluster = buildCluster(scenario, options);
    this.#faults = new FaultSchedule(this.#cluster);
    armScriptedSends(this.#cluster);
    this.#cluster.world.kernel.after(0, () => {
      for (const { host, kind } of this.#cluster.machines) {
        // Each machine starts by itself, not because another did.
        this.#cluster.world.kernel.cause = 0;
        if (kind !== "operator" && !this.#cluster.waits(host.name)) host.boot();
      }
      startOperator(this.#cluster);
    });
  }

  get trace(): Trace<KafkaEvents> {
    return this.#cluster.world.trace;
  }

  get machines(): MachineName[] {
    return this.#cluster.machines.map(({ host, kind, voter }) => ({
      id: host.id,
      name: host.name,
      kind,
      voter,
      rack: host.rack,
    }));
  }

  /** Scenario time; negative while the cluster boots. */
  get now(): Micros {
    return this.#cluster.now;
  }

  /** Kernel events so far. */
  get steps(): number {
    return this.#cluster.world.kernel.events;
  }

  get traceHash(): string {
    return this.#cluster.world.kernel.hash.digest();
  }

  /** Everything up to and including a scenario time. */
  runUntil(time: Micros): void {
    this.#cluster.world.kernel.run(time + WARM_UP);
  }

  /** The duration is over: load stops, faults are healed: all of them, or those of the declared core. */
  settle(): void {
    const { world, producers } = this.#cluster;
    world.kernel.cause = 0;
    this.#cluster.isLoadOver = true;
    for (const [id, producer] of producers) {
      // A program whose process is dead has nothing left to send.
      if (world.host(id).state !== "down") producer.stopLoad();
    }
    const core = this.#core();
    const healed =
      core === undefined
        ? { healed: this.#faults.settle() }
        : {
            healed: this.#faults.settleCore(new Set(core.map((host) => host.id))),
            core: core.map((host) => host.name),
          };
    world.trace.emit(0, "run.settling", healed);
  }

  /** Who has to be healthy from now on, in the order of the cluster; undefined: everybody. */
  #core(): KafkaHost[] | undefined {
    const { scenario, machines } = this.#cluster;
    if (scenario.core === undefined) return undefined;
    const chosen = new Set(
      scenario.core.flatMap((selector, i) => resolve(this.#cluster, selector, `core/${i}`)),
    );
    return machines.map(({ host }) => host).filter((host) => chosen.has(host));
  }

  faultReports(): FaultReport[] {
    return this.#faults.reports();
  }

  /** Every producer has let go of all its records. */
  get producersIdle(): boolean {
    for (const producer of this.#cluster.producers.values()) if (!producer.idle) return false;
    return true;
  }
}

function armScriptedSends(cluster: Cluster): void {
  for (const spec of cluster.scenario.producers) {
    const host = cluster.machine(spec.name)?.host;
    for (const send of spec.sends) {
      arm(cluster, send.trigger, () => {
        if (host?.state === "running")
          cluster.producers
            .get(host.id)
            ?.sendScripted(send.records, send.key, send.partition, send);
      });
    }
  }
}
