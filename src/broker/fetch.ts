// Fetch requests of followers and consumers (ReplicaManager.fetchMessages, readFromLog; Partition.fetchRecords; KIP-227 on the leader's side).
import type { FetchPartition, FetchPartitionData, FetchRequest } from "../protocol/apis.ts";
import type { ErrorName } from "../protocol/errors.ts";
import type { Call } from "../protocol/kafka-host.ts";
import type { EpochEndOffset, Offset, RecordBatch, TopicPartition } from "../protocol/types.ts";
import type { BrokerParts } from "./broker-parts.ts";
import type { Deadlines } from "./deadlines.ts";
import { DelayedFetch } from "./delayed-fetch.ts";
import { divergence } from "./divergence.ts";
import { type FetchSession, FetchSessionCache } from "./fetch-session-cache.ts";
import type { Partition } from "./partition.ts";
import type { RemoteReplica } from "./remote-replica.ts";
import type { ReplicaManager } from "./replica-manager.ts";
import { type ReplicaSelector, replicaSelectorFor } from "./replica-selector.ts";

const NO_BATCHES: readonly RecordBatch[] = [];
/** Nothing to tell of any partition: most reads, first when a fetch comes and finds the log as it left it. */
const NO_RESULTS: readonly FetchPartitionData[] = [];

/** One pass over what a request asks for. */
interface Reading {
  /** Bytes that it may still take. The first non-empty partition may exceed every limit, so that a consumer never gets stuck. */
  bytesLeft: number;
  first: boolean;
  /** Bytes that are not in the page cache. */
  coldBytes: number;
  results: readonly FetchPartitionData[];
}

export class FetchHandler {
  readonly #parts: BrokerParts;
  readonly #replicas: ReplicaManager;
  readonly #sessions: FetchSessionCache;
  readonly #select: ReplicaSelector | undefined;
  readonly #deadlines: Deadlines;

  constructor(parts: BrokerParts, replicas: ReplicaManager, deadlines: Deadlines) {
    const { config } = parts.settings;
    this.#parts = parts;
    this.#replicas = replicas;
    this.#deadlines = deadlines;
    const slots = config["max.incremental.fetch.session.cache.slots"];
    this.#sessions = new FetchSessionCache(slots, parts.host.rng("fetch-sessions"));
    this.#select = replicaSelectorFor(config, parts.metadata);
  }

  handle(request: FetchRequest, call: Call<"Fetch">): void {
    const session = this.#sessions.open(request, this.#parts.host.clock.now());
    if (typeof session === "string") {
      call.reply({ error: session, sessionId: 0, partitions: [] });
      return;
    }
    const reading = this.#read(request, false);
    const { maxWaitMs, partitions } = request;
    if (maxWaitMs <= 0 || partitions.length === 0 || isDue(reading.results, request.minBytes)) {
      this.#reply(request, session, reading, call);
    } else this.#park(request, session, call);
  }

  #reply(
    request: FetchRequest,
    session: FetchSession | undefined,
    { results, coldBytes }: Reading,
    call: Call<"Fetch">,
  ): void {
    const partitions =
      request.replicaId < 0
        ? toldConsumer(request, session, results)
        : this.#told(request, results);
    const response = { error: "NONE", sessionId: session?.id ?? 0, partitions } as const;
    call.reply(response, coldBytes);
  }

  /** What is sent is read again when the wait ends, without telling the leader anything new about the follower. */
  #park(request: FetchRequest, session: FetchSession | undefined, call: Call<"Fetch">): void {
    const { partitions } = request;
    const parked: Partition[] = new Array(partitions.length);
    for (let i = 0; i < parked.length; i++) {
      const { partition } = partitions[i] as FetchPartition;
      parked[i] = this.#replicas.partition(partition) as Partition;
    }
    const delayed = new DelayedFetch(this.#deadlines, request, parked, () =>
      this.#reply(request, session, this.#read(request, true), call),
    );
    // A follower's fetch of one byte has just found none. A consumer may ask beyond the high watermark, which is not worth a wait.
    if (request.replicaId < 0 || request.minBytes > 1) delayed.checkAll();
    if (!delayed.done) delayed.watch();
  }

  #read(request: FetchRequest, fromPurgatory: boolean): Reading {
    const { partitions } = request;
    const limit = this.#parts.settings.config["fetch.max.bytes"];
    const reading: Reading = {
      bytesLeft: Math.min(request.maxBytes, limit),
      first: true,
      coldBytes: 0,
      results: NO_RESULTS,
    };
    let results: FetchPartitionData[] | undefined;
    const stale = !fromPurgatory && request.replicaId >= 0 && this.#isStale(request);
    for (let i = 0; i < partitions.length; i++) {
      const fetch = partitions[i] as FetchPartition;
      const result = this.#readPartition(request, fetch, reading, fromPurgatory, stale);
      if (result === undefined) continue;
      if (result.sizeBytes > 0) reading.first = false;
      reading.bytesLeft = Math.max(0, reading.bytesLeft - result.sizeBytes);
      if (results === undefined) results = [result];
      else results.push(result);
    }
    if (results !== undefined) reading.results = results;
    return reading;
  }

  /** undefined: nothing that the follower does not know. */
  #readPartition(
    request: FetchRequest,
    fetch: FetchPartition,
    reading: Reading,
    fromPurgatory: boolean,
    stale: boolean,
  ): FetchPartitionData | undefined {
    const found = this.#replicas.partitionOrError(fetch.partition);
    if (typeof found === "string") return this.#error(fetch.partition, found);
    if (request.replicaId < 0) return this.#readForConsumer(request, found, fetch, reading);
    const error = found.leaderError(fetch.currentLeaderEpoch);
    if (error !== "NONE") return this.#error(fetch.partition, error);
    const replica = found.remoteReplica(request.replicaId);
    if (replica === undefined) {
      // This leader may not have heard yet of a replica that was added.
      const unnamed = fetch.currentLeaderEpoch < 0;
      const unknown = unnamed ? "NOT_LEADER_OR_FOLLOWER" : "UNKNOWN_LEADER_EPOCH";
      return this.#error(fetch.partition, unknown);
    }
    // Before the read: appends that follow do not keep the follower out of sync.
    const leaderEndOffset = found.logEndOffset;
    const result =
      !isFull(request) && hasNothingNew(found, replica, fetch)
        ? undefined
        : this.#readLog(found, fetch, reading, leaderEndOffset);
    if (fromPurgatory) return result;
    if (result !== undefined && (result.error !== "NONE" || result.divergingEpoch !== undefined)) {
      return result;
    }
    if (stale) return this.#error(fetch.partition, "NOT_LEADER_OR_FOLLOWER");
    found.followerFetched(replica, fetch, leaderEndOffset, request.replicaEpoch);
    return result;
  }

  /** KIP-392: any replica of the right epoch answers a consumer, a leader perhaps with the name of another one and nothing else. */
  #readForConsumer(
    { rackId }: FetchRequest,
    found: Partition,
    fetch: FetchPartition,
    reading: Reading,
  ): FetchPartitionData {
    const error = found.epochError(fetch.currentLeaderEpoch);
    if (error !== "NONE") return this.#error(fetch.partition, error);
    const preferred = this.#select?.(found, rackId, fetch.fetchOffset) ?? -1;
    if (preferred < 0) return this.#readLog(found, fetch, reading, this.#visibleEnd(found));
    return { ...data(found, NO_BATCHES, 0, undefined), preferredReadReplica: preferred };
  }

  #visibleEnd(partition: Partition): Offset {
    const all = this.#parts.env.rules.mutant === "fetch-ignores-high-watermark";
    return all ? partition.logEndOffset : partition.highWatermark;
  }

  /** The fetch comes from an earlier life of the broker (KIP-903). */
  #isStale({ replicaId, replicaEpoch: brokerEpoch }: FetchRequest): boolean {
    if (brokerEpoch === -1 || this.#parts.env.rules.mutant === "isr-ignores-broker-epoch")
      return false;
    const known = this.#parts.metadata.aliveBrokerEpoch(replicaId);
    return known !== undefined && known > brokerEpoch;
  }

  /** The high watermark in the response is the one before this fetch moves the follower: it lags one round behind. */
  #readLog(
    partition: Partition,
    fetch: FetchPartition,
    reading: Reading,
    bound: Offset,
  ): FetchPartitionData {
    const { log } = partition;
    const diverging = divergence(log, fetch);
    if (diverging !== "none") {
      if (diverging === "unknown" || fetch.fetchOffset < log.logStartOffset) {
        return this.#error(fetch.partition, "OFFSET_OUT_OF_RANGE");
      }
      return data(partition, NO_BATCHES, 0, diverging);
    }
    const maxBytes = Math.min(fetch.maxBytes, reading.bytesLeft);
    const read = log.read(fetch.fetchOffset, maxBytes, bound, reading.first);
    if (typeof read === "string") return this.#error(fetch.partition, read);
    reading.coldBytes += read.coldBytes;
    return data(partition, read.batches, read.sizeBytes, undefined);
  }

  #error(partition: TopicPartition, error: ErrorName): FetchPartitionData {
    const { leader, leaderEpoch } = this.#parts.metadata.leaderHint(partition);
    return {
      partition,
      error,
      highWatermark: -1,
      lastStableOffset: -1,
      logStartOffset: -1,
      batches: NO_BATCHES,
      sizeBytes: 0,
      divergingEpoch: undefined,
      currentLeader: leader,
      currentLeaderEpoch: leaderEpoch,
      preferredReadReplica: -1,
    };
  }

  /** With an incremental session only partitions with something new are in the response. */
  #told(
    request: FetchRequest,
    results: readonly FetchPartitionData[],
  ): readonly FetchPartitionData[] {
    if (results.length === 0) return results;
    const told: FetchPartitionData[] = [];
    for (let i = 0; i < results.length; i++) {
      const result = results[i] as FetchPartitionData;
      const replica = this.#replicas.partition(result.partition)?.remoteReplica(request.replicaId);
      if (replica !== undefined) {
        if (!isFull(request) && !isNews(replica, result)) continue;
        replica.toldHighWatermark = result.highWatermark;
        replica.toldLogStartOffset = result.logStartOffset;
      }
      told.push(result);
    }
    return told;
  }
}

const isFull = (request: FetchRequest): boolean => request.sessionEpoch <= 0;

function toldConsumer(
  request: FetchRequest,
  session: FetchSession | undefined,
  results: readonly FetchPartitionData[],
): readonly FetchPartitionData[] {
  if (session === undefined) return results;
  const told = isFull(request) ? results : results.filter((result) => session.isNews(result));
  for (const result of told) session.tell(result);
  return told;
}

const isNews = (replica: RemoteReplica, result: FetchPartitionData): boolean =>
  result.sizeBytes > 0 ||
  result.error !== "NONE" ||
  result.divergingEpoch !== undefined ||
  result.highWatermark !== replica.toldHighWatermark ||
  result.logStartOffset !== replica.toldLogStartOffset;

/** The same, seen without reading: most partitions of most fetches. */
function hasNothingNew(
  { log }: Partition,
  replica: RemoteReplica,
  { fetchOffset, lastFetchedEpoch }: FetchPartition,
): boolean {
  return (
    fetchOffset === log.logEndOffset &&
    (lastFetchedEpoch < 0 || lastFetchedEpoch === log.latestEpoch) &&
    replica.toldHighWatermark === log.highWatermark &&
    replica.toldLogStartOffset === log.logStartOffset
  );
}

/** Must the request be answered at once? */
function isDue(results: readonly FetchPartitionData[], minBytes: number): boolean {
  let bytes = 0;
  for (let i = 0; i < results.length; i++) {
    const result = results[i] as FetchPartitionData;
    if (result.error !== "NONE" || result.divergingEpoch !== undefined) return true;
    if (result.preferredReadReplica >= 0) return true;
    bytes += result.sizeBytes;
  }
  return bytes >= minBytes;
}

function data(
  partition: Partition,
  batches: readonly RecordBatch[],
  sizeBytes: number,
  divergingEpoch: EpochEndOffset | undefined,
): FetchPartitionData {
  const { log } = partition;
  return {
    partition: partition.name,
    error: "NONE",
    highWatermark: log.highWatermark,
    lastStableOffset: log.lastStableOffset,
    logStartOffset: log.logStartOffset,
    batches,
    sizeBytes,
    divergingEpoch,
    currentLeader: -1,
    currentLeaderEpoch: -1,
    preferredReadReplica: -1,
  };
}
