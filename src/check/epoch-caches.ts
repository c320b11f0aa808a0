// What the leader epoch cache of each replica has to hold (KIP-101): where the records of each epoch begin, by what was appended, cut and
// dropped. A leader's epoch counts from its beginning, before it has a record; without one it may go at any cut.
import type { KafkaEvent } from "../protocol/events.ts";
import type { TopicPartition } from "../protocol/types.ts";

type Entry = KafkaEvent<"log.epochsChanged">["epochs"][number];

interface Cache {
  /** By the records. */
  expected: Entry[];
  /** By the replica. */
  told: readonly Entry[];
}

export class EpochCaches {
  /** By partition index, then by node. */
  readonly #caches: ((Cache | undefined)[] | undefined)[] = [];

  /** `end`: of the log. */
  told({ partition, node, epochs }: KafkaEvent<"log.epochsChanged">, end: number): void {
    const cache = this.#at(partition, node);
    cache.told = epochs;
    const { expected } = cache;
    if (!epochs.every((entry, i) => isSame(entry, expected[i]))) return;
    dropLast(expected, ({ startOffset }) => startOffset >= end && expected.length > epochs.length);
  }

  /** Records of the epoch follow, or a leader begins it. */
  begun(partition: TopicPartition, node: number, epoch: number, startOffset: number): void {
    const { expected } = this.#at(partition, node);
    if (expected.at(-1)?.epoch === epoch) return;
    dropLast(expected, (entry) => entry.epoch >= epoch || entry.startOffset >= startOffset);
    expected.push({ epoch, startOffset });
  }

  cut(partition: TopicPartition, node: number, end: number): void {
    dropLast(this.#at(partition, node).expected, ({ startOffset }) => startOffset >= end);
  }

  /** The epoch that the new start lies in begins there now. */
  startAt(partition: TopicPartition, node: number, start: number): void {
    const { expected } = this.#at(partition, node);
    const index = expected.findLastIndex(({ startOffset }) => startOffset <= start);
    const holding = expected[index];
    if (holding !== undefined)
      expected.splice(0, index + 1, { epoch: holding.epoch, startOffset: start });
  }

  forget(partition: TopicPartition, node: number): void {
    const row = this.#caches[partition.index];
    if (row !== undefined) row[node] = undefined;
  }

  wiped(node: number): void {
    for (const row of this.#caches) if (row?.[node] !== undefined) row[node] = undefined;
  }

  /** What is wrong with the cache; said once. */
  problem(partition: TopicPartition, node: number): string | undefined {
    const cache = this.#at(partition, node);
    const { expected, told } = cache;
    const same =
      told.length === expected.length && told.every((entry, i) => isSame(entry, expected[i]));
    if (same) return undefined;
    cache.expected = [...told];
    return `the leader epochs ${text(told)} where its records have ${text(expected)}`;
  }

  #at({ index }: TopicPartition, node: number): Cache {
    const row = this.#caches[index] ?? [];
    this.#caches[index] = row;
    const cache = row[node] ?? { expected: [], told: [] };
    row[node] = cache;
    return cache;
  }
}

function dropLast(entries: Entry[], matches: (entry: Entry) => boolean): void {
  for (let last = entries.at(-1); last !== undefined && matches(last); last = entries.at(-1))
    entries.pop();
}

const isSame = (one: Entry, other: Entry | undefined): boolean =>
  one.epoch === other?.epoch && one.startOffset === other.startOffset;

const text = (entries: readonly Entry[]): string =>
  `[${entries.map(({ epoch, startOffset }) => `${epoch} from ${startOffset}`).join(", ")}]`;
