// Fetch requests of followers and consumers (ReplicaManager.fetchMessages, readFromLog; Partition.fetchRecords; KIP-227 on the leader's side).
import type { FetchPartition, FetchPartitionData, FetchRequest } from "../protocol/apis.ts";
import type { ErrorName } from "../protocol/errors.ts";
import type { Call } from "../protocol/kafka-host.ts";
import type { EpochEndOffset, Offset, RecordBatch, TopicPartition } from "../protocol/types.ts";
import type { BrokerParts } from "./broker-parts.ts";
import { type CachedPartition, CachedPartitions } from "./cached-partitions.ts";
import type { Deadlines } from "./deadlines.ts";
import { DelayedFetch, type FetchPart } from "./delayed-fetch.ts";
import { divergence } from "./divergence.ts";
import { type FetchSession, FetchSessionCache } from "./fetch-session-cache.ts";
import type { Partition, Problem } from "./partition.ts";
import type { RemoteReplica } from "./remote-replica.ts";
import type { ReplicaManager } from "./replica-manager.ts";
import { type ReplicaSelector, replicaSelectorFor } from "./replica-selector.ts";

const NO_BATCHES: readonly RecordBatch[] = [];
/** Nothing to tell of any partition: most reads, first when a fetch comes and finds the log as it left it. */
const NO_RESULTS: readonly FetchPartitionData[] = [];

/** What a request is answered, and how many bytes it may still take: the first non-empty partition may exceed every limit, so that a consumer never gets stuck. */
class Reading {
  results: readonly FetchPartitionData[] = NO_RESULTS;
  isFirst = true;
  bytesLeft: number;
  /** Bytes that are not in the page cache. */
  coldBytes = 0;

  constructor(bytes: number) {
    this.bytesLeft = bytes;
  }

  add(result: FetchPartitionData | undefined): void {
    if (result === undefined) return;
    if (this.results === NO_RESULTS) this.results = [result];
    else (this.results as FetchPartitionData[]).push(result);
    if (result.sizeBytes > 0) this.isFirst = false;
    this.bytesLeft = Math.max(0, this.bytesLeft - result.sizeBytes);
  }
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
    const cached = request.replicaId < 0 ? undefined : cachedPartitions(request, session);
    const reading = this.#read(request, session, cached, false);
    const { maxWaitMs, partitions } = request;
    if (maxWaitMs <= 0 || partitions.length === 0 || isDue(reading.results, request.minBytes)) {
      this.#reply(request, session, reading, call);
      return;
    }
    const complete = (): void =>
      this.#reply(request, session, this.#read(request, session, cached, true), call);
    this.#park(request, cached, complete);
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
  #park(request: FetchRequest, cached: CachedPartitions | undefined, complete: () => void): void {
    const parts = cached === undefined ? this.#partsOf(request) : this.#awakeOf(cached);
    const delayed = new DelayedFetch(this.#deadlines, request, parts, complete);
    // A follower's fetch of one byte has just found none. A consumer may ask beyond the high watermark, which is not worth a wait.
    if (cached === undefined || request.minBytes > 1) delayed.checkAll();
    if (delayed.done) return;
    delayed.watch();
    if (cached !== undefined) cached.parked = delayed;
  }

  #partsOf({ partitions }: FetchRequest): FetchPart[] {
    const parts: FetchPart[] = new Array(partitions.length);
    for (let place = 0; place < parts.length; place++) {
      const fetch = partitions[place] as FetchPartition;
      const partition = this.#replicas.partition(fetch.partition) as Partition;
      parts[place] = { partition, fetch, place };
    }
    return parts;
  }

  #awakeOf({ awake }: CachedPartitions): FetchPart[] {
    for (let i = 0; i < awake.length; i++) {
      const each = awake[i] as CachedPartition;
      each.partition = this.#replicas.partition(each.fetch.partition) as Partition;
    }
    return awake.slice();
  }

  #read(
    request: FetchRequest,
    session: FetchSession | undefined,
    cached: CachedPartitions | undefined,
    fromPurgatory: boolean,
  ): Reading {
    const limit = this.#parts.settings.config["fetch.max.bytes"];
    const reading = new Reading(Math.min(request.maxBytes, limit));
    if (cached !== undefined) this.#readForFollower(request, cached, reading, fromPurgatory);
    else {
      const { partitions } = request;
      const told = isFull(request) ? undefined : session;
      for (let i = 0; i < partitions.length; i++)
        reading.add(this.#readForConsumer(request, partitions[i] as FetchPartition, told, reading));
    }
    return reading;
  }

  /** What is read without an error tells the leader how far the follower is, unless it has waited or the follower is in another life by now. */
  #readForFollower(
    request: FetchRequest,
    cached: CachedPartitions,
    reading: Reading,
    fromPurgatory: boolean,
  ): void {
    const isStale = !fromPurgatory && this.#isStale(request);
    const isFetched = !fromPurgatory && !isStale;
    if (isStale) cached.stirAll();
    if (isFetched) cached.begin(this.#parts.host.clock.now(), request.replicaEpoch);
    for (let each = cached.next(undefined); each !== undefined; each = cached.next(each)) {
      const { fetch } = each;
      const found = this.#found(request, fetch);
      let result: FetchPartitionData | undefined;
      if (typeof found === "string") result = this.#error(fetch.partition, found);
      else {
        result = this.#readLed(request, found, fetch, reading);
        if (result === undefined || !isRefusal(result)) {
          if (isStale) result = this.#error(fetch.partition, "NOT_LEADER_OR_FOLLOWER");
          else if (isFetched) this.#fetched(request, found, each, result === undefined);
        }
      }
      reading.add(result);
    }
    cached.end();
  }

  #fetched(
    request: FetchRequest,
    found: Partition,
    each: CachedPartition,
    hadNoNews: boolean,
  ): void {
    const { replicaId, replicaEpoch } = request;
    const replica = found.remoteReplica(replicaId) as RemoteReplica;
    each.isRead();
    found.followerFetched(replica, each.fetch, found.logEndOffset, replicaEpoch);
    if (!hadNoNews || !hasNothingNew(found, replica, each.fetch)) return;
    // Outside the ISR each fetch is a reason to take it in.
    if (found.isrState.isr.includes(replicaId)) each.rest(found, replica);
  }

  /** The partition, if it is led here and the follower is a replica of it. */
  #found({ replicaId }: FetchRequest, fetch: FetchPartition): Partition | Problem {
    const found = this.#replicas.partitionOrError(fetch.partition);
    if (typeof found === "string") return found;
    const error = found.leaderError(fetch.currentLeaderEpoch);
    if (error !== "NONE") return error;
    if (found.remoteReplica(replicaId) !== undefined) return found;
    // This leader may not have heard yet of a replica that was added.
    return fetch.currentLeaderEpoch < 0 ? "NOT_LEADER_OR_FOLLOWER" : "UNKNOWN_LEADER_EPOCH";
  }

  /** undefined: nothing that the follower does not know. */
  #readLed(
    request: FetchRequest,
    found: Partition,
    fetch: FetchPartition,
    reading: Reading,
  ): FetchPartitionData | undefined {
    const replica = found.remoteReplica(request.replicaId) as RemoteReplica;
    if (!isFull(request) && hasNothingNew(found, replica, fetch)) return undefined;
    return this.#readLog(found, fetch, reading, found.logEndOffset);
  }

  /**
   * KIP-392: any replica of the right epoch answers a consumer, a leader perhaps with the name of another one and nothing else.
   * `told`: the session, if what was told in it need not be told again; then undefined is that there is nothing else.
   */
  #readForConsumer(
    { rackId }: FetchRequest,
    fetch: FetchPartition,
    told: FetchSession | undefined,
    reading: Reading,
  ): FetchPartitionData | undefined {
    const found = this.#replicas.partitionOrError(fetch.partition);
    if (typeof found === "string") return this.#error(fetch.partition, found);
    const error = found.epochError(fetch.currentLeaderEpoch);
    if (error !== "NONE") return this.#error(fetch.partition, error);
    const preferred = this.#select?.(found, rackId, fetch.fetchOffset) ?? -1;
    if (preferred < 0) {
      const end = this.#visibleEnd(found);
      if (told !== undefined && this.#isKnown(found, fetch, end, told)) return undefined;
      return this.#readLog(found, fetch, reading, end);
    }
    return { ...data(found, NO_BATCHES, 0, undefined), preferredReadReplica: preferred };
  }

  /** Would a read find neither records nor an error, and the rest be known? Seen without reading: most partitions of most fetches. */
  #isKnown({ name, log }: Partition, fetch: FetchPartition, end: Offset, told: FetchSession) {
    const { fetchOffset, lastFetchedEpoch } = fetch;
    if (fetchOffset !== end || lastFetchedEpoch >= 0 || this.#parts.logs.isOffline) return false;
    if (log.logStartOffset > fetchOffset) return false;
    return told.knows(name, log.highWatermark, log.logStartOffset);
  }

  #visibleEnd(partition: Partition): Offset {
    const all = this.#parts.env.rules.mutant === "fetch-ignores-high-watermark";
    return all ? partition.logEndOffset : partition.highWatermark;
  }

  /** The fetch comes from an earlier life of the broker (KIP-903). */
  #isStale({ replicaId, replicaEpoch: brokerEpoch }: FetchRequest): boolean {
    if (brokerEpoch === -1) return false;
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
    const read = log.read(fetch.fetchOffset, maxBytes, bound, reading.isFirst);
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
    // Mostly all of them are told.
    let told: FetchPartitionData[] | undefined;
    for (let i = 0; i < results.length; i++) {
      const result = results[i] as FetchPartitionData;
      const replica = this.#replicas.partition(result.partition)?.remoteReplica(request.replicaId);
      if (replica !== undefined) {
        if (!isFull(request) && !isNews(replica, result)) {
          told ??= results.slice(0, i);
          continue;
        }
        replica.toldHighWatermark = result.highWatermark;
        replica.toldLogStartOffset = result.logStartOffset;
      }
      told?.push(result);
    }
    return told ?? results;
  }
}

const isFull = (request: FetchRequest): boolean => request.sessionEpoch <= 0;

/** A follower's partitions, as of this request. */
function cachedPartitions(
  request: FetchRequest,
  session: FetchSession | undefined,
): CachedPartitions {
  if (session?.cached === undefined) {
    const cached = new CachedPartitions(request);
    if (session !== undefined) session.cached = cached;
    return cached;
  }
  session.cached.update(request);
  return session.cached;
}

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

const isRefusal = (result: FetchPartitionData): boolean =>
  result.error !== "NONE" || result.divergingEpoch !== undefined;

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
    if (isRefusal(result)) return true;
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
