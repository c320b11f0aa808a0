// How each group fared, for the report: its members, its rebalances, and how far behind it ever was. Lag here is committed lag, as
// kafka-consumer-groups has it, of the partitions for which the group has committed.
import type { Offset } from "../protocol/types.ts";
import type { Micros } from "../sim/kernel.ts";
import type { ClusterFold } from "../view/cluster-fold.ts";
import type { GroupView } from "../view/groups.ts";
import type { Listeners } from "../view/listeners.ts";
import type { GroupSummary } from "./result.ts";

interface Progress {
  /** By partition index. */
  readonly committed: Map<number, Offset>;
  lag: number;
  mostLag: number;
  mostLagAtUs: Micros;
}

export class GroupHistory {
  readonly listeners: Listeners;
  readonly #groups = new Map<string, Progress>();
  /** High watermarks of leaders, by partition index. */
  readonly #ends: (Offset | undefined)[] = [];

  constructor() {
    const moved = (e: {
      readonly leader: boolean;
      readonly partition: { readonly index: number };
      readonly to: Offset;
      readonly at: Micros;
    }): void => {
      if (e.leader) this.#endMoved(e.partition.index, e.to, e.at);
    };
    this.listeners = {
      "hw.advanced": moved,
      "hw.lowered": moved,
      "offset.committed": (e) => {
        const progress = this.#progress(e.group);
        const before = progress.committed.get(e.partition.index);
        const end = this.#ends[e.partition.index] ?? e.offset;
        progress.committed.set(e.partition.index, e.offset);
        progress.lag += before === undefined ? end - e.offset : before - e.offset;
        note(progress, e.at);
      },
      "offset.expired": (e) => {
        const progress = this.#progress(e.group);
        const before = progress.committed.get(e.partition.index);
        if (before === undefined) return;
        progress.committed.delete(e.partition.index);
        progress.lag -= (this.#ends[e.partition.index] ?? before) - before;
      },
    };
  }

  summaries(view: ClusterFold, nowUs: Micros): GroupSummary[] {
    return [...view.groups.all()].map((group) => {
      const { mostLag, mostLagAtUs } = this.#progress(group.group);
      const since = group.rebalancingSinceUs;
      return {
        name: group.group,
        state: group.state,
        members: group.memberCount,
        idle: idleOf(group),
        rebalances: group.rebalances,
        rebalancingUs: group.rebalancingUs + (since < 0 ? 0 : Math.max(0, nowUs - since)),
        lag: view.totalGroupLag(group.group),
        mostLag,
        mostLagAtUs,
      };
    });
  }

  #progress(group: string): Progress {
    let progress = this.#groups.get(group);
    if (progress === undefined) {
      progress = { committed: new Map(), lag: 0, mostLag: 0, mostLagAtUs: 0 };
      this.#groups.set(group, progress);
    }
    return progress;
  }

  #endMoved(partition: number, to: Offset, at: Micros): void {
    const before = this.#ends[partition];
    this.#ends[partition] = to;
    if (before === undefined || before === to) return;
    for (const progress of this.#groups.values()) {
      if (!progress.committed.has(partition)) continue;
      progress.lag += to - before;
      note(progress, at);
    }
  }
}

function note(progress: Progress, at: Micros): void {
  if (progress.lag <= progress.mostLag) return;
  progress.mostLag = progress.lag;
  progress.mostLagAtUs = at;
}

/** Members to which the assignment gives nothing. */
const idleOf = ({ members }: GroupView): number =>
  [...members.values()].filter(({ partitions }) => partitions.length === 0).length;
