// poll-skip (jepsen.tests.kafka): a consumer passes over offsets that hold records it should have been given.
import type { KafkaEvent } from "../protocol/events.ts";
import type { Offset } from "../protocol/types.ts";
import type { CheckerContext, Property } from "./checker.ts";
import { PollPositions } from "./poll-positions.ts";
import { plural } from "./text.ts";

export const pollSkip: Property = {
  name: "poll-skip",
  kind: "always",
  doc: "A consumer is given every visible record between two polls, unless its position was assigned or reset in between.",
  create: (context) => {
    const positions = new PollPositions();
    return {
      on: {
        ...positions.listeners,
        "consumer.polled": (e) => {
          const next = positions.get(e.node, e.partition);
          const end = e.baseOffset + e.count;
          if (next >= 0 && e.baseOffset > next) report(context, e, next, e.baseOffset);
          if (e.position > end) report(context, e, end, e.position);
          positions.set(e.node, e.partition, Math.max(end, e.position));
        },
      },
      get exercised() {
        return positions.continued;
      },
    };
  },
};

function report(
  context: CheckerContext,
  e: KafkaEvent<"consumer.polled">,
  from: Offset,
  to: Offset,
): void {
  const start = context.view.replicas.get(e.partition, e.leader)?.logStartOffset ?? 0;
  const first = Math.max(from, start);
  if (first >= to) return;
  context.report({
    message: `${context.hosts.name(e.node)} went from ${e.partition.name}@${from} to ${to} without ${plural(to - first, "record")} from offset ${first} on`,
    evidence: [e.seq],
    atUs: e.at,
    node: e.node,
    count: to - first,
    about: { partition: e.partition, offset: first },
  });
}
