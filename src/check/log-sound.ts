// One replica's log by itself (UnifiedLog): no gaps but those of compaction and no overlaps, epochs that do not fall and are remembered as they
// are, start <= high watermark <= end.
import type { KafkaEvent } from "../protocol/events.ts";
import type { TopicPartition } from "../protocol/types.ts";
import type { CheckerContext, Property } from "./checker.ts";
import { EpochCaches } from "./epoch-caches.ts";

interface At {
  readonly seq: number;
  readonly at: number;
  readonly node: number;
  readonly partition: TopicPartition;
}

interface Extent {
  end: number;
  /** Of the last record; -1: not known. */
  epoch: number;
}

export const logSound: Property = {
  name: "log-sound",
  kind: "always",
  doc: "The offsets of a replica are contiguous, but for what a replica has compacted away, and the leader epochs of its records do not fall; its leader epoch cache says where they begin; its high watermark is between the start and the end of its log.",
  create: (context) => {
    const logs = new Logs(context);
    return {
      on: {
        "log.appended": (e) => logs.appended(e),
        "hw.advanced": (e) => {
          const { end } = logs.at(e.partition, e.node);
          if (e.to > end) logs.report(e, `a high watermark ${e.to} beyond its log end ${end}`);
        },
        "log.opened": (e) => {
          logs.set(e.partition, e.node, e.logEndOffset);
          logs.epochs.cut(e.partition, e.node, e.logEndOffset);
          logs.epochs.startAt(e.partition, e.node, e.logStartOffset);
          logs.judgeEpochs(e);
          if (e.highWatermark > e.logEndOffset || e.highWatermark < e.logStartOffset)
            logs.report(
              e,
              `a high watermark ${e.highWatermark} outside its log ${e.logStartOffset}..${e.logEndOffset}`,
            );
        },
        "log.cleaned": (e) => logs.cleaned(e),
        "log.truncated": (e) => {
          logs.set(e.partition, e.node, e.to);
          // To no lower an offset: everything went, and the log goes on from there.
          logs.epochs.cut(e.partition, e.node, e.to < e.from ? e.to : 0);
          logs.judgeEpochs(e);
        },
        "log.startAdvanced": (e) => {
          if (e.to > logs.at(e.partition, e.node).end) logs.set(e.partition, e.node, e.to);
          logs.epochs.startAt(e.partition, e.node, e.to);
          logs.judgeEpochs(e);
        },
        "log.epochsChanged": (e) => logs.epochs.told(e, logs.at(e.partition, e.node).end),
        "replica.becameLeader": (e) =>
          logs.epochs.begun(e.partition, e.node, e.leaderEpoch, e.epochStartOffset),
        "log.deleted": (e) => {
          logs.set(e.partition, e.node, -1);
          logs.epochs.forget(e.partition, e.node);
        },
        "host.wiped": (e) => logs.wiped(e.node),
      },
      get exercised() {
        return logs.exercised;
      },
    };
  },
};

class Logs {
  exercised = false;
  readonly epochs = new EpochCaches();
  readonly #context: CheckerContext;
  /** By partition index, then by node. */
  readonly #extents: ((Extent | undefined)[] | undefined)[] = [];

  constructor(context: CheckerContext) {
    this.#context = context;
  }

  /** By partition index: how far any replica has been compacted. Its followers find gaps below. */
  readonly #compacted: (number | undefined)[] = [];

  cleaned({ partition, to }: KafkaEvent<"log.cleaned">): void {
    this.#compacted[partition.index] = Math.max(to, this.#cleanedTo(partition));
  }

  #cleanedTo(partition: TopicPartition): number {
    return this.#compacted[partition.index] ?? 0;
  }

  at(partition: TopicPartition, node: number): Extent {
    return this.#extents[partition.index]?.[node] ?? this.#create(partition, node);
  }

  /** The log ends elsewhere now; -1: it is gone. */
  set(partition: TopicPartition, node: number, end: number): void {
    const extent = this.at(partition, node);
    extent.end = Math.max(0, end);
    extent.epoch = -1;
  }

  wiped(node: number): void {
    for (const row of this.#extents) if (row?.[node] !== undefined) row[node] = undefined;
    this.epochs.wiped(node);
  }

  /** When the replica has had the occasion to tell. */
  judgeEpochs(e: At): void {
    const problem = this.epochs.problem(e.partition, e.node);
    if (problem !== undefined) this.report(e, problem);
  }

  appended(e: KafkaEvent<"log.appended">): void {
    this.exercised = true;
    const extent = this.#extents[e.partition.index]?.[e.node] ?? this.#create(e.partition, e.node);
    const { end, epoch } = extent;
    extent.end = e.baseOffset + e.count;
    extent.epoch = e.leaderEpoch;
    const isGap = e.baseOffset > end && !e.leader && e.baseOffset <= this.#cleanedTo(e.partition);
    if (e.baseOffset !== end && !isGap)
      this.report(e, `an append at ${e.baseOffset} to a log that ends at ${end}`);
    else if (e.leaderEpoch < epoch)
      this.report(e, `records of epoch ${e.leaderEpoch} behind records of epoch ${epoch}`);
    if (e.leaderEpoch === epoch || e.leaderEpoch < 0) return;
    this.epochs.begun(e.partition, e.node, e.leaderEpoch, e.baseOffset);
    this.judgeEpochs(e);
  }

  report(e: At, what: string): void {
    this.#context.report({
      message: `${this.#context.hosts.name(e.node)} has ${what} in ${e.partition.name}`,
      evidence: [e.seq],
      atUs: e.at,
      node: e.node,
      count: 1,
      about: { partition: e.partition },
    });
  }

  #create(partition: TopicPartition, node: number): Extent {
    const row = this.#extents[partition.index] ?? [];
    this.#extents[partition.index] = row;
    const extent = { end: 0, epoch: -1 };
    row[node] = extent;
    return extent;
  }
}
