// From `cluster` and `topics` as written to the machines and topics of the model, with the checks that need both.
import { BROKER_CONFIG } from "../../protocol/config/broker.ts";
import { TOPIC_CONFIG } from "../../protocol/config/topic.ts";
import { atLeast, LATEST_RELEASE, type Release } from "../../protocol/releases.ts";
import { ms } from "../../sim/kernel.ts";
import { formatSize } from "../duration.ts";
import type { BrokerSpec, ClusterSpec, MemorySpec, TopicSpec } from "../model.ts";
import type { Names } from "../names.ts";
import type { Problems } from "../problems.ts";
import type { ScenarioInput } from "../schema/scenario.ts";
import { numberOf, settingsOf } from "./settings.ts";

type ClusterInput = NonNullable<ScenarioInput["cluster"]>;
type TopicInput = NonNullable<ScenarioInput["topics"]>[number];

/** The first release whose KRaft mode was made for production. */
const OLDEST: Release = "3.3";
const MIB = 1_048_576;
const NETWORK = { latency: 500, jitter: 100, interRack: 1000, bandwidth: 1_250_000_000 } as const;
const GIB = 1024 * MIB;
const MEMORY = { size: 32 * GIB, heap: 6 * GIB } as const;
const DISK = { bandwidth: 500 * MIB, fsync: ms(4) } as const;

/** `isMemoryStressed`: a fault takes memory, so that it matters how much there is. */
export function clusterOf(
  input: ClusterInput,
  isMemoryStressed: boolean,
  problems: Problems,
): ClusterSpec {
  const release = releaseOf(input, problems);
  const at = ["cluster", "config"];
  const config = settingsOf(BROKER_CONFIG, input.config, release, at, problems);
  const brokers = brokersOf(input, release, problems);
  const { network, disk, cpu } = input;
  const cluster: ClusterSpec = {
    release,
    controlPlane: "kraft",
    brokers,
    controllers: controllersOf(input, brokers.length, problems),
    zookeeper: 0,
    config,
    rules: rulesOf(input.rules),
    network: {
      latencyUs: network?.latency ?? NETWORK.latency,
      jitterUs: network?.jitter ?? NETWORK.jitter,
      interRackLatencyUs: network?.interRackLatency ?? NETWORK.interRack,
      bandwidthBytesPerSecond: network?.bandwidth ?? NETWORK.bandwidth,
    },
    disk: {
      writeBytesPerSecond: disk?.write ?? DISK.bandwidth,
      readBytesPerSecond: disk?.read ?? DISK.bandwidth,
      fsyncUs: disk?.fsync ?? DISK.fsync,
      capacityBytes: disk?.capacity,
    },
    memory:
      input.memory !== undefined || isMemoryStressed
        ? memoryOf(input.memory ?? {}, problems)
        : undefined,
    cpu: { requestThreads: cpu?.requestThreads, networkThreads: cpu?.networkThreads },
  };
  checkTogether(cluster, problems);
  return cluster;
}

function memoryOf(
  { size = MEMORY.size, heap = MEMORY.heap }: NonNullable<ClusterInput["memory"]>,
  problems: Problems,
): MemorySpec {
  if (heap >= size) {
    const message = `a heap of ${formatSize(heap)} leaves nothing of ${formatSize(size)} for the page cache`;
    problems.error(["cluster", "memory"], message, "memory: { size: 32GiB, heap: 6GiB }", "key");
  }
  return { sizeBytes: size, heapBytes: heap };
}

function releaseOf({ version }: ClusterInput, problems: Problems): Release {
  if (version === undefined) return LATEST_RELEASE;
  const release = version as Release;
  if (!atLeast(release, OLDEST)) {
    const hint = `Kafka ${OLDEST} to ${LATEST_RELEASE} are supported`;
    problems.error(["cluster", "version"], `Kafka ${release} is not supported yet`, hint);
    return LATEST_RELEASE;
  }
  return release;
}

function rulesOf(rules: ClusterInput["rules"]): Readonly<Record<string, string>> {
  const given: Record<string, string> = {};
  for (const [name, value] of Object.entries(rules ?? {})) {
    if (value !== undefined) given[name] = String(value);
  }
  return given;
}

function brokersOf(input: ClusterInput, release: Release, problems: Problems): BrokerSpec[] {
  const { brokers = 3 } = input;
  if (!Array.isArray(brokers)) {
    const { count, racks } = typeof brokers === "number" ? { count: brokers, racks: [] } : brokers;
    return Array.from({ length: count }, (_, i) => ({
      id: i + 1,
      rack: racks?.[i % Math.max(1, racks.length)],
      config: {},
    }));
  }
  const seen = new Set<number>();
  return brokers.map(({ id, rack, config }, i) => {
    const path = ["cluster", "brokers", i];
    if (seen.has(id)) problems.error([...path, "id"], `broker id ${id} is used twice`);
    seen.add(id);
    const at = [...path, "config"];
    return { id, rack, config: settingsOf(BROKER_CONFIG, config, release, at, problems) };
  });
}

function controllersOf(
  { controllers = 3 }: ClusterInput,
  brokers: number,
  problems: Problems,
): ClusterSpec["controllers"] {
  if (typeof controllers === "number") return { count: controllers, mode: "dedicated" };
  if (controllers.mode === "combined" && controllers.count > brokers) {
    const message = `${controllers.count} combined controllers need as many brokers, the cluster has ${brokers}`;
    problems.error(["cluster", "controllers", "count"], message);
  }
  return controllers;
}

/** What KafkaConfig.validateValues demands of settings that depend on each other. */
function checkTogether({ config, release }: ClusterSpec, problems: Problems): void {
  const value = (name: string): number => numberOf(BROKER_CONFIG, config, name, release);
  const atMost = (small: string, large: string): void => {
    if (value(small) <= value(large)) return;
    const guilty = small in config ? small : large;
    const message = `${small} (${value(small)}) must not exceed ${large} (${value(large)})`;
    problems.error(["cluster", "config", guilty], message);
  };
  atMost("replica.fetch.wait.max.ms", "replica.lag.time.max.ms");
  atMost("replica.fetch.wait.max.ms", "replica.socket.timeout.ms");
  atMost("broker.heartbeat.interval.ms", "broker.session.timeout.ms");
}

export function topicsOf(
  inputs: readonly TopicInput[],
  cluster: ClusterSpec,
  problems: Problems,
): TopicSpec[] {
  const seen = new Set<string>();
  return inputs.map((input, i) => {
    const path = ["topics", i];
    if (seen.has(input.name)) {
      problems.error([...path, "name"], `topic "${input.name}" is declared twice`);
    }
    seen.add(input.name);
    return topicOf(input, cluster, path, problems);
  });
}

function topicOf(
  input: TopicInput,
  cluster: ClusterSpec,
  path: (string | number)[],
  problems: Problems,
): TopicSpec {
  const { release, brokers } = cluster;
  const number = (name: string): number => numberOf(BROKER_CONFIG, cluster.config, name, release);
  const replicas = assignmentOf(input, cluster, path, problems);
  const factor =
    replicas?.[0]?.length ?? input.replicationFactor ?? number("default.replication.factor");
  const partitions = replicas?.length ?? input.partitions ?? number("num.partitions");
  if (replicas === undefined && factor > brokers.length) {
    const where = input.replicationFactor === undefined ? path : [...path, "replicationFactor"];
    const message = `replicationFactor ${factor} needs ${factor} brokers, the cluster has ${brokers.length}`;
    problems.error(where, message);
  }
  const at = [...path, "config"];
  const config = settingsOf(TOPIC_CONFIG, input.config, release, at, problems);
  const minIsr = Number(config["min.insync.replicas"] ?? number("min.insync.replicas"));
  if (minIsr > factor) {
    const message = `min.insync.replicas ${minIsr} exceeds the replication factor ${factor}: writes with acks=all are always refused`;
    problems.warning([...path, "name"], message);
  }
  return { name: input.name, partitions, replicationFactor: factor, replicas, config };
}

function assignmentOf(
  input: TopicInput,
  cluster: ClusterSpec,
  path: (string | number)[],
  problems: Problems,
): TopicSpec["replicas"] {
  if (input.replicas === undefined) return undefined;
  const entries = Object.entries(input.replicas)
    .map(([partition, ids]) => ({ partition: Number(partition), ids }))
    .sort((a, b) => a.partition - b.partition);
  const at = [...path, "replicas"];
  const size = entries[0]?.ids.length ?? 0;
  entries.forEach(({ partition, ids }, i) => {
    const here = [...at, String(partition)];
    if (partition !== i) problems.error(here, `partition ${i} is missing`, undefined, "key");
    if (ids.length !== size)
      problems.error(here, "all partitions need the same number of replicas", undefined, "key");
    ids.forEach((id, j) => {
      if (!cluster.brokers.some((broker) => broker.id === id)) {
        problems.error([...here, j], `there is no broker ${id}`);
      }
      if (ids.indexOf(id) !== j) problems.error([...here, j], `broker ${id} is named twice`);
    });
  });
  if (entries.length === 0) problems.error(at, "must not be empty", undefined, "key");
  contradiction("partitions", input.partitions, entries.length);
  contradiction("replicationFactor", input.replicationFactor, size);
  return entries.map(({ ids }) => ids);

  function contradiction(key: string, written: number | undefined, assigned: number): void {
    if (written === undefined || written === assigned) return;
    problems.error([...path, key], `${key} ${written} contradicts replicas, which has ${assigned}`);
  }
}

/** Enters the cluster's names. */
export function addClusterNames(
  names: Names,
  cluster: ClusterSpec,
  topics: readonly TopicSpec[],
): void {
  for (const { id, rack } of cluster.brokers) {
    names.nodes.add(`broker-${id}`);
    if (rack !== undefined) names.racks.add(rack);
  }
  if (cluster.controllers.mode === "dedicated") {
    for (let i = 1; i <= cluster.controllers.count; i++) names.nodes.add(`controller-${i}`);
  }
  for (const topic of topics) names.topics.set(topic.name, topic.partitions);
}
