// What an assertion is about: a partition, an offset, records, a metric, a consumer's lag.
import { metricKey } from "../../protocol/metric.ts";
import type { Path } from "../diagnostics.ts";
import { checkMetric } from "../metrics.ts";
import type { AssertionSubject, OffsetField, PartitionField, RecordOutcome } from "../model.ts";
import { didYouMean } from "../suggest.ts";
import type { Surroundings } from "./clients.ts";

export const SUBJECT_NAMES = [
  "leader",
  "leaderEpoch",
  "isr",
  "elr",
  "replicas",
  "highWatermark",
  "logEndOffset",
  "logStartOffset",
  "lastStableOffset",
  "lag",
  "committed",
  "groupState",
  "generation",
  "members",
  "assignment",
  "slope",
  "activeController",
  "available",
  "metric",
  "records",
] as const;

type SubjectName = (typeof SUBJECT_NAMES)[number];
type Subject = AssertionSubject;
type Input = Readonly<Record<string, unknown>>;
interface Named {
  readonly subject: Subject;
  readonly text: string;
}

const OFFSETS: readonly string[] = [
  "highWatermark",
  "logEndOffset",
  "logStartOffset",
  "lastStableOffset",
];
const OUTCOMES = ["sent", "lost", "duplicated", "acked", "failed", "unknown", "delivered"];
const BESIDE: Readonly<Partial<Record<SubjectName, readonly string[]>>> = {
  available: ["op"],
  metric: ["labels"],
  records: ["producer", "topic", "names"],
  lag: [],
  committed: [],
  groupState: [],
  generation: [],
  members: [],
  assignment: [],
  slope: [],
  activeController: [],
};

export function subjectOf(
  name: SubjectName,
  input: Input,
  path: Path,
  around: Surroundings,
  common: readonly string[],
): Named | undefined {
  const beside = BESIDE[name] ?? ["on"];
  for (const key of Object.keys(input)) {
    if (key === name || beside.includes(key) || common.includes(key)) continue;
    const hint = didYouMean(key, [...beside, ...common]);
    around.problems.error([...path, key], `unknown key "${key}" beside ${name}`, hint, "key");
  }
  const value = input[name];
  const here = [...path, name];
  switch (name) {
    case "lag":
      return lagOf(value, here, around);
    case "committed":
      return committedOf(value, here, around);
    case "groupState":
    case "generation":
    case "members":
    case "assignment": {
      const group = groupNamed(value, here, around);
      return { subject: { kind: "group", field: name, group }, text: `${name}(${group})` };
    }
    case "slope":
      return slopeOf(value, here, around);
    case "activeController":
      if (value !== true) around.problems.error(here, "must be true");
      return { subject: { kind: name }, text: "active controller" };
    case "available":
      return availableOf(input, path, around);
    case "metric":
      return metricOf(input, path, around);
    case "records":
      return recordsOf(input, path, around);
    default:
      return replicaOf(name, input, path, around);
  }
}

function replicaOf(
  field: PartitionField | OffsetField,
  input: Input,
  path: Path,
  around: Surroundings,
): Named {
  const partition = around.names.checkPartition(input[field], [...path, field]);
  const on = textOf(input.on, [...path, "on"], around);
  if (on !== undefined) around.names.checkNode(on, [...path, "on"]);
  const text = `${field}(${partition}${on === undefined ? "" : ` on ${on}`})`;
  if (OFFSETS.includes(field)) {
    return { subject: { kind: "offset", field: field as OffsetField, partition, on }, text };
  }
  return { subject: { kind: "partition", field: field as PartitionField, partition, on }, text };
}

function textOf(value: unknown, path: Path, { problems }: Surroundings): string | undefined {
  if (value === undefined || typeof value === "string") return value;
  problems.error(path, "must be a text");
  return undefined;
}

function availableOf(input: Input, path: Path, around: Surroundings): Named {
  const partition = around.names.checkPartition(input.available, [...path, "available"]);
  const { op } = input;
  if (op !== "produce" && op !== "consume") {
    const place = op === undefined ? path : [...path, "op"];
    around.problems.error(
      place,
      "available needs op: produce or consume",
      undefined,
      op === undefined ? "key" : "value",
    );
  }
  const subject: Subject = { kind: "available", partition, op: op === "consume" ? op : "produce" };
  return { subject, text: `available(${partition}, ${subject.op})` };
}

function metricOf(input: Input, path: Path, around: Surroundings): Named {
  const metric = textOf(input.metric, [...path, "metric"], around) ?? "";
  const labels = (input.labels ?? {}) as Readonly<Record<string, string>>;
  if (typeof labels !== "object" || Array.isArray(labels)) {
    around.problems.error([...path, "labels"], "must be a map of keys and values");
  }
  const { names, problems } = around;
  const [at, labelsPath] = [
    [...path, "metric"],
    [...path, ...(input.labels === undefined ? ["metric"] : ["labels"])],
  ];
  const checked = checkMetric(metric, labels, {
    names,
    problems,
    path: at,
    labelsPath,
    on: "value",
  });
  return {
    subject: { kind: "metric", metric, labels: checked as Readonly<Record<string, string>> },
    text: metricKey(metric, checked),
  };
}

function recordsOf(input: Input, path: Path, around: Surroundings): Named {
  const { names: known, problems } = around;
  const outcome = String(input.records) as RecordOutcome;
  if (!OUTCOMES.includes(outcome)) {
    problems.error(
      [...path, "records"],
      `must be one of ${OUTCOMES.join(", ")}`,
      didYouMean(outcome, OUTCOMES),
    );
  }
  const producer = textOf(input.producer, [...path, "producer"], around);
  if (producer !== undefined) known.checkNode(producer, [...path, "producer"]);
  const topic = textOf(input.topic, [...path, "topic"], around);
  if (topic !== undefined) known.checkTopic(topic, [...path, "topic"]);
  if (input.names !== undefined && !Array.isArray(input.names)) {
    problems.error([...path, "names"], "must be a list of record names");
  }
  const names = Array.isArray(input.names) ? input.names.map(String) : undefined;
  const of = [producer, topic, names === undefined ? undefined : `[${names.join(", ")}]`]
    .filter((part) => part !== undefined)
    .join(" ");
  const text = `${outcome} records${of === "" ? "" : ` of ${of}`}`;
  return { subject: { kind: "records", outcome, producer, topic, names }, text };
}

function groupNamed(value: unknown, path: Path, { names, problems }: Surroundings): string {
  if (typeof value === "string") names.checkGroup(value, path);
  else problems.error(path, "must be the id of a group");
  return String(value);
}

/** Of a group where there is one of that name (the sum, or one partition's); else of a consumer that has no group. */
function lagOf(value: unknown, path: Path, around: Surroundings): Named {
  const given = isMap(value) ? value : { group: value };
  const at = isMap(value) && "group" in value ? [...path, "group"] : path;
  const name = String(given.group ?? given.consumer);
  const partition = partitionIn(given, path, around);
  const text = `lag(${name}${partition === undefined ? "" : ` on ${partition}`})`;
  if (around.names.groups.has(name)) {
    return { subject: { kind: "groupLag", group: name, partition }, text };
  }
  if (!around.names.nodes.has(name) && around.names.groups.size > 0) {
    around.names.checkGroup(name, at);
  } else around.names.checkNode(name, at);
  return { subject: { kind: "lag", consumer: name, partition }, text };
}

function committedOf(value: unknown, path: Path, around: Surroundings): Named {
  if (!isMap(value)) {
    around.problems.error(path, "must be { group, partition }");
    return { subject: { kind: "committed", group: "", partition: undefined }, text: "committed" };
  }
  const group = groupNamed(value.group, [...path, "group"], around);
  const partition = around.names.checkPartition(value.partition, [...path, "partition"]);
  return {
    subject: { kind: "committed", group, partition },
    text: `committed(${group} on ${partition})`,
  };
}

const SLOPES = ["lag", "highWatermark", "logEndOffset", "committed", "metric", "records"] as const;

/** { lag: billing } and its like: the trend of a number. */
function slopeOf(value: unknown, path: Path, around: Surroundings): Named | undefined {
  const name = isMap(value) ? SLOPES.find((subject) => subject in value) : undefined;
  if (!isMap(value) || name === undefined) {
    around.problems.error(path, `must be a map with one of ${SLOPES.join(", ")}`);
    return undefined;
  }
  const of = subjectOf(name, value, path, around, []);
  if (of === undefined) return undefined;
  return { subject: { kind: "slope", of: of.subject }, text: `slope of ${of.text}` };
}

const isMap = (value: unknown): value is Input =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function partitionIn(given: Input, path: Path, { names }: Surroundings): string | undefined {
  if (given.partition === undefined) return undefined;
  return names.checkPartition(given.partition, [...path, "partition"]);
}
