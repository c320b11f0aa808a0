// Repeatable read: what consumers were given stays in the leader's log, for only committed records are given to them.
import type { CheckerContext, Property } from "./checker.ts";
import type { PartitionTruth } from "./partition-truth.ts";
import type { Run } from "./run-list.ts";
import { plural } from "./text.ts";

export const repeatableRead: Property = {
  name: "repeatable-read",
  kind: "always",
  doc: "A record that a consumer was given stays in its partition's log, unless retention takes it.",
  create: (context) => {
    let elected = false;
    context.truth.onRemoved((truth, run) => judge(context, truth, run));
    return {
      on: {
        "replica.becameLeader": () => {
          elected ||= context.truth.happened.delivered;
        },
      },
      get exercised() {
        return elected;
      },
    };
  },
};

function judge(context: CheckerContext, truth: PartitionTruth, run: Run): void {
  const { culprit, partition, delivered } = truth;
  if (culprit.what === "deleted") return;
  const [first] = delivered.held(run.base, run.base + run.count);
  if (first === undefined) return;
  const count = delivered.overlap(run.base, run.base + run.count);
  const number = run.first + first.from - run.base;
  const name = context.truth.stream(run.stream)?.nameOf(number) ?? `${run.stream}/${number}`;
  context.report({
    message: `${name} at ${partition.name}@${first.from} had been given to a consumer when ${context.hosts.name(culprit.node)} took it out of the log (${plural(count, "record")})`,
    evidence: culprit.decision > 0 ? [culprit.decision, culprit.seq] : [culprit.seq],
    atUs: culprit.atUs,
    node: culprit.node,
    count,
    about: { partition, record: { stream: run.stream, number }, offset: first.from },
  });
}
