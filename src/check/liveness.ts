// Stuck or rightly stuck: what a healed cluster should have got done by itself, and what nothing can do for it.
import type { ClusterFold } from "../view/cluster-fold.ts";
import type { PartitionView } from "../view/partitions.ts";
import { unresolved } from "../view/producers.ts";
import type { ContractSettings } from "./contract-settings.ts";
import { groupSettled } from "./group-liveness.ts";

type Uncleans = Pick<ContractSettings, "topics"> | undefined;

/** Do enough voters run to elect a controller? */
export function quorumAlive(view: ClusterFold): boolean {
  const { voters } = view.quorum;
  const alive = voters.filter((node) => view.hosts.isAlive(node)).length;
  return voters.length === 0 || alive * 2 > voters.length;
}

/** Is there a running replica that the controller may elect? */
export function electable(view: ClusterFold, p: PartitionView, settings: Uncleans): boolean {
  const unclean =
    settings?.topics.find((topic) => topic.name === p.partition.topic)?.unclean ?? false;
  if (unclean) return p.replicas.some((id) => view.hosts.isAlive(id));
  return p.isr.some((id) => view.hosts.isAlive(id)) || p.elr.some((id) => view.hosts.isAlive(id));
}

/** Why nothing can bring the partition back, or undefined: it has or should have a leader. */
export function rightlyStuck(
  view: ClusterFold,
  p: PartitionView,
  settings: Uncleans,
): string | undefined {
  if (view.leaderReplica(p.partition) !== undefined) return undefined;
  if (!quorumAlive(view)) return "no majority of the controller quorum runs";
  if (electable(view, p, settings)) return undefined;
  return `no replica that may lead runs (ISR [${p.isr.join(", ")}], ELR [${p.elr.join(", ")}])`;
}

/** Replicas whose broker runs and that are not in the ISR. */
export function missingFromIsr(view: ClusterFold, p: PartitionView): readonly number[] {
  return p.replicas.filter((id) => view.hosts.isAlive(id) && !p.isr.includes(id));
}

/** Is there nothing left that a healed cluster would still do by itself? The settings tell of unclean elections to come. */
export function settled(
  view: ClusterFold,
  settings?: Pick<ContractSettings, "topics" | "consumers">,
): boolean {
  for (const p of view.partitions.all()) if (!partitionSettled(view, p, settings)) return false;
  for (const stream of view.producers.all()) {
    if (unresolved(stream) > 0 && !stream.over && view.hosts.isAlive(stream.node)) return false;
  }
  for (const c of view.consumers.all()) {
    if (!view.hosts.isAlive(c.node) || c.failure !== undefined) continue;
    const p = view.partitions.get(c.partition.index);
    if (p === undefined || p.deleted || view.leaderReplica(c.partition) === undefined) continue;
    if (view.lag(c.node, c.partition) !== 0) return false;
  }
  for (const group of view.groups.all()) if (!groupSettled(view, group, settings)) return false;
  return true;
}

function partitionSettled(view: ClusterFold, p: PartitionView, settings: Uncleans): boolean {
  const leader = view.leaderReplica(p.partition);
  if (leader === undefined) return rightlyStuck(view, p, settings) !== undefined;
  if (!quorumAlive(view)) return true;
  if (missingFromIsr(view, p).length > 0) return false;
  if (p.isr.some((id) => !view.hosts.isAlive(id)) && p.isr.length > 1) return false;
  // Below min.insync.replicas the high watermark may stand still for good.
  return leader.highWatermark === leader.logEndOffset || p.isr.length < p.minIsr;
}
