// Keeps positions in step with the metadata (validatePositionsOnMetadataChange): new leaders, and for a consumer without a group new partitions.
import type { KafkaHost } from "../../protocol/kafka-host.ts";
import type { Metadata } from "../metadata.ts";
import { PartitionPosition } from "./positions.ts";
import type { SubscriptionState } from "./subscription-state.ts";

interface Share {
  readonly index: number;
  readonly of: number;
}

export class PositionLeaders {
  readonly #host: KafkaHost;
  readonly #metadata: Metadata;
  readonly #subscriptions: SubscriptionState;
  readonly #share: Share | undefined;
  readonly #validates: boolean;
  #metadataSeen = -1;
  #assignmentSeen = 0;

  constructor(
    host: KafkaHost,
    metadata: Metadata,
    subscriptions: SubscriptionState,
    options: { readonly share: Share | undefined; readonly validates: boolean },
  ) {
    this.#host = host;
    this.#metadata = metadata;
    this.#subscriptions = subscriptions;
    this.#share = options.share;
    this.#validates = options.validates;
  }

  /** Positions whose leader has changed have to be validated. */
  apply(): void {
    const subscriptions = this.#subscriptions;
    const { version } = this.#metadata;
    if (this.#metadataSeen === version && this.#assignmentSeen === subscriptions.version) return;
    if (this.#share !== undefined) this.#take(this.#share);
    this.#metadataSeen = version;
    this.#assignmentSeen = subscriptions.version;
    for (const position of subscriptions.positions) {
      position.learnLeader(this.#metadata.currentLeader(position.partition), this.#validates);
    }
  }

  /** Without a group, an instance takes its share of every partition that there is. */
  #take({ index, of }: Share): void {
    const held = new Set(this.#subscriptions.positions.map(({ partition }) => partition));
    for (const topic of this.#subscriptions.topics) {
      for (const { partition } of this.#metadata.partitionsOf(topic)) {
        if (partition.partition % of !== index || held.has(partition)) continue;
        this.#subscriptions.add(new PartitionPosition(partition, "AWAIT_RESET"));
        this.#host.emit("consumer.assigned", { partition, position: -1 });
      }
    }
  }
}
