// What a healed group comes to by itself: a coordinator that knows its live members, all in one generation.
import type { ClusterFold } from "../view/cluster-fold.ts";
import type { GroupView, MembershipView } from "../view/groups.ts";
import type { ContractSettings, GroupApplication } from "./contract-settings.ts";

export type Commits = Pick<ContractSettings, "consumers"> | undefined;

/** How the application of a consumer commits; undefined: it is in no group. */
export function commitOf(settings: Commits, name: string): GroupApplication["commit"] | undefined {
  return settings?.consumers.find((consumer) => consumer.name === name)?.application?.commit;
}

/** Consumers whose process runs and that have not closed for good. */
export function liveMembers(view: ClusterFold, group: string): MembershipView[] {
  return [...view.groups.membershipsOf(group)].filter(
    (m) => !m.closed && view.hosts.isAlive(m.node),
  );
}

/** What is not as it should be, or undefined. */
export function unrest(view: ClusterFold, group: GroupView): string | undefined {
  const live = liveMembers(view, group.group);
  if (live.length === 0) {
    const isOver = group.state === "Empty" || group.state === "Dead";
    return isOver ? undefined : `is ${group.state} though none of its consumers runs`;
  }
  if (group.state !== "Stable") return `is ${group.state} with ${live.length} running consumers`;
  const out = live.find((m) => !m.joined || m.generation !== group.generation);
  if (out !== undefined) return `is Stable without ${nameOf(view, out)}`;
  const strangers = group.memberCount - live.length;
  return strangers > 0 ? `counts ${strangers} members that do not run` : undefined;
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
      if (view.leaderReplica(partition) === undefined) continue;
      if ((view.groupLag(group.group, partition) ?? 0) !== 0) return false;
    }
  }
  return true;
}
