// Consumers are given committed records alone: nothing at or above the highest high watermark that any replica has announced (KIP-392 lets them
// read from followers, whose high watermark is behind).
import type { Property } from "./checker.ts";
import { plural } from "./text.ts";

export const fetchBounds: Property = {
  name: "fetch-bounds",
  kind: "always",
  doc: "A consumer is given records below the high watermark only.",
  create: (context) => {
    let exercised = false;
    return {
      on: {
        "consumer.polled": (e) => {
          exercised = true;
          const truth = context.truth.partition(e.partition.index);
          const end = e.baseOffset + e.count;
          if (truth === undefined || end <= truth.announced) return;
          const count = Math.min(e.count, end - truth.announced);
          const offset = end - count;
          const number = e.firstNumber + e.count - count;
          context.report({
            message: `${context.hosts.name(e.node)} was given ${e.partition.name}@${offset}, at or above the high watermark ${truth.announced} (${plural(count, "record")})`,
            evidence: [e.seq],
            atUs: e.at,
            node: e.node,
            count,
            about: { partition: e.partition, record: { stream: e.stream, number }, offset },
          });
        },
      },
      get exercised() {
        return exercised;
      },
    };
  },
};
