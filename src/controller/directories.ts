// In which log directory a replica lies, as far as the controller knows (KIP-858). A broker that came back with another disk may not be elected
// for a replica until it has told where that replica lies now. The truth: ReplicationControlManager (handleAssignReplicasToDirs).
// Left out: brokers with several log directories, and single ones that fail.
import type {
  AssignReplicasToDirsRequest,
  AssignReplicasToDirsResponse,
} from "../protocol/apis.ts";
import type { MetadataRecord } from "../protocol/types.ts";
import { changeRecord, changeRequest, type DecisionContext } from "./decisions.ts";

export interface AssignReplicasOutcome {
  readonly records: readonly MetadataRecord[];
  readonly response: AssignReplicasToDirsResponse;
}

export function assignReplicasToDirs(
  context: DecisionContext,
  request: AssignReplicasToDirsRequest,
): AssignReplicasOutcome {
  const { brokerId, brokerEpoch, directory } = request;
  const { image } = context;
  if (image.brokers.get(brokerId)?.brokerEpoch !== brokerEpoch) {
    return { records: [], response: { error: "STALE_BROKER_EPOCH", partitions: [] } };
  }
  const records: MetadataRecord[] = [];
  const partitions = request.partitions.map((partition) => {
    const topic = image.topics.get(partition.topic);
    const registration = image.partition(partition);
    if (topic === undefined || registration === undefined) {
      return { partition, error: "UNKNOWN_TOPIC_OR_PARTITION" } as const;
    }
    if (!registration.replicas.includes(brokerId)) {
      return { partition, error: "NOT_LEADER_OR_FOLLOWER" } as const;
    }
    // Who may lead is asked of the registration as it was: this record does not yet make its own broker a leader.
    const record = changeRecord({
      ...changeRequest(context, topic, registration),
      election: "ONLINE",
      movedTo: { brokerId, directory },
    });
    if (record !== undefined) records.push(record);
    return { partition, error: "NONE" } as const;
  });
  return { records, response: { error: "NONE", partitions } };
}
