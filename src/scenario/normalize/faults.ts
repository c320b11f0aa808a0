// From `faults` and `operations` as written to the model: defaults filled in, references checked.
import { APIS } from "../../protocol/apis.ts";
import type { Path } from "../diagnostics.ts";
import type { FaultSpec, OperationSpec, Selector } from "../model.ts";
import type { ScenarioInput } from "../schema/scenario.ts";
import type { SelectorInput } from "../schema/trigger.ts";
import { didYouMean } from "../suggest.ts";
import type { Surroundings } from "./clients.ts";
import { selectorOf, triggerOf } from "./trigger.ts";

type FaultInput = NonNullable<ScenarioInput["faults"]>[number];
type Kind<K extends FaultInput["kind"]> = Extract<FaultInput, { kind: K }>;
type OperationInput = NonNullable<ScenarioInput["operations"]>[number];

const METHODS = ["read", "write", "fsync"] as const;

export function faultsOf(inputs: readonly FaultInput[], around: Surroundings): FaultSpec[] {
  const ids = inputs.map((input, i) => input.id ?? `fault-${i + 1}`);
  const holds = inputs.flatMap((input, i) =>
    input.kind === "MessageChaos" && input.action === "hold" ? [ids[i] as string] : [],
  );
  return inputs.flatMap((input, i) => {
    const path = ["faults", i];
    const id = ids[i] as string;
    if (ids.indexOf(id) !== i) {
      around.problems.error([...path, "id"], `fault id "${id}" is used twice`);
    }
    const base = { id, trigger: triggerOf(input, path, around), durationUs: input.duration };
    const fault = faultOf(input, path, holds, around);
    return fault === undefined ? [] : [{ ...base, ...fault } as FaultSpec];
  });
}

/** What remains of a fault without the fields all have. Kinds that cannot be had yet were refused before. */
function faultOf(
  input: FaultInput,
  path: Path,
  holds: readonly string[],
  around: Surroundings,
): object | undefined {
  switch (input.kind) {
    case "NetworkChaos":
      return networkOf(input, path, around);
    case "ProcessChaos":
    case "HostChaos": {
      const { kind, action } = input;
      return { kind, action, selector: selectorOf(input.selector, [...path, "selector"], around) };
    }
    case "IOChaos":
      return {
        kind: input.kind,
        action: input.action,
        selector: selectorOf(input.selector, [...path, "selector"], around),
        methods: input.methods ?? METHODS,
        percent: input.percent ?? 1,
        latencyUs: input.action === "latency" ? input.latency : 0,
        errno: (input.action === "fault" ? input.errno : undefined) ?? "EIO",
      };
    case "TimeChaos":
      return {
        kind: input.kind,
        action: input.action,
        selector: selectorOf(input.selector, [...path, "selector"], around),
        timeOffsetUs: input.action === "timeOffset" ? input.timeOffset : 0,
        driftPpm: input.action === "drift" ? input.drift : 0,
      };
    case "MessageChaos":
      return messageOf(input, path, holds, around);
    default:
      return undefined;
  }
}

function optional(
  input: SelectorInput | undefined,
  path: Path,
  around: Surroundings,
): Selector | undefined {
  return input === undefined ? undefined : selectorOf(input, path, around);
}

function networkOf(input: Kind<"NetworkChaos">, path: Path, around: Surroundings): object {
  const topology = input.action === "partition" ? input.topology : undefined;
  if (input.selector === undefined && (topology === undefined || topology === "isolate")) {
    around.problems.error(path, 'missing key "selector"', "whom does it hit?", "key");
  }
  return {
    kind: input.kind,
    action: input.action,
    selector: optional(input.selector, [...path, "selector"], around),
    target: optional(input.target, [...path, "target"], around),
    direction: input.direction ?? "both",
    topology,
    latencyUs: input.action === "delay" ? input.latency : 0,
    jitterUs: (input.action === "delay" ? input.jitter : undefined) ?? 0,
    correlation:
      (input.action === "delay" || input.action === "loss" ? input.correlation : undefined) ?? 0,
    loss: input.action === "loss" ? input.loss : 0,
    bytesPerSecond: input.action === "bandwidth" ? input.rate : 0,
  };
}

function messageOf(
  input: Kind<"MessageChaos">,
  path: Path,
  holds: readonly string[],
  around: Surroundings,
): object {
  const { kind, action } = input;
  if (action === "release") {
    if (!holds.includes(input.ref)) {
      const message = `there is no hold with the id "${input.ref}"`;
      around.problems.error([...path, "ref"], message, didYouMean(input.ref, holds));
    }
    const nothing = { rpc: undefined, phase: "request", from: undefined, to: undefined };
    return { kind, action, ...nothing, match: {}, count: undefined, delayUs: 0, ref: input.ref };
  }
  if (!Object.hasOwn(APIS, input.rpc)) {
    const hint = didYouMean(input.rpc, Object.keys(APIS));
    around.problems.error([...path, "rpc"], `unknown API "${input.rpc}"`, hint);
  }
  return {
    kind,
    action,
    rpc: input.rpc,
    phase: input.phase ?? "request",
    from: optional(input.from, [...path, "from"], around),
    to: optional(input.to, [...path, "to"], around),
    match: input.match ?? {},
    count: input.count,
    delayUs: action === "delay" ? input.delay : 0,
    ref: undefined,
  };
}

const FLAGS: Readonly<Record<OperationSpec["tool"], readonly string[]>> = {
  "kafka-topics": ["create", "delete", "alter", "topic", "partitions", "replication-factor"],
  "kafka-leader-election": ["election-type", "all-topic-partitions", "topic", "partition"],
};

export function operationsOf(
  inputs: readonly OperationInput[],
  around: Surroundings,
): OperationSpec[] {
  return inputs.flatMap(({ run, args = {}, ...timed }, i) => {
    const path = ["operations", i];
    const trigger = triggerOf(timed, path, around);
    if (run !== "kafka-topics" && run !== "kafka-leader-election") return [];
    const known = FLAGS[run];
    for (const flag of Object.keys(args)) {
      if (known.includes(flag)) continue;
      const hint = didYouMean(flag, known);
      around.problems.error([...path, "args", flag], `${run} has no flag "${flag}"`, hint, "key");
    }
    (run === "kafka-topics" ? checkTopics : checkElection)(args, [...path, "args"], around);
    return [{ trigger, tool: run, args }];
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
