// From what the driver read and observed to the comparable trace. No opinions: order and values are those of the files and callbacks.
import type { Scenario } from "../../../src/scenario/model.ts";
import {
  type BrokerStep,
  type ConsumerCallback,
  type ConsumerTrace,
  type ControllerStep,
  type Generation,
  type PartitionStep,
  type PolledRun,
  type RecordResult,
  runsOf,
} from "../comparable.ts";
import type { Observation } from "./driver.ts";

export interface MetadataLog {
  readonly records: readonly {
    readonly at: number;
    readonly type: string;
    // biome-ignore lint/suspicious/noExplicitAny: Kafka's own JSON of a metadata record.
    readonly data: any;
  }[];
  readonly epochs: readonly { readonly epoch: number; readonly at: number }[];
}

/** PartitionRegistration.merge: a change of the leader raises the leader epoch, any change the partition epoch. */
export function partitionSteps(
  { records }: MetadataLog,
  topics: ReadonlySet<string>,
  zero: number,
): Record<string, PartitionStep[]> {
  const byId = new Map<string, string>();
  const steps: Record<string, PartitionStep[]> = {};
  for (const { at, type, data } of records) {
    if (type === "TOPIC_RECORD" && topics.has(data.name)) {
      byId.set(data.topicId, data.name);
      // Created anew under the same name: an earlier scenario's topic is another one.
      for (const name of Object.keys(steps)) if (isOf(name, data.name)) delete steps[name];
    }
    const topic = byId.get(data.topicId);
    if (topic === undefined) continue;
    const name = `${topic}-${data.partitionId}`;
    const atMs = at - zero;
    if (type === "PARTITION_RECORD") {
      const { leader, leaderEpoch, partitionEpoch, isr } = data;
      const elr = ascending(data.eligibleLeaderReplicas ?? []);
      steps[name] = [{ partitionEpoch, leader, leaderEpoch, isr, elr, atMs }];
    } else if (type === "PARTITION_CHANGE_RECORD") {
      const list = steps[name];
      const last = list?.at(-1);
      if (list !== undefined && last !== undefined) list.push(change(last, data, atMs));
    }
  }
  return steps;
}

const isOf = (partition: string, topic: string): boolean =>
  partition.slice(0, partition.lastIndexOf("-")) === topic;
const ascending = (ids: readonly number[]): number[] => [...ids].sort((a, b) => a - b);

const NO_LEADER_CHANGE = -2;

function change(
  last: PartitionStep,
  // biome-ignore lint/suspicious/noExplicitAny: Kafka's own JSON of a PartitionChangeRecord; absent fields mean no change.
  data: any,
  atMs: number,
): PartitionStep {
  const leader = data.leader ?? NO_LEADER_CHANGE;
  const isChanged = leader !== NO_LEADER_CHANGE;
  return {
    partitionEpoch: last.partitionEpoch + 1,
    leader: isChanged ? leader : last.leader,
    leaderEpoch: last.leaderEpoch + (isChanged ? 1 : 0),
    isr: data.isr ?? last.isr,
    elr: data.eligibleLeaderReplicas ? ascending(data.eligibleLeaderReplicas) : last.elr,
    atMs,
  };
}

export function brokerSteps(
  { records }: MetadataLog,
  brokers: readonly number[],
  zero: number,
): Record<string, BrokerStep[]> {
  const steps: Record<string, BrokerStep[]> = {};
  const fenced = new Map<number, boolean>();
  for (const id of brokers) steps[`broker-${id}`] = [];
  for (const { at, type, data } of records) {
    const add = (step: BrokerStep["change"]): void => {
      if (at > zero) steps[`broker-${data.brokerId}`]?.push({ change: step, atMs: at - zero });
    };
    if (type === "REGISTER_BROKER_RECORD") {
      if (fenced.get(data.brokerId) === false) add("fenced");
      fenced.set(data.brokerId, true);
    } else if (type === "BROKER_REGISTRATION_CHANGE_RECORD") {
      if (data.inControlledShutdown === 1) add("shuttingDown");
      if (data.fenced === 1) add("fenced");
      if (data.fenced === -1) add("unfenced");
      if (data.fenced !== undefined && data.fenced !== 0)
        fenced.set(data.brokerId, data.fenced === 1);
    }
  }
  return steps;
}

export function controllerSteps({ epochs }: MetadataLog, zero: number): ControllerStep[] {
  const base = epochs.filter(({ at }) => at <= zero).at(-1)?.epoch ?? 0;
  return epochs
    .filter(({ at }) => at > zero)
    .map(({ epoch, at }) => ({ epoch: epoch - base, atMs: at - zero }));
}

export interface GroupRow {
  readonly group: string;
  readonly at: number;
  readonly generation: number;
  readonly members: Readonly<Record<string, readonly string[]>>;
  readonly tombstone?: boolean;
}

export function generations(
  rows: readonly GroupRow[],
  groups: readonly string[],
  zero: number,
): Record<string, Generation[]> {
  const result: Record<string, Generation[]> = {};
  for (const group of groups) {
    const list: Generation[] = [];
    result[group] = list;
    for (const row of rows) {
      if (row.group !== group || row.tombstone === true || row.at < zero) continue;
      const members = Object.fromEntries(
        Object.entries(row.members)
          .map(([client, partitions]) => [client, byNumber(partitions)] as const)
          .sort(([a], [b]) => (a < b ? -1 : 1)),
      );
      const state = Object.keys(members).length === 0 ? "Empty" : "Stable";
      const { generation } = row;
      const last = list.at(-1);
      const repeats =
        last !== undefined &&
        JSON.stringify([last.generation, last.state, last.members]) ===
          JSON.stringify([generation, state, members]);
      if (!repeats) list.push({ generation, state, members, atMs: row.at - zero });
    }
  }
  return result;
}

/** t-2 before t-10. */
export function byNumber(partitions: readonly string[]): string[] {
  const split = (name: string): [string, number] => {
    const dash = name.lastIndexOf("-");
    return [name.slice(0, dash), Number(name.slice(dash + 1))];
  };
  return [...partitions].sort((a, b) => {
    const [ta, pa] = split(a);
    const [tb, pb] = split(b);
    return ta === tb ? pa - pb : ta < tb ? -1 : 1;
  });
}

/** In the order of send(), each with what its callback got. */
export function recordResults(
  observations: readonly Observation[],
  { producers }: Scenario,
  zero: number,
): Record<string, RecordResult[]> {
  const result: Record<string, RecordResult[]> = {};
  for (const { name } of producers) {
    const mine = observations.filter(({ producer }) => producer === name);
    const outcomes = new Map(
      mine.filter(({ event }) => event === "result").map((o) => [String(o.record), o]),
    );
    result[name] = mine
      .filter(({ event }) => event === "sending")
      .map(({ record }) => {
        const o = outcomes.get(String(record));
        if (o === undefined)
          return { id: String(record), partition: null, offset: -1, error: "NO_ANSWER", atMs: -1 };
        const { partition, offset, error, at } = o;
        return { id: String(record), partition: partition ?? null, offset, error, atMs: at - zero };
      });
  }
  return result;
}

export function consumerTraces(
  observations: readonly Observation[],
  { consumers }: Scenario,
  zero: number,
): Record<string, ConsumerTrace> {
  return Object.fromEntries(
    consumers.map(({ name }) => {
      const mine = observations.filter(({ consumer }) => consumer === name);
      const callbacks = mine
        .filter(({ event, partitions }) => event === "callback" && partitions.length > 0)
        .map(
          ({ callback, partitions, at }): ConsumerCallback => ({
            callback,
            partitions: byNumber(partitions),
            atMs: at - zero,
          }),
        );
      // A poll loop that goes on is told the same again and again.
      const errors = mine
        .filter(({ event }) => event === "consumerError")
        .map(({ error }) => String(error))
        .filter((error, i, all) => error !== all[i - 1]);
      return [name, { callbacks, polled: polledRuns(mine), errors }];
    }),
  );
}

function polledRuns(mine: readonly Observation[]): Record<string, PolledRun[]> {
  const open: Record<string, { from: number; to: number; ids: string[] }[]> = {};
  for (const { event, partition, records } of mine) {
    if (event !== "polled") continue;
    open[partition] ??= [];
    const runs = open[partition];
    for (const [offset, id] of records as [number, string][]) {
      const last = runs.at(-1);
      if (last !== undefined && last.to === offset - 1) {
        last.to = offset;
        last.ids.push(id);
      } else runs.push({ from: offset, to: offset, ids: [id] });
    }
  }
  return Object.fromEntries(
    Object.entries(open).map(([partition, runs]) => [
      partition,
      runs.map(({ from, to, ids }) => ({ from, to, records: runsOf(ids) })),
    ]),
  );
}
