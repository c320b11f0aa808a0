// Over which partitions the keys of generated records are hashed: all of the topic, leaderless ones included, as a key must not move when
// a leader dies. The trace is told when that changes, for whoever asks which key a record has (record-keys.ts).
import type { KafkaHost } from "../../protocol/kafka-host.ts";
import { NO_LEADER } from "../../protocol/types.ts";
import type { KeySource } from "../keys.ts";
import type { Metadata } from "../metadata.ts";

export class KeySpread {
  readonly #host: KafkaHost;
  readonly #topic: string;
  readonly #metadata: Metadata;
  readonly #options: { readonly silent: boolean; readonly overAvailable: boolean };
  #partitions: readonly number[] = [];
  #version = -1;

  /** silent: the application chooses partitions, and nothing is promised for a key. overAvailable: the planted bug. */
  constructor(
    host: KafkaHost,
    topic: string,
    metadata: Metadata,
    options: { readonly silent: boolean; readonly overAvailable: boolean },
  ) {
    this.#host = host;
    this.#topic = topic;
    this.#metadata = metadata;
    this.#options = options;
  }

  /** In the order of the hash. */
  over({ range, drawn }: KeySource): readonly number[] {
    if (this.#version === this.#metadata.version) return this.#partitions;
    this.#version = this.#metadata.version;
    const all = this.#metadata.partitionsOf(this.#topic);
    const led = this.#options.overAvailable
      ? all.filter(({ leader }) => leader !== NO_LEADER)
      : all;
    const partitions = (led.length > 0 ? led : all).map(({ partition }) => partition.partition);
    const known = this.#partitions;
    if (known.length === partitions.length && known.every((p, i) => p === partitions[i]))
      return known;
    this.#partitions = partitions;
    if (!this.#options.silent)
      this.#host.emit("producer.keys", { topic: this.#topic, partitions, drawn, ...range });
    return partitions;
  }
}
