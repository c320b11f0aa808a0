// committed-beyond-processed: a group commits an offset while records below it that its members were given are not finished.
// A crash at that moment loses them for the group (at most once). Kafka does not know what is processed: a check of the application.
import type { KafkaEvent } from "../protocol/events.ts";
import type { CheckerContext, Property } from "./checker.ts";
import { GroupProgress, type Progress } from "./group-progress.ts";
import { plural } from "./text.ts";

export const committedBeyondProcessed: Property = {
  name: "committed-beyond-processed",
  kind: "always",
  doc: "When a group commits an offset, its members have finished every record below it that they were given.",
  create: (context) => {
    const progress = new GroupProgress(context);
    let exercised = false;
    return {
      on: {
        ...progress.listeners,
        "consumer.processed": (e) => {
          progress.finish(e);
        },
        "offset.committed": (e) => {
          const known = progress.get(e.group, e.partition);
          // An operator's tool commits what it likes.
          if (known === undefined || context.view.groups.groupOf(e.client) !== e.group) return;
          exercised = true;
          report(context, e, known);
        },
      },
      get exercised() {
        return exercised;
      },
    };
  },
};

/** Each record once. */
function report(
  context: CheckerContext,
  e: KafkaEvent<"offset.committed">,
  { polled, finished, beyond }: Progress,
): void {
  const pending = finished.missing(0, e.offset).flatMap(({ from, to }) => polled.held(from, to));
  const fresh = pending.flatMap(({ from, to }) => beyond.missing(from, to));
  const [first] = fresh;
  if (first === undefined) return;
  let count = 0;
  for (const { from, to } of fresh) {
    beyond.add(from, to);
    count += to - from;
  }
  context.report({
    message: `${context.hosts.name(e.client)} committed ${e.partition.name}@${e.offset} for group ${e.group} with ${plural(count, "record")} below it not processed, the first at offset ${first.from}`,
    evidence: [e.seq],
    atUs: e.at,
    node: e.client,
    count,
    about: { partition: e.partition, offset: first.from, group: e.group },
  });
}
