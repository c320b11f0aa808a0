// The simulator's side of a comparison: plays a scenario with the product's own runner and tells it as a comparable trace, from trace events.
import { type Rules, rulesFor } from "../../src/protocol/releases.ts";
import { type ScenarioRun, startRun } from "../../src/runner/run.ts";
import type { Scenario } from "../../src/scenario/model.ts";
import type { PartitionView } from "../../src/view/partitions.ts";
import type { ReplicaView } from "../../src/view/replicas.ts";
import {
  type ComparableTrace,
  type GroupPoint,
  type PartitionPoint,
  type QuietPoint,
  type ReplicaPoint,
  runsOf,
} from "./comparable.ts";
import { RecordNames } from "./record-names.ts";
import { epochsOf, ReplicaLogs } from "./replica-logs.ts";
import {
  BrokerSteps,
  ConsumerTraces,
  ControllerSteps,
  GroupSteps,
  namesOf,
  PartitionSteps,
  Positions,
} from "./told-sequences.ts";

const US_PER_MS = 1000;

/** Runs to the end, settling included. */
export const simulatedTrace = (scenario: Scenario): ComparableTrace => new Told(scenario).trace();

class Told {
  readonly #scenario: Scenario;
  readonly #run: ScenarioRun;
  readonly #names: RecordNames;
  readonly #logs = new ReplicaLogs();
  readonly #partitions = new PartitionSteps();
  readonly #brokers = new BrokerSteps();
  readonly #controllers = new ControllerSteps();
  readonly #positions = new Positions();
  readonly #groups: GroupSteps;
  readonly #consumers: ConsumerTraces;

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
    this.#run = startRun(scenario, { only: [], replay: () => "" });
    const { directory } = this.#run.view;
    this.#names = new RecordNames(directory);
    const { release, rules } = scenario.cluster;
    const inForce = rulesFor(release, rules as Partial<Rules>);
    this.#groups = new GroupSteps(directory, inForce["group.new-group-record"] === "on");
    this.#consumers = new ConsumerTraces(({ stream, firstNumber: first, count }) =>
      this.#names.namesOf({ stream, first, count }),
    );
    const parts = [this.#names, this.#logs, this.#partitions, this.#brokers];
    for (const part of [
      ...parts,
      this.#controllers,
      this.#groups,
      this.#consumers,
      this.#positions,
    ])
      this.#run.observe(part.listeners);
  }

  trace(): ComparableTrace {
    const points = this.#play();
    const { producers, consumers } = this.#scenario;
    const { hosts, named } = directoryOf(this.#run);
    const names = this.#partitionNames();
    return {
      partitions: table(names, (name) => this.#partitions.of(name)),
      brokers: Object.fromEntries(
        hosts
          .filter(({ kind }) => kind === "broker")
          .map(({ id, name }) => [name, this.#brokers.of(id)]),
      ),
      controllers: this.#controllers.steps,
      producers: table(
        producers.map(({ name }) => name),
        (name) => this.#names.resultsOf(name),
      ),
      consumers: table(
        consumers.map(({ name }) => name),
        (name) => this.#consumers.of(named(name)),
      ),
      groups: table(groupIds(this.#scenario), (group) => this.#groups.of(group)),
      transactions: {},
      points,
    };
  }

  /** Stops at every instant that an assertion names. */
  #play(): QuietPoint[] {
    const points: QuietPoint[] = [];
    for (const atUs of lookTimes(this.#scenario)) {
      while (this.#run.progress.nowUs < atUs) this.#run.advance(atUs - this.#run.progress.nowUs);
      points.push(this.#point(atUs / US_PER_MS));
    }
    while (this.#run.advance(US_PER_MS * US_PER_MS));
    return [...points, this.#point("end")];
  }

  #point(at: QuietPoint["at"]): QuietPoint {
    const { consumers } = this.#scenario;
    const names = this.#partitionNames();
    const positions = consumers.flatMap(({ name, startUs }) => {
      const known = this.#positionsOf(directoryOf(this.#run).named(name), startUs);
      return known === undefined ? [] : [[name, known] as const];
    });
    return {
      at,
      partitions: table(names, (name) =>
        this.#partitionPoint(this.#run.view.partitions.named(name) as PartitionView),
      ),
      groups: table(groupIds(this.#scenario), (group) => this.#groupPoint(group)),
      positions: Object.fromEntries(positions),
    };
  }

  /** Of the scenario's topics, as they are now: operations add some. */
  #partitionNames(): string[] {
    const topics = new Set(this.#scenario.topics.map(({ name }) => name));
    const all = [...this.#run.view.partitions.all()].map(({ partition }) => partition);
    return namesOf(all.filter(({ topic }) => topics.has(topic)));
  }

  #partitionPoint(p: PartitionView): PartitionPoint {
    const { view } = this.#run;
    const { leader, leaderEpoch, partitionEpoch, isr } = p;
    const elr = [...p.elr].sort((a, b) => a - b);
    const replicas = [...view.replicas.of(p.partition)].sort((a, b) => a.node - b.node);
    return {
      ...{ leader, leaderEpoch, partitionEpoch, isr, elr },
      highWatermark: view.leaderReplica(p.partition)?.highWatermark ?? null,
      replicas: Object.fromEntries(
        replicas.map((replica) => [view.directory.name(replica.node), this.#replicaPoint(replica)]),
      ),
    };
  }

  #replicaPoint({ partition, node, ...replica }: ReplicaView): ReplicaPoint {
    const log = this.#logs.of(partition, node);
    const isUp = this.#run.view.hosts.get(node)?.state !== "down";
    return {
      logStartOffset: replica.logStartOffset,
      logEndOffset: replica.logEndOffset,
      highWatermark: isUp ? replica.highWatermark : null,
      epochs: epochsOf(log),
      records: runsOf(log.flatMap((run) => this.#names.namesOf(run))),
    };
  }

  #groupPoint(id: string): GroupPoint {
    const group = this.#run.view.groups.get(id);
    if (group === undefined) return { state: "Dead", members: {}, committed: {} };
    const { directory } = this.#run.view;
    const members = [...group.members.values()].map(
      ({ client, partitions }) => [directory.name(client), namesOf(partitions)] as const,
    );
    const committed = [...group.committed.values()].map(
      ({ partition, offset }) => [partition.name, offset] as const,
    );
    return {
      state: group.state,
      members: Object.fromEntries(members),
      committed: Object.fromEntries(committed),
    };
  }

  /** Undefined for a consumer that does not run, or not yet. */
  #positionsOf(node: number, startUs: number): Readonly<Record<string, number>> | undefined {
    if (this.#run.progress.nowUs < startUs) return undefined;
    if (this.#run.view.hosts.get(node)?.state !== "alive") return undefined;
    return this.#positions.of(node);
  }
}

const directoryOf = ({ view }: ScenarioRun) => ({
  hosts: view.directory.hosts,
  named: (name: string): number => view.directory.named(name)?.id ?? -1,
});

/** Microseconds, ascending, each once. */
export const lookTimes = ({ expect, durationUs }: Scenario): number[] =>
  [
    ...new Set(
      expect.assertions.flatMap(({ when }) =>
        when.kind === "at" && when.atUs < durationUs ? [when.atUs] : [],
      ),
    ),
  ].sort((a, b) => a - b);

const groupIds = ({ consumers }: Scenario): string[] =>
  [...new Set(consumers.map(({ config }) => String(config["group.id"] ?? "")))]
    .filter((id) => id !== "")
    .sort();

const table = <T>(names: readonly string[], of: (name: string) => T): Record<string, T> =>
  Object.fromEntries(names.map((name) => [name, of(name)]));
