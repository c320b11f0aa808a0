// At most one broker leads a partition in one leader epoch. Two presumed leaders in different epochs are legal.
import type { BrokerId, LeaderEpoch } from "../protocol/types.ts";
import type { Property } from "./checker.ts";

interface Reign {
  readonly node: BrokerId;
  readonly seq: number;
}

export const singleLeaderPerEpoch: Property = {
  name: "single-leader-per-epoch",
  kind: "always",
  doc: "No two brokers lead a partition in the same leader epoch.",
  create: (context) => {
    const reigns: (Map<LeaderEpoch, Reign> | undefined)[] = [];
    let exercised = false;
    return {
      on: {
        "replica.becameLeader": (e) => {
          const epochs = reigns[e.partition.index] ?? new Map<LeaderEpoch, Reign>();
          reigns[e.partition.index] = epochs;
          if (epochs.size > 0) exercised = true;
          const known = epochs.get(e.leaderEpoch);
          if (known === undefined) epochs.set(e.leaderEpoch, { node: e.node, seq: e.seq });
          else if (known.node !== e.node) {
            const [one, two] = [context.hosts.name(known.node), context.hosts.name(e.node)];
            context.report({
              message: `${one} and ${two} both lead ${e.partition.name} in epoch ${e.leaderEpoch}`,
              evidence: [known.seq, e.seq],
              atUs: e.at,
              node: e.node,
              count: 1,
              about: { partition: e.partition },
            });
          }
        },
      },
      get exercised() {
        return exercised;
      },
    };
  },
};
