// Epochs never go back: a partition's leader and partition epoch where they are decided and on each broker, a broker's epoch, a controller's.
import type { KafkaEvent } from "../protocol/events.ts";
import type { TopicPartition } from "../protocol/types.ts";
import type { CheckerContext, Property } from "./checker.ts";

interface Told {
  readonly seq: number;
  readonly leaderEpoch: number;
  readonly partitionEpoch: number;
}

type Decision =
  | KafkaEvent<"partition.created">
  | KafkaEvent<"leader.elected">
  | KafkaEvent<"leader.lost">
  | KafkaEvent<"isr.shrunk">
  | KafkaEvent<"isr.expanded">;

export const epochsMonotonic: Property = {
  name: "epochs-monotonic",
  kind: "always",
  doc: "Leader, partition, broker and controller epochs rise: at the controller, and on each broker for as long as its process lives.",
  create: (context) => {
    const epochs = new Epochs(context);
    const decided = (e: Decision): void => epochs.decided(e);
    return {
      on: {
        "partition.created": decided,
        "leader.elected": decided,
        "leader.lost": decided,
        "isr.shrunk": decided,
        "isr.expanded": decided,
        "replica.becameLeader": (e) => epochs.seen(e, e.leaderEpoch, e.partitionEpoch),
        "replica.becameFollower": (e) => epochs.seen(e, e.leaderEpoch, -1),
        "isr.committed": (e) => epochs.seenAgain(e),
        "broker.registered": (e) =>
          epochs.rise(e, `broker/${e.broker}`, e.brokerEpoch, `broker-${e.broker}'s broker epoch`),
        "controller.activated": (e) =>
          epochs.rise(e, `controller/${e.node}`, e.epoch, "its controller epoch"),
        "host.crashed": (e) => epochs.forget(e.node),
        "host.stopped": (e) => epochs.forget(e.node),
      },
      get exercised() {
        return epochs.exercised;
      },
    };
  },
};

class Epochs {
  exercised = false;
  readonly #context: CheckerContext;
  /** What was decided, by partition index. */
  readonly #decided: (Told | undefined)[] = [];
  /** What each broker knows, by node, then by partition index. */
  readonly #known: ((Told | undefined)[] | undefined)[] = [];
  readonly #risen = new Map<string, { readonly seq: number; readonly epoch: number }>();

  constructor(context: CheckerContext) {
    this.#context = context;
  }

  decided(e: Decision): void {
    const { index } = e.partition;
    const before = e.type === "partition.created" ? undefined : this.#decided[index];
    const { seq, leaderEpoch, partitionEpoch } = e;
    this.#decided[index] = { seq, leaderEpoch, partitionEpoch };
    if (before !== undefined) this.#compare(e, before, leaderEpoch, partitionEpoch, 0);
  }

  /** A broker begins an epoch. */
  seen(
    e: KafkaEvent<"replica.becameLeader"> | KafkaEvent<"replica.becameFollower">,
    leaderEpoch: number,
    partitionEpoch: number,
  ): void {
    const row = this.#known[e.node] ?? [];
    this.#known[e.node] = row;
    const before = row[e.partition.index];
    row[e.partition.index] = { seq: e.seq, leaderEpoch, partitionEpoch };
    if (before !== undefined) this.#compare(e, before, leaderEpoch, partitionEpoch, 1);
  }

  /** The epoch goes on with another ISR. */
  seenAgain(e: KafkaEvent<"isr.committed">): void {
    const { seq, leaderEpoch, partitionEpoch } = e;
    const row = this.#known[e.node] ?? [];
    this.#known[e.node] = row;
    const before = row[e.partition.index];
    row[e.partition.index] = { seq, leaderEpoch, partitionEpoch };
    if (before !== undefined) this.#compare(e, before, leaderEpoch, partitionEpoch, 0);
  }

  /** An epoch that is never given twice. */
  rise(
    e: { readonly seq: number; readonly at: number; readonly node: number },
    key: string,
    epoch: number,
    what: string,
  ): void {
    const before = this.#risen.get(key);
    this.#risen.set(key, { seq: e.seq, epoch });
    if (before === undefined) return;
    this.exercised = true;
    if (epoch > before.epoch) return;
    this.#report(e, before.seq, `${what} went from ${before.epoch} to ${epoch}`);
  }

  forget(node: number): void {
    this.#known[node] = undefined;
  }

  #compare(
    e: {
      readonly seq: number;
      readonly at: number;
      readonly node: number;
      readonly partition: TopicPartition;
    },
    before: Told,
    leaderEpoch: number,
    partitionEpoch: number,
    least: number,
  ): void {
    this.exercised = true;
    const { name } = e.partition;
    if (leaderEpoch < before.leaderEpoch + least) {
      const text = `the leader epoch of ${name} went from ${before.leaderEpoch} to ${leaderEpoch}`;
      this.#report(e, before.seq, text, e.partition);
    } else if (partitionEpoch >= 0 && partitionEpoch < before.partitionEpoch) {
      const text = `the partition epoch of ${name} went from ${before.partitionEpoch} to ${partitionEpoch}`;
      this.#report(e, before.seq, text, e.partition);
    }
  }

  #report(
    e: { readonly seq: number; readonly at: number; readonly node: number },
    before: number,
    text: string,
    partition?: TopicPartition,
  ): void {
    this.#context.report({
      message: `on ${this.#context.hosts.name(e.node)} ${text}`,
      evidence: [before, e.seq],
      atUs: e.at,
      node: e.node,
      count: 1,
      ...(partition === undefined ? {} : { about: { partition } }),
    });
  }
}
