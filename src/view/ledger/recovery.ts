// How long partitions took to be whole again after faults were healed: a leader, and every replica in the ISR.
import type { Micros } from "../../sim/kernel.ts";
import type { BrokersFold } from "../brokers.ts";
import type { Listeners } from "../listeners.ts";
import type { PartitionsFold, PartitionView } from "../partitions.ts";

export class RecoveryFold {
  readonly listeners: Listeners;
  readonly #partitions: PartitionsFold;
  readonly #brokers: BrokersFold;
  /** By partition index: since when it has been on the mend; -1: it is whole. */
  readonly #sinceUs: (Micros | undefined)[] = [];
  readonly #longestUs: (Micros | undefined)[] = [];

  constructor(partitions: PartitionsFold, brokers: BrokersFold) {
    this.#partitions = partitions;
    this.#brokers = brokers;
    const look = (e: {
      readonly partition: { readonly index: number };
      readonly at: Micros;
    }): void => {
      const since = this.#sinceUs[e.partition.index] ?? -1;
      const p = partitions.get(e.partition.index);
      if (since >= 0 && p !== undefined) this.#look(p, since, e.at);
    };
    this.listeners = {
      "fault.healed": (e) => {
        for (const p of this.#partitions.all()) {
          const { index } = p.partition;
          this.#longestUs[index] ??= 0;
          if (!this.#isWhole(p)) this.#sinceUs[index] = e.at;
        }
      },
      "isr.expanded": look,
      "leader.elected": look,
      "isr.shrunk": look,
      "broker.unfenced": (e) => {
        for (const [index, since] of this.#sinceUs.entries()) {
          const p = partitions.get(index);
          if (since !== undefined && since >= 0 && p !== undefined) this.#look(p, since, e.at);
        }
      },
    };
  }

  /** Longest time from the end of a fault until the partition was whole; undefined: no fault ended; "never": it is not whole yet. */
  of(index: number): Micros | "never" | undefined {
    if ((this.#sinceUs[index] ?? -1) >= 0) return "never";
    return this.#longestUs[index];
  }

  #look(p: PartitionView, since: Micros, at: Micros): void {
    if (!this.#isWhole(p)) return;
    const { index } = p.partition;
    this.#sinceUs[index] = -1;
    this.#longestUs[index] = Math.max(this.#longestUs[index] ?? 0, at - since);
  }

  /** The controller may not have noticed yet that a member of the ISR, or the leader, is gone. */
  #isWhole(p: PartitionView): boolean {
    if (p.leader < 0 || p.isr.length < p.replicas.length) return false;
    return p.isr.every((id) => this.#brokers.isActive(id));
  }
}
