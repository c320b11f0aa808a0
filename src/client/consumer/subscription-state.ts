// What a consumer has subscribed to and which partitions it holds, each with its position (SubscriptionState).
import type { CommittedOffset } from "../../protocol/group-apis.ts";
import type { TopicPartition } from "../../protocol/types.ts";
import { PartitionPosition } from "./positions.ts";

export class SubscriptionState {
  readonly topics: readonly string[];
  #positions: readonly PartitionPosition[] = [];
  /** Rises with every change of the assignment. */
  version = 0;

  constructor(topics: readonly string[]) {
    this.topics = topics;
  }

  get positions(): readonly PartitionPosition[] {
    return this.#positions;
  }

  /** In the order of Kafka's PARTITION_COMPARATOR. */
  get assigned(): readonly TopicPartition[] {
    return sorted(this.#positions.map((position) => position.partition));
  }

  /** Has it to learn where its group has got to in some partition? */
  get isInitializing(): boolean {
    for (const position of this.#positions) if (position.isInitializing) return true;
    return false;
  }

  get(partition: TopicPartition): PartitionPosition | undefined {
    return this.#positions.find((position) => position.partition === partition);
  }

  /** Manual assignment: one partition more. */
  add(position: PartitionPosition): void {
    this.#positions = [...this.#positions, position];
    this.version++;
  }

  /** The new assignment of a group member: what it keeps keeps its position (assignFromSubscribed). */
  assignFromSubscribed(partitions: readonly TopicPartition[]): void {
    const kept = new Map(this.#positions.map((position) => [position.partition, position]));
    this.#positions = partitions.map((partition) => {
      const known = kept.get(partition);
      kept.delete(partition);
      return known ?? new PartitionPosition(partition, "INITIALIZING");
    });
    for (const dropped of kept.values()) dropped.fetchState = "REVOKED";
    this.version++;
  }

  markPendingRevocation(): void {
    for (const position of this.#positions) position.isPendingRevocation = true;
  }

  /** Positions as they would be committed: of partitions that have a valid one. */
  allConsumed(): CommittedOffset[] {
    const consumed: CommittedOffset[] = [];
    for (const { partition, offset, offsetEpoch, fetchState } of this.#positions) {
      if (fetchState !== "FETCHING") continue;
      consumed.push({ partition, offset, leaderEpoch: offsetEpoch, metadata: "" });
    }
    return consumed;
  }
}

export function sorted(partitions: readonly TopicPartition[]): TopicPartition[] {
  return [...partitions].sort((a, b) => {
    if (a.topic !== b.topic) return a.topic < b.topic ? -1 : 1;
    return a.partition - b.partition;
  });
}
