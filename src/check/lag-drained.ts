// Liveness: consumers that run have read everything up to the high watermark.
import type { PositionView } from "../view/consumers.ts";
import type { CheckerContext, End, Property } from "./checker.ts";
import { rightlyStuck } from "./liveness.ts";
import { Notes } from "./notes.ts";

export const lagDrained: Property = {
  name: "lag-drained",
  kind: "eventually",
  doc: "After settling, the position of every running consumer is at the high watermark.",
  create: (context) => {
    const notes = new Notes();
    return {
      on: {},
      atEnd: (end) => {
        for (const consumer of context.view.consumers.all()) judge(context, notes, consumer, end);
      },
      get exercised() {
        return notes.looked;
      },
      get note() {
        return notes.text;
      },
    };
  },
};

function judge(context: CheckerContext, notes: Notes, consumer: PositionView, end: End): void {
  const { view, settings, hosts } = context;
  const p = view.partitions.get(consumer.partition.index);
  if (p === undefined || p.deleted || !view.hosts.isAlive(consumer.node)) return;
  notes.looked = true;
  const lag = view.lag(consumer.node, consumer.partition);
  const name = `${hosts.name(consumer.node)} on ${consumer.partition.name}`;
  const excuse = rightlyStuck(view, p, settings);
  if (excuse !== undefined) {
    if (lag !== 0) notes.add(`${name} rightly waits: ${excuse}`);
  } else if (consumer.failure !== undefined) {
    notes.add(`${name} gave up: ${consumer.failure}`);
  } else if (lag !== 0) {
    const highWatermark = view.highWatermark(consumer.partition);
    context.report({
      message:
        lag === undefined
          ? `${name} has no position`
          : `${name} is ${lag} behind the high watermark ${highWatermark}`,
      evidence: [end.seq],
      atUs: end.atUs,
      node: consumer.node,
      count: lag ?? 1,
    });
  }
}
