// A world of controllers, and of brokers that are nothing but their side of the control plane.
import { kraftBrokerSide } from "../../src/controller/kraft/broker-side.ts";
import { type ControllerProgram, kraftController } from "../../src/controller/kraft/controller.ts";
import type { Request, Response } from "../../src/protocol/apis.ts";
import { BROKER_CONFIG } from "../../src/protocol/config/broker.ts";
import { resolveConfig, type Settings } from "../../src/protocol/config/row.ts";
import { type Environment, environment } from "../../src/protocol/environment.ts";
import type { TraceEvent } from "../../src/protocol/events.ts";
import { type KafkaHost, type KafkaWorld, kafkaWorld } from "../../src/protocol/kafka-host.ts";
import { LATEST_RELEASE, type Release, type Rules, rulesFor } from "../../src/protocol/releases.ts";
import type { ClusterView, ControlPlane, MetadataChange } from "../../src/protocol/roles.ts";
import { ms, seconds } from "../../src/sim/kernel.ts";

const disk = { writeBytesPerSecond: 5e8, readBytesPerSecond: 1e9, fsyncUs: 500 };

export interface FakeBroker {
  readonly host: KafkaHost;
  plane: ControlPlane;
  ready: boolean;
  view: ClusterView | undefined;
  changes: MetadataChange[];
}

export interface ClusterOptions {
  readonly seed?: string;
  readonly controllers?: number;
  readonly brokers?: number;
  readonly release?: Release;
  readonly rules?: Partial<Rules>;
  readonly config?: Settings;
  readonly racks?: readonly string[];
  /** Brokers 1.. are the voters. */
  readonly combined?: boolean;
}

export class TestCluster {
  readonly world: KafkaWorld;
  readonly env: Environment;
  readonly events: TraceEvent[] = [];
  readonly controllers = new Map<number, ControllerProgram>();
  readonly brokers = new Map<number, FakeBroker>();
  readonly admin: KafkaHost;

  constructor(options: ClusterOptions = {}) {
    const { controllers = 3, brokers = 3, release = LATEST_RELEASE } = options;
    const voterIds = Array.from({ length: controllers }, (_, i) =>
      options.combined ? i + 1 : 3001 + i,
    );
    const brokerIds = Array.from({ length: brokers }, (_, i) => i + 1);
    this.env = environment({
      release,
      rules: rulesFor(release, options.rules),
      voters: voterIds,
      brokers: brokerIds,
    });
    this.world = kafkaWorld({
      kernel: { seed: options.seed ?? "controller" },
      network: {
        latencyUs: 200,
        jitterUs: 50,
        interRackLatencyUs: 0,
        bandwidthBytesPerSecond: 1e9,
      },
    });
    this.world.trace.onAny((event) => this.events.push(event));
    const config = resolveConfig(BROKER_CONFIG, release, options.config ?? {});
    const start = (host: KafkaHost): ControllerProgram => {
      const controller = kraftController(host, this.env, { config });
      this.controllers.set(host.id, controller);
      return controller;
    };
    if (!options.combined) {
      for (const id of voterIds) {
        const host = this.world.addHost({ id, name: `controller-${id - 3000}`, disk });
        host.install((machine) => void start(machine));
        host.boot();
      }
    }
    for (const id of brokerIds) {
      const rack = options.racks?.[id - 1];
      const host = this.world.addHost({ id, name: `broker-${id}`, rack, disk });
      host.install(() => {
        const controller = options.combined && voterIds.includes(id) ? start(host) : undefined;
        const plane = kraftBrokerSide(host, this.env, { config, controller });
        const broker: FakeBroker = { host, plane, ready: true, view: undefined, changes: [] };
        this.brokers.set(id, broker);
        host.serve(plane.forwarding);
        plane.join({
          id,
          get ready() {
            return broker.ready;
          },
          apply: (changes, view) => {
            broker.view = view;
            broker.changes.push(...changes);
          },
        });
      });
      host.boot();
    }
    this.admin = this.world.addHost({ id: 9000, name: "admin", disk });
    this.admin.install(() => undefined);
    this.admin.boot();
  }

  run(milliseconds: number): void {
    this.world.kernel.run(this.world.kernel.now + ms(milliseconds));
  }

  /** Runs until something holds; fails after a while. */
  until(condition: () => boolean, atMost = 60_000): void {
    const end = this.world.kernel.now + ms(atMost);
    while (!condition()) {
      if (this.world.kernel.now >= end) throw new Error("it never came true");
      this.run(10);
    }
  }

  broker(id: number): FakeBroker {
    return this.brokers.get(id) as FakeBroker;
  }

  /** Id of the active controller. */
  active(): number | undefined {
    let best: number | undefined;
    let epoch = -1;
    for (const [id, program] of this.controllers) {
      if (this.world.host(id).state !== "running") continue;
      if (program.activeEpoch !== undefined && program.activeEpoch > epoch) {
        epoch = program.activeEpoch;
        best = id;
      }
    }
    return best;
  }

  image(): ClusterView {
    return (this.controllers.get(this.active() as number) as ControllerProgram).image;
  }

  partition(name: string) {
    const dash = name.lastIndexOf("-");
    const partition = this.env.partitions.of(name.slice(0, dash), Number(name.slice(dash + 1)));
    const registration = this.image().partition(partition);
    if (registration === undefined) throw new Error(`${name} is unknown`);
    return registration;
  }

  /** Until every broker is unfenced. */
  settle(): void {
    this.until(() => {
      if (this.active() === undefined) return false;
      const { brokers } = this.image();
      return this.env.brokers.every((id) => brokers.get(id)?.fenced === false);
    });
  }

  ask<A extends "CreateTopics" | "DeleteTopics" | "CreatePartitions" | "ElectLeaders">(
    to: number,
    api: A,
    request: Request<A>,
  ): Response<A> {
    let response: Response<A> | undefined;
    let failed = false;
    this.admin.send(to, api, request, { timeoutUs: seconds(40) }, (reply) => {
      if (reply.ok) response = reply.response as Response<A>;
      else failed = true;
    });
    this.until(() => response !== undefined || failed, 50_000);
    if (response === undefined) throw new Error(`${api} was not answered`);
    return response;
  }

  createTopic(name: string, assignment: readonly (readonly number[])[], config: Settings = {}) {
    const partitions = assignment.length;
    const topic = { name, partitions, replicationFactor: -1, assignment, config };
    const response = this.ask(this.env.brokers[0] as number, "CreateTopics", { topics: [topic] });
    const error = response.topics[0]?.error ?? response.error;
    if (error !== "NONE") throw new Error(`${name}: ${error}`);
  }

  of<K extends TraceEvent["type"]>(type: K): Extract<TraceEvent, { type: K }>[] {
    return this.events.filter((event) => event.type === type) as Extract<TraceEvent, { type: K }>[];
  }
}
