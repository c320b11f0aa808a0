// nonmonotonic-poll (jepsen.tests.kafka): a consumer is given an offset it is already past, and nobody moved it back.
import type { Offset } from "../protocol/types.ts";
import type { Property } from "./checker.ts";
import { PollPositions } from "./poll-positions.ts";

export const nonmonotonicPoll: Property = {
  name: "nonmonotonic-poll",
  kind: "always",
  doc: "A consumer's polls go forward, unless its position was assigned or reset in between.",
  create: (context) => {
    const positions = new PollPositions();
    return {
      on: {
        ...positions.listeners,
        "consumer.polled": (e) => {
          const next: Offset = positions.get(e.node, e.partition);
          if (next >= 0 && e.baseOffset < next) {
            context.report({
              message: `${context.hosts.name(e.node)} polled ${e.partition.name}@${e.baseOffset} when it was at ${next}`,
              evidence: [e.seq],
              atUs: e.at,
              node: e.node,
              count: Math.min(e.count, next - e.baseOffset),
              about: { partition: e.partition, offset: e.baseOffset },
            });
          }
          positions.set(e.node, e.partition, e.baseOffset + e.count);
        },
      },
      get exercised() {
        return positions.continued;
      },
    };
  },
};
