// What a healed group comes to by itself: a coordinator that knows its live members, all in one generation.
import type { ClusterFold } from "../view/cluster-fold.ts";
import { groupPartition } from "../view/group-partition.ts";
import type { GroupView, MembershipView } from "../view/groups.ts";
import type { ContractSettings, GroupApplication } from "./contract-settings.ts";
import { plural } from "./text.ts";

export type Commits = Pick<ContractSettings, "consumers"> | undefined;

/** How the application of a consumer commits; undefined: it is in no group. */
export function commitOf(settings: Commits, name: string): GroupApplication["commit"] | undefined {
  return settings?.consumers.find((consumer) => consumer.name === name)?.application?.commit;
}

/** Consumers whose process runs, that have not closed for good and that nothing keeps from their coordinator. */
export function liveMembers(view: ClusterFold, group: string): MembershipView[] {
  return running(view, group).filter((m) => hindrance(view, m) === undefined);
}

const running = (view: ClusterFold, group: string): MembershipView[] =>
  [...view.groups.membershipsOf(group)].filter((m) => !m.closed && view.hosts.isAlive(m.node));

/** What keeps a member from its coordinator, for good. */
export function hindrance(view: ClusterFold, { node, group }: MembershipView): string | undefined {
  if (!view.core.isDeclared) return undefined;
  const known = view.groups.get(group)?.coordinator ?? -1;
  return view.core.between(node, groupPartition(view.partitions, group)?.leader ?? known);
}

/** Why a group may go round and round: members whose heartbeats come late or now and then. Those that are cut off are just out. */
export function restless(view: ClusterFold, group: string): string | undefined {
  if (!view.core.isDeclared) return undefined;
  const coordinator = groupPartition(view.partitions, group)?.leader ?? -1;
  for (const member of running(view, group)) {
    const reason = hindrance(view, member);
    if (reason !== undefined && view.cuts.connected(member.node, coordinator)) return reason;
  }
  return undefined;
}

/** What is not as it should be, or undefined. */
export function unrest(view: ClusterFold, group: GroupView): string | undefined {
  const live = liveMembers(view, group.group);
  const runs = live.length === running(view, group.group).length ? "runs" : "gets through to it";
  if (live.length === 0) {
    const isOver = group.state === "Empty" || group.state === "Dead";
    return isOver ? undefined : `is ${group.state} though none of its consumers ${runs}`;
  }
  if (group.state !== "Stable")
    return `is ${group.state} with ${plural(live.length, "running consumer")}`;
  const out = live.find((m) => !m.joined || m.generation !== group.generation);
  if (out !== undefined) return `is Stable without ${nameOf(view, out)}`;
  const strangers = group.memberCount - live.length;
  if (strangers <= 0) return undefined;
  return runs === "runs"
    ? `counts ${plural(strangers, "member")} that ${strangers === 1 ? "does" : "do"} not run`
    : `counts ${plural(strangers, "member")} that ${strangers === 1 ? "does" : "do"} not get through to it`;
}

const nameOf = (view: ClusterFold, member: MembershipView): string =>
  view.directory.name(member.node);

/** Is there nothing left that a healed group would still do by itself? */
export function groupSettled(view: ClusterFold, group: GroupView, settings: Commits): boolean {
  if (unrest(view, group) !== undefined) return false;
  for (const { node, owned } of liveMembers(view, group.group)) {
    const commit = commitOf(settings, view.directory.name(node));
    if (commit !== "sync" && commit !== "auto") continue;
    for (const partition of owned.values()) {
      const leader = view.leaderReplica(partition);
      if (leader === undefined || view.core.between(node, leader.node) !== undefined) continue;
      if ((view.groupLag(group.group, partition) ?? 0) !== 0) return false;
    }
  }
  return true;
}
