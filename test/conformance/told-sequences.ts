// Sequences of the comparable trace from the simulator's trace events: what the controller, the coordinators and the consumers did, in order.
import type { KafkaEvent } from "../../src/protocol/events.ts";
import type { TopicPartition } from "../../src/protocol/types.ts";
import type { Micros } from "../../src/sim/kernel.ts";
import type { HostDirectory } from "../../src/view/hosts.ts";
import type { Listeners } from "../../src/view/listeners.ts";
import {
  type BrokerStep,
  type ConsumerTrace,
  type ControllerStep,
  type Generation,
  type PartitionStep,
  runsOf,
} from "./comparable.ts";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type Registration = Pick<
  KafkaEvent<"partition.created">,
  "partition" | "leader" | "leaderEpoch" | "partitionEpoch" | "isr" | "at"
>;

const msOf = (us: Micros): number => us / 1000;

/** One step a partition epoch, whatever number of events tells of it. */
export class PartitionSteps {
  readonly listeners: Listeners;
  readonly #steps = new Map<string, Mutable<PartitionStep>[]>();

  constructor() {
    const step = (e: Registration): void => {
      this.#step(e);
    };
    this.listeners = {
      "partition.created": (e) => {
        // Of a topic that was deleted and created again, only the present one counts.
        this.#steps.delete(e.partition.name);
        this.#step(e);
      },
      "leader.elected": step,
      "leader.lost": step,
      "isr.shrunk": step,
      "isr.expanded": step,
      "directories.changed": step,
      "elr.changed": (e) => {
        this.#step(e).elr = [...e.elr].sort((a, b) => a - b);
      },
    };
  }

  of(partition: string): readonly PartitionStep[] {
    return this.#steps.get(partition) ?? [];
  }

  #step(e: Registration): Mutable<PartitionStep> {
    const steps = this.#steps.get(e.partition.name) ?? [];
    this.#steps.set(e.partition.name, steps);
    const last = steps.at(-1);
    if (last?.partitionEpoch === e.partitionEpoch) return last;
    const { partitionEpoch, leader, leaderEpoch, isr } = e;
    const elr = last?.elr ?? [];
    const step = { partitionEpoch, leader, leaderEpoch, isr, elr, atMs: msOf(e.at) };
    steps.push(step);
    return step;
  }
}

/** Since time zero. */
export class BrokerSteps {
  readonly listeners: Listeners;
  readonly #steps = new Map<number, BrokerStep[]>();

  constructor() {
    const add =
      (change: BrokerStep["change"]) =>
      (e: { readonly broker: number; readonly at: Micros }): void => {
        if (e.at < 0) return;
        const steps = this.#steps.get(e.broker) ?? [];
        this.#steps.set(e.broker, [...steps, { change, atMs: msOf(e.at) }]);
      };
    this.listeners = {
      "broker.fenced": add("fenced"),
      "broker.unfenced": add("unfenced"),
      "broker.shuttingDown": add("shuttingDown"),
    };
  }

  of(broker: number): readonly BrokerStep[] {
    return this.#steps.get(broker) ?? [];
  }
}

/** Epochs since time zero, counted from the one in force then. */
export class ControllerSteps {
  readonly listeners: Listeners;
  readonly steps: ControllerStep[] = [];
  #base = 0;

  constructor() {
    this.listeners = {
      "controller.activated": (e) => {
        if (e.at < 0) this.#base = e.epoch;
        else this.steps.push({ epoch: e.epoch - this.#base, atMs: msOf(e.at) });
      },
    };
  }
}

/** Since time zero: generations that were stored, and groups that became empty. */
export class GroupSteps {
  readonly listeners: Listeners;
  readonly #directory: HostDirectory;
  readonly #steps = new Map<string, Mutable<Generation>[]>();

  /** `storesNewGroups`: the release stores a group, empty, as soon as somebody asks to join it (group.new-group-record). */
  constructor(directory: HostDirectory, storesNewGroups: boolean) {
    this.#directory = directory;
    this.listeners = {
      "group.assigned": (e) => {
        if (e.at >= 0) this.#assigned(e);
      },
      "group.stateChanged": (e) => {
        const { generation, at } = e;
        const isNew = storesNewGroups && e.from === "Empty" && generation === 0;
        if (at < 0 || (e.to !== "Empty" && !isNew)) return;
        this.#add(e.group, { generation, state: "Empty", members: {}, atMs: msOf(at) });
      },
    };
  }

  of(group: string): readonly Generation[] {
    return this.#steps.get(group) ?? [];
  }

  #assigned(e: KafkaEvent<"group.assigned">): void {
    const { group, generation, at } = e;
    const known = this.#steps.get(group)?.at(-1);
    const isKnown = known?.generation === generation && known.state === "Stable";
    const members = {
      ...(isKnown ? known.members : {}),
      [this.#directory.name(e.client)]: namesOf(e.partitions),
    };
    if (isKnown) known.members = members;
    else this.#add(group, { generation, state: "Stable", members, atMs: msOf(at) });
  }

  #add(group: string, step: Mutable<Generation>): void {
    const steps = this.#steps.get(group) ?? [];
    this.#steps.set(group, steps);
    const last = steps.at(-1);
    // A new coordinator tells what it has loaded.
    if (last?.generation === step.generation && last.state === step.state) return;
    steps.push(step);
  }
}

/** Exceptions of a consumer, by what the event calls the error; others keep their name. */
const EXCEPTIONS: Readonly<Record<string, string>> = {
  UNKNOWN_MEMBER_ID: "CommitFailed",
  ILLEGAL_GENERATION: "CommitFailed",
  FENCED_INSTANCE_ID: "FencedInstanceId",
  REBALANCE_IN_PROGRESS: "RebalanceInProgress",
  NO_OFFSET_FOR_PARTITION: "NoOffsetForPartition",
  timeout: "Timeout",
};

interface Polled {
  from: number;
  to: number;
  readonly ids: string[];
}

export class ConsumerTraces {
  readonly listeners: Listeners;
  readonly #callbacks = new Map<number, Mutable<ConsumerTrace["callbacks"][number]>[]>();
  readonly #errors = new Map<number, string[]>();
  readonly #polled = new Map<number, Map<string, Polled[]>>();

  constructor(namesOfRecords: (e: KafkaEvent<"consumer.polled">) => string[]) {
    this.listeners = {
      "consumer.rebalanced": (e) => {
        if (e.partitions.length === 0) return;
        const { callback, at } = e;
        const call = { callback, partitions: namesOf(e.partitions), atMs: msOf(at) };
        this.#callbacks.set(e.node, [...(this.#callbacks.get(e.node) ?? []), call]);
      },
      "consumer.polled": (e) => this.#add(e, namesOfRecords(e)),
      "consumer.failed": (e) => this.#failed(e.node, e.error),
      "consumer.commitFailed": (e) => {
        // Automatic commits are logged, asynchronous ones call back: only commitSync() throws.
        if (e.how === "sync") this.#failed(e.node, e.error);
      },
    };
  }

  of(node: number): ConsumerTrace {
    const polled = [...(this.#polled.get(node) ?? [])].map(
      ([partition, runs]) =>
        [partition, runs.map(({ from, to, ids }) => ({ from, to, records: runsOf(ids) }))] as const,
    );
    return {
      callbacks: this.#callbacks.get(node) ?? [],
      polled: Object.fromEntries(polled),
      errors: this.#errors.get(node) ?? [],
    };
  }

  #failed(node: number, error: string): void {
    const name = EXCEPTIONS[error] ?? error.replace(/Exception$/, "");
    this.#errors.set(node, [...(this.#errors.get(node) ?? []), name]);
  }

  #add(e: KafkaEvent<"consumer.polled">, ids: readonly string[]): void {
    const byPartition = this.#polled.get(e.node) ?? new Map<string, Polled[]>();
    this.#polled.set(e.node, byPartition);
    const runs = byPartition.get(e.partition.name) ?? [];
    byPartition.set(e.partition.name, runs);
    const last = runs.at(-1);
    const to = e.baseOffset + e.count - 1;
    if (last !== undefined && last.to + 1 === e.baseOffset) {
      last.to = to;
      last.ids.push(...ids);
    } else runs.push({ from: e.baseOffset, to, ids: [...ids] });
  }
}

/** What a client would answer to position(): it knows its partitions until it has given them up, whatever its group thinks. */
export class Positions {
  readonly listeners: Listeners;
  /** By node, then by partition name; -1: none yet. */
  readonly #positions = new Map<number, Map<string, number>>();

  constructor() {
    const at = (e: { node: number; partition: TopicPartition }, position: number): void => {
      this.#of(e.node).set(e.partition.name, position);
    };
    const gone = (e: { readonly node: number }): void => {
      this.#positions.delete(e.node);
    };
    this.listeners = {
      "consumer.rebalanced": (e) => {
        for (const { name } of e.partitions) {
          if (e.callback !== "assigned") this.#of(e.node).delete(name);
          else if (!this.#of(e.node).has(name)) this.#of(e.node).set(name, -1);
        }
      },
      "consumer.assigned": (e) => at(e, e.position),
      "consumer.reset": (e) => at(e, e.to),
      "consumer.polled": (e) => at(e, e.position),
      "host.crashed": gone,
      "host.stopped": gone,
    };
  }

  of(node: number): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#positions.get(node) ?? []);
  }

  #of(node: number): Map<string, number> {
    const known = this.#positions.get(node) ?? new Map<string, number>();
    this.#positions.set(node, known);
    return known;
  }
}

/** Ascending by topic and number. */
export const namesOf = (partitions: readonly TopicPartition[]): string[] =>
  [...partitions]
    .sort((a, b) => (a.topic === b.topic ? a.partition - b.partition : a.topic < b.topic ? -1 : 1))
    .map(({ name }) => name);
