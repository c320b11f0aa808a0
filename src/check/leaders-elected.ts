// Liveness: once faults are healed, every partition that can have a leader has one, and it leads.
import type { CheckerContext, End, Property } from "./checker.ts";
import { eventually } from "./eventually.ts";
import { leaderOf, rightlyStuck } from "./liveness.ts";
import type { Notes } from "./notes.ts";

export const leadersElected: Property = eventually({
  name: "leaders-elected",
  doc: "After settling, every partition with an electable replica has a leader that knows it leads.",
  judge,
});

function judge(context: CheckerContext, notes: Notes, end: End): void {
  const { view, settings, hosts } = context;
  for (const p of view.partitions.all()) {
    notes.looked = true;
    if (leaderOf(view, p) !== undefined) continue;
    const excuse = rightlyStuck(view, p, settings);
    if (excuse !== undefined) {
      notes.add(`${p.partition.name} rightly has no leader: ${excuse}`);
      continue;
    }
    const state =
      p.leader < 0
        ? "has no leader"
        : `has the leader ${hosts.name(p.leader)}, which ${view.leaderReplica(p.partition) === undefined ? "does not lead" : "the controller does not hear from"}`;
    context.report({
      message: `${p.partition.name} ${state} in epoch ${p.leaderEpoch}, though a replica that may lead runs (ISR [${p.isr.join(", ")}])`,
      evidence: [p.electedSeq > 0 ? p.electedSeq : end.seq],
      atUs: end.atUs,
      node: Math.max(0, p.leader),
      count: 1,
    });
  }
}
