// What each replica's log holds, batch by batch, from trace events alone: as long as a scenario is small, everything can be kept.
import type { Offset, TopicPartition } from "../../src/protocol/types.ts";
import type { Listeners } from "../../src/view/listeners.ts";

/** Records of one stream in one leader epoch. */
export interface LogRun {
  readonly base: Offset;
  readonly count: number;
  readonly stream: number;
  readonly first: number;
  readonly epoch: number;
}

export class ReplicaLogs {
  readonly listeners: Listeners;
  /** By "partition index/node". */
  readonly #logs = new Map<string, LogRun[]>();

  constructor() {
    this.listeners = {
      "log.opened": (e) => {
        this.#keep(e.partition, e.node, e.logStartOffset, e.logEndOffset);
      },
      "log.appended": (e) => {
        const log = this.#cut(e.partition, e.node, e.baseOffset);
        const { baseOffset: base, count, stream, firstNumber: first, leaderEpoch: epoch } = e;
        log.push({ base, count, stream, first, epoch });
      },
      "log.truncated": (e) => {
        this.#cut(e.partition, e.node, e.to);
      },
      "log.startAdvanced": (e) => {
        this.#keep(e.partition, e.node, e.to, Number.POSITIVE_INFINITY);
      },
      "log.deleted": (e) => {
        this.#logs.delete(keyOf(e.partition, e.node));
      },
      "host.wiped": (e) => {
        for (const key of this.#logs.keys()) if (key.endsWith(`/${e.node}`)) this.#logs.delete(key);
      },
    };
  }

  of(partition: TopicPartition, node: number): readonly LogRun[] {
    return this.#logs.get(keyOf(partition, node)) ?? [];
  }

  #cut(partition: TopicPartition, node: number, end: Offset): LogRun[] {
    return this.#keep(partition, node, 0, end);
  }

  #keep(partition: TopicPartition, node: number, start: Offset, end: Offset): LogRun[] {
    const kept = this.of(partition, node).flatMap((run) => {
      const from = Math.max(run.base, start);
      const to = Math.min(run.base + run.count, end);
      if (from >= to) return [];
      return [{ ...run, base: from, count: to - from, first: run.first + from - run.base }];
    });
    this.#logs.set(keyOf(partition, node), kept);
    return kept;
  }
}

const keyOf = (partition: TopicPartition, node: number): string => `${partition.index}/${node}`;

/** Each epoch with the offset of its first record. */
export function epochsOf(log: readonly LogRun[]): [epoch: number, startOffset: number][] {
  const epochs: [number, number][] = [];
  for (const { epoch, base } of log) if (epochs.at(-1)?.[0] !== epoch) epochs.push([epoch, base]);
  return epochs;
}
