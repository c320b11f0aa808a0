// How long partitions took to be whole again after faults were healed: a leader, and every replica in the ISR.
import type { Micros } from "../../sim/kernel.ts";
import type { Listeners } from "../listeners.ts";
import type { PartitionsFold, PartitionView } from "../partitions.ts";

export class RecoveryFold {
  readonly listeners: Listeners;
  readonly #partitions: PartitionsFold;
  /** By partition index: since when it has been on the mend; -1: it is whole. */
  readonly #sinceUs: (Micros | undefined)[] = [];
  readonly #longestUs: (Micros | undefined)[] = [];

  constructor(partitions: PartitionsFold) {
    this.#partitions = partitions;
    const look = (e: {
      readonly partition: { readonly index: number };
      readonly at: Micros;
    }): void => {
      const since = this.#sinceUs[e.partition.index] ?? -1;
      const p = partitions.get(e.partition.index);
      if (since < 0 || p === undefined || !isWhole(p)) return;
      this.#sinceUs[e.partition.index] = -1;
      const longest = this.#longestUs[e.partition.index] ?? 0;
      this.#longestUs[e.partition.index] = Math.max(longest, e.at - since);
    };
    this.listeners = {
      "fault.healed": (e) => {
        for (const p of this.#partitions.all()) {
          const { index } = p.partition;
          this.#longestUs[index] ??= 0;
          if (!isWhole(p)) this.#sinceUs[index] = e.at;
        }
      },
      "isr.expanded": look,
      "leader.elected": look,
      "isr.shrunk": look,
    };
  }

  /** Longest time from the end of a fault until the partition was whole; undefined: no fault ended; "never": it is not whole yet. */
  of(index: number): Micros | "never" | undefined {
    if ((this.#sinceUs[index] ?? -1) >= 0) return "never";
    return this.#longestUs[index];
  }
}

const isWhole = (p: PartitionView): boolean => p.leader >= 0 && p.isr.length >= p.replicas.length;
