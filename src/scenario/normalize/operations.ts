// From `operations` as written to the model: the flags that a tool knows, and what they refer to.
import type { Path } from "../diagnostics.ts";
import type { OperationSpec } from "../model.ts";
import type { ScenarioInput } from "../schema/scenario.ts";
import { didYouMean } from "../suggest.ts";
import type { Surroundings } from "./clients.ts";
import { CONFIG_FLAGS, configAlteration } from "./config-operation.ts";
import { triggerOf } from "./trigger.ts";

type OperationInput = NonNullable<ScenarioInput["operations"]>[number];

const FLAGS: Readonly<Record<OperationSpec["tool"], readonly string[]>> = {
  "kafka-topics": ["create", "delete", "alter", "topic", "partitions", "replication-factor"],
  "kafka-configs": CONFIG_FLAGS,
  "kafka-leader-election": ["election-type", "all-topic-partitions", "topic", "partition"],
  "kafka-consumer-groups": [
    "group",
    "delete",
    "reset-offsets",
    "topic",
    "all-topics",
    "to-earliest",
    "to-latest",
    "to-offset",
    "to-current",
    "shift-by",
    "dry-run",
    "execute",
  ],
};

const CHECKS: Readonly<
  Record<OperationSpec["tool"], (args: Args, path: Path, around: Surroundings) => void>
> = {
  "kafka-topics": checkTopics,
  "kafka-configs": () => undefined,
  "kafka-leader-election": checkElection,
  "kafka-consumer-groups": checkGroups,
};

const isSupported = (tool: string): tool is OperationSpec["tool"] => Object.hasOwn(FLAGS, tool);

export function operationsOf(
  inputs: readonly OperationInput[],
  around: Surroundings,
): OperationSpec[] {
  return inputs.flatMap(({ run, args = {}, ...timed }, i): OperationSpec[] => {
    const path = ["operations", i];
    const trigger = triggerOf(timed, path, around);
    if (!isSupported(run)) return [];
    const known = FLAGS[run];
    for (const flag of Object.keys(args)) {
      if (known.includes(flag)) continue;
      const hint = didYouMean(flag, known);
      around.problems.error([...path, "args", flag], `${run} has no flag "${flag}"`, hint, "key");
    }
    CHECKS[run](args, [...path, "args"], around);
    if (run !== "kafka-configs") return [{ trigger, tool: run, args }];
    const alteration = configAlteration(args, [...path, "args"], around);
    return alteration === undefined ? [] : [{ trigger, tool: run, args, alteration }];
  });
}

type Args = OperationSpec["args"];

function checkTopics(args: Args, path: Path, { problems, names }: Surroundings): void {
  const actions = ["create", "delete", "alter"].filter((action) => args[action] === true);
  if (actions.length !== 1) {
    problems.error(
      path,
      "kafka-topics needs one of create, delete and alter: true",
      undefined,
      "key",
    );
  }
  if (typeof args.topic !== "string")
    return problems.error(path, 'missing flag "topic"', undefined, "key");
  if (args.create !== true) names.checkTopic(args.topic, [...path, "topic"]);
  for (const flag of ["partitions", "replication-factor"]) {
    const value = args[flag];
    if (value === undefined && !(args.alter === true && flag === "partitions")) continue;
    if (typeof value === "number" && Number.isInteger(value) && value >= 1) continue;
    const place = value === undefined ? path : [...path, flag];
    problems.error(
      place,
      `kafka-topics needs ${flag} as a whole number from 1`,
      undefined,
      value === undefined ? "key" : "value",
    );
  }
}

function checkElection(args: Args, path: Path, { problems, names }: Surroundings): void {
  const type = args["election-type"];
  if (type === undefined || !["preferred", "unclean"].includes(String(type).toLowerCase())) {
    const place = type === undefined ? path : [...path, "election-type"];
    problems.error(
      place,
      "election-type must be preferred or unclean",
      undefined,
      type === undefined ? "key" : "value",
    );
  }
  const all = args["all-topic-partitions"] === true;
  if (all === (args.topic !== undefined || args.partition !== undefined)) {
    return problems.error(
      path,
      "needs either all-topic-partitions: true, or topic and partition",
      undefined,
      "key",
    );
  }
  if (!all)
    names.checkPartition(`${String(args.topic)}-${String(args.partition)}`, [...path, "topic"]);
}

const RESETS = ["to-earliest", "to-latest", "to-offset", "to-current", "shift-by"];

function checkGroups(args: Args, path: Path, { problems, names }: Surroundings): void {
  const wrong = (flag: string, message: string): void =>
    args[flag] === undefined
      ? problems.error(path, message, undefined, "key")
      : problems.error([...path, flag], message);
  if (typeof args.group !== "string") return wrong("group", "kafka-consumer-groups needs a group");
  names.checkGroup(args.group, [...path, "group"]);
  if ((args.delete === true) === (args["reset-offsets"] === true)) {
    return wrong("delete", "kafka-consumer-groups needs one of delete and reset-offsets: true");
  }
  if (args.delete === true) return;
  if (args["dry-run"] === true && args.execute === true) {
    wrong("execute", "dry-run and execute exclude each other");
  }
  if (RESETS.filter((flag) => args[flag] !== undefined).length !== 1) {
    problems.error(path, `reset-offsets needs one of ${RESETS.join(", ")}`, undefined, "key");
  }
  for (const flag of ["to-offset", "shift-by"]) {
    const value = args[flag];
    if (value !== undefined && !Number.isInteger(value)) wrong(flag, `${flag} is a whole number`);
  }
  if ((args.topic === undefined) === (args["all-topics"] !== true)) {
    return problems.error(path, "needs either topic or all-topics: true", undefined, "key");
  }
  if (args.topic !== undefined) checkTopicList(String(args.topic), [...path, "topic"], names);
}

/** A topic, or some of its partitions: orders:0,1. */
function checkTopicList(text: string, path: Path, names: Surroundings["names"]): void {
  const [topic = "", partitions] = text.split(":");
  names.checkTopic(topic, path);
  for (const partition of partitions?.split(",") ?? []) {
    names.checkPartition(`${topic}-${partition}`, path);
  }
}

/** Topics that operations create or change are known from the start, without a fixed number of partitions. */
export function addOperatedTopics(
  inputs: readonly OperationInput[],
  { names }: Surroundings,
): void {
  for (const { run, args } of inputs) {
    if (run !== "kafka-topics" || typeof args?.topic !== "string") continue;
    if (args.create === true || args.alter === true) names.topics.set(args.topic, undefined);
  }
}
