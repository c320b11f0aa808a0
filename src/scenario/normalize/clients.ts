// From `clients` as written to one spec an instance, with the checks of ProducerConfig and of references.
import { CONSUMER_CONFIG } from "../../protocol/config/consumer.ts";
import { idempotenceConflict, PRODUCER_CONFIG } from "../../protocol/config/producer.ts";
import { resolveConfig, type Table } from "../../protocol/config/row.ts";
import type { Release } from "../../protocol/releases.ts";
import type { Micros } from "../../sim/kernel.ts";
import type { Path } from "../diagnostics.ts";
import type {
  ConsumerSpec,
  KeySpec,
  LoadSpec,
  MemorySpec,
  ProducerSpec,
  Settings,
} from "../model.ts";
import type { Names } from "../names.ts";
import type { Problems } from "../problems.ts";
import type { ScenarioInput } from "../schema/scenario.ts";
import { groupOf, processingOf } from "./processing.ts";
import { compressibilityOf, costsOf, regionPartitionerOf } from "./sending.ts";
import { numberOf, settingsOf } from "./settings.ts";
import { triggerOf } from "./trigger.ts";

type ClientsInput = NonNullable<ScenarioInput["clients"]>;
type ProducerInput = NonNullable<ClientsInput["producers"]>[number];
type ConsumerInput = NonNullable<ClientsInput["consumers"]>[number];

export interface Surroundings {
  readonly release: Release;
  readonly names: Names;
  readonly problems: Problems;
  readonly durationUs: Micros;
  /** Of every machine. */
  readonly memory: MemorySpec | undefined;
}

const CARDINALITY = 10_000;

/** `name`, or `name-1` to `name-n`. Enters them as node names. */
function instancesOf(
  { name, instances = 1 }: { readonly name: string; readonly instances?: number | undefined },
  path: Path,
  { names, problems }: Surroundings,
): readonly string[] {
  const all =
    instances === 1 ? [name] : Array.from({ length: instances }, (_, i) => `${name}-${i + 1}`);
  if (names.clients.has(name))
    problems.error([...path, "name"], `client "${name}" is declared twice`);
  const taken = all.find((instance) => names.nodes.has(instance));
  if (taken !== undefined && !names.clients.has(name)) {
    problems.error([...path, "name"], `there is already a node "${taken}"`);
  }
  names.clients.set(name, all);
  for (const instance of all) names.nodes.add(instance);
  return all;
}

interface CommonInput {
  readonly rack?: string | undefined;
  readonly start?: Micros | undefined;
  readonly stop?: Micros | undefined;
  readonly config?: Readonly<Record<string, unknown>> | undefined;
}

function commonOf(table: Table, input: CommonInput, path: Path, around: Surroundings) {
  const { problems, release, names } = around;
  const config = settingsOf(table, input.config, release, [...path, "config"], problems);
  const inConfig = config["client.rack"];
  const rack = input.rack ?? (inConfig === undefined ? undefined : String(inConfig));
  if (rack !== undefined) names.racks.add(rack);
  if (inConfig !== undefined && inConfig !== rack) {
    problems.error([...path, "config", "client.rack"], `client.rack contradicts rack: ${rack}`);
  }
  const startUs = input.start ?? 0;
  if (input.stop !== undefined && input.stop <= startUs) {
    problems.error([...path, "stop"], "stop must come after start");
  }
  if (startUs >= around.durationUs) {
    problems.warning([...path, "start"], "starts after the scenario's duration, so it never runs");
  }
  const located = rack === undefined ? config : { ...config, "client.rack": rack };
  return { rack, startUs, stopUs: input.stop, config: located };
}

export function producersOf(
  inputs: readonly ProducerInput[],
  around: Surroundings,
): ProducerSpec[] {
  return inputs.flatMap((input, i) => {
    const path = ["clients", "producers", i];
    const all = instancesOf(input, path, around);
    const common = commonOf(PRODUCER_CONFIG, input, path, around);
    around.names.checkTopic(input.topic, [...path, "topic"]);
    if (input.load === undefined && (input.send ?? []).length === 0) {
      around.problems.warning(
        [...path, "name"],
        `producer "${input.name}" has neither load nor send, so it sends nothing`,
      );
    }
    const spec = {
      ...common,
      config: producerConfig(common.config, around, [...path, "config"]),
      topic: input.topic,
      records: {
        sizeBytes: input.records?.size ?? 1024,
        keys: keysOf(input.records?.keys),
        compressibility: compressibilityOf(input.records?.compressedTo),
      },
      load: loadOf(input.load, common, [...path, "load"], around),
      sends: sendsOf(input, path, around),
      costs: costsOf(input.costs),
      partitioner: regionPartitionerOf(input, common.config, path, around),
    };
    return all.map((name) => ({ name, ...spec }));
  });
}

/** ProducerConfig.postProcessParsedConfig. */
function producerConfig(config: Settings, around: Surroundings, path: Path): Settings {
  return idempotence(deliveryTimeout(config, around, path), around, path);
}

/** ProducerConfig: idempotence that was asked for does not go with some settings; the default gives way to them. */
function idempotence(config: Settings, { release, problems }: Surroundings, path: Path): Settings {
  if (problems.hasErrors) return config;
  const resolved = resolveConfig(PRODUCER_CONFIG, release, config);
  if (!resolved["enable.idempotence"]) return config;
  const conflict = idempotenceConflict(resolved, release);
  if (conflict === undefined) return config;
  const isExplicit = config["enable.idempotence"] !== undefined;
  if (!isExplicit && !conflict.isError) return { ...config, "enable.idempotence": false };
  const hint = isExplicit ? undefined : "enable.idempotence=false lifts this";
  problems.error([...path, conflict.setting], conflict.problem, hint);
  return config;
}

/** ProducerConfig: an explicit delivery.timeout.ms that is too short is an error, the default is raised. */
function deliveryTimeout(
  config: Settings,
  { release, problems }: Surroundings,
  path: Path,
): Settings {
  const value = (name: string): number => numberOf(PRODUCER_CONFIG, config, name, release);
  const least = value("linger.ms") + value("request.timeout.ms");
  if (value("delivery.timeout.ms") >= least) return config;
  if (config["delivery.timeout.ms"] === undefined) {
    return { ...config, "delivery.timeout.ms": least };
  }
  const sum = `${value("linger.ms")} + ${value("request.timeout.ms")} = ${least}`;
  problems.error(
    [...path, "delivery.timeout.ms"],
    `delivery.timeout.ms must be at least linger.ms + request.timeout.ms (${sum})`,
  );
  return config;
}

function keysOf(input: NonNullable<ProducerInput["records"]>["keys"]): KeySpec {
  if (input === undefined) return { kind: "none" };
  if (Array.isArray(input)) return { kind: "list", keys: input };
  const given = typeof input === "string" ? { distribution: input } : input;
  const {
    distribution: kind,
    cardinality = CARDINALITY,
    exponent = 1,
  } = given as Exclude<typeof input, string | string[]>;
  if (kind === "none") return { kind };
  return kind === "zipf" ? { kind, cardinality, exponent } : { kind, cardinality };
}

function loadOf(
  input: ProducerInput["load"],
  { startUs, stopUs }: { readonly startUs: Micros; readonly stopUs: Micros | undefined },
  path: Path,
  { problems, durationUs }: Surroundings,
): LoadSpec | undefined {
  if (input === undefined) return undefined;
  const { rate, stages, total } = input;
  if (rate !== undefined && stages !== undefined) {
    problems.error([...path, "stages"], "rate and stages exclude each other", undefined, "key");
  }
  if (stages !== undefined) {
    let fromPerSecond = 0;
    const ramps = stages.map(({ duration, target }) => {
      const ramp = { durationUs: duration, fromPerSecond, toPerSecond: target };
      fromPerSecond = target;
      return ramp;
    });
    return { stages: ramps, total };
  }
  const seconds = Math.max(1, (stopUs ?? durationUs) - startUs) / 1e6;
  const perSecond = rate ?? (total === undefined ? undefined : total / seconds);
  if (perSecond === undefined) {
    problems.error(path, "needs rate, stages or total", undefined, "key");
    return undefined;
  }
  return {
    stages: [{ durationUs: undefined, fromPerSecond: perSecond, toPerSecond: perSecond }],
    total,
  };
}

function sendsOf(input: ProducerInput, path: Path, around: Surroundings): ProducerSpec["sends"] {
  return (input.send ?? []).map(({ records, key, partition, size, compressedTo, ...timed }, i) => {
    const here = [...path, "send", i];
    if (partition !== undefined) {
      around.names.checkPartitionNumber(input.topic, partition, [...here, "partition"]);
    }
    const compressibility = compressibilityOf(compressedTo);
    const own = { key, partition, sizeBytes: size, compressibility };
    return { trigger: triggerOf(timed, here, around), records, ...own };
  });
}

/** `newcomers`: instances that ClientChaos joins will start, by client name. */
export function consumersOf(
  inputs: readonly ConsumerInput[],
  newcomers: ReadonlyMap<string, number>,
  around: Surroundings,
): ConsumerSpec[] {
  return inputs.flatMap((input, i) => {
    const path = ["clients", "consumers", i];
    const all = instancesOf(input, path, around);
    const common = commonOf(CONSUMER_CONFIG, input, path, around);
    input.topics.forEach((topic, j) => {
      around.names.checkTopic(topic, [...path, "topics", j]);
    });
    const { processing, config } = processingOf(input.processing, common.config, path, around);
    const group = groupOf(config);
    if (group !== undefined) around.names.groups.add(group);
    const late = latecomersOf(input, newcomers.get(input.name) ?? 0, around);
    return [...all, ...late].map((name, index) => ({
      name,
      ...common,
      config: all.length + late.length === 1 ? config : ownInstanceId(config, index),
      topics: input.topics,
      processing,
      waits: index >= all.length,
      share: { index, of: all.length },
    }));
  });
}

/** Two instances cannot be the same static member: each has a group.instance.id of its own. */
function ownInstanceId(config: Settings, index: number): Settings {
  const id = config["group.instance.id"];
  if (id === undefined || id === "") return config;
  return { ...config, "group.instance.id": `${String(id)}-${index + 1}` };
}

/** The names after the declared instances': billing-4 after billing-3, billing-2 after billing. */
function latecomersOf(
  { name, instances = 1 }: ConsumerInput,
  count: number,
  { names }: Surroundings,
): readonly string[] {
  const late = Array.from({ length: count }, (_, i) => `${name}-${instances + i + 1}`);
  for (const instance of late) names.nodes.add(instance);
  return late;
}
