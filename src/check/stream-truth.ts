// What is true of the records of one stream: what the producer was told about each, where it lies, who saw it.
import type { TopicPartition } from "../protocol/types.ts";
import type { Micros } from "../sim/kernel.ts";
import { IntervalSet } from "./interval-set.ts";

export class StreamTruth {
  readonly stream: number;
  readonly partition: TopicPartition;
  sent = 0;
  readonly acked = new IntervalSet();
  readonly failed = new IntervalSet();
  readonly unknown = new IntervalSet();
  /** Numbers that lie in the log of the partition's leader (retention does not remove them). */
  readonly placed = new IntervalSet();
  /** Numbers that some consumer has been given. */
  readonly delivered = new IntervalSet();
  /** Numbers of batches that were put back to be sent again. */
  readonly retried = new IntervalSet();
  /** When records last entered the leader's log. */
  placedUs: Micros = -1;
  readonly #names = new Map<number, string>();

  constructor(stream: number, partition: TopicPartition) {
    this.stream = stream;
    this.partition = partition;
  }

  name(first: number, names: readonly string[]): void {
    for (let i = 0; i < names.length; i++) this.#names.set(first + i, names[i] as string);
  }

  /** Records with a name, in send order. */
  named(): IterableIterator<[number, string]> {
    return this.#names.entries();
  }

  /** The name a scenario gave the record, else stream/number. */
  nameOf(number: number): string {
    return this.#names.get(number) ?? `${this.stream}/${number}`;
  }
}
