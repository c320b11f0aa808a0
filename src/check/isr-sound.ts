// Every running member of the controller's ISR holds every committed record (StrongIsr of the public TLA+ specifications).
// A broker that is down or has not registered since it came up is the controller's to remove: it is not counted.
import type { TopicPartition } from "../protocol/types.ts";
import type { CheckerContext, Property } from "./checker.ts";
import { plural } from "./text.ts";

export const isrSound: Property = {
  name: "isr-sound",
  kind: "always",
  doc: "Each running member of the ISR holds every record below the true high watermark.",
  create: (context) => {
    const soundness = new Soundness(context);
    const check = (e: {
      readonly partition: TopicPartition;
      readonly seq: number;
      readonly at: number;
    }): void => soundness.check(e.partition, e.seq, e.at);
    return {
      on: {
        "hw.advanced": (e) => {
          if (e.leader) check(e);
        },
        "isr.committed": check,
        "isr.expanded": check,
        "leader.elected": (e) => {
          soundness.elected(e.partition, e.leaderEpoch, e.unclean);
          check(e);
        },
      },
      get exercised() {
        return soundness.exercised;
      },
    };
  },
};

class Soundness {
  exercised = false;
  readonly #context: CheckerContext;
  /** By partition index and node: the ISR (by partition epoch) for which the replica was already found short. */
  readonly #told: (number | undefined)[][] = [];
  /** By partition index: the epoch of an unclean election. */
  readonly #unclean: (number | undefined)[] = [];

  constructor(context: CheckerContext) {
    this.#context = context;
  }

  elected(partition: TopicPartition, leaderEpoch: number, unclean: boolean): void {
    this.#unclean[partition.index] = unclean ? leaderEpoch : undefined;
  }

  check(partition: TopicPartition, seq: number, at: number): void {
    const { view, truth } = this.#context;
    const p = view.partitions.get(partition.index);
    const known = truth.partition(partition.index);
    if (p === undefined || known === undefined || known.trueHighWatermark === 0) return;
    // Until the replica of an unclean election leads, the high watermark is still the one it gives up.
    const taken = known.takeover?.leaderEpoch ?? -1;
    if (this.#unclean[partition.index] === p.leaderEpoch && taken !== p.leaderEpoch) return;
    for (let i = 0; i < p.isr.length; i++) {
      const node = p.isr[i] as number;
      const held = known.log.copy(node)?.common ?? 0;
      const isHeld = held >= known.trueHighWatermark;
      if (isHeld && this.exercised) continue;
      if (!view.hosts.isAlive(node) || !view.brokers.isActive(node)) continue;
      if (node !== p.leader) this.exercised = true;
      if (isHeld) continue;
      const row = this.#told[partition.index] ?? [];
      this.#told[partition.index] = row;
      if (row[node] === p.partitionEpoch) continue;
      row[node] = p.partitionEpoch;
      const missing = known.trueHighWatermark - held;
      this.#context.report({
        message: `${this.#context.hosts.name(node)} is in the ISR of ${partition.name} without ${plural(missing, "committed record")} from offset ${held} on`,
        evidence: [seq],
        atUs: at,
        node,
        count: missing,
        about: { partition, offset: held },
      });
    }
  }
}
