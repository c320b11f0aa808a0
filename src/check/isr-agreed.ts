// Leader and controller agree on the ISR (KIP-497): whom the controller counts as in sync, the leader waits for. And a replica is taken in only
// when it has reached the high watermark and the start of the leader's epoch, in the life that the controller knows (KIP-903).
import type { KafkaEvent } from "../protocol/events.ts";
import type { TopicPartition } from "../protocol/types.ts";
import type { CheckerContext, Property } from "./checker.ts";

export const isrAgreed: Property = {
  name: "isr-agreed",
  kind: "always",
  doc: "Whom the controller counts as in sync, the leader of the same epoch counts too or has proposed; a follower that a leader proposes for the ISR has reached the leader's high watermark and the start of its epoch; from 3.5 on it has not been registered anew since.",
  create: (context) => {
    const isr = new Agreement(context);
    return {
      on: {
        "replica.becameLeader": (e) => isr.led(e),
        "isr.proposed": (e) => {
          if (e.change === "expand") isr.proposed(e);
        },
        "isr.expanded": (e) => isr.expanded(e),
        "isr.shrunk": (e) => isr.compare(e.partition, e),
        "isr.committed": (e) => isr.compare(e.partition, e),
        "broker.registered": (e) => {
          isr.registeredSeq[e.broker] = e.seq;
        },
        "host.crashed": (e) => {
          isr.diedSeq[e.node] = e.seq;
        },
        "host.stopped": (e) => {
          isr.diedSeq[e.node] = e.seq;
        },
      },
      get exercised() {
        return isr.exercised;
      },
    };
  },
};

class Agreement {
  exercised = false;
  /** By node. */
  readonly registeredSeq: number[] = [];
  readonly diedSeq: number[] = [];
  readonly #context: CheckerContext;
  /** By partition index: the last proposal to expand. */
  readonly #proposal: (KafkaEvent<"isr.proposed"> | undefined)[] = [];

  /** By partition index: the newest epoch, and where it starts. */
  readonly #starts: ({ readonly epoch: number; readonly offset: number } | undefined)[] = [];

  constructor(context: CheckerContext) {
    this.#context = context;
  }

  led({
    partition,
    leaderEpoch: epoch,
    epochStartOffset: offset,
  }: KafkaEvent<"replica.becameLeader">): void {
    const known = this.#starts[partition.index];
    if (known === undefined || epoch >= known.epoch)
      this.#starts[partition.index] = { epoch, offset };
  }

  proposed(e: KafkaEvent<"isr.proposed">): void {
    this.exercised = true;
    const { index } = e.partition;
    // The next event has its own object, but a payload is never changed: keeping it is safe.
    this.#proposal[index] = e;
    const { view, truth } = this.#context;
    const leader = view.replicas.get(e.partition, e.node);
    const start = this.#starts[index];
    const from = start?.epoch === e.leaderEpoch ? start.offset : 0;
    const needed = Math.max(from, leader?.highWatermark ?? 0);
    for (const member of e.members) {
      const replica = view.replicas.get(e.partition, member);
      const sameEpoch = replica?.role === "follower" && replica.leaderEpoch === e.leaderEpoch;
      if (!view.hosts.isAlive(member) || !sameEpoch) continue;
      const end = truth.partition(index)?.log.copy(member)?.end ?? 0;
      if (end >= needed) continue;
      this.#report(
        e.partition,
        e,
        `${this.#context.hosts.name(e.node)} proposes broker-${member} for the ISR of ${e.partition.name} at offset ${end}, short of ${needed}, the start of its epoch or its high watermark`,
      );
    }
  }

  expanded(e: KafkaEvent<"isr.expanded">): void {
    this.compare(e.partition, e);
    const proposal = this.#proposal[e.partition.index];
    if (this.#context.settings.isrNeedsBrokerEpoch !== true || proposal === undefined) return;
    for (const member of e.added) {
      const registered = this.registeredSeq[member] ?? 0;
      const sameProposal =
        proposal.leaderEpoch === e.leaderEpoch && proposal.members.includes(member);
      if (!sameProposal || registered <= proposal.seq) continue;
      this.#report(
        e.partition,
        e,
        `broker-${member} was taken into the ISR of ${e.partition.name} on a proposal (#${proposal.seq}) from before it registered anew (#${registered})`,
      );
    }
  }

  compare(
    partition: TopicPartition,
    e: { readonly seq: number; readonly at: number; readonly node: number },
  ): void {
    const { view } = this.#context;
    const p = view.partitions.get(partition.index);
    const leader = p === undefined ? undefined : view.leaderReplica(partition);
    if (p === undefined || leader === undefined) return;
    if (leader.partitionEpoch > p.partitionEpoch) return;
    this.exercised = true;
    // A leader to whom the metadata log tells an ISR it knows already forgets what it has proposed (Partition.makeLeader), not what it has sent.
    const last = this.#proposal[partition.index];
    const sent = last?.leaderEpoch === leader.leaderEpoch ? last.isr : [];
    const unknown = p.isr.filter((id) => !leader.maximalIsr.includes(id) && !sent.includes(id));
    if (unknown.length === 0) return;
    this.#report(
      partition,
      e,
      `the controller counts ${unknown.map((id) => `broker-${id}`).join(", ")} as in sync in ${partition.name}, and its leader does not wait for it (maximal ISR [${leader.maximalIsr.join(", ")}])`,
    );
  }

  #report(
    partition: TopicPartition,
    e: { readonly seq: number; readonly at: number; readonly node: number },
    message: string,
  ): void {
    const { report } = this.#context;
    report({
      message,
      evidence: [e.seq],
      atUs: e.at,
      node: e.node,
      count: 1,
      about: { partition },
    });
  }
}
