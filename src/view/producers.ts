// Streams (one producer instance writing to one partition) and what became of their records: acked, failed, unknown.
import type { TopicPartition } from "../protocol/types.ts";
import type { Listeners } from "./listeners.ts";

export interface StreamView {
  readonly stream: number;
  readonly partition: TopicPartition;
  /** Name of the producer instance. */
  readonly producer: string;
  readonly node: number;
  readonly sent: number;
  readonly acked: number;
  readonly failed: number;
  readonly unknown: number;
  /** The instance that wrote it has ended: nobody will tell what became of the rest. */
  readonly over: boolean;
}

export interface ProducedCounts {
  sent: number;
  acked: number;
  failed: number;
  unknown: number;
}

type Mutable = { -readonly [K in keyof StreamView]: StreamView[K] };

export class ProducersFold {
  readonly listeners: Listeners;
  readonly #streams: (Mutable | undefined)[] = [];

  constructor() {
    const over = (e: { readonly node: number }): void => {
      for (const stream of this.#streams) {
        if (stream?.node === e.node) stream.over = true;
      }
    };
    this.listeners = {
      "host.crashed": over,
      "host.stopped": over,
      "stream.opened": (e) => {
        const stream = this.#at(e.stream, e.partition, e.node);
        stream.producer = e.producer;
      },
      "op.invoked": (e) => {
        this.#at(e.stream, e.partition, e.node).sent += e.count;
      },
      "op.acked": (e) => {
        this.#at(e.stream, e.partition, e.node).acked += e.count;
      },
      "op.failed": (e) => {
        this.#at(e.stream, e.partition, e.node).failed += e.count;
      },
      "op.unknown": (e) => {
        this.#at(e.stream, e.partition, e.node).unknown += e.count;
      },
    };
  }

  get(stream: number): StreamView | undefined {
    return this.#streams[stream];
  }

  *all(): IterableIterator<StreamView> {
    for (const stream of this.#streams) if (stream !== undefined) yield stream;
  }

  /** Sums over the streams of a producer and a topic (undefined: all). */
  counts(producer?: string, topic?: string): ProducedCounts {
    const sum: ProducedCounts = { sent: 0, acked: 0, failed: 0, unknown: 0 };
    for (const s of this.all()) {
      if (producer !== undefined && s.producer !== producer) continue;
      if (topic !== undefined && s.partition.topic !== topic) continue;
      sum.sent += s.sent;
      sum.acked += s.acked;
      sum.failed += s.failed;
      sum.unknown += s.unknown;
    }
    return sum;
  }

  #at(id: number, partition: TopicPartition, node: number): Mutable {
    let stream = this.#streams[id];
    if (stream === undefined) {
      stream = {
        stream: id,
        partition,
        producer: `node-${node}`,
        node,
        sent: 0,
        acked: 0,
        failed: 0,
        unknown: 0,
        over: false,
      };
      this.#streams[id] = stream;
    }
    return stream;
  }
}

/** Records sent whose fate the producer has not told. */
export const unresolved = (s: ProducedCounts | StreamView): number =>
  s.sent - s.acked - s.failed - s.unknown;
