// Creating, growing and deleting topics. The truth: ReplicationControlManager.createTopics, createPartitions, deleteTopics.
// Left out: quotas, policies, validation of topic settings (a scenario's are checked when it is loaded).
import type {
  CreatePartitionsRequest,
  CreateTopicsRequest,
  DeleteTopicsRequest,
  TopicResults,
} from "../protocol/apis.ts";
import type { ErrorName } from "../protocol/errors.ts";
import type {
  BrokerId,
  DirectoryId,
  MetadataRecord,
  PartitionNames,
  PartitionRegistration,
} from "../protocol/types.ts";
import { UNASSIGNED } from "../protocol/types.ts";
import type { DecisionContext } from "./decisions.ts";
import { type PlacementRandom, placeReplicas, type UsableBroker } from "./placement.ts";

export interface TopicContext extends DecisionContext {
  readonly names: PartitionNames;
  readonly random: PlacementRandom;
  readonly topicDefaults: {
    readonly partitions: number;
    readonly replicationFactor: number;
  };
}

export interface TopicsOutcome {
  readonly records: readonly MetadataRecord[];
  readonly response: TopicResults;
}

type Result = TopicResults["topics"][number];
/** Why not, or the replica lists. */
type Assignment = { readonly error: ErrorName; readonly message: string } | readonly BrokerId[][];

const LEGAL_NAME = /^[a-zA-Z0-9._-]{1,249}$/;

export function createTopics(context: TopicContext, request: CreateTopicsRequest): TopicsOutcome {
  const created = new Set<string>();
  return eachTopic(request.topics, (topic, records) => {
    const { name } = topic;
    if (!LEGAL_NAME.test(name) || name === "." || name === "..") {
      return failure(name, "INVALID_TOPIC_EXCEPTION", `Topic name ${name} is not legal.`);
    }
    if (context.image.topics.has(name) || created.has(name)) {
      return failure(name, "TOPIC_ALREADY_EXISTS", `Topic '${name}' already exists.`);
    }
    const assignment = assignmentFor(context, topic);
    if ("error" in assignment) return failure(name, assignment.error, assignment.message);
    created.add(name);
    records.push({ type: "Topic", name, config: topic.config });
    records.push(...partitionRecords(context, name, 0, assignment));
    return success(name);
  });
}

export function createPartitions(
  context: TopicContext,
  request: CreatePartitionsRequest,
): TopicsOutcome {
  return eachTopic(request.topics, ({ name, count, assignment }, records) => {
    const topic = context.image.topics.get(name);
    if (topic === undefined) return failure(name, "UNKNOWN_TOPIC_OR_PARTITION", "");
    const have = topic.partitions.length;
    if (count <= have) {
      const message = `The topic ${name} currently has ${have} partition(s); ${count} would not be an increase.`;
      return failure(name, "INVALID_PARTITIONS", message);
    }
    const added =
      assignment === undefined
        ? placed(context, count - have, topic.partitions[0]?.replicas.length ?? 1)
        : checked(context, assignment);
    if ("error" in added) return failure(name, added.error, added.message);
    if (added.length !== count - have) {
      return failure(name, "INVALID_REPLICA_ASSIGNMENT", "One assignment per new partition.");
    }
    records.push(...partitionRecords(context, name, have, added));
    return success(name);
  });
}

export function deleteTopics(
  context: DecisionContext,
  request: DeleteTopicsRequest,
): TopicsOutcome {
  const deleted = new Set<string>();
  const topics = request.topics.map((name) => ({ name }));
  return eachTopic(topics, ({ name }, records) => {
    if (!context.image.topics.has(name) || deleted.has(name)) {
      return failure(name, "UNKNOWN_TOPIC_OR_PARTITION", "");
    }
    deleted.add(name);
    records.push({ type: "RemoveTopic", name });
    return success(name);
  });
}

function eachTopic<T>(
  topics: readonly T[],
  one: (topic: T, records: MetadataRecord[]) => Result,
): TopicsOutcome {
  const records: MetadataRecord[] = [];
  const results = topics.map((topic) => one(topic, records));
  return { records, response: { error: "NONE", topics: results } };
}

const success = (name: string): Result => ({ name, error: "NONE", message: "" });
const failure = (name: string, error: ErrorName, message: string): Result => ({
  name,
  error,
  message,
});

function assignmentFor(
  context: TopicContext,
  topic: CreateTopicsRequest["topics"][number],
): Assignment {
  if (topic.assignment !== undefined) return checked(context, topic.assignment);
  const { topicDefaults } = context;
  const partitions = topic.partitions === -1 ? topicDefaults.partitions : topic.partitions;
  const factor =
    topic.replicationFactor === -1 ? topicDefaults.replicationFactor : topic.replicationFactor;
  if (partitions < 1) {
    return { error: "INVALID_PARTITIONS", message: "Number of partitions must be positive." };
  }
  return placed(context, partitions, factor);
}

function placed(context: TopicContext, partitions: number, factor: number): Assignment {
  const usable: UsableBroker[] = [];
  for (const { id, rack, fenced, inControlledShutdown } of context.image.brokers.values()) {
    if (!inControlledShutdown) usable.push({ id, rack, fenced });
  }
  const assignment = placeReplicas(context.random, usable, partitions, factor);
  if (assignment !== undefined) return assignment;
  return {
    error: "INVALID_REPLICATION_FACTOR",
    message: `Unable to replicate the partition ${factor} time(s): ${usable.length} broker(s) are registered.`,
  };
}

/** An assignment given by hand. */
function checked(context: TopicContext, assignment: readonly (readonly BrokerId[])[]): Assignment {
  const bad = (message: string): Assignment => ({ error: "INVALID_REPLICA_ASSIGNMENT", message });
  const factor = assignment[0]?.length ?? 0;
  if (factor === 0) return bad("The manual partition assignment includes an empty replica list.");
  for (const replicas of assignment) {
    if (replicas.length !== factor) return bad("Partitions have different replication factors.");
    if (new Set(replicas).size !== factor) return bad("A broker is listed twice.");
    const unknown = replicas.find((id) => !context.image.brokers.has(id));
    if (unknown !== undefined) return bad(`Broker ${unknown} is not registered.`);
    if (!replicas.some((id) => context.image.isActive(id))) {
      return bad("All brokers of the assignment are fenced or in controlled shutdown.");
    }
  }
  return assignment.map((replicas) => [...replicas]);
}

function partitionRecords(
  context: TopicContext,
  topic: string,
  first: number,
  assignment: readonly (readonly BrokerId[])[],
): MetadataRecord[] {
  return assignment.map((replicas, index) => {
    const isr = replicas.filter((id) => context.image.isActive(id));
    const registration: PartitionRegistration = {
      partition: context.names.of(topic, first + index),
      replicas,
      isr,
      elr: [],
      lastKnownElr: [],
      addingReplicas: [],
      removingReplicas: [],
      leader: isr[0] as BrokerId,
      leaderEpoch: 0,
      partitionEpoch: 0,
      leaderRecoveryState: "RECOVERED",
      ...(context.policy.directoryAssignment
        ? { directories: directoriesOf(context, replicas) }
        : {}),
    };
    return { type: "Partition", registration };
  });
}

/** ClusterControlManager.defaultDir. */
const directoriesOf = ({ image }: TopicContext, replicas: readonly BrokerId[]): DirectoryId[] =>
  replicas.map((id) => image.brokers.get(id)?.logDir ?? UNASSIGNED);
