// Stuck or rightly stuck: what a healed cluster should have got done by itself, and what nothing can do for it. Where only a core was
// healed (after TigerBeetle's VOPR), that core is asked, and excused by what lies beyond it. All of it is worked out from the trace.
import type { ClusterFold } from "../view/cluster-fold.ts";
import type { PartitionView } from "../view/partitions.ts";
import { type StreamView, unresolved } from "../view/producers.ts";
import type { ReplicaView } from "../view/replicas.ts";
import type { ContractSettings } from "./contract-settings.ts";
import { groupSettled } from "./group-liveness.ts";

type Uncleans = Pick<ContractSettings, "topics"> | undefined;

/** Does it run, and is it asked anything? */
export const isAsked = (view: ClusterFold, node: number): boolean =>
  view.hosts.isAlive(node) && view.core.has(node);

/** Why no controller can be elected, or undefined: enough voters run. */
export function quorumLost(view: ClusterFold): string | undefined {
  const { voters } = view.quorum;
  const asked = voters.filter((node) => isAsked(view, node)).length;
  if (voters.length === 0 || asked * 2 > voters.length) return undefined;
  if (!view.core.isDeclared) return "no majority of the controller quorum runs";
  return `the core has ${asked} of ${voters.length} voters of the controller quorum, no majority`;
}

/** Replicas that the controller may elect. */
function electable(view: ClusterFold, p: PartitionView, settings: Uncleans): readonly number[] {
  const unclean =
    settings?.topics.find((topic) => topic.name === p.partition.topic)?.unclean ?? false;
  const entitled = [...p.isr, ...p.elr];
  // With nobody left who holds everything, the last leader is the best there is (KIP-966).
  const last = entitled.length === 0 && p.lastLeader >= 0 ? [p.lastLeader] : entitled;
  const candidates = unclean ? p.replicas : last;
  return candidates.filter((id) => isAsked(view, id) && !p.relocated.includes(id));
}

/** The replica that leads and will go on leading: one beyond the core does as long as the controller hears from it. */
export function leaderOf(view: ClusterFold, p: PartitionView): ReplicaView | undefined {
  const leader = view.leaderReplica(p.partition);
  if (leader === undefined || view.core.has(p.leader) || quorumLost(view) !== undefined)
    return leader;
  const active = view.quorum.activeController;
  return active >= 0 && view.cuts.connected(p.leader, active) ? leader : undefined;
}

/** Why nothing can bring the partition back, or undefined: it has or should have a leader. */
export function rightlyStuck(
  view: ClusterFold,
  p: PartitionView,
  settings: Uncleans,
): string | undefined {
  if (leaderOf(view, p) !== undefined) return undefined;
  const lost = quorumLost(view);
  if (lost !== undefined) return lost;
  const candidates = electable(view, p, settings);
  if (candidates.length > 0) return controllerBeyond(view, candidates);
  const relocated = p.relocated.find((id) => isAsked(view, id));
  if (relocated !== undefined)
    return `broker-${relocated} came back with another log directory, and no election has been due since it told where the replica is (KIP-858)`;
  const where = view.core.isDeclared ? "is in the core" : "runs";
  return `no replica that may lead ${where} (ISR [${p.isr.join(", ")}], ELR [${p.elr.join(", ")}])`;
}

/** Why a client gets nowhere with a partition: as above, or its leader is not one that is asked anything. */
export function notServed(
  view: ClusterFold,
  p: PartitionView,
  settings: Uncleans,
): string | undefined {
  const stuck = rightlyStuck(view, p, settings);
  if (stuck !== undefined || leaderOf(view, p) === undefined || view.core.has(p.leader))
    return stuck;
  return `it is led by ${view.directory.name(p.leader)}, which is not in the core`;
}

/** Voters of the core may follow a controller beyond it, and some of the core's brokers may not get through to that one. */
export function controllerBeyond(
  view: ClusterFold,
  brokers: readonly number[],
): string | undefined {
  const active = view.quorum.activeController;
  if (active < 0 || view.core.has(active)) return undefined;
  const reasons = brokers.map((broker) => view.core.between(broker, active));
  if (reasons.includes(undefined)) return undefined;
  return `the active controller ${view.directory.name(active)} is not in the core, and ${reasons[0]}`;
}

/** Replicas that are asked to be in the ISR, and are not. */
export function missingFromIsr(view: ClusterFold, p: PartitionView): readonly number[] {
  return p.replicas.filter((id) => isAsked(view, id) && !p.isr.includes(id));
}

/** Members of the ISR that keep its leader waiting, and will be taken out. */
function silent(view: ClusterFold, p: PartitionView): readonly number[] {
  return p.isr.filter(
    (id) => id !== p.leader && !(view.hosts.isAlive(id) && view.cuts.connected(id, p.leader)),
  );
}

/** Why records may wait at a leader of the core: replicas that it needs for their acknowledgement are beyond it, or do not run. */
export function rightlyUnacked(view: ClusterFold, p: PartitionView): string | undefined {
  const members = p.replicas.filter((id) => isAsked(view, id)).length;
  if (p.isr.length < p.minIsr && members < p.minIsr)
    return `below min.insync.replicas=${p.minIsr} (ISR [${p.isr.join(", ")}]), and no more replicas ${view.core.isDeclared ? "are in the core" : "run"}`;
  for (const id of p.isr) {
    const hindrance = view.core.between(p.leader, id);
    if (hindrance !== undefined && !silent(view, p).includes(id))
      return `the ISR has ${view.directory.name(id)}, and ${hindrance}`;
  }
  return undefined;
}

/** Is there nothing left that a healed cluster would still do by itself? The settings tell of unclean elections to come. */
export function settled(
  view: ClusterFold,
  settings?: Pick<ContractSettings, "topics" | "consumers">,
): boolean {
  for (const p of view.partitions.all()) if (!partitionSettled(view, p, settings)) return false;
  for (const stream of view.producers.all()) if (!streamSettled(view, stream)) return false;
  for (const c of view.consumers.all()) {
    if (!view.hosts.isAlive(c.node) || c.failure !== undefined) continue;
    const p = view.partitions.get(c.partition.index);
    if (p === undefined || p.deleted || leaderOf(view, p) === undefined) continue;
    if (view.core.between(c.node, p.leader) !== undefined) continue;
    if (view.lag(c.node, c.partition) !== 0) return false;
  }
  for (const group of view.groups.all()) if (!groupSettled(view, group, settings)) return false;
  return true;
}

function streamSettled(view: ClusterFold, stream: StreamView): boolean {
  return unresolved(stream) <= 0 || stream.over || !view.hosts.isAlive(stream.node);
}

function partitionSettled(view: ClusterFold, p: PartitionView, settings: Uncleans): boolean {
  const leader = leaderOf(view, p);
  if (leader === undefined) return rightlyStuck(view, p, settings) !== undefined;
  if (quorumLost(view) !== undefined || !view.core.has(p.leader)) return true;
  if (controllerBeyond(view, [p.leader]) !== undefined) return true;
  if (missingFromIsr(view, p).length > 0 || silent(view, p).length > 0) return false;
  // Below min.insync.replicas the high watermark may stand still for good.
  return leader.highWatermark === leader.logEndOffset || p.isr.length < p.minIsr;
}
