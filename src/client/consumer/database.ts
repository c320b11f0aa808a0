// The database behind an application, shared by all members of a group and outside of Kafka: which records have had their effect, and
// offsets that are kept with the results. A transaction is one event. Left out: the way to it, its failures, its time.
import type { Environment } from "../../protocol/environment.ts";
import type { Offset, TopicPartition } from "../../protocol/types.ts";

/** A range of record numbers, `to` excluded. */
interface Range {
  from: number;
  to: number;
}

export class Database {
  /** By record stream: sorted, not touching each other. */
  readonly #seen = new Map<number, Range[]>();
  readonly #offsets = new Map<TopicPartition, Offset>();

  /** How many records from `first` on are alike: all had their effect, or none. */
  run(stream: number, first: number, count: number): { isSeen: boolean; count: number } {
    for (const { from, to } of this.#seen.get(stream) ?? []) {
      if (to <= first) continue;
      if (from <= first) return { isSeen: true, count: Math.min(count, to - first) };
      return { isSeen: false, count: Math.min(count, from - first) };
    }
    return { isSeen: false, count };
  }

  insert(stream: number, first: number, count: number): void {
    const added: Range = { from: first, to: first + count };
    const ranges: Range[] = [];
    for (const range of this.#seen.get(stream) ?? []) {
      if (range.to < added.from || range.from > added.to) ranges.push(range);
      else {
        added.from = Math.min(added.from, range.from);
        added.to = Math.max(added.to, range.to);
      }
    }
    ranges.push(added);
    ranges.sort((a, b) => a.from - b.from);
    this.#seen.set(stream, ranges);
  }

  /** -1: none yet. */
  offsetOf(partition: TopicPartition): Offset {
    return this.#offsets.get(partition) ?? -1;
  }

  setOffset(partition: TopicPartition, offset: Offset): void {
    this.#offsets.set(partition, offset);
  }
}

/** By run, then by group: machines of one run have it in common, runs do not. */
const DATABASES = new WeakMap<Environment, Map<string, Database>>();

export function databaseOf(env: Environment, group: string): Database {
  let ofRun = DATABASES.get(env);
  if (ofRun === undefined) {
    ofRun = new Map();
    DATABASES.set(env, ofRun);
  }
  let database = ofRun.get(group);
  if (database === undefined) {
    database = new Database();
    ofRun.set(group, database);
  }
  return database;
}
