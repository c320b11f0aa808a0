// nonmonotonic-poll (jepsen.tests.kafka): a consumer process is given an offset it is already past. Jepsen allows it to `subscribe`; here
// it is told apart by what moved the position back: a rebalance, seek(), a reset, a truncated log. Unexplained, it is a bug.
import type { KafkaEvent } from "../protocol/events.ts";
import type { Offset } from "../protocol/types.ts";
import type { CheckerContext, Property } from "./checker.ts";
import { PollPositions } from "./poll-positions.ts";

export const nonmonotonicPoll: Property = {
  name: "nonmonotonic-poll",
  kind: "always",
  doc: "A consumer's polls go forward. What a rebalance, a seek, a reset or a truncated log takes back is told apart.",
  create: (context) => {
    const positions = new PollPositions();
    return {
      on: {
        ...positions.listeners,
        "consumer.polled": (e) => {
          const standing = positions.at(e.node, e.partition);
          if (e.baseOffset < standing.next) report(context, e, standing.next, "unexplained");
          else if (standing.moved !== undefined && e.baseOffset < standing.last)
            report(context, e, standing.last, standing.moved);
          positions.polled(standing, e.baseOffset + e.count);
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
  at: Offset,
  form: string,
): void {
  const group = context.view.groups.groupOf(e.node);
  context.report({
    message: `${context.hosts.name(e.node)} polled ${e.partition.name}@${e.baseOffset} when it was at ${at} (${form})`,
    evidence: [e.seq],
    atUs: e.at,
    node: e.node,
    count: Math.min(e.count, at - e.baseOffset),
    form,
    about: {
      partition: e.partition,
      offset: e.baseOffset,
      ...(group === undefined ? {} : { group }),
    },
  });
}
