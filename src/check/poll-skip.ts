// poll-skip (jepsen.tests.kafka): a consumer passes over offsets that hold records it should have been given. Where a rebalance, a seek or a
// reset moved it, only records count that no consumer was given.
import type { KafkaEvent } from "../protocol/events.ts";
import type { Offset } from "../protocol/types.ts";
import type { CheckerContext, Property } from "./checker.ts";
import { PollPositions } from "./poll-positions.ts";
import { plural } from "./text.ts";

export const pollSkip: Property = {
  name: "poll-skip",
  kind: "always",
  doc: "A consumer is given every visible record between two polls. What a rebalance, a seek or a reset passes over is told apart.",
  create: (context) => {
    const positions = new PollPositions();
    return {
      on: {
        ...positions.listeners,
        "consumer.polled": (e) => {
          const standing = positions.at(e.node, e.partition);
          const { next, last, moved } = standing;
          const end = e.baseOffset + e.count;
          if (next >= 0 && e.baseOffset > next)
            report(context, e, next, e.baseOffset, "unexplained");
          if (moved !== undefined && last >= 0 && e.baseOffset > last && next > last)
            reportUngiven(context, e, last, Math.min(next, e.baseOffset), moved);
          if (e.position > end) report(context, e, end, e.position, "unexplained");
          positions.polled(standing, Math.max(end, e.position));
        },
      },
      get exercised() {
        return positions.continued;
      },
    };
  },
};

/** Records that nobody has been given, among those that a consumer was moved past. */
function reportUngiven(
  context: CheckerContext,
  e: KafkaEvent<"consumer.polled">,
  from: Offset,
  to: Offset,
  form: string,
): void {
  const delivered = context.truth.partition(e.partition.index)?.delivered;
  for (const gap of delivered?.missing(from, to) ?? []) report(context, e, gap.from, gap.to, form);
}

function report(
  context: CheckerContext,
  e: KafkaEvent<"consumer.polled">,
  from: Offset,
  to: Offset,
  form: string,
): void {
  const start = context.view.replicas.get(e.partition, e.leader)?.logStartOffset ?? 0;
  const first = Math.max(from, start);
  if (first >= to) return;
  const group = context.view.groups.groupOf(e.node);
  context.report({
    message: `${context.hosts.name(e.node)} went from ${e.partition.name}@${from} to ${to} without ${plural(to - first, "record")} from offset ${first} on (${form})`,
    evidence: [e.seq],
    atUs: e.at,
    node: e.node,
    count: to - first,
    form,
    about: { partition: e.partition, offset: first, ...(group === undefined ? {} : { group }) },
  });
}
