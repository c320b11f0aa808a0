// Offsets by time and by epoch (KafkaApis.handleListOffsetRequest, handleOffsetForLeaderEpochRequest; Partition.fetchOffsetForTimestamp, KIP-207).
import type {
  ListOffsetsRequest,
  ListOffsetsResponse,
  OffsetForLeaderEpochRequest,
  OffsetForLeaderEpochResponse,
} from "../protocol/apis.ts";
import type { ErrorName } from "../protocol/errors.ts";
import type { Call } from "../protocol/kafka-host.ts";
import type { Offset } from "../protocol/types.ts";
import type { Partition } from "./partition.ts";
import type { ReplicaManager } from "./replica-manager.ts";

type OffsetQuery = ListOffsetsRequest["partitions"][number];
type OffsetAnswer = ListOffsetsResponse["partitions"][number];
type EpochQuery = OffsetForLeaderEpochRequest["partitions"][number];
type EpochAnswer = OffsetForLeaderEpochResponse["partitions"][number];

export class OffsetsHandler {
  readonly #replicas: ReplicaManager;

  constructor(replicas: ReplicaManager) {
    this.#replicas = replicas;
  }

  listOffsets(request: ListOffsetsRequest, call: Call<"ListOffsets">): void {
    const fromReplica = request.replicaId >= 0;
    const partitions = request.partitions.map((query) => this.#offset(query, fromReplica));
    call.reply({ partitions });
  }

  offsetForLeaderEpoch(
    request: OffsetForLeaderEpochRequest,
    call: Call<"OffsetForLeaderEpoch">,
  ): void {
    call.reply({ partitions: request.partitions.map((query) => this.#epochEnd(query)) });
  }

  #offset(query: OffsetQuery, fromReplica: boolean): OffsetAnswer {
    const { partition, currentLeaderEpoch, timestamp } = query;
    const found = this.#leader(partition, currentLeaderEpoch);
    if (typeof found === "string") return { partition, error: found, offset: -1, leaderEpoch: -1 };
    const { log } = found;
    if (timestamp === "earliest") {
      const offset = log.logStartOffset;
      return { partition, error: "NONE", offset, leaderEpoch: log.epochs.epochAt(offset) };
    }
    if (timestamp === "latest") {
      const behind = !fromReplica && highWatermarkIsBehind(found);
      if (behind) return { partition, error: "OFFSET_NOT_AVAILABLE", offset: -1, leaderEpoch: -1 };
      const offset = fromReplica ? log.logEndOffset : log.highWatermark;
      return { partition, error: "NONE", offset, leaderEpoch: found.leaderEpoch };
    }
    return byTime(found, query, log.offsetForTimestamp(timestamp), fromReplica);
  }

  #epochEnd(query: EpochQuery): EpochAnswer {
    const { partition, currentLeaderEpoch, leaderEpoch } = query;
    const found = this.#leader(partition, currentLeaderEpoch);
    const undefinedEnd = { partition, leaderEpoch: -1, endOffset: -1 };
    if (typeof found === "string") return { ...undefinedEnd, error: found };
    const end = found.log.endOffsetForEpoch(leaderEpoch);
    if (end === undefined) return { ...undefinedEnd, error: "NONE" };
    return { partition, error: "NONE", leaderEpoch: end.leaderEpoch, endOffset: end.endOffset };
  }

  #leader(name: OffsetQuery["partition"], epoch: number): Partition | ErrorName {
    const found = this.#replicas.partitionOrError(name);
    if (typeof found === "string") return found;
    const error = found.leaderError(epoch);
    return error === "NONE" ? found : error;
  }
}

/** A new leader does not know yet how far its predecessor had committed: an answer now could go back in time. */
const highWatermarkIsBehind = ({ epochStartOffset, highWatermark }: Partition): boolean =>
  epochStartOffset !== undefined && epochStartOffset > highWatermark;

function byTime(
  leader: Partition,
  { partition }: OffsetQuery,
  offset: Offset | undefined,
  fromReplica: boolean,
): OffsetAnswer {
  const { log } = leader;
  const bound = fromReplica ? log.logEndOffset : log.highWatermark;
  if (offset !== undefined && offset < bound) {
    return { partition, error: "NONE", offset, leaderEpoch: log.epochs.epochAt(offset) };
  }
  const behind = !fromReplica && highWatermarkIsBehind(leader);
  const error = behind ? "OFFSET_NOT_AVAILABLE" : "NONE";
  return { partition, error, offset: -1, leaderEpoch: -1 };
}
