// The ground truth: every record has an identity (stream, number), so what was lost, doubled or misplaced is counted, not inferred.
// Folded from events once and shared by the checks. Memory holds what is undecided: where replicas or consumers still differ.
import type { KafkaEvent } from "../protocol/events.ts";
import type { TopicPartition } from "../protocol/types.ts";
import type { ClusterFold } from "../view/cluster-fold.ts";
import type { Listeners } from "../view/listeners.ts";
import { type Culprit, PartitionTruth } from "./partition-truth.ts";
import type { Run } from "./run-list.ts";
import { StreamTruth } from "./stream-truth.ts";

/** Appends to a partition between two attempts to let go of what is decided. */
const TRIM_EVERY = 1024;

type RunListener = (truth: PartitionTruth, run: Run) => void;

export class GroundTruth {
  /** Did it ever? So that a check need not hear every batch to know whether it was exercised. */
  readonly happened = { appended: false, replicated: false, acked: false, delivered: false };
  readonly #view: ClusterFold;
  readonly #partitions: (PartitionTruth | undefined)[] = [];
  readonly #streams: (StreamTruth | undefined)[] = [];
  readonly #onRemoved: RunListener[] = [];
  /** Replicas whose log has been loaded in the present life of their broker, by partition index and node. */
  readonly #opened: (boolean | undefined)[][] = [];

  constructor(view: ClusterFold) {
    this.#view = view;
  }

  /** Listeners, to be called after the view's and before those of the checks. */
  parts(): readonly Listeners[] {
    return [
      this.#logListeners(),
      this.#roleListeners(),
      this.#hostListeners(),
      this.#clientListeners(),
    ];
  }

  /** Calls back for every run that leaves the leader's log, before it is forgotten. */
  onRemoved(listener: RunListener): void {
    this.#onRemoved.push(listener);
  }

  partition(index: number): PartitionTruth | undefined {
    return this.#partitions[index];
  }

  *partitions(): IterableIterator<PartitionTruth> {
    for (const p of this.#partitions) if (p !== undefined) yield p;
  }

  stream(id: number): StreamTruth | undefined {
    return this.#streams[id];
  }

  *streams(): IterableIterator<StreamTruth> {
    for (const s of this.#streams) if (s !== undefined) yield s;
  }

  /** Runs kept in memory. */
  get keptRuns(): number {
    let sum = 0;
    for (const p of this.partitions()) {
      sum += p.log.trunk.length;
      for (const copy of p.log.copies) sum += copy.own.length;
    }
    return sum;
  }

  #logListeners(): Listeners {
    return {
      "log.opened": (e) => {
        const truth = this.#blame(e.partition, e, "reopened");
        this.#openedRow(e.partition)[e.node] = true;
        truth.log.open(e.node, e.logEndOffset);
      },
      "log.appended": (e) => this.#appended(e),
      "log.truncated": (e) => {
        const truth = this.#blame(e.partition, e, "truncated");
        truth.cut = { seq: e.seq, node: e.node, common: truth.log.copy(e.node)?.common ?? 0 };
        truth.log.truncate(e.node, e.to);
      },
      "log.startAdvanced": (e) => {
        this.#blame(e.partition, e, "deleted").log.advanceStart(e.node, e.to);
      },
      "log.deleted": (e) => {
        this.#blame(e.partition, e, "deleted").log.remove(e.node);
      },
      "disk.tornTail": (e) => {
        // Told at the power loss or while the log is loaded; once it is loaded, its end is known.
        if (this.#openedRow(e.partition)[e.node] === true) return;
        const truth = this.#blame(e.partition, e, "torn");
        const copy = truth.log.copy(e.node);
        if (copy !== undefined) truth.log.truncate(e.node, Math.max(0, copy.end - e.lost));
      },
      "hw.advanced": (e) => {
        if (!e.leader) return;
        const truth = this.#at(e.partition);
        if (e.to > truth.announced) truth.announced = e.to;
        if (e.to <= truth.trueHighWatermark) return;
        // A deposed leader speaks for what it shares with the present one.
        const common = truth.log.copy(e.node)?.common ?? 0;
        const known = e.node === truth.log.owner ? e.to : Math.min(e.to, common);
        if (known > truth.trueHighWatermark) truth.trueHighWatermark = known;
      },
    };
  }

  #appended(e: KafkaEvent<"log.appended">): void {
    const truth = this.#partitions[e.partition.index] ?? this.#at(e.partition);
    // The event itself is the culprit: no object is made on the hot path.
    this.#appending.seq = e.seq;
    this.#appending.atUs = e.at;
    this.#appending.node = e.node;
    this.happened.appended = true;
    if (!e.leader) this.happened.replicated = true;
    truth.culprit = this.#appending;
    truth.log.append(e.node, e.baseOffset, e.count, e.stream, e.firstNumber, e.leaderEpoch);
    if (++truth.appends % TRIM_EVERY === 0) truth.log.trim(this.#undecidedFrom(truth));
  }

  readonly #appending: { -readonly [K in keyof Culprit]: Culprit[K] } = {
    seq: 0,
    atUs: 0,
    node: 0,
    what: "truncated",
    decision: 0,
  };

  #roleListeners(): Listeners {
    return {
      "replica.becameLeader": (e) => {
        const truth = this.#blame(e.partition, e, "elected");
        if (truth.takeover !== undefined && e.leaderEpoch <= truth.takeover.leaderEpoch) return;
        const trueHighWatermark = truth.trueHighWatermark;
        const { end, common } = truth.log.lead(e.node);
        const { seq, node, leaderEpoch } = e;
        truth.takeover = { seq, node, leaderEpoch, end, common, trueHighWatermark };
        truth.trueHighWatermark = Math.min(trueHighWatermark, common);
        if (e.highWatermark > truth.announced) truth.announced = e.highWatermark;
      },
      "replica.becameFollower": (e) => {
        this.#at(e.partition).log.retire(e.node);
      },
    };
  }

  #hostListeners(): Listeners {
    const down = (e: { readonly node: number }): void => {
      for (const truth of this.partitions()) {
        truth.log.retire(e.node);
        this.#openedRow(truth.partition)[e.node] = false;
      }
    };
    return {
      "host.crashed": down,
      "host.stopped": down,
      "host.wiped": (e) => {
        for (const truth of this.partitions())
          this.#blame(truth.partition, e, "wiped").log.remove(e.node);
      },
    };
  }

  #clientListeners(): Listeners {
    return {
      "stream.opened": (e) => {
        this.#stream(e.stream, e.partition);
      },
      "op.invoked": (e) => {
        const stream = this.#stream(e.stream, e.partition);
        stream.sent += e.count;
        if (e.names !== undefined) stream.name(e.firstNumber, e.names);
      },
      "op.acked": (e) => {
        this.happened.acked = true;
        this.#stream(e.stream, e.partition).acked.add(e.firstNumber, e.firstNumber + e.count);
        const { acks } = this.#at(e.partition);
        acks.add(e.stream, e.firstNumber, e.count, e.baseOffset, e.seq, e.at);
      },
      "op.failed": (e) => {
        this.#stream(e.stream, e.partition).failed.add(e.firstNumber, e.firstNumber + e.count);
      },
      "op.unknown": (e) => {
        this.#stream(e.stream, e.partition).unknown.add(e.firstNumber, e.firstNumber + e.count);
      },
      "producer.retried": (e) => {
        this.#stream(e.stream, e.partition).retried.add(e.firstNumber, e.firstNumber + e.count);
      },
      "consumer.polled": (e) => {
        this.happened.delivered = true;
        this.#at(e.partition).delivered.add(e.baseOffset, e.baseOffset + e.count);
        this.#stream(e.stream, e.partition).delivered.add(e.firstNumber, e.firstNumber + e.count);
      },
    };
  }

  /** The lowest offset that a running consumer has yet to read, or that is not yet committed. */
  #undecidedFrom(truth: PartitionTruth): number {
    let from = truth.trueHighWatermark;
    for (const p of this.#view.consumers.on(truth.partition)) {
      if (p.position < 0 || p.position >= from) continue;
      if (this.#view.hosts.isAlive(p.node)) from = p.position;
    }
    return from;
  }

  #blame(
    partition: TopicPartition,
    e: { readonly seq: number; readonly at: number; readonly node: number },
    what: Culprit["what"],
  ): PartitionTruth {
    const truth = this.#at(partition);
    const { electedSeq = 0 } = this.#view.partitions.get(partition.index) ?? {};
    const decision = what === "elected" ? electedSeq : 0;
    truth.culprit = { seq: e.seq, atUs: e.at, node: e.node, what, decision };
    return truth;
  }

  #at(partition: TopicPartition): PartitionTruth {
    let truth = this.#partitions[partition.index];
    if (truth === undefined) {
      truth = new PartitionTruth(
        partition,
        (id) => this.#stream(id, partition),
        (at, run) => {
          for (const listener of this.#onRemoved) listener(at, run);
        },
      );
      this.#partitions[partition.index] = truth;
    }
    return truth;
  }

  #stream(id: number, partition: TopicPartition): StreamTruth {
    let stream = this.#streams[id];
    if (stream === undefined) {
      stream = new StreamTruth(id, partition);
      this.#streams[id] = stream;
    }
    return stream;
  }

  #openedRow(partition: TopicPartition): (boolean | undefined)[] {
    let row = this.#opened[partition.index];
    if (row === undefined) {
      row = [];
      this.#opened[partition.index] = row;
    }
    return row;
  }
}
