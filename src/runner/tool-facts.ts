// What Kafka's tools show beyond the view: replicas that come and go, the last known leader, the protocol a group chose, and when the
// quorum's leader last heard of whom (LeaderState.describeQuorum). Followers are seen by what they append, which they do at least as
// often as the leader writes its NoOpRecords. Observers emit nothing: one that runs counts as having all up to the high watermark.
import { NO_LEADER, type Offset } from "../protocol/types.ts";
import type { Micros } from "../sim/kernel.ts";
import type { Listeners } from "../view/listeners.ts";
import { RecordTimes } from "./record-times.ts";

export interface Reassignment {
  readonly addingReplicas: readonly number[];
  readonly removingReplicas: readonly number[];
}

export interface QuorumFetch {
  readonly logEndOffset: Offset;
  readonly lastFetchUs: Micros;
  readonly lastCaughtUpUs: Micros;
}

export class ToolFacts {
  readonly listeners: Listeners;
  /** By partition index. */
  readonly reassignments = new Map<number, Reassignment>();
  readonly lastKnownLeaders = new Map<number, number>();
  /** By group. */
  readonly protocols = new Map<string, string>();
  readonly recordTimes = new RecordTimes();
  /** By node: voters, and observers that have stopped. */
  readonly fetches = new Map<number, QuorumFetch>();
  /** Since when the quorum has had its latest leader. */
  leaderSinceUs: Micros = Number.NEGATIVE_INFINITY;
  readonly #observers = new Set<number>();
  #leaderEnd: Offset = 0;
  #committed: Offset = 0;
  #committedAtUs: Micros = Number.NEGATIVE_INFINITY;

  constructor() {
    this.listeners = {
      ...this.#partitionListeners(),
      ...this.#voterListeners(),
      ...this.#observerListeners(),
      "consumer.joined": (e) => {
        this.protocols.set(e.group, e.protocol);
      },
    };
  }

  /** Brokers that have registered, where they stand in the metadata log. */
  observer(node: number): QuorumFetch | undefined {
    if (!this.#observers.has(node)) return undefined;
    return this.fetches.get(node) ?? this.#upToHighWatermark();
  }

  #partitionListeners(): Listeners {
    return {
      "replicas.changed": (e) => {
        const { adding, removing, partition } = e;
        if (adding.length + removing.length === 0) this.reassignments.delete(partition.index);
        else
          this.reassignments.set(partition.index, {
            addingReplicas: adding,
            removingReplicas: removing,
          });
      },
      "leader.lost": (e) => {
        if (e.isr.length > 0 || e.previous === NO_LEADER) return;
        this.lastKnownLeaders.set(e.partition.index, e.previous);
      },
      "leader.elected": (e) => {
        this.lastKnownLeaders.delete(e.partition.index);
      },
    };
  }

  #voterListeners(): Listeners {
    return {
      "quorum.roleChanged": (e) => {
        if (e.role === "leader") this.leaderSinceUs = e.at;
      },
      "quorum.appended": (e) => {
        const logEndOffset = e.baseOffset + e.count;
        if (e.leader) this.#leaderEnd = logEndOffset;
        const before = this.fetches.get(e.node)?.lastCaughtUpUs ?? Number.NEGATIVE_INFINITY;
        const lastCaughtUpUs = logEndOffset >= this.#leaderEnd ? e.at : before;
        this.fetches.set(e.node, { logEndOffset, lastFetchUs: e.at, lastCaughtUpUs });
      },
      "quorum.hwAdvanced": (e) => {
        if (!e.leader) return;
        this.#committed = e.to;
        this.#committedAtUs = e.at;
      },
    };
  }

  #observerListeners(): Listeners {
    const stopped = (e: { readonly node: number }): void => this.#observerStopped(e.node);
    return {
      "broker.registered": (e) => {
        this.#observers.add(e.broker);
      },
      "broker.fenced": (e) => this.#observerStopped(e.broker),
      "broker.unfenced": (e) => {
        if (this.#observers.has(e.broker)) this.fetches.delete(e.broker);
      },
      "host.crashed": stopped,
      "host.stopped": stopped,
      "host.paused": stopped,
      "host.booted": (e) => {
        if (this.#observers.has(e.node)) this.fetches.delete(e.node);
      },
      "host.resumed": (e) => {
        if (this.#observers.has(e.node)) this.fetches.delete(e.node);
      },
    };
  }

  #observerStopped(node: number): void {
    if (!this.#observers.has(node) || this.fetches.has(node)) return;
    this.fetches.set(node, this.#upToHighWatermark());
  }

  #upToHighWatermark(): QuorumFetch {
    const [logEndOffset, at] = [this.#committed, this.#committedAtUs];
    return { logEndOffset, lastFetchUs: at, lastCaughtUpUs: at };
  }
}
