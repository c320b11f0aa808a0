// The committed offsets of one coordinator's groups (OffsetMetadataManager): what is in the log up to its high watermark.
// An offset whose record is still being replicated is not seen by readers. Left out: offsets of transactions.
import type {
  CommittedOffset,
  OffsetFetchRequest,
  OffsetFetchResponse,
} from "../../protocol/group-apis.ts";
import type { TopicPartition } from "../../protocol/types.ts";
import type { CoordinatorRecord, OffsetAndMetadata } from "./records.ts";

export type OffsetRecord = Extract<CoordinatorRecord, { type: "OffsetCommit" }>;

export class CommittedOffsets {
  readonly #byGroup = new Map<string, Map<TopicPartition, OffsetAndMetadata>>();

  get size(): number {
    let count = 0;
    for (const offsets of this.#byGroup.values()) count += offsets.size;
    return count;
  }

  of(group: string): ReadonlyMap<TopicPartition, OffsetAndMetadata> {
    return this.#byGroup.get(group) ?? NONE;
  }

  replay({ group, partition, value }: OffsetRecord): void {
    let offsets = this.#byGroup.get(group);
    if (value === undefined) {
      offsets?.delete(partition);
      if (offsets?.size === 0) this.#byGroup.delete(group);
      return;
    }
    if (offsets === undefined) {
      offsets = new Map();
      this.#byGroup.set(group, offsets);
    }
    offsets.set(partition, value);
  }

  /** A group that does not exist has no offsets; that is no error. */
  fetch({ groupId, partitions }: OffsetFetchRequest): OffsetFetchResponse {
    const offsets = this.of(groupId);
    const names = partitions ?? [...offsets.keys()];
    return { error: "NONE", partitions: names.map((name) => fetched(name, offsets.get(name))) };
  }

  tombstones(topicPartitions: ReadonlySet<TopicPartition>): OffsetRecord[] {
    const records: OffsetRecord[] = [];
    for (const [group, offsets] of this.#byGroup) {
      for (const partition of offsets.keys())
        if (topicPartitions.has(partition)) records.push(offsetTombstone(group, partition));
    }
    return records;
  }
}

const NONE: ReadonlyMap<TopicPartition, OffsetAndMetadata> = new Map();

export const offsetTombstone = (group: string, partition: TopicPartition): OffsetRecord => ({
  type: "OffsetCommit",
  group,
  partition,
  value: undefined,
});

function fetched(
  partition: TopicPartition,
  found: OffsetAndMetadata | undefined,
): CommittedOffset & { readonly error: "NONE" } {
  const { offset, leaderEpoch, metadata } = found ?? { offset: -1, leaderEpoch: -1, metadata: "" };
  return { partition, offset, leaderEpoch, metadata, error: "NONE" };
}
