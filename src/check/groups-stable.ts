// Liveness: after settling every group is Stable with exactly its running consumers, or Empty without any.
import type { GroupView } from "../view/groups.ts";
import type { CheckerContext, End, Property } from "./checker.ts";
import { coordinatorStuck } from "./coordinator-liveness.ts";
import { eventually } from "./eventually.ts";
import { restless, unrest } from "./group-liveness.ts";
import type { Notes } from "./notes.ts";

export const groupsStable: Property = eventually({
  name: "groups-stable",
  doc: "After settling, each consumer group is Stable and consists of its running consumers, or is Empty when none runs.",
  judge: (context, notes, end) => {
    for (const group of context.view.groups.all()) judge(context, notes, group, end);
  },
});

function judge(context: CheckerContext, notes: Notes, group: GroupView, end: End): void {
  notes.looked = true;
  const problem = unrest(context.view, group);
  if (problem === undefined) return;
  const excuse = coordinatorStuck(context, group.group) ?? restless(context.view, group.group);
  if (excuse !== undefined) return notes.add(`${group.group} rightly waits: ${excuse}`);
  context.report({
    message: `group ${group.group} ${problem}`,
    evidence: [end.seq],
    atUs: end.atUs,
    node: group.coordinator,
    count: 1,
  });
}
