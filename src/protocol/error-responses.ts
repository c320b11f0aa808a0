// What a node answers when it refuses a request as a whole (AbstractRequest.getErrorResponse): the error in every place that has one.
// Left out: APIs whose refusal nobody has to handle (Metadata has an error per topic only; the quorum's own requests).
import type { ApiName, Request, Response } from "./apis.ts";
import type { ErrorName } from "./errors.ts";
import type { TopicPartition } from "./types.ts";

type Refusals = {
  readonly [A in ApiName]?: (request: Request<A>, error: ErrorName) => Response<A> | undefined;
};

const each = <T>(
  entries: readonly { readonly partition: TopicPartition }[],
  make: (partition: TopicPartition) => T,
): readonly T[] => entries.map(({ partition }) => make(partition));

const NOBODY = { currentLeader: -1, currentLeaderEpoch: -1 } as const;

const REFUSALS: Refusals = {
  // Nobody reads an answer to acks=0.
  Produce: ({ acks, batches }, error) =>
    acks === 0
      ? undefined
      : {
          partitions: each(batches, (partition) => ({
            partition,
            error,
            baseOffset: -1,
            logStartOffset: -1,
            ...NOBODY,
          })),
        },
  Fetch: ({ partitions, sessionId }, error) => ({
    error: "NONE",
    sessionId,
    partitions: each(partitions, (partition) => ({
      partition,
      error,
      highWatermark: -1,
      lastStableOffset: -1,
      logStartOffset: -1,
      batches: [],
      sizeBytes: 0,
      divergingEpoch: undefined,
      preferredReadReplica: -1,
      ...NOBODY,
    })),
  }),
  ListOffsets: ({ partitions }, error) => ({
    partitions: each(partitions, (partition) => ({
      partition,
      error,
      offset: -1,
      leaderEpoch: -1,
    })),
  }),
  OffsetForLeaderEpoch: ({ partitions }, error) => ({
    partitions: each(partitions, (partition) => ({
      partition,
      error,
      leaderEpoch: -1,
      endOffset: -1,
    })),
  }),
  AlterPartition: (_, error) => ({ error, partitions: [] }),
  AssignReplicasToDirs: (_, error) => ({ error, partitions: [] }),
  CreateTopics: (_, error) => ({ error, topics: [] }),
  DeleteTopics: (_, error) => ({ error, topics: [] }),
  CreatePartitions: (_, error) => ({ error, topics: [] }),
  IncrementalAlterConfigs: (_, error) => ({ error, topics: [] }),
  ElectLeaders: (_, error) => ({ error, partitions: [] }),
  InitProducerId: (_, error) => ({ error, producerId: -1, producerEpoch: -1 }),
  FindCoordinator: (_, error) => ({ error, nodeId: -1 }),
  JoinGroup: ({ memberId }, error) => ({
    error,
    generationId: -1,
    protocolName: "",
    leader: "",
    skipAssignment: false,
    memberId,
    members: [],
  }),
  SyncGroup: (_, error) => ({ error, assignment: { partitions: [], userData: undefined } }),
  Heartbeat: (_, error) => ({ error }),
  LeaveGroup: (_, error) => ({ error, members: [] }),
  OffsetCommit: ({ offsets }, error) => ({
    partitions: each(offsets, (partition) => ({ partition, error })),
  }),
  OffsetFetch: (_, error) => ({ error, partitions: [] }),
};

/** APIs that can be refused as a whole. */
export const REFUSABLE_APIS = Object.keys(REFUSALS) as readonly ApiName[];

/** The refusal, or undefined: the request has none (it expects no answer, or its API is not refusable). */
export function errorResponse(api: string, request: unknown, error: ErrorName): unknown {
  const refuse = REFUSALS[api as ApiName] as
    | ((request: unknown, error: ErrorName) => unknown)
    | undefined;
  return refuse?.(request, error);
}
