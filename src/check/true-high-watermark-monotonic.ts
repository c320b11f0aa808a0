// The true high watermark, the highest a rightful leader ever announced, does not go back. A replica's own may:
// followers copy their leader's, and a new leader starts behind.
import type { Property } from "./checker.ts";

export const trueHighWatermarkMonotonic: Property = {
  name: "true-high-watermark-monotonic",
  kind: "always",
  doc: "A new leader's log reaches at least to the highest high watermark any leader before it announced.",
  create: (context) => {
    let exercised = false;
    return {
      on: {
        "replica.becameLeader": (e) => {
          const takeover = context.truth.partition(e.partition.index)?.takeover;
          if (takeover?.seq !== e.seq) return;
          if (takeover.trueHighWatermark > 0) exercised = true;
          if (takeover.end >= takeover.trueHighWatermark) return;
          context.report({
            message: `${e.partition.name} went back from high watermark ${takeover.trueHighWatermark} to ${takeover.end} when ${context.hosts.name(e.node)} began to lead in epoch ${e.leaderEpoch}`,
            evidence: [e.seq],
            atUs: e.at,
            node: e.node,
            count: takeover.trueHighWatermark - takeover.end,
            about: { partition: e.partition, offset: takeover.end },
          });
        },
      },
      get exercised() {
        return exercised;
      },
    };
  },
};
