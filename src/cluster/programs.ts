// What runs on each machine: the one place where roles that must not know each other are joined.
import { kafkaBroker } from "../broker/broker.ts";
import type { BrokerSettings } from "../broker/broker-parts.ts";
import { kafkaConsumer } from "../client/consumer/consumer.ts";
import { kafkaProducer } from "../client/producer/program.ts";
import { kraftBrokerSide } from "../controller/kraft/broker-side.ts";
import { type ControllerProgram, kraftController } from "../controller/kraft/controller.ts";
import { groupCoordinator } from "../coordinator/group/coordinator.ts";
import { BROKER_CONFIG, type BrokerConfig } from "../protocol/config/broker.ts";
import { CONSUMER_CONFIG } from "../protocol/config/consumer.ts";
import { PRODUCER_CONFIG } from "../protocol/config/producer.ts";
import { resolveConfig, type Settings } from "../protocol/config/row.ts";
import { topicConfig } from "../protocol/config/topic.ts";
import type { KafkaHost } from "../protocol/kafka-host.ts";
import type { ConsumerSpec, ProducerSpec } from "../scenario/model.ts";
import { type Cluster, type Machine, WARM_UP } from "./cluster.ts";
import { offsetsTopicCreator } from "./internal-topics.ts";

function brokerConfig(cluster: Cluster, id: number): BrokerConfig {
  const { release, config, brokers } = cluster.scenario.cluster;
  const own = brokers.find((broker) => broker.id === id)?.config ?? {};
  return resolveConfig(BROKER_CONFIG, release, config, own);
}

/** DynamicBrokerConfig: what was changed for the broker stands before what was changed for all, and that before server.properties. */
function dynamicConfig(
  cluster: Cluster,
  id: number,
): { readonly config: BrokerConfig; reconfigure: BrokerSettings["reconfigure"] } {
  const config: Record<string, string | number | boolean> = { ...brokerConfig(cluster, id) };
  const changed = new Map<number | undefined, Settings>();
  return {
    config: config as unknown as BrokerConfig,
    reconfigure(broker, settings) {
      changed.set(broker, settings);
      const layers = [brokerConfig(cluster, id), changed.get(undefined), changed.get(id)];
      for (const layer of layers) Object.assign(config, layer);
    },
  };
}

function startController(cluster: Cluster, host: KafkaHost): ControllerProgram {
  const config = brokerConfig(cluster, host.id);
  const controller = kraftController(host, cluster.env, { config });
  cluster.controllers.set(host.id, controller);
  return controller;
}

export function installController(cluster: Cluster, machine: Machine): void {
  machine.host.install((host) => void startController(cluster, host));
}

/** A broker; on a combined node the controller runs in the same process and dies with it. */
export function installBroker(cluster: Cluster, machine: Machine): void {
  const { release, cpu: overrides } = cluster.scenario.cluster;
  machine.host.install((host) => {
    const { config, reconfigure } = dynamicConfig(cluster, host.id);
    const controller = machine.voter ? startController(cluster, host) : undefined;
    const cpu = {
      requestThreads: overrides.requestThreads ?? config["num.io.threads"],
      networkThreads: overrides.networkThreads ?? config["num.network.threads"],
    };
    const controlPlane = kraftBrokerSide(host, cluster.env, { config, controller });
    const broker = kafkaBroker(
      host,
      cluster.env,
      { config, reconfigure, cpu, topicConfig: (own) => topicConfig(config, own, release) },
      controlPlane,
    );
    const groups = groupCoordinator(
      host,
      cluster.env,
      { config },
      {
        writer: broker.writer,
        partitionsOf: (topic) => broker.metadata.partitionsOf(topic),
        leaderOf: (partition) => broker.metadata.leaderOf(partition),
        createInternalTopic: offsetsTopicCreator(host, controlPlane, config),
      },
    );
    broker.onLeadership(groups.listener);
    host.serve(groups.handlers);
  });
}

export function installProducer(cluster: Cluster, host: KafkaHost, spec: ProducerSpec): void {
  const config = resolveConfig(PRODUCER_CONFIG, cluster.env.release, spec.config);
  host.install(() => {
    const load = cluster.isLoadOver ? undefined : spec.load;
    cluster.producers.set(
      host.id,
      kafkaProducer(host, cluster.env, { ...spec, ...lifetime(spec), load, config }),
    );
  });
}

export function installConsumer(cluster: Cluster, host: KafkaHost, spec: ConsumerSpec): void {
  const config = resolveConfig(CONSUMER_CONFIG, cluster.env.release, spec.config);
  host.install(() => {
    cluster.consumers.set(
      host.id,
      kafkaConsumer(host, cluster.env, { ...spec, ...lifetime(spec), config }),
    );
  });
}

/** Start and stop of a client on the kernel's clock. */
function lifetime(spec: ProducerSpec | ConsumerSpec): {
  startUs: number;
  stopUs: number | undefined;
} {
  return {
    startUs: spec.startUs + WARM_UP,
    stopUs: spec.stopUs === undefined ? undefined : spec.stopUs + WARM_UP,
  };
}
