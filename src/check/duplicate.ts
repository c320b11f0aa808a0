// duplicate (jepsen.tests.kafka): one record at two offsets of the committed log. Retries without idempotence do it.
import type { TopicPartition } from "../protocol/types.ts";
import type { CheckerContext, Property } from "./checker.ts";
import type { SecondPlace } from "./partition-truth.ts";
import { plural } from "./text.ts";

export const duplicate: Property = {
  name: "duplicate",
  kind: "always",
  doc: "No record lies at two offsets below the high watermark of its partition.",
  create: (context) => {
    let appended = false;
    return {
      on: {
        "log.appended": () => {
          appended = true;
        },
      },
      atEnd: () => {
        for (const truth of context.truth.partitions()) {
          for (const d of truth.duplicates)
            reportCommitted(context, truth.partition, d, truth.trueHighWatermark);
        }
      },
      get exercised() {
        return appended;
      },
    };
  },
};

function reportCommitted(
  context: CheckerContext,
  partition: TopicPartition,
  d: SecondPlace,
  highWatermark: number,
): void {
  const count = Math.min(d.run.count, highWatermark - d.run.base);
  if (count <= 0) return;
  const name =
    context.truth.stream(d.run.stream)?.nameOf(d.run.first) ?? `${d.run.stream}/${d.run.first}`;
  context.report({
    message: `${name}${count > 1 ? ` (and ${count - 1} more)` : ""} was in ${partition.name} already when ${context.hosts.name(d.node)} appended it again at offset ${d.run.base} (${plural(count, "record")})`,
    evidence: [d.seq],
    atUs: d.atUs,
    node: d.node,
    count,
    about: {
      partition,
      record: { stream: d.run.stream, number: d.run.first },
      offset: d.run.base,
    },
  });
}
