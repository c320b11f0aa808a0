// Two replicas hold the same records, of the same leader epochs, below both their high watermarks. Compared with the leader's log.
import type { TopicPartition } from "../protocol/types.ts";
import type { CheckerContext, Property } from "./checker.ts";

export const logMatching: Property = {
  name: "log-matching",
  kind: "always",
  doc: "Any two replicas of a partition agree below the lower of their high watermarks.",
  create: (context) => {
    const matching = new Matching(context);
    return {
      on: {
        "hw.advanced": (e) => matching.check(e.partition, e),
        "replica.becameLeader": (e) => matching.check(e.partition, e),
      },
      get exercised() {
        return context.truth.happened.replicated;
      },
    };
  },
};

class Matching {
  readonly #context: CheckerContext;
  /** By partition index and node: where the replica was last found to diverge. */
  readonly #told: (number | undefined)[][] = [];

  constructor(context: CheckerContext) {
    this.#context = context;
  }

  check(partition: TopicPartition, e: { readonly seq: number; readonly at: number }): void {
    const { truth, view } = this.#context;
    const log = truth.partition(partition.index)?.log;
    if (log === undefined || log.forks === 0 || log.owner < 0) return;
    const leaderHw = view.replicas.get(partition, log.owner)?.highWatermark ?? 0;
    for (const copy of log.copies) {
      if (copy.own.length === 0) continue;
      const agreed = Math.min(
        view.replicas.get(partition, copy.node)?.highWatermark ?? 0,
        leaderHw,
        copy.end,
      );
      if (copy.common < agreed) this.#report(partition, copy.node, copy.common, agreed, e);
    }
  }

  #report(
    partition: TopicPartition,
    node: number,
    from: number,
    to: number,
    e: { readonly seq: number; readonly at: number },
  ): void {
    const row = this.#told[partition.index] ?? [];
    this.#told[partition.index] = row;
    if (row[node] === from) return;
    row[node] = from;
    const { hosts, truth } = this.#context;
    const leader = hosts.name(truth.partition(partition.index)?.log.owner ?? -1);
    this.#context.report({
      message: `${hosts.name(node)} and ${leader} hold different records in ${partition.name} from offset ${from} on, both below their high watermarks (${to} or more)`,
      evidence: [e.seq],
      atUs: e.at,
      node,
      count: to - from,
      about: { partition, offset: from },
    });
  }
}
