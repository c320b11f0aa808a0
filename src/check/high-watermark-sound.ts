// How a leader moves its high watermark (Partition.maybeIncrementLeaderHW): forwards within an epoch, to what everybody in its maximal ISR has,
// and since KAFKA-15583 only while the ISR is large enough.
import type { KafkaEvent } from "../protocol/events.ts";
import type { CheckerContext, Property } from "./checker.ts";

export const highWatermarkSound: Property = {
  name: "high-watermark-sound",
  kind: "always",
  doc: "Within an epoch a leader's high watermark rises, to no more than what every follower of its maximal ISR (with members it is about to add) has in its log, and from 3.7 on only with min.insync.replicas in the ISR.",
  create: (context) => {
    const rule = new Rule(context);
    return {
      on: {
        "hw.advanced": (e) => {
          if (e.leader) rule.judge(e);
        },
        "hw.lowered": (e) => {
          if (e.leader) rule.report(e, `lowered its high watermark from ${e.from} to ${e.to}`);
        },
        "replica.becameLeader": (e) => rule.ruled(e),
        "isr.committed": (e) => rule.ruled(e),
        "isr.proposed": (e) => rule.ruled(e),
        "host.crashed": (e) => rule.died(e.node, e.seq),
        "host.stopped": (e) => rule.died(e.node, e.seq),
      },
      get exercised() {
        return rule.exercised;
      },
    };
  },
};

class Rule {
  exercised = false;
  readonly #context: CheckerContext;
  /** By node: the end of its last life. */
  readonly #diedSeq: number[] = [];
  /** By partition index: when its leader last said who is in the ISR. */
  readonly #ruledSeq: number[] = [];

  constructor(context: CheckerContext) {
    this.#context = context;
  }

  ruled(e: { readonly partition: { readonly index: number }; readonly seq: number }): void {
    this.#ruledSeq[e.partition.index] = e.seq;
  }

  died(node: number, seq: number): void {
    this.#diedSeq[node] = seq;
  }

  judge(e: KafkaEvent<"hw.advanced">): void {
    const { view, truth, settings } = this.#context;
    const leader = view.replicas.get(e.partition, e.node);
    if (leader === undefined || leader.role !== "leader" || leader.leaderEpoch !== e.leaderEpoch)
      return;
    const { maximalIsr, isr } = leader;
    const log = truth.partition(e.partition.index)?.log;
    for (let i = 0; i < maximalIsr.length; i++) {
      const member = maximalIsr[i] as number;
      if (member === e.node) continue;
      this.exercised = true;
      const end = log?.copy(member)?.end ?? 0;
      if (end >= e.to || !this.#counts(e, member)) continue;
      this.report(
        e,
        `calls offsets up to ${e.to} committed, and broker-${member} of its ISR has them up to ${end}`,
      );
    }
    if (settings.highWatermarkNeedsMinIsr !== true) return;
    const p = view.partitions.get(e.partition.index);
    if (p === undefined || isr.length >= p.minIsr || isr.length >= p.replicas.length) return;
    this.report(
      e,
      `moves its high watermark to ${e.to} with ${isr.length} of min.insync.replicas=${p.minIsr} in sync`,
    );
  }

  /** Has the member been there in this epoch all the time, so that it has at least what it told the leader? */
  #counts(e: KafkaEvent<"hw.advanced">, member: number): boolean {
    const { view } = this.#context;
    if (!view.hosts.isAlive(member)) return false;
    if ((this.#diedSeq[member] ?? 0) > (this.#ruledSeq[e.partition.index] ?? 0)) return false;
    const replica = view.replicas.get(e.partition, member);
    return replica?.role === "follower" && replica.leaderEpoch === e.leaderEpoch;
  }

  report(e: KafkaEvent<"hw.advanced"> | KafkaEvent<"hw.lowered">, what: string): void {
    this.#context.report({
      message: `${this.#context.hosts.name(e.node)}, leader of ${e.partition.name} in epoch ${e.leaderEpoch}, ${what}`,
      evidence: [e.seq],
      atUs: e.at,
      node: e.node,
      count: Math.abs(e.to - e.from),
      about: { partition: e.partition, offset: e.from },
    });
  }
}
