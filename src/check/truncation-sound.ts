// No replica that may be elected throws away committed records that it has. (To the leader it is no loss, but the leader may be next to die.)
import type { KafkaEvent } from "../protocol/events.ts";
import type { CheckerContext, Property } from "./checker.ts";
import { plural } from "./text.ts";

export const truncationSound: Property = {
  name: "truncation-sound",
  kind: "always",
  doc: "A replica of the ISR or ELR does not truncate records below the true high watermark that agree with the leader's.",
  create: (context) => {
    let exercised = false;
    return {
      on: {
        "log.truncated": (e) => {
          exercised = true;
          judge(context, e);
        },
      },
      get exercised() {
        return exercised;
      },
    };
  },
};

function judge(context: CheckerContext, e: KafkaEvent<"log.truncated">): void {
  const { view, hosts } = context;
  const truth = context.truth.partition(e.partition.index);
  const p = view.partitions.get(e.partition.index);
  if (truth?.cut?.seq !== e.seq || p === undefined) return;
  if (!p.isr.includes(e.node) && !p.elr.includes(e.node)) return;
  const lost = Math.min(truth.cut.common, truth.trueHighWatermark) - e.to;
  if (lost <= 0) return;
  context.report({
    message: `${hosts.name(e.node)}, which may be elected leader of ${e.partition.name}, truncated ${plural(lost, "committed record")} from offset ${e.to} on: ${e.why}`,
    evidence: [e.seq],
    atUs: e.at,
    node: e.node,
    count: lost,
    about: { partition: e.partition, offset: e.to },
  });
}
