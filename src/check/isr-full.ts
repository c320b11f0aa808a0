// Liveness: once faults are healed, the ISR of a partition is every replica whose broker runs.
import type { CheckerContext, End, Property } from "./checker.ts";
import { eventually } from "./eventually.ts";
import { missingFromIsr, quorumAlive } from "./liveness.ts";
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
    if (view.leaderReplica(p.partition) === undefined) {
      notes.add(`${p.partition.name} has no leader to take ${names} into the ISR`);
    } else if (!quorumAlive(view)) {
      notes.add(`${p.partition.name} cannot take ${names} into the ISR: no controller quorum`);
    } else {
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
