// From `faults` as written to the model: defaults filled in, references checked.
import { APIS } from "../../protocol/apis.ts";
import type { Path } from "../diagnostics.ts";
import type { ConsumerSpec, FaultSpec, Selector } from "../model.ts";
import type { ScenarioInput } from "../schema/scenario.ts";
import type { SelectorInput } from "../schema/trigger.ts";
import { didYouMean } from "../suggest.ts";
import { clientChaosOf, errorChaosOf, stressChaosOf } from "./client-faults.ts";
import type { Surroundings } from "./clients.ts";
import { selectorOf, triggerOf } from "./trigger.ts";

type FaultInput = NonNullable<ScenarioInput["faults"]>[number];
type Kind<K extends FaultInput["kind"]> = Extract<FaultInput, { kind: K }>;

const METHODS = ["read", "write", "fsync"] as const;

export function faultsOf(
  inputs: readonly FaultInput[],
  consumers: readonly ConsumerSpec[],
  around: Surroundings,
): FaultSpec[] {
  const joining = new Map<string, number>();
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
    const fault =
      input.kind === "ClientChaos"
        ? clientChaosOf(input, path, { consumers, joining }, around)
        : faultOf(input, path, holds, around);
    return [{ ...base, ...fault } as FaultSpec];
  });
}

/** What remains of a fault without the fields all have. */
function faultOf(
  input: Exclude<FaultInput, Kind<"ClientChaos">>,
  path: Path,
  holds: readonly string[],
  around: Surroundings,
): object {
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
    case "StressChaos":
      return stressChaosOf(input, path, around);
    case "ErrorChaos":
      return errorChaosOf(input, path, around);
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
