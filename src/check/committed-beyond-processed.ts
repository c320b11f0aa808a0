// committed-beyond-processed: a group commits an offset while records below it that its members were given are not finished.
// A crash at that moment loses them for the group (at most once). Kafka does not know what is processed: a check of the application.
import type { KafkaEvent } from "../protocol/events.ts";
import type { CheckerContext, Property } from "./checker.ts";
import { GroupProgress, type Progress } from "./group-progress.ts";
import { IntervalSet } from "./interval-set.ts";
import { plural } from "./text.ts";

export const committedBeyondProcessed: Property = {
  name: "committed-beyond-processed",
  kind: "always",
  doc: "When a group commits an offset, its members have finished every record below it that they were given.",
  create: (context) => {
    const progress = new GroupProgress(context);
    /** Records reported before. */
    const beyond = new Map<Progress, IntervalSet>();
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
          const pending = known.polled.overlap(0, e.offset) - known.finished.overlap(0, e.offset);
          if (pending > 0) report(context, e, known, reportedOf(beyond, known));
        },
      },
      get exercised() {
        return exercised;
      },
    };
  },
};

function reportedOf(beyond: Map<Progress, IntervalSet>, progress: Progress): IntervalSet {
  const reported = beyond.get(progress) ?? new IntervalSet();
  beyond.set(progress, reported);
  return reported;
}

function report(
  context: CheckerContext,
  e: KafkaEvent<"offset.committed">,
  { polled, finished, start }: Progress,
  reported: IntervalSet,
): void {
  let count = 0;
  let first = -1;
  for (const gap of finished.missing(Math.max(0, start), e.offset)) {
    for (const { from, to } of polled.held(gap.from, gap.to)) {
      const fresh = to - from - reported.add(from, to);
      if (fresh > 0 && first < 0) first = from;
      count += fresh;
    }
  }
  if (count === 0) return;
  context.report({
    message: `${context.hosts.name(e.client)} committed ${e.partition.name}@${e.offset} for group ${e.group} with ${plural(count, "record")} below it not processed, the first at offset ${first}`,
    evidence: [e.seq],
    atUs: e.at,
    node: e.client,
    count,
    about: { partition: e.partition, offset: first, group: e.group },
  });
}
