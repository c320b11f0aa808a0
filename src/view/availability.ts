// When each partition had no working leader: from the death (or pause) of the process that led, or the controller's decision,
// until the next leader knows it leads. A leader that is merely cut off from its clients is not seen from here.
import type { TopicPartition } from "../protocol/types.ts";
import type { Micros } from "../sim/kernel.ts";
import type { ClusterFold } from "./cluster-fold.ts";
import type { Listeners } from "./listeners.ts";

export interface Window {
  readonly partition: TopicPartition;
  readonly fromUs: Micros;
  /** Number of the event that began it. */
  readonly fromSeq: number;
  /** -1: it lasts. */
  readonly toUs: Micros;
  readonly toSeq: number;
}

type Mutable = { -readonly [K in keyof Window]: Window[K] };

interface Moment {
  readonly seq: number;
  readonly at: Micros;
}

const KEPT_WINDOWS = 5000;

export class AvailabilityFold {
  readonly listeners: Listeners;
  readonly #view: ClusterFold;
  /** By partition index: undefined until first available, null while available. */
  readonly #open: (Mutable | null | undefined)[] = [];
  readonly #windows: Mutable[] = [];
  #leftOut = 0;

  constructor(view: ClusterFold) {
    this.#view = view;
    const one = (e: Moment & { readonly partition: TopicPartition }): void =>
      this.#look(e.partition, e);
    const every = (e: Moment): void => {
      for (const p of view.partitions.all()) this.#look(p.partition, e);
    };
    this.listeners = {
      "leader.elected": one,
      "leader.lost": one,
      "replica.becameLeader": one,
      "replica.becameFollower": one,
      "host.crashed": every,
      "host.stopped": every,
      "host.paused": every,
      "host.resumed": every,
    };
  }

  get windows(): readonly Window[] {
    return this.#windows;
  }

  get leftOut(): number {
    return this.#leftOut;
  }

  /** Summed over partitions. */
  unavailableUs(nowUs: Micros): Micros {
    let sum = 0;
    for (const w of this.#windows) sum += (w.toUs < 0 ? nowUs : w.toUs) - w.fromUs;
    return sum;
  }

  #look(partition: TopicPartition, e: Moment): void {
    const open = this.#open[partition.index];
    const available = this.#view.leaderReplica(partition) !== undefined;
    if (available) {
      if (open !== null && open !== undefined) {
        open.toUs = e.at;
        open.toSeq = e.seq;
      }
      this.#open[partition.index] = null;
    } else if (open === null) {
      const begun: Mutable = { partition, fromUs: e.at, fromSeq: e.seq, toUs: -1, toSeq: 0 };
      this.#open[partition.index] = begun;
      if (this.#windows.length < KEPT_WINDOWS) this.#windows.push(begun);
      else this.#leftOut++;
    }
  }
}
