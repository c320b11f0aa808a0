// The declared settings of a scenario as the contract reads them.
import type { ContractSettings, TopicDurability } from "../check/contract-settings.ts";
import { BROKER_CONFIG } from "../protocol/config/broker.ts";
import { CONSUMER_CONFIG } from "../protocol/config/consumer.ts";
import { PRODUCER_CONFIG } from "../protocol/config/producer.ts";
import { resolveConfig } from "../protocol/config/row.ts";
import { type TopicConfig, topicConfig } from "../protocol/config/topic.ts";
import { type Rules, rulesFor } from "../protocol/releases.ts";
import type { FaultSpec, Scenario, Selector } from "../scenario/model.ts";
import { ms } from "../sim/kernel.ts";

export function contractSettings(scenario: Scenario): ContractSettings {
  const { release, config, rules: overrides } = scenario.cluster;
  const broker = resolveConfig(BROKER_CONFIG, release, config);
  const rules = rulesFor(release, overrides as Partial<Rules>);
  return {
    producers: scenario.producers.map(({ name, topic, config: settings }) => {
      const producer = resolveConfig(PRODUCER_CONFIG, release, settings);
      return {
        name,
        topic,
        acks: producer.acks,
        idempotence: producer["enable.idempotence"],
        retries: producer.retries,
        maxInFlight: producer["max.in.flight.requests.per.connection"],
      };
    }),
    topics: scenario.topics.map((topic) => ({
      name: topic.name,
      replicationFactor: topic.replicationFactor,
      ...weakest(
        scenario,
        topic.name,
        durabilityOf(topicConfig(broker, topic.config, release), rules),
      ),
      grows: scenario.operations.some(
        ({ args }) => args.alter === true && args.topic === topic.name,
      ),
      ...(topic.replicas === undefined ? {} : { holders: holdersOf(topic.replicas) }),
    })),
    otherTopics: {
      ...weakest(scenario, "", durabilityOf(topicConfig(broker, {}, release), rules)),
      replicationFactor: fewestReplicas(scenario, broker["offsets.topic.replication.factor"]),
    },
    consumers: scenario.consumers.map(({ name, topics, config: settings, processing }) => {
      const consumer = resolveConfig(CONSUMER_CONFIG, release, settings);
      const { commit, deduplicate, handOff, externalOffsets } = processing;
      const group = consumer["group.id"];
      const application = { group, commit, deduplicate, handOff, externalOffsets };
      return {
        name,
        topics,
        autoOffsetReset: consumer["auto.offset.reset"] as "earliest",
        ...(group === "" ? {} : { application }),
      };
    }),
    elr: rules["controller.eligible-leader-replicas"] === "on",
    highWatermarkNeedsMinIsr: rules["replication.high-watermark-min-isr"] === "on",
    isrNeedsBrokerEpoch: rules["replication.isr-broker-epoch"] === "on",
    producerIdExpirationUs: ms(broker["producer.id.expiration.ms"]),
    faults: scenario.faults.map((fault) => declaredFault(scenario, fault)),
    uncleanOperations: scenario.operations.filter(
      ({ args }) => String(args["election-type"]).toUpperCase() === "UNCLEAN",
    ).length,
    offsetResets: scenario.operations.filter(
      ({ args }) => args["reset-offsets"] === true && args.execute === true,
    ).length,
  };
}

function durabilityOf(topic: TopicConfig, rules: Rules): TopicDurability {
  return {
    minIsr: topic["min.insync.replicas"],
    unclean:
      topic["unclean.leader.election.enable"] &&
      rules["controller.unclean-election"] === "automatic",
    flushed: topic["flush.messages"] === 1,
  };
}

/** Of __consumer_offsets, and of what kafka-topics creates. */
function fewestReplicas({ operations }: Scenario, ofOffsets: number): number {
  const created = operations.flatMap(({ tool, args }) =>
    tool === "kafka-topics" && args.create === true
      ? [Number(args["replication-factor"] ?? 1)]
      : [],
  );
  return Math.min(ofOffsets, ...created);
}

/** The least that a topic promises at any time of the run: kafka-configs may change it. */
function weakest(scenario: Scenario, topic: string, declared: TopicDurability): TopicDurability {
  let { minIsr, unclean, flushed } = declared;
  const { release, rules } = scenario.cluster;
  const elects = rulesFor(release, rules as Partial<Rules>)["controller.unclean-election"];
  for (const { alteration } of scenario.operations) {
    if (alteration === undefined) continue;
    const { resource, changes } = alteration;
    if (resource.type === "topic" && resource.topic !== topic) continue;
    for (const { name, value } of changes) {
      if (name === "min.insync.replicas") minIsr = Math.min(minIsr, Number(value ?? 1));
      else if (name === "unclean.leader.election.enable")
        unclean ||= value === true && elects === "automatic";
      else if (name.includes("flush")) flushed &&= value === 1;
    }
  }
  return { minIsr, unclean, flushed };
}

const holdersOf = (replicas: readonly (readonly number[])[]): readonly string[] => [
  ...new Set(replicas.flat().map((id) => `broker-${id}`)),
];

function declaredFault(scenario: Scenario, fault: FaultSpec): ContractSettings["faults"][number] {
  const selector = "selector" in fault ? fault.selector : undefined;
  const names = selector === undefined ? everyName(scenario) : mayHit(scenario, selector);
  const on = (prefix: string): boolean => names.some((name) => name.startsWith(prefix));
  const hitsServers = on("broker-") || on("controller-");
  return {
    kind: fault.kind,
    action: fault.action,
    hosts: names.length,
    names,
    on: !hitsServers
      ? "client"
      : !on("controller-")
        ? "broker"
        : on("broker-")
          ? "both"
          : "controller",
  };
}

function everyName(scenario: Scenario): string[] {
  const brokers = scenario.cluster.brokers.map(({ id }) => `broker-${id}`);
  return [...brokers, ...controllerNames(scenario)];
}

function controllerNames(scenario: Scenario): string[] {
  const { count, mode } = scenario.cluster.controllers;
  if (mode === "combined")
    return scenario.cluster.brokers.slice(0, count).map(({ id }) => `broker-${id}`);
  return Array.from({ length: count }, (_, i) => `controller-${i + 1}`);
}

/** The machines a selector can mean, at most: who leads is known only when the fault fires, but it is one broker. */
function mayHit(scenario: Scenario, selector: Selector): string[] {
  switch (selector.kind) {
    case "names":
      return [...selector.names];
    case "rack":
      return scenario.cluster.brokers
        .filter(({ rack }) => rack === selector.rack)
        .map(({ id }) => `broker-${id}`);
    case "role":
      if (selector.role === "client")
        return [...scenario.producers, ...scenario.consumers].map(({ name }) => name);
      return selector.role === "broker"
        ? scenario.cluster.brokers.map(({ id }) => `broker-${id}`)
        : controllerNames(scenario);
    case "leaderOf":
      return ["broker-?"];
    case "followersOf":
      return scenario.cluster.brokers.slice(1).map(({ id }) => `broker-${id}`);
    case "activeController":
      return controllerNames(scenario).slice(0, 1);
    case "coordinatorOf":
      return ["broker-?"];
    case "mode": {
      const names = mayHit(scenario, selector.of);
      return selector.mode === "all"
        ? names
        : names.slice(0, selector.mode === "one" ? 1 : selector.value);
    }
  }
}
