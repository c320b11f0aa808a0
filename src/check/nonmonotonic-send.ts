// nonmonotonic-send (jepsen.tests.kafka): a record lies behind one that its producer sent after it, though neither was sent twice.
// A batch that is sent again while later ones are in flight does it, unless sequence numbers keep the order (KIP-98).
import type { CheckerContext, Property } from "./checker.ts";
import type { PartitionTruth, SecondPlace } from "./partition-truth.ts";
import { plural } from "./text.ts";

export const nonmonotonicSend: Property = {
  name: "nonmonotonic-send",
  kind: "always",
  doc: "What one producer sends to one partition lies in its log in the order it was sent.",
  create: (context) => {
    return {
      on: {},
      atEnd: () => {
        for (const truth of context.truth.partitions()) {
          for (const late of truth.overtaken) reportCommitted(context, truth, late);
        }
      },
      get exercised() {
        return context.truth.happened.appended;
      },
    };
  },
};

function reportCommitted(context: CheckerContext, truth: PartitionTruth, late: SecondPlace): void {
  const { run, seq, atUs, node } = late;
  const count = Math.min(run.count, truth.trueHighWatermark - run.base);
  if (count <= 0) return;
  const name = context.truth.stream(run.stream)?.nameOf(run.first) ?? `${run.stream}/${run.first}`;
  context.report({
    message: `${name}${count > 1 ? ` (and ${count - 1} more)` : ""} was appended to ${truth.partition.name} at offset ${run.base}, after records that were sent later (${plural(count, "record")})`,
    evidence: [seq],
    atUs,
    node,
    count,
    about: {
      partition: truth.partition,
      record: { stream: run.stream, number: run.first },
      offset: run.base,
    },
  });
}
