// The metadata quorum as its leader describes it (DescribeQuorum): itself, the voters, and the observers it has heard of lately.
import type { Offset } from "../protocol/types.ts";
import type { Scenario } from "../scenario/model.ts";
import { seconds } from "../sim/kernel.ts";
import type { HostDirectory } from "../view/hosts.ts";
import type { QuorumNodeView } from "../view/quorum.ts";
import type { Instant } from "./instant.ts";
import type { QuorumFetch } from "./tool-facts.ts";
import { uuidOf } from "./uuid.ts";

export interface QuorumReplicaRow {
  readonly replicaId: number;
  readonly directoryId: string;
  readonly endpoints: readonly string[];
  readonly logEndOffset: Offset;
  /** Milliseconds of scenario time; undefined: it has not fetched from this leader. */
  readonly lastFetchTimestamp: number | undefined;
  readonly lastCaughtUpTimestamp: number | undefined;
}

export interface QuorumRows {
  readonly clusterId: string;
  readonly leaderId: number;
  readonly leaderEpoch: number;
  readonly highWatermark: Offset;
  readonly voters: readonly QuorumReplicaRow[];
  readonly observers: readonly QuorumReplicaRow[];
}

const CONTROLLER_PORT = 9093;
/** LeaderState.OBSERVER_SESSION_TIMEOUT_MS: a silent observer is forgotten after this long. */
const OBSERVER_SESSION = seconds(300);

export function quorumRows(instant: Instant): QuorumRows | undefined {
  const { scenario, view } = instant;
  const leader = leaderOf(instant);
  if (leader === undefined) return undefined;
  const voters = voterIds(scenario, view.directory);
  return {
    clusterId: uuidOf(scenario.seed, "cluster", scenario.name),
    leaderId: leader.node,
    leaderEpoch: leader.epoch,
    highWatermark: leader.highWatermark,
    voters: voters.map((id) => voterRow(instant, leader, id)),
    observers: observerRows(instant, voters),
  };
}

/** Of those who think they lead, the one of the highest epoch; if it does not run, nobody answers. */
function leaderOf({ view }: Instant): QuorumNodeView | undefined {
  let best: QuorumNodeView | undefined;
  for (const node of view.quorum.all()) {
    if (node.role === "leader" && node.epoch > (best?.epoch ?? -1)) best = node;
  }
  return best !== undefined && view.hosts.isAlive(best.node) ? best : undefined;
}

function voterIds({ cluster }: Scenario, { hosts }: HostDirectory): number[] {
  const { count, mode } = cluster.controllers;
  if (mode === "combined") return cluster.brokers.slice(0, count).map(({ id }) => id);
  return hosts.filter(({ kind }) => kind === "controller").map(({ id }) => id);
}

function voterRow(instant: Instant, leader: QuorumNodeView, id: number): QuorumReplicaRow {
  const { view, facts, nowUs } = instant;
  const endpoints = [`CONTROLLER://${view.directory.name(id)}:${CONTROLLER_PORT}`];
  if (id === leader.node) {
    const { logEndOffset } = leader;
    const position = { logEndOffset, lastFetchUs: nowUs, lastCaughtUpUs: nowUs };
    return row(instant, id, endpoints, position);
  }
  const fetch = facts.fetches.get(id);
  const isKnown = fetch !== undefined && fetch.lastFetchUs >= facts.leaderSinceUs;
  return row(instant, id, endpoints, isKnown ? fetch : undefined);
}

function observerRows(instant: Instant, voters: readonly number[]): QuorumReplicaRow[] {
  const { view, facts, nowUs } = instant;
  const rows: QuorumReplicaRow[] = [];
  for (const { id } of view.brokers.all()) {
    const position = facts.observer(id);
    // The broker side of a combined node does not say who it is.
    if (position === undefined || voters.includes(id)) continue;
    const { lastFetchUs } = position;
    if (lastFetchUs < facts.leaderSinceUs || nowUs - lastFetchUs > OBSERVER_SESSION) continue;
    rows.push(row(instant, id, [], position));
  }
  return rows;
}

function row(
  { scenario, view, facts }: Instant,
  replicaId: number,
  endpoints: readonly string[],
  position: QuorumFetch | undefined,
): QuorumReplicaRow {
  const since = facts.leaderSinceUs;
  const timestamp = (us: number | undefined): number | undefined =>
    us === undefined || us < since ? undefined : Math.floor(us / 1000);
  return {
    replicaId,
    directoryId: uuidOf(scenario.seed, "directory", view.directory.name(replicaId)),
    endpoints,
    logEndOffset: position?.logEndOffset ?? -1,
    lastFetchTimestamp: timestamp(position?.lastFetchUs),
    lastCaughtUpTimestamp: timestamp(position?.lastCaughtUpUs),
  };
}
