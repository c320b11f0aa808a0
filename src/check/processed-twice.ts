// processed-twice: a group processes a record again, as at-least-once delivery has it after a crash, a failed commit or an overrun of
// max.poll.interval.ms. A record that the producer wrote twice is two records here; see duplicate.
import type { KafkaEvent } from "../protocol/events.ts";
import type { CheckerContext, Property } from "./checker.ts";
import { GroupProgress } from "./group-progress.ts";
import { plural } from "./text.ts";

export const processedTwice: Property = {
  name: "processed-twice",
  kind: "always",
  doc: "No record is processed (or dead-lettered) twice by a consumer group.",
  create: (context) => {
    const progress = new GroupProgress(context);
    let processed = false;
    return {
      on: {
        ...progress.listeners,
        "consumer.processed": (e) => {
          processed ||= context.view.groups.groupOf(e.node) !== undefined;
          const again = progress.finish(e);
          if (again > 0) report(context, e, again);
        },
      },
      get exercised() {
        return processed;
      },
    };
  },
};

function report(context: CheckerContext, e: KafkaEvent<"consumer.processed">, count: number): void {
  const { hosts, view, truth } = context;
  const group = view.groups.groupOf(e.node) ?? "";
  const last = e.baseOffset + e.count - 1;
  const range = `${e.partition.name}@${e.baseOffset}${e.count > 1 ? `..${last}` : ""}`;
  const name = e.count === 1 ? ` (${truth.stream(e.stream)?.nameOf(e.firstNumber) ?? ""})` : "";
  context.report({
    message: `${hosts.name(e.node)} processed ${range}${name}, of which group ${group} had processed ${plural(count, "record")} before`,
    evidence: [e.seq],
    atUs: e.at,
    node: e.node,
    count,
    about: {
      partition: e.partition,
      record: { stream: e.stream, number: e.firstNumber },
      offset: e.baseOffset,
      group,
    },
  });
}
