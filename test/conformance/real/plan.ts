// What of a scenario can be played on real brokers, as steps in time. What cannot be is named.
import type {
  ConsumerSpec,
  FaultSpec,
  OperationSpec,
  ProducerSpec,
  Scenario,
  Selector,
  Trigger,
} from "../../../src/scenario/model.ts";
import type { ControlPlane } from "../recorded.ts";
import { lookTimes } from "../simulated.ts";
import { zookeeperObstacles } from "./zookeeper.ts";

export type Step = { readonly atMs: number } & (
  | { readonly do: "openProducer" | "closeProducer"; readonly producer: ProducerSpec }
  | { readonly do: "openConsumer" | "closeConsumer"; readonly consumer: ConsumerSpec }
  | {
      readonly do: "send";
      readonly producer: ProducerSpec;
      readonly ids: readonly string[];
      readonly key: string | undefined;
      readonly partition: number | undefined;
    }
  | { readonly do: "inject" | "heal"; readonly fault: FaultSpec }
  | { readonly do: "operate"; readonly operation: OperationSpec }
  | { readonly do: "look" }
);

export interface Plan {
  readonly steps: readonly Step[];
  /** Clients that a fault kills, stops or starts: each has a process of its own. */
  readonly ownProcess: ReadonlySet<string>;
  /** Reasons why real brokers cannot play it; empty: they can. */
  readonly obstacles: readonly string[];
}

const msOf = (us: number): number => us / 1000;

export function planOf(scenario: Scenario, controlPlane: ControlPlane = "kraft"): Plan {
  const obstacles: string[] = [];
  const at = (trigger: Trigger, what: string): number => {
    if (trigger.kind === "at") return msOf(trigger.atUs);
    obstacles.push(`${what} waits for a trace event`);
    return 0;
  };
  const steps: Step[] = [...clientSteps(scenario, at)];
  for (const fault of scenario.faults) {
    if (!isPlayable(fault)) obstacles.push(`${fault.kind} ${fault.action}`);
    const atMs = at(fault.trigger, `fault ${fault.id}`);
    steps.push({ atMs, do: "inject", fault });
    if (fault.durationUs !== undefined && fault.action !== "restart")
      steps.push({ atMs: atMs + msOf(fault.durationUs), do: "heal", fault });
  }
  for (const operation of scenario.operations)
    steps.push({ atMs: at(operation.trigger, operation.tool), do: "operate", operation });
  for (const atUs of lookTimes(scenario)) steps.push({ atMs: msOf(atUs), do: "look" });
  if (controlPlane === "zookeeper") obstacles.push(...zookeeperObstacles(scenario));
  return {
    // The sort is stable: what is written first happens first.
    steps: steps.sort((a, b) => a.atMs - b.atMs),
    ownProcess: new Set(scenario.faults.flatMap(clientsIn)),
    obstacles,
  };
}

function* clientSteps(
  scenario: Scenario,
  at: (trigger: Trigger, what: string) => number,
): Iterable<Step> {
  for (const producer of scenario.producers) {
    yield { atMs: msOf(producer.startUs), do: "openProducer", producer };
    for (const send of producer.sends) {
      const { records: ids, key, partition } = send;
      const atMs = at(send.trigger, `a send of ${producer.name}`);
      yield { atMs, do: "send", producer, ids, key, partition };
    }
    if (producer.stopUs !== undefined)
      yield { atMs: msOf(producer.stopUs), do: "closeProducer", producer };
  }
  for (const consumer of scenario.consumers) {
    if (!consumer.waits) yield { atMs: msOf(consumer.startUs), do: "openConsumer", consumer };
    if (consumer.stopUs !== undefined)
      yield { atMs: msOf(consumer.stopUs), do: "closeConsumer", consumer };
  }
}

function isPlayable(fault: FaultSpec): boolean {
  switch (fault.kind) {
    case "ProcessChaos":
      return true;
    case "HostChaos":
      return fault.action === "wipe";
    case "ClientChaos":
      return fault.action !== "rate";
    case "NetworkChaos":
      return fault.action === "partition" && fault.topology === undefined;
    default:
      return false;
  }
}

function clientsIn(fault: FaultSpec): readonly string[] {
  if (fault.kind !== "ClientChaos" && fault.kind !== "ProcessChaos") return [];
  const chosen = namesIn(fault.selector);
  return fault.kind === "ClientChaos" ? [...chosen, ...fault.newcomers] : chosen;
}

function namesIn(selector: Selector): readonly string[] {
  if (selector.kind === "names") return selector.names;
  return selector.kind === "mode" ? namesIn(selector.of) : [];
}
