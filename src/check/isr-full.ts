// Liveness: once faults are healed, the ISR of a partition is every replica whose broker runs.
import type { ClusterFold } from "../view/cluster-fold.ts";
import type { PartitionView } from "../view/partitions.ts";
import type { CheckerContext, End, Property } from "./checker.ts";
import { eventually } from "./eventually.ts";
import { controllerBeyond, leaderOf, missingFromIsr, quorumLost } from "./liveness.ts";
import type { Notes } from "./notes.ts";

export const isrFull: Property = eventually({
  name: "isr-full",
  doc: "After settling, the ISR of each partition with a leader holds every replica whose broker runs.",
  judge,
});

function judge(context: CheckerContext, notes: Notes, end: End): void {
  const { view, hosts } = context;
  for (const p of view.partitions.all()) {
    if (p.replicas.length > 1) notes.looked = true;
    const missing = missingFromIsr(view, p);
    if (missing.length === 0) continue;
    const names = missing.map((id) => hosts.name(id)).join(", ");
    const excuse = cannotTake(view, p, names);
    if (excuse !== undefined) notes.add(`${p.partition.name} ${excuse}`);
    else {
      context.report({
        message: `${names} ${missing.length === 1 ? "runs and is" : "run and are"} not in the ISR of ${p.partition.name} ([${p.isr.join(", ")}])`,
        evidence: [end.seq],
        atUs: end.atUs,
        node: missing[0] ?? 0,
        count: missing.length,
      });
    }
  }
}

function cannotTake(view: ClusterFold, p: PartitionView, names: string): string | undefined {
  if (leaderOf(view, p) === undefined) return `has no leader to take ${names} into the ISR`;
  if (!view.core.has(p.leader))
    return `need not take ${names} into the ISR: its leader ${view.directory.name(p.leader)} is not in the core`;
  const beyond = controllerBeyond(view, [p.leader]);
  const why = quorumLost(view) === undefined ? beyond : "no controller quorum";
  return why === undefined ? undefined : `cannot take ${names} into the ISR: ${why}`;
}
