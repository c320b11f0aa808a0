// Liveness: consumers that run have read everything up to the high watermark, and groups have committed it.
import type { PositionView } from "../view/consumers.ts";
import type { GroupView } from "../view/groups.ts";
import type { CheckerContext, End, Property } from "./checker.ts";
import { coordinatorStuck } from "./coordinator-liveness.ts";
import { eventually } from "./eventually.ts";
import { commitOf, hindrance, liveMembers, restless } from "./group-liveness.ts";
import { notServed } from "./liveness.ts";
import type { Notes } from "./notes.ts";

export const lagDrained: Property = eventually({
  name: "lag-drained",
  doc: "After settling, the position of every running consumer is at the high watermark; in a group so is the committed offset, where the application commits what it has processed.",
  judge: (context, notes, end) => {
    for (const consumer of context.view.consumers.all()) judge(context, notes, consumer, end);
    for (const group of context.view.groups.all()) judgeGroup(context, notes, group, end);
  },
});

function judge(context: CheckerContext, notes: Notes, consumer: PositionView, end: End): void {
  const { view, settings, hosts } = context;
  const p = view.partitions.get(consumer.partition.index);
  if (p === undefined || p.deleted || !view.hosts.isAlive(consumer.node)) return;
  notes.looked = true;
  const lag = view.lag(consumer.node, consumer.partition);
  const name = `${hosts.name(consumer.node)} on ${consumer.partition.name}`;
  const member = view.groups.membership(consumer.node);
  const excuse =
    notServed(view, p, settings) ??
    view.core.between(consumer.node, p.leader) ??
    (member === undefined ? undefined : hindrance(view, member));
  if (excuse !== undefined) {
    if (lag !== 0) notes.add(`${name} rightly waits: ${excuse}`);
  } else if (consumer.failure !== undefined) {
    notes.add(`${name} gave up: ${consumer.failure}`);
  } else if (lag !== 0) {
    const highWatermark = view.highWatermark(consumer.partition);
    context.report({
      message:
        lag === undefined
          ? `${name} has no position`
          : `${name} is ${lag} behind the high watermark ${highWatermark}`,
      evidence: [end.seq],
      atUs: end.atUs,
      node: consumer.node,
      count: lag ?? 1,
    });
  }
}

/** What a running group has committed, partition by partition. */
function judgeGroup(
  context: CheckerContext,
  notes: Notes,
  { group, committed }: GroupView,
  end: End,
): void {
  const { view, settings, report } = context;
  const live = liveMembers(view, group);
  if (live.length === 0) return;
  const stuck = coordinatorStuck(context, group) ?? restless(view, group);
  for (const { partition, offset, client } of committed.values()) {
    const lag = view.groupLag(group, partition) ?? 0;
    const p = view.partitions.get(partition.index);
    if (lag === 0 || p === undefined || p.deleted) continue;
    const owner = live.find((member) => member.owned.has(partition.index));
    const what = `group ${group} has committed ${partition.name}@${offset}, ${lag} behind the high watermark`;
    const excuse =
      stuck ??
      notServed(view, p, settings) ??
      (owner === undefined ? undefined : view.core.between(owner.node, p.leader)) ??
      keepsBehind(context, owner?.node);
    if (excuse !== undefined) notes.add(`${what}: ${excuse}`);
    else {
      const message = owner === undefined ? `${what}, and none of its consumers reads it` : what;
      report({ message, evidence: [end.seq], atUs: end.atUs, node: client, count: lag });
    }
  }
}

/** Why the owner of a partition may rightly have committed less than it has read. */
function keepsBehind(
  { view, settings, hosts }: CheckerContext,
  owner: number | undefined,
): string | undefined {
  if (owner === undefined) return undefined;
  for (const position of view.consumers.of(owner)) {
    if (position.failure !== undefined) return `${hosts.name(owner)} gave up: ${position.failure}`;
  }
  const commit = commitOf(settings, hosts.name(owner));
  return commit === "sync" || commit === "auto" ? undefined : `commit: ${commit ?? "none"}`;
}
