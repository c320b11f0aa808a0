// What a fault has done to a run, by the events of its trace: a twin in which nothing happened proves nothing.
import type { KafkaEvent } from "../../src/protocol/events.ts";
import type { ClusterFold } from "../../src/view/cluster-fold.ts";
import type { Listeners } from "../../src/view/listeners.ts";

export const BITES = {
  diedAhead: "the leader died with records that a follower lacked",
  lastDied: "the only replica in sync died",
  deposed: "a leader that was running was deposed",
  retried: "a batch was sent again",
  leftBehind: "a member was gone with records that it had been given and not finished",
  lookedAt: "kafka-consumer-groups was run on a group without members",
  backlog: "records were sent while a consumer had earlier ones to read",
  voterDied: "a voter died that had more of the metadata log than another",
  noOffset: "a group's member began where the group had no offset",
  acked: "records were acknowledged",
  movedOn: "another coordinator took a group over",
} as const;
export type Bite = keyof typeof BITES;

export class BiteMarks {
  readonly seen = new Set<Bite>();
  readonly #view: () => ClusterFold;
  readonly #given = new Map<number, number>();
  readonly #ends = new Map<number, number>();
  readonly #states = new Map<string, string>();
  #isGroupRun = false;

  constructor(view: () => ClusterFold) {
    this.#view = view;
  }

  get listeners(): Listeners {
    return {
      "host.crashed": (e) => this.#died(e.node),
      "host.stopped": (e) => this.#died(e.node),
      "leader.elected": (e) => this.#deposed(e),
      "leader.lost": (e) => this.#deposed(e),
      "producer.retried": () => this.seen.add("retried"),
      "op.acked": () => this.seen.add("acked"),
      "op.invoked": (e) => {
        for (const { node } of this.#view().consumers.on(e.partition))
          if ((this.#view().lag(node, e.partition) ?? 0) > 0) this.seen.add("backlog");
      },
      "consumer.polled": (e) => {
        this.#given.set(e.node, (this.#given.get(e.node) ?? 0) + e.count);
      },
      "consumer.processed": (e) => {
        this.#given.set(e.node, (this.#given.get(e.node) ?? 0) - e.count);
      },
      "group.loaded": () => this.seen.add("movedOn"),
      "consumer.left": (e) => this.#left(e.node),
      "consumer.rebalanced": (e) => {
        if (e.callback !== "assigned") this.#left(e.node);
      },
      "consumer.assigned": (e) => {
        if (this.#isGroupRun && e.position < 0) this.seen.add("noOffset");
      },
      "group.stateChanged": (e) => {
        this.#isGroupRun = true;
        this.#states.set(e.group, e.to);
      },
      "operation.run": (e) => {
        const empty = [...this.#states.values()].includes("Empty");
        if (e.tool === "kafka-consumer-groups" && empty) this.seen.add("lookedAt");
      },
      "quorum.appended": (e) => {
        this.#ends.set(e.node, e.baseOffset + e.count);
      },
      "quorum.truncated": (e) => {
        this.#ends.set(e.node, e.to);
      },
    };
  }

  #left(node: number): void {
    if ((this.#given.get(node) ?? 0) > 0) this.seen.add("leftBehind");
  }

  #died(node: number): void {
    const view = this.#view();
    for (const p of view.partitions.all()) {
      if (p.leader !== node) continue;
      if (p.isr.length === 1) this.seen.add("lastDied");
      const end = view.replicas.get(p.partition, node)?.logEndOffset ?? 0;
      for (const other of p.replicas)
        if (other !== node && (view.replicas.get(p.partition, other)?.logEndOffset ?? 0) < end)
          this.seen.add("diedAhead");
    }
    const own = this.#ends.get(node);
    if (own !== undefined && [...this.#ends.values()].some((end) => end < own))
      this.seen.add("voterDied");
    if (view.directory.get(node)?.kind === "client") this.#left(node);
  }

  #deposed(e: KafkaEvent<"leader.elected"> | KafkaEvent<"leader.lost">): void {
    const { previous, leader } = e;
    if (previous >= 0 && previous !== leader && this.#view().hosts.isAlive(previous))
      this.seen.add("deposed");
  }
}
