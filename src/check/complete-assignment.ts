// complete-assignment: what the leader of a classic group hands out is all there is, once (ConsumerPartitionAssignor.assign): the partitions of the
// subscribed topics, as its metadata has them. The cooperative protocol (KIP-429) leaves out what a member still owns and is to give up.
import type { KafkaEvent } from "../protocol/events.ts";
import type { TopicPartition } from "../protocol/types.ts";
import type { CheckerContext, Property } from "./checker.ts";
import { plural } from "./text.ts";

const COOPERATIVE = "cooperative-sticky";

type Division = KafkaEvent<"consumer.assignedGroup">;

export const completeAssignment: Property = {
  name: "complete-assignment",
  kind: "always",
  doc: "The leader of a group assigns every partition of the subscribed topics that it knows to one member, and no other; under the cooperative protocol to none while a member still owns it.",
  create: (context) => {
    let exercised = false;
    return {
      on: {
        "consumer.assignedGroup": (e) => {
          exercised ||= e.known.length > 0;
          judge(context, e);
        },
      },
      get exercised() {
        return exercised;
      },
    };
  },
};

function judge(context: CheckerContext, e: Division): void {
  const missing = new Set(e.known);
  const given = new Set<TopicPartition>();
  const twice = new Set<TopicPartition>();
  const unknown = new Set<TopicPartition>();
  for (const partition of e.assignments.flatMap(({ partitions }) => partitions)) {
    if (given.has(partition)) twice.add(partition);
    else if (!missing.delete(partition)) unknown.add(partition);
    given.add(partition);
  }
  if (e.protocol === COOPERATIVE) for (const partition of e.claimed) missing.delete(partition);
  report(context, e, missing, "to nobody");
  report(context, e, twice, "to more than one member");
  report(context, e, unknown, "though nobody subscribes to such a partition");
}

function report(
  { hosts, report: tell }: CheckerContext,
  e: Division,
  wrong: ReadonlySet<TopicPartition>,
  how: string,
): void {
  const [partition] = wrong;
  if (partition === undefined) return;
  const more = wrong.size > 1 ? ` (${plural(wrong.size, "partition")} in all)` : "";
  tell({
    message: `${hosts.name(e.node)}, leader of group ${e.group}, assigned ${partition.name} ${how} in generation ${e.generation}${more}`,
    evidence: [e.seq],
    atUs: e.at,
    node: e.node,
    count: wrong.size,
    about: { partition, group: e.group },
  });
}
