// What every role of one run shares: vocabulary, not state. Interned names, the protocol rules in force, who the voters are.
import { DecisionNotes } from "./decision-notes.ts";
import type { Release, Rules } from "./releases.ts";
import type { TopicPartition } from "./types.ts";
import { PartitionNames } from "./types.ts";

/** One producer instance writing to one partition. The numbering outlives the process, so a record's identity is unique in the run. */
export interface RecordStream {
  readonly id: number;
  readonly producer: string;
  readonly partition: TopicPartition;
  nextNumber: number;
  /** Names of scripted records, by number; absent where none has one. */
  names?: Map<number, string>;
}

/** Interns record streams: (producer instance, partition) -> dense id. */
export class StreamNames {
  readonly #streams: RecordStream[] = [];
  readonly #byProducer = new Map<string, Map<TopicPartition, RecordStream>>();

  at(id: number): RecordStream | undefined {
    return this.#streams[id];
  }

  /** The stream, and whether this call made it. */
  of(producer: string, partition: TopicPartition): { stream: RecordStream; opened: boolean } {
    let ofProducer = this.#byProducer.get(producer);
    if (ofProducer === undefined) {
      ofProducer = new Map();
      this.#byProducer.set(producer, ofProducer);
    }
    const known = ofProducer.get(partition);
    if (known !== undefined) return { stream: known, opened: false };
    const stream: RecordStream = { id: this.#streams.length, producer, partition, nextNumber: 0 };
    this.#streams.push(stream);
    ofProducer.set(partition, stream);
    return { stream, opened: true };
  }
}

export interface Environment {
  readonly release: Release;
  readonly rules: Rules;
  readonly partitions: PartitionNames;
  readonly streams: StreamNames;
  readonly decisions: DecisionNotes;
  /** Node ids of the quorum's voters (controller.quorum.voters). */
  readonly voters: readonly number[];
  /** Node ids of all brokers ever configured (bootstrap.servers lists them all). */
  readonly brokers: readonly number[];
}

export function environment(
  rest: Omit<Environment, "partitions" | "streams" | "decisions">,
): Environment {
  const partitions = new PartitionNames();
  return { ...rest, partitions, streams: new StreamNames(), decisions: new DecisionNotes() };
}
