// One look at a cluster: registrations, replicas, groups and positions.
import type { Scenario } from "../../../src/scenario/model.ts";
import {
  type GroupPoint,
  type PartitionPoint,
  type PartitionStep,
  type QuietPoint,
  type ReplicaPoint,
  runsOf,
} from "../comparable.ts";
import type { RealClients } from "./clients.ts";
import type { RealCluster } from "./cluster.ts";
import { byNumber } from "./told.ts";

/** What a look saw, before the metadata log says which registration was in force. */
export interface Look {
  readonly at: number | "end";
  readonly wallMs: number;
  // biome-ignore lint/suspicious/noExplicitAny: the driver's answers as they came.
  readonly replicas: any;
  // biome-ignore lint/suspicious/noExplicitAny: the driver's answers as they came.
  readonly offsets: any;
  // biome-ignore lint/suspicious/noExplicitAny: the driver's answers as they came.
  readonly groups: any;
  readonly positions: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly alive: ReadonlySet<string>;
}

export const groupsOf = ({ consumers }: Scenario): string[] => {
  const ids = consumers.map(({ config }) => config["group.id"]).filter((id) => id !== undefined);
  return [...new Set(ids.map(String))].filter((id) => id !== "").sort();
};

/** Partitions of the scenario's topics as they are now: operations add some. */
export async function partitionNames(cluster: RealCluster, scenario: Scenario): Promise<string[]> {
  const topics = scenario.topics.map(({ name }) => name);
  if (topics.length === 0) return [];
  return byNumber(Object.keys(await cluster.admin.ask("leaders", { topics })));
}

export async function lookAt(
  cluster: RealCluster,
  clients: RealClients,
  scenario: Scenario,
  at: number | "end",
): Promise<Look> {
  const wallMs = Date.now();
  const alive = new Set(
    cluster.brokers.filter(({ state }) => state !== "down").map(({ spec }) => spec.name),
  );
  const names = await partitionNames(cluster, scenario);
  const dirs = Object.fromEntries(
    cluster.brokers.map(({ spec, logDir }) => [spec.name, logDir] as const),
  );
  const { admin } = cluster;
  const [replicas, offsets, groups, positions] = await Promise.all([
    admin.ask("replicas", { dirs, partitions: names }),
    admin.ask("latestOffsets", { partitions: names }),
    admin.ask("groups", { groups: groupsOf(scenario) }).catch(() => ({})),
    positionsOf(clients),
  ]);
  return { at, wallMs, replicas, offsets, groups, positions, alive };
}

async function positionsOf(
  clients: RealClients,
): Promise<Record<string, Readonly<Record<string, number>>>> {
  const result: Record<string, Record<string, number>> = {};
  await Promise.all(
    clients.openConsumers.map(async ({ name }) => {
      const known = await clients
        .driverOf(name)
        .ask("positions", { name })
        .catch(() => null);
      if (known !== null) result[name] = known;
    }),
  );
  return result;
}

export function pointOf(
  look: Look,
  steps: Readonly<Record<string, readonly PartitionStep[]>>,
  zero: number,
): QuietPoint {
  const partitions: Record<string, PartitionPoint> = {};
  for (const name of Object.keys(look.replicas)) {
    const step = steps[name]?.filter(({ atMs }) => atMs + zero <= look.wallMs).at(-1);
    if (step === undefined) continue;
    const { leader, leaderEpoch, partitionEpoch, isr, elr } = step;
    partitions[name] = {
      ...{ leader, leaderEpoch, partitionEpoch, isr, elr },
      highWatermark: leader < 0 ? null : (look.offsets[name] ?? null),
      replicas: replicasOf(look, name),
    };
  }
  const groups: Record<string, GroupPoint> = {};
  for (const [group, { state, members, committed }] of Object.entries<GroupPoint>(look.groups)) {
    const sorted = Object.entries(members).map(([m, list]) => [m, byNumber(list)] as const);
    groups[group] = { state, members: Object.fromEntries(sorted.sort()), committed };
  }
  return { at: look.at, partitions, groups, positions: look.positions };
}

function replicasOf(look: Look, name: string): Record<string, ReplicaPoint> {
  const replicas: Record<string, ReplicaPoint> = {};
  for (const broker of Object.keys(look.replicas[name]).sort()) {
    const r = look.replicas[name][broker];
    replicas[broker] = {
      logStartOffset: r.logStartOffset,
      logEndOffset: r.logEndOffset,
      highWatermark: look.alive.has(broker) ? (r.checkpointedHighWatermark ?? null) : null,
      epochs: r.epochs,
      records: runsOf(r.records),
    };
  }
  return replicas;
}
