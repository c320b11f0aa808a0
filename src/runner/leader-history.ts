// Who led each partition when: the bands of the report's chart.

import type { Micros } from "../sim/kernel.ts";
import type { ClusterFold } from "../view/cluster-fold.ts";
import type { Listeners } from "../view/listeners.ts";
import type { PartitionView } from "../view/partitions.ts";
import type { PartitionSummary } from "./result.ts";

interface Band {
  readonly fromUs: Micros;
  readonly leader: number;
  readonly leaderEpoch: number;
}

export class LeaderHistory {
  readonly listeners: Listeners;
  /** By partition index. */
  readonly #bands: (Band[] | undefined)[] = [];

  constructor() {
    const turn = (e: {
      partition: { index: number };
      at: Micros;
      leader: number;
      leaderEpoch: number;
    }): void => {
      let bands = this.#bands[e.partition.index];
      if (bands === undefined) {
        bands = [];
        this.#bands[e.partition.index] = bands;
      }
      bands.push({ fromUs: Math.max(0, e.at), leader: e.leader, leaderEpoch: e.leaderEpoch });
    };
    this.listeners = { "partition.created": turn, "leader.elected": turn, "leader.lost": turn };
  }

  summaries(view: ClusterFold, endUs: Micros): PartitionSummary[] {
    return [...view.partitions.all()]
      .filter((p) => this.#isOfInterest(p))
      .map((p) => {
        const leader = view.replicas.get(p.partition, p.leader);
        return {
          name: p.partition.name,
          leader: p.leader,
          leaderEpoch: p.leaderEpoch,
          replicas: p.replicas,
          isr: p.isr,
          highWatermark: leader?.highWatermark ?? -1,
          logEndOffset: leader?.logEndOffset ?? -1,
          leaders: this.#closed(p.partition.index, endUs),
        };
      });
  }

  /** Kafka's own topics are of interest when something happened to them. */
  #isOfInterest({ partition }: PartitionView): boolean {
    const bands = this.#bands[partition.index] ?? [];
    return !partition.topic.startsWith("__") || bands.length > 1;
  }

  #closed(index: number, endUs: Micros): PartitionSummary["leaders"] {
    const bands = this.#bands[index] ?? [];
    return bands
      .map((band, i) => ({ ...band, toUs: bands[i + 1]?.fromUs ?? endUs }))
      .filter((band) => band.toUs > band.fromUs);
  }
}
