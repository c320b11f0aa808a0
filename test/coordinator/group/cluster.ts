// A whole cluster, controllers and brokers with their group coordinators, and clients whose requests a test writes by hand.
import { kafkaBroker } from "../../../src/broker/broker.ts";
import { offsetsTopicCreator } from "../../../src/cluster/internal-topics.ts";
import { kraftBrokerSide } from "../../../src/controller/kraft/broker-side.ts";
import {
  type ControllerProgram,
  kraftController,
} from "../../../src/controller/kraft/controller.ts";
import { groupCoordinator } from "../../../src/coordinator/group/coordinator.ts";
import type { ApiName, Request, Response } from "../../../src/protocol/apis.ts";
import { BROKER_CONFIG } from "../../../src/protocol/config/broker.ts";
import { resolveConfig, type Settings } from "../../../src/protocol/config/row.ts";
import { topicConfig } from "../../../src/protocol/config/topic.ts";
import { type Environment, environment } from "../../../src/protocol/environment.ts";
import type { EventName, KafkaEvent, TraceEvent } from "../../../src/protocol/events.ts";
import { groupPartitionFor } from "../../../src/protocol/java-hash.ts";
import { type KafkaHost, type KafkaWorld, kafkaWorld } from "../../../src/protocol/kafka-host.ts";
import { LATEST_RELEASE, rulesFor } from "../../../src/protocol/releases.ts";
import type { TopicPartition } from "../../../src/protocol/types.ts";
import { ms } from "../../../src/sim/kernel.ts";

const DISK = { writeBytesPerSecond: 5e8, readBytesPerSecond: 1e9, fsyncUs: 500 };
const CLIENT = 5001;

export interface GroupClusterOptions {
  readonly brokers?: number;
  readonly config?: Settings;
  readonly clients?: number;
}

/** One request under way, or answered. */
export interface Sent<A extends ApiName> {
  response: Response<A> | undefined;
  failed: boolean;
}

export class GroupCluster {
  readonly world: KafkaWorld;
  readonly env: Environment;
  readonly events: TraceEvent[] = [];
  readonly #controllers = new Map<number, ControllerProgram>();

  constructor({ brokers = 3, config: settings = {}, clients = 2 }: GroupClusterOptions = {}) {
    const release = LATEST_RELEASE;
    const ids = Array.from({ length: brokers }, (_, i) => i + 1);
    this.env = environment({ release, rules: rulesFor(release), voters: [3001], brokers: ids });
    this.world = kafkaWorld({
      kernel: { seed: "groups" },
      network: { latencyUs: 200, jitterUs: 0, interRackLatencyUs: 0, bandwidthBytesPerSecond: 1e9 },
    });
    this.world.trace.onAny((event) => this.events.push(event));
    const config = resolveConfig(BROKER_CONFIG, release, settings);
    this.#add(3001, "controller-1", (host) => {
      this.#controllers.set(host.id, kraftController(host, this.env, { config }));
    });
    for (const id of ids) {
      this.#add(id, `broker-${id}`, (host) => {
        const plane = kraftBrokerSide(host, this.env, { config });
        const topicConfigOf = (own: Settings) => topicConfig(config, own, release);
        const broker = kafkaBroker(
          host,
          this.env,
          { config, reconfigure: () => undefined, cpu: {}, topicConfig: topicConfigOf },
          plane,
        );
        const needs = {
          writer: broker.writer,
          partitionsOf: (topic: string) => broker.metadata.partitionsOf(topic),
          leaderOf: (partition: TopicPartition) => broker.metadata.leaderOf(partition),
          createInternalTopic: offsetsTopicCreator(host, plane, config),
        };
        const groups = groupCoordinator(host, this.env, { config }, needs);
        broker.onLeadership(groups.listener);
        host.serve(groups.handlers);
      });
    }
    for (let i = 0; i < clients; i++) this.#add(CLIENT + i, `client-${i + 1}`, () => undefined);
  }

  #add(id: number, name: string, program: (host: KafkaHost) => void): void {
    const host = this.world.addHost({ id, name, disk: DISK });
    host.install(program);
    host.boot();
  }

  client(index = 0): KafkaHost {
    return this.world.host(CLIENT + index);
  }

  run(milliseconds: number): void {
    this.world.kernel.run(this.world.kernel.now + ms(milliseconds));
  }

  until(condition: () => boolean, atMost = 60_000): void {
    const end = this.world.kernel.now + ms(atMost);
    while (!condition()) {
      if (this.world.kernel.now >= end) throw new Error("it never came true");
      this.run(5);
    }
  }

  send<A extends ApiName>(to: number, api: A, request: Request<A>, client = 0): Sent<A> {
    const sent: Sent<A> = { response: undefined, failed: false };
    const options = {
      channel: `${api}-${Math.round(this.world.kernel.now)}`,
      timeoutUs: ms(120_000),
    };
    this.client(client).send(to, api, request, options, (reply) => {
      if (reply.ok) sent.response = reply.response as Response<A>;
      else sent.failed = true;
    });
    return sent;
  }

  ask<A extends ApiName>(to: number, api: A, request: Request<A>, client = 0): Response<A> {
    const sent = this.send(to, api, request, client);
    this.until(() => sent.response !== undefined || sent.failed, 120_000);
    if (sent.response === undefined) throw new Error(`${api} was not answered`);
    return sent.response;
  }

  /** Every broker unfenced, and these topics there. */
  start(topics: Readonly<Record<string, number>> = { orders: 2 }): void {
    const { brokers } = this.env;
    this.until(() => {
      const known = this.#controllers.get(3001)?.image.brokers;
      return brokers.every((id) => known?.get(id)?.fenced === false);
    });
    for (const [name, partitions] of Object.entries(topics)) {
      const shape = { partitions, replicationFactor: brokers.length, assignment: undefined };
      this.ask(1, "CreateTopics", { topics: [{ name, ...shape, config: {} }] });
    }
    this.run(1000);
  }

  /** As a client does: asks until it is told. */
  findCoordinator(group: string, ask = 1): number {
    for (let tries = 0; tries < 300; tries++) {
      const found = this.ask(ask, "FindCoordinator", { key: group, keyType: "group" });
      if (found.error === "NONE") return found.nodeId;
      this.run(100);
    }
    throw new Error(`no coordinator for ${group}`);
  }

  /** The broker that leads the group's partition, once its coordinator is loaded. */
  coordinatorOf(group: string): number {
    const node = this.findCoordinator(group);
    const partition = this.offsetsPartition(group);
    this.until(() => this.of("group.loaded").some((e) => e.partition === partition));
    return node;
  }

  offsetsPartition(group: string): TopicPartition {
    return this.env.partitions.of("__consumer_offsets", groupPartitionFor(group, 50));
  }

  partition(name: string): TopicPartition {
    const dash = name.lastIndexOf("-");
    return this.env.partitions.of(name.slice(0, dash), Number(name.slice(dash + 1)));
  }

  of<K extends EventName>(type: K): KafkaEvent<K>[] {
    return this.events.filter((event) => event.type === type) as KafkaEvent<K>[];
  }
}
