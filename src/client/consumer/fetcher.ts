// Fetching ahead (AbstractFetch) and handing out (FetchCollector): one outstanding fetch a broker, for partitions with a good position and nothing buffered.
// Left out: control batches and aborted records.
import type { FetchPartition, FetchPartitionData, FetchRequest } from "../../protocol/apis.ts";
import { ERRORS } from "../../protocol/errors.ts";
import type { KafkaHost, Reply } from "../../protocol/kafka-host.ts";
import {
  type BrokerId,
  lastOffset,
  NO_LEADER,
  type Offset,
  type RecordBatch,
} from "../../protocol/types.ts";
import { ms } from "../../sim/kernel.ts";
import type { Metadata } from "../metadata.ts";
import type { NetworkClient } from "../network-client.ts";
import { type CompletedFetch, isUsable, type Polled, pieceOf } from "./completed-fetch.ts";
import { fetchDone } from "./fetch-done.ts";
import { FetchSession } from "./fetch-session.ts";
import type { OffsetLookup } from "./offset-lookup.ts";
import type { PartitionPosition } from "./positions.ts";
import { ReadReplicas } from "./read-replicas.ts";

export interface FetchConfig {
  readonly "fetch.min.bytes": number;
  readonly "fetch.max.bytes": number;
  readonly "fetch.max.wait.ms": number;
  readonly "max.partition.fetch.bytes": number;
  readonly "metadata.max.age.ms": number;
  readonly "client.rack": string;
}

/** Planted bugs; those that skip or repeat batches do it to one in so many. */
export type ReadingDefect = "skips" | "repeats" | "misreads" | undefined;
const AFFECTED_BATCH = 10;
const NOTHING: readonly Polled[] = [];

export class Fetcher {
  readonly #host: KafkaHost;
  readonly #config: FetchConfig;
  readonly #metadata: Metadata;
  readonly #network: NetworkClient;
  readonly #lookup: OffsetLookup;
  readonly #replicas: ReadReplicas;
  readonly #arrived: () => void;
  readonly #sessions = new Map<BrokerId, FetchSession>();
  readonly #sparesNodes: boolean;
  readonly #defect: ReadingDefect;
  #completed: CompletedFetch[] = [];
  #batches = 0;
  #closing = 0;

  constructor(
    host: KafkaHost,
    config: FetchConfig,
    parts: {
      readonly metadata: Metadata;
      readonly network: NetworkClient;
      readonly lookup: OffsetLookup;
      /** Called when a response has come. */
      readonly arrived: () => void;
      /** Is nothing fetched from a broker while data of another of its partitions is buffered (KAFKA-17182)? */
      readonly sparesNodes: boolean;
      readonly defect: ReadingDefect;
    },
  ) {
    this.#host = host;
    this.#config = config;
    this.#metadata = parts.metadata;
    this.#network = parts.network;
    this.#lookup = parts.lookup;
    this.#replicas = new ReadReplicas(host, parts.metadata, ms(config["metadata.max.age.ms"]));
    this.#arrived = parts.arrived;
    this.#sparesNodes = parts.sparesNodes;
    this.#defect = parts.defect;
  }

  /** A fetch to every broker to read from that has none outstanding. */
  sendFetches(positions: readonly PartitionPosition[]): void {
    // Most polls have nothing to ask for, or one partition of one broker.
    let byNode: Map<BrokerId, PartitionPosition[]> | undefined;
    for (let i = 0; i < positions.length; i++) {
      const position = positions[i] as PartitionPosition;
      if (!position.isFetchable || position.buffered > 0) continue;
      const id = this.#replicas.select(position);
      if (id === NO_LEADER) this.#metadata.requestUpdate();
      else if (!this.#session(id).isPending) {
        byNode ??= new Map();
        const fetchable = byNode.get(id);
        if (fetchable === undefined) byNode.set(id, [position]);
        else fetchable.push(position);
      }
    }
    if (byNode === undefined) return;
    // Partitions that a request leaves out are dropped from the broker's fetch session.
    if (this.#sparesNodes && this.#completed.length > 0)
      for (const position of positions)
        if (position.isFetchable && position.buffered > 0)
          byNode.delete(this.#replicas.select(position));
    for (const [node, fetchable] of byNode) {
      if (this.#network.ready(node)) this.#fetch(node, fetchable);
    }
  }

  #fetch(leader: BrokerId, positions: readonly PartitionPosition[]): void {
    const session = this.#session(leader);
    const ordered = session.order(positions);
    const maxBytes = this.#config["max.partition.fetch.bytes"];
    const partitions: FetchPartition[] = new Array(ordered.length);
    for (let i = 0; i < partitions.length; i++)
      partitions[i] = (ordered[i] as PartitionPosition).ask(maxBytes);
    const request = this.#request(session, partitions);
    session.isPending = true;
    const sentAt = this.#host.now;
    this.#network.send(leader, "Fetch", request, (reply) => {
      fetchDone(this.#host, leader, request, sentAt, reply);
      session.isPending = false;
      this.#answered(leader, ordered, partitions, reply);
      this.#arrived();
    });
  }

  #answered(
    leader: BrokerId,
    positions: readonly PartitionPosition[],
    partitions: readonly FetchPartition[],
    reply: Reply<"Fetch">,
  ): void {
    const session = this.#session(leader);
    if (!reply.ok) {
      session.reset();
      for (const position of positions) this.#replicas.clear(position, reply.reason);
      return;
    }
    const isIncremental = session.metadata.epoch > 0;
    if (!session.answered(reply.response)) return;
    for (const data of reply.response.partitions) {
      this.#adoptHint(data);
      if (hasNothing(data)) continue;
      let at = 0;
      while (at < partitions.length && partitions[at]?.partition !== data.partition) at++;
      const position = positions[at];
      if (position === undefined) continue;
      // As the broker does, which leaves the order of a full fetch alone (FetchSession.updateAndGenerateResponseData).
      if (isIncremental && data.batches.length > 0) session.served(data.partition);
      const expected = (partitions[at] as FetchPartition).fetchOffset;
      position.buffered++;
      this.#completed.push({
        position,
        data,
        expected,
        from: leader,
        next: 0,
        isInitialized: false,
      });
    }
  }

  /** KIP-951: known before the error is looked at, so that a position that has to be validated asks for no metadata. */
  #adoptHint({ error, partition, currentLeader, currentLeaderEpoch }: FetchPartitionData): void {
    if (error === "NOT_LEADER_OR_FOLLOWER" || error === "FENCED_LEADER_EPOCH")
      this.#metadata.adoptHint(partition, currentLeader, currentLeaderEpoch);
  }

  /** A fetch that waits for its connection fails with it (handleFetchFailure). */
  disconnected(node: BrokerId, positions: readonly PartitionPosition[]): void {
    for (const position of positions)
      if (position.preferredReplica === node) this.#replicas.clear(position, "disconnected");
  }

  /** Tells brokers that its sessions are over (AbstractFetch.prepareCloseFetchSessionRequests). */
  closeSessions(): void {
    for (const [node, session] of this.#sessions) {
      if (session.metadata.id === 0 || !this.#network.canSend(node)) continue;
      session.finish();
      this.#closing++;
      this.#network.send(node, "Fetch", this.#request(session, []), () => {
        this.#closing--;
        this.#arrived();
      });
    }
  }

  /** Sessions whose end has not been confirmed. */
  get closing(): number {
    return this.#closing;
  }

  #request(session: FetchSession, partitions: readonly FetchPartition[]): FetchRequest {
    return {
      replicaId: -1,
      replicaEpoch: -1,
      maxWaitMs: this.#config["fetch.max.wait.ms"],
      minBytes: this.#config["fetch.min.bytes"],
      maxBytes: this.#config["fetch.max.bytes"],
      partitions,
      namedPartitions: session.named(partitions),
      changes: undefined,
      sessionId: session.metadata.id,
      sessionEpoch: session.metadata.epoch,
      rackId: this.#config["client.rack"],
    };
  }

  #session(leader: BrokerId): FetchSession {
    let session = this.#sessions.get(leader);
    if (session === undefined) {
      session = new FetchSession();
      this.#sessions.set(leader, session);
    }
    return session;
  }

  // Handing out

  /** Returns up to `limit` records to the application, batch by batch. */
  collect(limit: number): readonly Polled[] {
    if (this.#completed.length === 0) return NOTHING;
    const polled: Polled[] = [];
    let paused: CompletedFetch[] | undefined;
    let left = limit;
    while (left > 0) {
      const fetch = this.#completed[0];
      if (fetch === undefined) break;
      if (!fetch.isInitialized && !this.#initialize(fetch)) {
        this.#drop(fetch);
        continue;
      }
      if (fetch.position.isPaused && fetch.position.fetchState !== "REVOKED") {
        paused ??= [];
        paused.push(fetch);
        this.#completed.shift();
        continue;
      }
      left -= this.#drain(fetch, left, polled);
      if (isUsable(fetch) && fetch.next < fetch.data.batches.length) continue;
      this.#drop(fetch);
    }
    if (paused !== undefined) this.#completed.push(...paused);
    return polled;
  }

  #drop(first: CompletedFetch): void {
    this.#completed.shift();
    first.position.buffered--;
  }

  /** The first look at a fetch, paused or not (FetchCollector.initialize): false when there is nothing to return of it. */
  #initialize(fetch: CompletedFetch): boolean {
    const { position, data, expected } = fetch;
    if (position.fetchState !== "FETCHING") return false;
    if (data.error !== "NONE") {
      this.#failed(position, data, expected);
      return false;
    }
    if (position.offset !== expected) return false;
    if (data.preferredReadReplica >= 0) this.#replicas.prefer(position, data.preferredReadReplica);
    fetch.isInitialized = true;
    return true;
  }

  #drain(fetch: CompletedFetch, limit: number, polled: Polled[]): number {
    const { position, data } = fetch;
    if (!position.isFetchable || position.offset !== fetch.expected) return 0;
    let returned = 0;
    for (; returned < limit; fetch.next++) {
      const batch = data.batches[fetch.next];
      if (batch === undefined) break;
      const piece = this.#deliver(fetch, batch, limit - returned);
      if (piece !== undefined) {
        polled.push(piece);
        returned += piece.count;
      }
      if (position.offset <= lastOffset(batch)) break;
    }
    fetch.expected = position.offset;
    return returned;
  }

  /** Up to `limit` records of a batch, from the position on; the position moves past them. */
  #deliver(fetch: CompletedFetch, batch: RecordBatch, limit: number): Polled | undefined {
    const { position } = fetch;
    const skip = Math.max(0, position.offset - batch.baseOffset);
    const count = Math.min(batch.count - skip, limit);
    if (count <= 0) return undefined;
    const isAffected = skip === 0 && ++this.#batches % AFFECTED_BATCH === 0;
    if (isAffected && this.#defect === "skips") {
      position.advance(lastOffset(batch) + 1, batch.leaderEpoch);
      return undefined;
    }
    const baseOffset = batch.baseOffset + skip;
    if (!isAffected || this.#defect !== "repeats")
      position.advance(baseOffset + count, batch.leaderEpoch);
    this.#host.emit("consumer.polled", {
      partition: position.partition,
      stream: batch.stream,
      firstNumber: batch.firstNumber + (this.#defect === "misreads" ? 0 : skip),
      count,
      baseOffset,
      position: baseOffset + count,
      leader: fetch.from,
      leaderEpoch: batch.leaderEpoch,
      highWatermark: fetch.data.highWatermark,
    });
    return pieceOf(position.partition, batch, skip, count);
  }

  /** What an error in a fetch response means (FetchCollector.handleInitializeErrors). Nothing is waited for before the next fetch. */
  #failed(position: PartitionPosition, { error }: FetchPartitionData, fetchOffset: Offset): void {
    if (error === "OFFSET_OUT_OF_RANGE") {
      // A follower may be behind, or ahead with its log start: the leader has the last word.
      if (this.#replicas.clear(position, error) || position.offset !== fetchOffset) return;
      this.#lookup.reset(position, "OFFSET_OUT_OF_RANGE");
      return;
    }
    if (
      error === "CORRUPT_MESSAGE" ||
      (!ERRORS[error].retriable && error !== "UNKNOWN_SERVER_ERROR")
    ) {
      this.#lookup.fail(position, error);
      return;
    }
    if (error === "UNKNOWN_LEADER_EPOCH" || error === "UNKNOWN_SERVER_ERROR") return;
    this.#metadata.requestUpdate();
    this.#replicas.clear(position, error);
  }
}

const hasNothing = (data: FetchPartitionData): boolean =>
  data.error === "NONE" &&
  data.batches.length === 0 &&
  data.divergingEpoch === undefined &&
  data.preferredReadReplica < 0;
