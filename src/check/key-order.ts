// key-order: records of one key are processed in the order in which their producer sent them. Kafka keeps them in one partition as long as the
// number of partitions stays the same, and in order there. What is processed again does not count: its first time does.
// Keys are looked at only where ranges come out of order, or while records of an earlier spreading are still to come.
import type { TopicPartition } from "../protocol/types.ts";
import type { CheckerContext, Property } from "./checker.ts";
import { IntervalSet } from "./interval-set.ts";
import { type KeyedRange, type KeyedRecords, KeyedStreams } from "./keyed-streams.ts";
import { plural } from "./text.ts";

/** What a consumer was given, or a member has processed. */
interface Range {
  readonly seq: number;
  readonly at: number;
  readonly node: number;
  readonly partition: TopicPartition;
  readonly stream: number;
  readonly firstNumber: number;
  readonly count: number;
}

/** The first record that came too late, and how many did. */
interface Late {
  /** moved: the later ones are in another partition. */
  readonly form: "overtaken" | "moved";
  readonly number: number;
  readonly key: string;
  count: number;
}

export const keyOrder: Property = {
  name: "key-order",
  kind: "always",
  doc: "A consumer group (or a consumer without one) processes what one producer sends under one key in the order it was sent.",
  create: (context) => {
    const streams = new KeyedStreams(context.truth);
    const readers = new Map<string, Reader>();
    let exercised = false;
    const look = (e: Range, group: string | undefined): void => {
      const records = streams.of(e.stream);
      if (records === undefined) return;
      exercised = true;
      const reader = group === undefined ? `node ${e.node}` : `group ${group}`;
      let known = readers.get(reader);
      if (known === undefined) {
        known = new Reader();
        readers.set(reader, known);
      }
      for (const late of known.progress(records).process(e)) report(context, group, e, late);
    };
    return {
      on: {
        ...streams.listeners,
        "consumer.processed": (e) => {
          const group = context.view.groups.groupOf(e.node);
          if (group !== undefined) look(e, group);
        },
        "consumer.polled": (e) => {
          const isMember = context.view.groups.groupOf(e.node) !== undefined;
          if (!isMember) look(e, undefined);
        },
      },
      get exercised() {
        return exercised;
      },
    };
  },
};

class Reader {
  readonly #progress = new Map<KeyedRecords, KeyProgress>();

  progress(records: KeyedRecords): KeyProgress {
    let progress = this.#progress.get(records);
    if (progress === undefined) {
      progress = new KeyProgress(records);
      this.#progress.set(records, progress);
    }
    return progress;
  }
}

/** How far one reader has come with the keyed records of one producer. */
class KeyProgress {
  readonly #records: KeyedRecords;
  readonly #done = new Map<number, IntervalSet>();
  /** By key of scripted records: one past the place of the latest processed. */
  readonly #latest = new Map<string, { readonly place: number; readonly stream: number }>();
  /** By generated key: the latest spreading of which a record was processed. */
  #newest: Int16Array | undefined;
  /** Everything sent before this spreading has been processed. */
  #settled = 0;

  constructor(records: KeyedRecords) {
    this.#records = records;
  }

  process(e: Range): readonly Late[] {
    const { stream, partition } = e;
    let done = this.#done.get(stream);
    if (done === undefined) {
      done = new IntervalSet();
      this.#done.set(stream, done);
    }
    const end = e.firstNumber + e.count;
    const late: (Late | undefined)[] = [];
    for (const { from, to } of done.missing(e.firstNumber, end)) {
      this.#scripted(stream, from, to, late);
      const { length } = this.#records.epochs;
      if (length > 0 && from < done.end)
        late.push(this.#overtaken(partition, stream, from, to, done));
      if (length > 1) late.push(this.#moved(partition, stream, from, to));
    }
    done.add(e.firstNumber, end);
    return late.filter((found) => found !== undefined);
  }

  #scripted(stream: number, from: number, to: number, late: (Late | undefined)[]): void {
    for (const range of this.#records.streams.get(stream) ?? []) {
      const number = Math.max(from, range.first);
      const last = Math.min(to, range.first + range.count);
      if (number >= last) continue;
      const { key } = range;
      const place = range.order + last - range.first;
      const latest = this.#latest.get(key) ?? { place: 0, stream };
      const count = Math.min(last, numberAt(range, latest.place)) - number;
      const form = latest.stream === stream ? "overtaken" : "moved";
      if (count > 0) late.push({ form, number, key, count });
      if (place > latest.place) this.#latest.set(key, { place, stream });
    }
  }

  /** Of records that come after later ones of their stream: those whose key one of the later ones has. */
  #overtaken(
    partition: TopicPartition,
    stream: number,
    from: number,
    to: number,
    done: IntervalSet,
  ): Late | undefined {
    const keyOf = (number: number): number => this.#keyOf(partition, stream, number);
    const seen = new Set<number>();
    for (const later of done.held(to, done.end))
      for (let n = later.from; n < later.to; n++) seen.add(keyOf(n));
    seen.delete(-1);
    return this.#lateOnes("overtaken", from, to, (number) => seen.has(keyOf(number)), keyOf);
  }

  /** Across partitions: a record of an earlier spreading, after one of a later that has its key. */
  #moved(partition: TopicPartition, stream: number, from: number, to: number): Late | undefined {
    const records = this.#records;
    const epoch = records.epochOf(stream, from);
    this.#settle();
    const last = records.epochs.length - 1;
    if (this.#settled === last && epoch === last) return undefined;
    this.#newest ??= new Int16Array(records.cardinality).fill(-1);
    const newest = this.#newest;
    const keyOf = (number: number): number => this.#keyOf(partition, stream, number);
    const isLate = (number: number): boolean => {
      const key = keyOf(number);
      const own = records.epochOf(stream, number);
      if (key < 0) return false;
      if ((newest[key] as number) > own) return true;
      newest[key] = own;
      return false;
    };
    return this.#lateOnes("moved", from, to, isLate, keyOf);
  }

  #keyOf({ partition }: TopicPartition, stream: number, number: number): number {
    return this.#records.keyAt(partition, stream, number);
  }

  #lateOnes(
    form: Late["form"],
    from: number,
    to: number,
    isLate: (number: number) => boolean,
    keyOf: (number: number) => number,
  ): Late | undefined {
    let late: Late | undefined;
    for (let number = from; number < to; number++) {
      if (!isLate(number)) continue;
      if (late !== undefined) late.count++;
      else late = { form, number, key: this.#records.nameOf(keyOf(number)), count: 1 };
    }
    return late;
  }

  #settle(): void {
    const { epochs, streams } = this.#records;
    for (; this.#settled < epochs.length - 1; this.#settled++) {
      for (const stream of streams.keys()) {
        const before = this.#records.firstIn(this.#settled + 1, stream);
        if (before > 0 && (this.#done.get(stream)?.overlap(0, before) ?? 0) < before) return;
      }
    }
  }
}

/** The number of the record at a place among all scripted ones. */
const numberAt = ({ first, order }: KeyedRange, place: number): number => first + place - order;

function report(
  context: CheckerContext,
  group: string | undefined,
  e: Range,
  { form, number, key, count }: Late,
): void {
  const reader = group === undefined ? context.hosts.name(e.node) : `group ${group}`;
  const elsewhere = form === "moved" ? ", to another partition" : "";
  const name = context.truth.stream(e.stream)?.nameOf(number) ?? `${e.stream}/${number}`;
  context.report({
    message: `${reader} came to ${name} of key ${key} in ${e.partition.name} after records of the same key that were sent later${elsewhere} (${plural(count, "record")})`,
    evidence: [e.seq],
    atUs: e.at,
    node: e.node,
    count,
    form,
    about: {
      partition: e.partition,
      record: { stream: e.stream, number },
      ...(group === undefined ? {} : { group }),
    },
  });
}
