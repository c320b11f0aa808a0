// AlterPartition (KIP-497, KIP-841, KIP-903): a leader proposes an ISR, the controller decides. The truth: ReplicationControlManager.alterPartition.
import type { AlterPartitionRequest, AlterPartitionResponse } from "../protocol/apis.ts";
import type { ErrorName } from "../protocol/errors.ts";
import type { MetadataRecord, PartitionRegistration } from "../protocol/types.ts";
import { changeRequest, type DecisionContext } from "./decisions.ts";
import { buildChange, merge } from "./partition-change.ts";

type Proposal = AlterPartitionRequest["partitions"][number];
type Answer = AlterPartitionResponse["partitions"][number];

export interface AlterPartitionOutcome {
  readonly records: readonly MetadataRecord[];
  readonly response: AlterPartitionResponse;
}

export function alterPartition(
  context: DecisionContext,
  request: AlterPartitionRequest,
): AlterPartitionOutcome {
  const sender = context.image.brokers.get(request.brokerId);
  if (sender?.brokerEpoch !== request.brokerEpoch) {
    return { records: [], response: { error: "STALE_BROKER_EPOCH", partitions: [] } };
  }
  const records: MetadataRecord[] = [];
  const partitions = request.partitions.map((proposal) =>
    alterOne(context, request.brokerId, proposal, records),
  );
  return { records, response: { error: "NONE", partitions } };
}

function alterOne(
  context: DecisionContext,
  sender: number,
  proposal: Proposal,
  records: MetadataRecord[],
): Answer {
  const { partition } = proposal;
  const topic = context.image.topics.get(partition.topic);
  const registration = context.image.partition(partition);
  const error = validateAlterPartition(context, sender, registration, proposal);
  if (error !== "NONE" || topic === undefined || registration === undefined) {
    return refusal(proposal, error);
  }
  const change = buildChange({
    ...changeRequest(context, topic, registration),
    targetIsr: proposal.newIsr.map(({ brokerId }) => brokerId),
    targetRecoveryState: proposal.leaderRecoveryState,
  });
  if (change === undefined) return acceptance(registration);
  records.push({ type: "PartitionChange", partition, change });
  // The ISR completed a reassignment that takes the sender out: an error although the record is written.
  if (change.leader !== undefined && change.leader !== sender) {
    return refusal(proposal, "NEW_LEADER_ELECTED");
  }
  return acceptance(merge(registration, change));
}

/** The checks in Kafka's order. */
export function validateAlterPartition(
  context: DecisionContext,
  sender: number,
  registration: PartitionRegistration | undefined,
  proposal: Proposal,
): ErrorName {
  if (registration === undefined) return "UNKNOWN_TOPIC_OR_PARTITION";
  // The sender knows more than this controller, which therefore is not the active one any more.
  if (proposal.leaderEpoch > registration.leaderEpoch) return "NOT_CONTROLLER";
  if (proposal.partitionEpoch > registration.partitionEpoch) return "NOT_CONTROLLER";
  if (proposal.leaderEpoch < registration.leaderEpoch) return "FENCED_LEADER_EPOCH";
  if (sender !== registration.leader) return "INVALID_REQUEST";
  if (proposal.partitionEpoch < registration.partitionEpoch) return "INVALID_UPDATE_VERSION";
  const isr = proposal.newIsr.map(({ brokerId }) => brokerId);
  if (!isValidIsr(registration, isr)) return "INVALID_REQUEST";
  if (!isr.includes(registration.leader)) return "INVALID_REQUEST";
  if (proposal.leaderRecoveryState === "RECOVERING") {
    if (isr.length > 1 || registration.leaderRecoveryState === "RECOVERED") {
      return "INVALID_REQUEST";
    }
  }
  const eligible = proposal.newIsr.every((member) => isEligible(context, member));
  return eligible ? "NONE" : "INELIGIBLE_REPLICA";
}

function isValidIsr(registration: PartitionRegistration, isr: readonly number[]): boolean {
  const distinct = new Set(isr).size === isr.length;
  return isr.length > 0 && distinct && isr.every((id) => registration.replicas.includes(id));
}

function isEligible(context: DecisionContext, member: Proposal["newIsr"][number]): boolean {
  const broker = context.image.brokers.get(member.brokerId);
  if (broker === undefined || broker.inControlledShutdown) return false;
  if (broker.fenced && !context.policy.ignoreFencing) return false;
  // KIP-903: a broker that restarted since may have lost what the leader counts on. -1 is not checked.
  if (member.brokerEpoch === -1 || context.policy.ignoreBrokerEpoch) return true;
  return member.brokerEpoch === broker.brokerEpoch;
}

function acceptance(registration: PartitionRegistration): Answer {
  const { partition, leader, leaderEpoch, isr, leaderRecoveryState, partitionEpoch } = registration;
  return {
    partition,
    error: "NONE",
    leader,
    leaderEpoch,
    isr,
    leaderRecoveryState,
    partitionEpoch,
  };
}

const refusal = (proposal: Proposal, error: ErrorName): Answer => ({
  partition: proposal.partition,
  error,
  leader: -1,
  leaderEpoch: -1,
  isr: [],
  leaderRecoveryState: "RECOVERED",
  partitionEpoch: -1,
});
