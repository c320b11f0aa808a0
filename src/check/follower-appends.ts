// A follower appends what its leader has, where its leader has it: fetching starts after truncation, and what an earlier leader sent is no
// longer appended (ReplicaFetcherThread.processPartitionData, KIP-101, KIP-595).
import type { KafkaEvent } from "../protocol/events.ts";
import type { CheckerContext, Property } from "./checker.ts";
import { plural } from "./text.ts";

export const followerAppends: Property = {
  name: "follower-appends",
  kind: "always",
  doc: "What a follower appends in an epoch is in the log of the leader of that epoch at the same offset, and so is everything before it.",
  create: (context) => {
    return {
      on: {
        "log.appended": (e) => {
          if (!e.leader) judge(context, e);
        },
      },
      get exercised() {
        return context.truth.happened.replicated;
      },
    };
  },
};

function judge(context: CheckerContext, e: KafkaEvent<"log.appended">): void {
  const truth = context.truth.partition(e.partition.index);
  // Nearly always all logs are the same.
  const copy = truth?.log.forks === 0 ? undefined : truth?.log.copy(e.node);
  if (truth?.takeover === undefined || !copy?.own.length) return;
  const { takeover, log } = truth;
  const replica = context.view.replicas.get(e.partition, e.node);
  if (log.owner !== takeover.node || replica?.role !== "follower") return;
  if (replica.leader !== takeover.node || replica.leaderEpoch !== takeover.leaderEpoch) return;
  context.report({
    message: `${context.hosts.name(e.node)} appended ${plural(e.count, "record")} to ${e.partition.name} at offset ${e.baseOffset} as a follower of ${context.hosts.name(takeover.node)} in epoch ${takeover.leaderEpoch}, whose log differs from offset ${copy.common} on`,
    evidence: [takeover.seq, e.seq],
    atUs: e.at,
    node: e.node,
    count: e.count,
    about: {
      partition: e.partition,
      record: { stream: e.stream, number: e.firstNumber },
      offset: e.baseOffset,
    },
  });
}
