// What a group coordinator keeps in `__consumer_offsets` (GroupCoordinatorRecordHelpers, GroupMetadataValue, OffsetCommitValue):
// one record per group and one per group and partition. No value: a tombstone.
import { recordBytes } from "../../protocol/batch-size.ts";
import type { Assignment, Subscription } from "../../protocol/group-apis.ts";
import type { LeaderEpoch, Offset, PayloadFormat, TopicPartition } from "../../protocol/types.ts";
import type { Micros } from "../../sim/kernel.ts";

export const GROUP_METADATA_TOPIC = "__consumer_offsets";

export interface OffsetAndMetadata {
  readonly offset: Offset;
  readonly leaderEpoch: LeaderEpoch;
  readonly metadata: string;
  /** The coordinator's wall clock. */
  readonly commitTimestamp: Micros;
}

export interface MemberMetadata {
  readonly memberId: string;
  readonly groupInstanceId: string | undefined;
  readonly clientId: string;
  readonly clientHost: string;
  /** Host the member runs on, for the trace. */
  readonly client: number;
  readonly rebalanceTimeoutMs: number;
  readonly sessionTimeoutMs: number;
  readonly subscription: Subscription;
  readonly assignment: Assignment;
}

export interface GroupMetadata {
  readonly generationId: number;
  /** "" for a group nobody has joined yet. */
  readonly protocolType: string;
  readonly protocolName: string | undefined;
  readonly leader: string | undefined;
  readonly currentStateTimestamp: Micros;
  readonly members: readonly MemberMetadata[];
}

export type CoordinatorRecord =
  | {
      readonly type: "OffsetCommit";
      readonly group: string;
      readonly partition: TopicPartition;
      readonly value: OffsetAndMetadata | undefined;
    }
  | {
      readonly type: "GroupMetadata";
      readonly group: string;
      readonly value: GroupMetadata | undefined;
    };

/** For the log cleaner. */
export const RECORD_FORMAT: PayloadFormat = {
  keyOf: (record) => keyOf(record as CoordinatorRecord),
  isTombstone: (record) => (record as CoordinatorRecord).value === undefined,
  bytesOf: (record, delta) => recordBytes(recordShape(record as CoordinatorRecord), delta, 0),
};

/** A group's name may hold anything, a topic's no slash: it comes last. */
function keyOf(record: CoordinatorRecord): string {
  const { type, group } = record;
  return type === "OffsetCommit" ? `o/${group}/${record.partition.name}` : `g/${group}`;
}

const TOMBSTONE = -1;

/** Length of key and value as Kafka serializes them; text is taken to be ASCII. */
export function recordShape(record: CoordinatorRecord): { keyBytes: number; valueBytes: number } {
  const { group, value } = record;
  if (record.type === "OffsetCommit") {
    const keyBytes = 10 + group.length + record.partition.topic.length;
    return { keyBytes, valueBytes: record.value ? 24 + record.value.metadata.length : TOMBSTONE };
  }
  const keyBytes = 4 + group.length;
  if (value === undefined) return { keyBytes, valueBytes: TOMBSTONE };
  let valueBytes = 40;
  for (const member of (value as GroupMetadata).members) valueBytes += memberBytes(member);
  return { keyBytes, valueBytes };
}

function memberBytes({ memberId, clientId, subscription, assignment }: MemberMetadata): number {
  let bytes = 60 + memberId.length + clientId.length;
  for (const topic of subscription.topics) bytes += 2 + topic.length;
  return bytes + 12 * (subscription.ownedPartitions.length + assignment.partitions.length);
}
