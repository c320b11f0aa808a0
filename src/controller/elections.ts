// Elections asked for by operators (ElectLeaders, KIP-183, KIP-460) or by the clock (preferred leaders, unclean sweep).
// The truth: ReplicationControlManager.electLeaders, maybeBalancePartitionLeaders, maybeElectUncleanLeaders.
import type { ElectLeadersRequest, ElectLeadersResponse } from "../protocol/apis.ts";
import type { ErrorName } from "../protocol/errors.ts";
import type { MetadataRecord, PartitionRegistration, TopicPartition } from "../protocol/types.ts";
import { NO_LEADER } from "../protocol/types.ts";
import {
  changeRecord,
  changeRequest,
  type DecisionContext,
  uncleanElectionEnabled,
} from "./decisions.ts";

/** More wait for the next round. */
const MAX_ELECTIONS = 1000;

type ElectionType = ElectLeadersRequest["electionType"];

export interface ElectLeadersOutcome {
  readonly records: readonly MetadataRecord[];
  readonly response: ElectLeadersResponse;
}

export function electLeaders(
  context: DecisionContext,
  request: ElectLeadersRequest,
): ElectLeadersOutcome {
  const records: MetadataRecord[] = [];
  const all = request.partitions === undefined;
  const partitions = (request.partitions ?? allPartitions(context)).map((partition) => {
    const error = electLeader(context, partition, request.electionType, records);
    return { partition, error, message: "" };
  });
  // Asked for every partition, Kafka lists only those that needed an election.
  const listed = partitions.filter(({ error }) => !all || error !== "ELECTION_NOT_NEEDED");
  return { records, response: { error: "NONE", partitions: listed } };
}

/** Partitions not led by their first replica. */
export function isImbalanced(registration: PartitionRegistration): boolean {
  return registration.leader !== registration.replicas[0];
}

export function balancePartitionLeaders(
  context: DecisionContext,
  imbalanced: Iterable<TopicPartition>,
): MetadataRecord[] {
  const records: MetadataRecord[] = [];
  for (const partition of imbalanced) {
    if (records.length >= MAX_ELECTIONS) break;
    const topic = context.image.topics.get(partition.topic);
    const registration = context.image.partition(partition);
    if (topic === undefined || registration === undefined) continue;
    const request = changeRequest(context, topic, registration);
    const record = changeRecord({ ...request, election: "PREFERRED" });
    if (record !== undefined) records.push(record);
  }
  return records;
}

export function sweepUncleanElections(context: DecisionContext): MetadataRecord[] {
  const records: MetadataRecord[] = [];
  for (const topic of context.image.topics.values()) {
    if (!uncleanElectionEnabled(context, topic)) continue;
    for (const { leader, partition } of topic.partitions) {
      if (leader !== NO_LEADER || records.length >= MAX_ELECTIONS) continue;
      electLeader(context, partition, "UNCLEAN", records);
    }
  }
  return records;
}

function electLeader(
  context: DecisionContext,
  partition: TopicPartition,
  type: ElectionType,
  records: MetadataRecord[],
): ErrorName {
  const topic = context.image.topics.get(partition.topic);
  const registration = context.image.partition(partition);
  if (topic === undefined || registration === undefined) return "UNKNOWN_TOPIC_OR_PARTITION";
  const isNeeded =
    type === "PREFERRED" ? isImbalanced(registration) : registration.leader === NO_LEADER;
  if (!isNeeded) return "ELECTION_NOT_NEEDED";
  const request = changeRequest(context, topic, registration);
  const record = changeRecord({ ...request, election: type });
  if (record === undefined) {
    return type === "PREFERRED"
      ? "PREFERRED_LEADER_NOT_AVAILABLE"
      : "ELIGIBLE_LEADERS_NOT_AVAILABLE";
  }
  records.push(record);
  return "NONE";
}

function allPartitions(context: DecisionContext): TopicPartition[] {
  const partitions: TopicPartition[] = [];
  for (const topic of context.image.topics.values()) {
    for (const { partition } of topic.partitions) partitions.push(partition);
  }
  return partitions;
}
