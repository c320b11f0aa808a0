// The keys of records, as producers tell of them: how generated keys are spread over partitions and since when, and the keys of scripted records.
// A producer's records of one topic are ordered by (how many times the spreading has changed before, number); scripted ones by when they were sent.
import type { KafkaEvent } from "../protocol/events.ts";
import { keyName, RecordKeys } from "../protocol/record-keys.ts";
import type { Listeners } from "../view/listeners.ts";
import { IntervalSet } from "./interval-set.ts";
import type { GroundTruth } from "./truth.ts";

/** One way of spreading keys over partitions. */
interface KeyEpoch {
  readonly keys: RecordKeys;
  /** The first number that each stream of before has in it; later ones begin at 0. */
  readonly first: ReadonlyMap<number, number>;
}

/** Scripted records of one key. */
export interface KeyedRange {
  readonly first: number;
  readonly count: number;
  readonly key: string;
  /** Place of the first one among all scripted records of its producer. */
  readonly order: number;
}

/** A producer's keyed records of one topic. */
export class KeyedRecords {
  readonly epochs: KeyEpoch[] = [];
  /** By stream: numbers of scripted records, which have a key of their own or none. */
  readonly named = new Map<number, IntervalSet>();
  readonly streams = new Map<number, KeyedRange[]>();
  scripted = 0;

  get cardinality(): number {
    return this.epochs[0]?.keys.range.cardinality ?? 0;
  }

  /** The last spreading that began at or before this record; -1: none had. */
  epochOf(stream: number, number: number): number {
    let epoch = this.epochs.length - 1;
    while (epoch >= 0 && this.firstIn(epoch, stream) > number) epoch--;
    return epoch;
  }

  firstIn(epoch: number, stream: number): number {
    return this.epochs[epoch]?.first.get(stream) ?? 0;
  }

  /** Index of a generated record's key; -1: it has none. */
  keyAt(partition: number, stream: number, number: number): number {
    const epoch = this.epochOf(stream, number);
    if (epoch < 0) return -1;
    const first = this.firstIn(epoch, stream);
    const named = this.named.get(stream);
    if (named?.has(number) === true) return -1;
    const nth = number - first - (named?.overlap(first, number) ?? 0);
    return (this.epochs[epoch] as KeyEpoch).keys.keyAt(partition, stream, number, nth);
  }

  nameOf(index: number): string {
    return keyName((this.epochs[0] as KeyEpoch).keys.range, index);
  }
}

export class KeyedStreams {
  readonly listeners: Listeners;
  readonly #truth: GroundTruth;
  readonly #byProducer = new Map<string, KeyedRecords>();
  readonly #byStream: (KeyedRecords | undefined)[] = [];

  constructor(truth: GroundTruth) {
    this.#truth = truth;
    this.listeners = {
      "stream.opened": (e) => {
        const records = this.#of(e.node, e.partition.topic);
        this.#byStream[e.stream] = records;
        records.streams.set(e.stream, []);
      },
      "op.invoked": (e) => {
        if (e.names !== undefined) this.#name(e);
      },
      "producer.keys": (e) => this.#respread(e),
      "op.keyed": (e) => {
        const records = this.#byStream[e.stream];
        if (records === undefined) return;
        const { firstNumber: first, count, key } = e;
        records.streams.get(e.stream)?.push({ first, count, key, order: records.scripted });
        records.scripted += count;
      },
    };
  }

  /** undefined: nobody's keyed records. */
  of(stream: number): KeyedRecords | undefined {
    const records = this.#byStream[stream];
    if (records === undefined) return undefined;
    return records.epochs.length > 0 || records.scripted > 0 ? records : undefined;
  }

  #name({ stream, firstNumber, count }: KafkaEvent<"op.invoked">): void {
    const records = this.#byStream[stream];
    const numbers = records?.named.get(stream) ?? new IntervalSet();
    numbers.add(firstNumber, firstNumber + count);
    records?.named.set(stream, numbers);
  }

  #respread(e: KafkaEvent<"producer.keys">): void {
    const { distribution, cardinality, exponent, keys, partitions, drawn } = e;
    const records = this.#of(e.node, e.topic);
    const first = new Map<number, number>();
    for (const stream of records.streams.keys())
      first.set(stream, this.#truth.stream(stream)?.sent ?? 0);
    const range = { distribution, cardinality, exponent, keys };
    records.epochs.push({ keys: new RecordKeys(range, partitions, drawn), first });
  }

  #of(node: number, topic: string): KeyedRecords {
    const name = `${node}/${topic}`;
    let records = this.#byProducer.get(name);
    if (records === undefined) {
      records = new KeyedRecords();
      this.#byProducer.set(name, records);
    }
    return records;
  }
}
