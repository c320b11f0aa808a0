// A small DSL for broker tests: a real machine with a real log, a control plane that only records, and a metadata view the test writes itself.

import { kafkaBroker } from "../../src/broker/broker.ts";
import type { BrokerSettings } from "../../src/broker/broker-parts.ts";
import type { ReplicaLog } from "../../src/log/log.ts";
import type { LogManager } from "../../src/log/log-manager.ts";
import { BROKER_CONFIG } from "../../src/protocol/config/broker.ts";
import { resolveConfig, type Settings } from "../../src/protocol/config/row.ts";
import { topicConfig } from "../../src/protocol/config/topic.ts";
import { type Environment, environment } from "../../src/protocol/environment.ts";
import type { EventName, KafkaEvent, TraceEvent } from "../../src/protocol/events.ts";
import { type KafkaHost, type KafkaWorld, kafkaWorld } from "../../src/protocol/kafka-host.ts";
import { LATEST_RELEASE, type Rules, rulesFor } from "../../src/protocol/releases.ts";
import type {
  ClusterView,
  ControlledBroker,
  ControlPlane,
  IsrAnswer,
  IsrProposal,
} from "../../src/protocol/roles.ts";
import type {
  BrokerRegistration,
  PartitionRegistration,
  ProducedBatch,
  TopicPartition,
} from "../../src/protocol/types.ts";
import { ms } from "../../src/sim/kernel.ts";

export const DISK = { writeBytesPerSecond: 5e8, readBytesPerSecond: 5e8, fsyncUs: 4000 };
/** Client machines get ids from here on. */
export const CLIENT = 5001;

export interface Submitted {
  readonly proposal: IsrProposal;
  readonly answered: (answer: IsrAnswer) => void;
}

/** Records what a broker asks for. The test answers. */
export class FakeControlPlane implements ControlPlane {
  readonly hasBeenUnfenced = true;
  readonly submitted: Submitted[] = [];
  readonly assigned: { readonly partition: TopicPartition; readonly directory: number }[] = [];
  readonly forwarding = {};
  readonly brokerEpoch: number;
  readonly controllerId = 3001;
  broker: ControlledBroker | undefined;
  shutdownMs = 50;
  readonly #host: KafkaHost;

  constructor(host: KafkaHost, brokerEpoch: number) {
    this.#host = host;
    this.brokerEpoch = brokerEpoch;
  }

  join(broker: ControlledBroker): void {
    this.broker = broker;
  }

  proposeIsr(proposal: IsrProposal, answered: (answer: IsrAnswer) => void): void {
    this.submitted.push({ proposal, answered });
  }

  assignDirectory(partition: TopicPartition, directory: number): void {
    this.assigned.push({ partition, directory });
  }

  *producerIds() {
    return { first: 1000, count: 1000 };
  }

  *controlledShutdown() {
    yield* this.#host.sleep(ms(this.shutdownMs));
  }

  get last(): Submitted {
    const last = this.submitted.at(-1);
    if (last === undefined) throw new Error("nothing was proposed");
    return last;
  }
}

export interface ClusterOptions {
  readonly brokers?: number;
  readonly config?: Settings;
  readonly topic?: Settings;
  readonly rules?: Partial<Rules>;
}

export class TestCluster {
  readonly world: KafkaWorld;
  readonly env: Environment;
  readonly planes = new Map<number, FakeControlPlane>();
  readonly events: TraceEvent[] = [];
  readonly client: KafkaHost;
  readonly #registrations = new Map<number, BrokerRegistration>();
  readonly #partitions = new Map<TopicPartition, PartitionRegistration>();
  readonly #logs = new Map<number, LogManager>();
  readonly #topic: Settings;
  #numbers = 0;

  constructor(options: ClusterOptions = {}) {
    const brokers = options.brokers ?? 3;
    this.#topic = options.topic ?? {};
    this.world = kafkaWorld({
      kernel: { seed: "broker" },
      network: {
        latencyUs: 500,
        jitterUs: 0,
        interRackLatencyUs: 1000,
        bandwidthBytesPerSecond: 1e9,
      },
    });
    this.world.trace.onAny((event) => void this.events.push(event));
    const ids = Array.from({ length: brokers }, (_, i) => i + 1);
    const rules = rulesFor(LATEST_RELEASE, options.rules);
    this.env = environment({ release: LATEST_RELEASE, rules, voters: [3001], brokers: ids });
    for (const id of ids) this.#addBroker(id, this.settings(options.config));
    this.client = this.addBareHost(CLIENT);
  }

  protected settings(overrides: Settings = {}): BrokerSettings {
    const config = resolveConfig(BROKER_CONFIG, LATEST_RELEASE, overrides);
    return {
      config,
      reconfigure: () => undefined,
      cpu: {},
      topicConfig: (topic) => topicConfig(config, topic, LATEST_RELEASE),
    };
  }

  /** A running machine without a program. */
  protected addBareHost(id: number): KafkaHost {
    const host = this.world.addHost({ id, name: `broker-${id}`, disk: DISK });
    host.install(() => undefined);
    host.boot();
    return host;
  }

  #addBroker(id: number, settings: BrokerSettings): void {
    const host = this.world.addHost({ id, name: `broker-${id}`, disk: DISK });
    this.register(id, { brokerEpoch: 100 + id });
    host.install(() => {
      const plane = new FakeControlPlane(host, 100 * host.incarnation + id);
      this.planes.set(id, plane);
      this.#logs.set(id, kafkaBroker(host, this.env, settings, plane).logs);
    });
    host.boot();
  }

  host(id: number): KafkaHost {
    return this.world.host(id);
  }

  log(id: number, name: string): ReplicaLog {
    const log = this.#logs.get(id)?.get(this.partition(name));
    if (log === undefined) throw new Error(`broker ${id} has no ${name}`);
    return log;
  }

  /** Starts a broker again: a new life with a new broker epoch, which hears the metadata at once. */
  reboot(id: number): void {
    this.host(id).boot();
    this.register(id, { brokerEpoch: this.plane(id).brokerEpoch });
    this.tell([id]);
  }

  plane(id: number): FakeControlPlane {
    return this.planes.get(id) as FakeControlPlane;
  }

  /** What the cluster knows of a broker. */
  register(id: number, change: Partial<BrokerRegistration>): void {
    const known = this.#registrations.get(id);
    const fresh = {
      id,
      incarnation: 1,
      rack: undefined,
      fenced: false,
      inControlledShutdown: false,
    };
    this.#registrations.set(id, { ...fresh, brokerEpoch: -1, ...known, ...change });
  }

  /** Changes the registration of a partition; epochs are the test's business. The brokers hear of it by tell(). */
  set(name: string, change: Partial<PartitionRegistration>): PartitionRegistration {
    const dash = name.lastIndexOf("-");
    const partition = this.env.partitions.of(name.slice(0, dash), Number(name.slice(dash + 1)));
    const known = this.#partitions.get(partition);
    const registration: PartitionRegistration = {
      replicas: [],
      isr: [],
      elr: [],
      lastKnownElr: [],
      addingReplicas: [],
      removingReplicas: [],
      leader: -1,
      leaderEpoch: 0,
      partitionEpoch: 0,
      leaderRecoveryState: "RECOVERED",
      ...known,
      partition,
      ...change,
    };
    this.#partitions.set(partition, registration);
    return registration;
  }

  view(): ClusterView {
    const partitions = new Map(this.#partitions);
    const names = [...new Set([...partitions.keys()].map((partition) => partition.topic))];
    const topics = names.map((name) => {
      const own = [...partitions.values()].filter((p) => p.partition.topic === name);
      return [name, { name, config: this.#topic, partitions: own }] as const;
    });
    return {
      offset: 0,
      brokers: new Map(this.#registrations),
      topics: new Map(topics),
      partition: (partition) => partitions.get(partition),
    };
  }

  /** The metadata log reaches these brokers (all by default), all partitions at once. */
  tell(ids: readonly number[] = [...this.planes.keys()]): void {
    const view = this.view();
    for (const id of ids) {
      const changes = [...this.#partitions.values()].map((registration) => ({
        kind: "partition" as const,
        registration,
        topicConfig: this.#topic,
      }));
      this.plane(id).broker?.apply(changes, view);
    }
  }

  partition(name: string): TopicPartition {
    return this.set(name, {}).partition;
  }

  batch(count: number, change: Partial<ProducedBatch> = {}): ProducedBatch {
    const firstNumber = this.#numbers;
    this.#numbers += count;
    const now = this.world.kernel.now;
    return {
      stream: 0,
      firstNumber,
      count,
      sizeBytes: 61 + 100 * count,
      firstTimestamp: now,
      maxTimestamp: now,
      producerId: -1,
      producerEpoch: -1,
      baseSequence: -1,
      ...change,
    };
  }

  run(milliseconds: number): void {
    this.world.kernel.run(this.world.kernel.now + ms(milliseconds));
  }

  of<K extends EventName>(type: K, node?: number): KafkaEvent<K>[] {
    return this.events.filter(
      (event) => event.type === type && (node === undefined || event.node === node),
    ) as KafkaEvent<K>[];
  }
}
