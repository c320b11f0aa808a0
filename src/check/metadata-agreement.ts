// Brokers and controller read one metadata log: in an epoch a partition has one leader, whoever tells of it.
import type { TopicPartition } from "../protocol/types.ts";
import type { CheckerContext, Property } from "./checker.ts";

/** Epochs remembered a partition: nobody is further behind. */
const KEPT = 64;

interface Told {
  readonly leader: number;
  readonly seq: number;
  readonly by: number;
}

interface Telling {
  readonly partition: TopicPartition;
  readonly leaderEpoch: number;
  readonly seq: number;
  readonly at: number;
  readonly node: number;
}

export const metadataAgreement: Property = {
  name: "metadata-agreement",
  kind: "always",
  doc: "The controller and every broker name the same leader of a partition in a leader epoch.",
  create: (context) => {
    const agreement = new Agreement(context);
    const decided = (e: Telling & { readonly leader: number }): void => agreement.told(e, e.leader);
    return {
      on: {
        "partition.created": (e) => {
          agreement.begin(e.partition);
          decided(e);
        },
        "leader.elected": decided,
        "leader.lost": decided,
        "isr.shrunk": decided,
        "isr.expanded": decided,
        "replica.becameLeader": (e) => agreement.told(e, e.node),
        "replica.becameFollower": decided,
      },
      get exercised() {
        return agreement.exercised;
      },
    };
  },
};

class Agreement {
  exercised = false;
  readonly #context: CheckerContext;
  readonly #epochs: (Map<number, Told> | undefined)[] = [];

  constructor(context: CheckerContext) {
    this.#context = context;
  }

  begin(partition: TopicPartition): void {
    this.#epochs[partition.index] = undefined;
  }

  told(e: Telling, leader: number): void {
    const { index } = e.partition;
    const epochs = this.#epochs[index] ?? new Map<number, Told>();
    this.#epochs[index] = epochs;
    const before = epochs.get(e.leaderEpoch);
    if (before === undefined) {
      epochs.set(e.leaderEpoch, { leader, seq: e.seq, by: e.node });
      if (epochs.size > KEPT) epochs.delete(epochs.keys().next().value as number);
      return;
    }
    if (before.by !== e.node) this.exercised = true;
    if (before.leader !== leader) this.#report(e, before, leader);
  }

  #report(e: Telling, before: Told, leader: number): void {
    const { hosts, report } = this.#context;
    report({
      message: `in epoch ${e.leaderEpoch} of ${e.partition.name} the leader is ${hosts.name(before.leader)} to ${hosts.name(before.by)} (#${before.seq}) and ${hosts.name(leader)} to ${hosts.name(e.node)}`,
      evidence: [before.seq, e.seq],
      atUs: e.at,
      node: e.node,
      count: 1,
      about: { partition: e.partition },
    });
  }
}
