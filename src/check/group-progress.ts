// How far the members of consumer groups have come, by group and partition: what they were given, what they finished. By offset of the leader's
// log as it is now: when the log loses records, what was done with them is forgotten, for other records will have their offsets.
import type { KafkaEvent } from "../protocol/events.ts";
import type { Offset, TopicPartition } from "../protocol/types.ts";
import type { Listeners } from "../view/listeners.ts";
import type { CheckerContext } from "./checker.ts";
import { IntervalSet } from "./interval-set.ts";

export class Progress {
  readonly group: string;
  readonly partition: TopicPartition;
  /** The lowest offset at which a member has stood; -1: none yet. What lies below it was never the group's business. */
  start: Offset = -1;
  readonly polled = new IntervalSet();
  /** Done, dead-lettered, skipped after all attempts, or recognised as done before. */
  readonly finished = new IntervalSet();
  /** Done or dead-lettered: something has come of them. */
  readonly effects = new IntervalSet();
  /** Told of as committed before they were finished. */
  readonly beyond = new IntervalSet();

  constructor(group: string, partition: TopicPartition) {
    this.group = group;
    this.partition = partition;
  }

  standAt(offset: Offset): void {
    if (offset >= 0 && (this.start < 0 || offset < this.start)) this.start = offset;
  }

  forget(from: Offset, to: Offset): void {
    this.polled.remove(from, to);
    this.finished.remove(from, to);
    this.effects.remove(from, to);
    this.beyond.remove(from, to);
  }
}

export class GroupProgress {
  readonly #context: CheckerContext;
  readonly #byGroup = new Map<string, (Progress | undefined)[]>();

  constructor(context: CheckerContext) {
    this.#context = context;
    context.truth.onRemoved(({ partition }, run) => {
      for (const row of this.#byGroup.values())
        row[partition.index]?.forget(run.base, run.base + run.count);
    });
  }

  /** Where members stand and what they are given. What they finish is told to `finish`, by a check that wants to know more. */
  get listeners(): Listeners {
    return {
      "consumer.assigned": (e) => this.#ofMember(e.node, e.partition)?.standAt(e.position),
      "consumer.reset": (e) => this.#ofMember(e.node, e.partition)?.standAt(e.to),
      "consumer.polled": (e) => {
        const progress = this.#ofMember(e.node, e.partition);
        progress?.standAt(e.baseOffset);
        progress?.polled.add(e.baseOffset, e.baseOffset + e.count);
      },
    };
  }

  /** How many of the records had come to something before. */
  finish(e: KafkaEvent<"consumer.processed">): number {
    const progress = this.#ofMember(e.node, e.partition);
    if (progress === undefined) return 0;
    const end = e.baseOffset + e.count;
    progress.finished.add(e.baseOffset, end);
    if (e.outcome === "skipped" || e.outcome === "duplicate") return 0;
    return progress.effects.add(e.baseOffset, end);
  }

  get(group: string, partition: TopicPartition): Progress | undefined {
    return this.#byGroup.get(group)?.[partition.index];
  }

  *all(): IterableIterator<Progress> {
    for (const row of this.#byGroup.values()) {
      for (const progress of row) if (progress !== undefined) yield progress;
    }
  }

  #ofMember(node: number, partition: TopicPartition): Progress | undefined {
    const group = this.#context.view.groups.groupOf(node);
    if (group === undefined) return undefined;
    let row = this.#byGroup.get(group);
    if (row === undefined) {
      row = [];
      this.#byGroup.set(group, row);
    }
    let progress = row[partition.index];
    if (progress === undefined) {
      progress = new Progress(group, partition);
      row[partition.index] = progress;
    }
    return progress;
  }
}
