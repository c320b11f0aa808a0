// One broker that leads or follows t-0, driven by hand: its handlers are called directly, so that each step is one statement of a test.
import type { BrokerParts } from "../../src/broker/broker-parts.ts";
import { Deadlines } from "../../src/broker/deadlines.ts";
import { FetchHandler } from "../../src/broker/fetch.ts";
import { highWatermarkRuleFor } from "../../src/broker/high-watermark.ts";
import { OffsetsHandler } from "../../src/broker/list-offsets.ts";
import { MetadataCache } from "../../src/broker/metadata-cache.ts";
import type { Partition } from "../../src/broker/partition.ts";
import { ProduceHandler } from "../../src/broker/produce.ts";
import { ReplicaManager } from "../../src/broker/replica-manager.ts";
import { LogManager } from "../../src/log/log-manager.ts";
import type {
  FetchPartition,
  FetchPartitionData,
  FetchResponse,
  ListOffsetsResponse,
  ProduceResponse,
} from "../../src/protocol/apis.ts";
import type { ErrorName } from "../../src/protocol/errors.ts";
import type { PartitionRegistration, TopicPartition } from "../../src/protocol/types.ts";
import { type ClusterOptions, FakeControlPlane, TestCluster } from "./support.ts";

export const LEADER = 1;

const NO_SESSION = { id: 0, epoch: -1 };

let answers = 0;

class Answer<R> {
  readonly from = 0;
  /** Of two answers the later one has the higher number. */
  order = 0;
  response: R | undefined;
  disconnected = false;

  reply(response: R): void {
    this.response = response;
    this.order = ++answers;
  }

  disconnect(): void {
    this.disconnected = true;
  }
}

export interface FetchOptions extends Partial<FetchPartition> {
  readonly brokerEpoch?: number;
  readonly maxWaitMs?: number;
  /** An incremental request, which names nothing: what the session fetched last is what it still asks for. */
  readonly session?: { readonly id: number; readonly epoch: number };
}

/** Asks for a session. */
export const NEW_SESSION = { id: 0, epoch: 0 };
const NO_CHANGES = { moved: [], altered: [], forgotten: [] };

export class OneBroker extends TestCluster {
  readonly controlPlane: FakeControlPlane;
  readonly parts: BrokerParts;
  readonly replicas: ReplicaManager;
  readonly tp: TopicPartition;
  readonly #fetches: FetchHandler;
  readonly #produces: ProduceHandler;
  readonly #offsets: OffsetsHandler;
  readonly #topicSettings: ClusterOptions["topic"];

  constructor(options: ClusterOptions & { replicas?: readonly number[] } = {}) {
    super({ ...options, brokers: 0 });
    this.#topicSettings = options.topic;
    const host = this.addBareHost(LEADER);
    this.controlPlane = new FakeControlPlane(host, 101);
    const metadata = new MetadataCache();
    const settings = this.settings(options.config);
    this.parts = {
      host,
      env: this.env,
      settings,
      controlPlane: this.controlPlane,
      metadata,
      highWatermark: highWatermarkRuleFor(this.env.rules),
      logs: new LogManager(host, settings.config),
    };
    this.replicas = new ReplicaManager(this.parts);
    this.#fetches = new FetchHandler(this.parts, this.replicas, new Deadlines(host));
    this.#produces = new ProduceHandler(this.parts, this.replicas, new Deadlines(host));
    this.#offsets = new OffsetsHandler(this.replicas);
    for (const id of [1, 2, 3, 4, 5]) this.register(id, { brokerEpoch: 100 + id });
    this.tp = this.set("t-0", { replicas: options.replicas ?? [1, 2, 3] }).partition;
    this.replicas.start();
  }

  get replica(): Partition {
    return this.replicas.partition(this.tp) as Partition;
  }

  get isr(): readonly number[] {
    return this.replica.isrState.isr;
  }

  get maximalIsr(): readonly number[] {
    return this.replica.isrState.maximalIsr;
  }

  /** The metadata log says this about t-0. */
  metadata(change: Partial<PartitionRegistration>): void {
    const registration = this.set("t-0", change);
    const view = this.view();
    (this.parts.metadata as MetadataCache).setView(view);
    const topicConfig = this.#topicSettings ?? {};
    this.replicas.apply([{ kind: "partition", registration, topicConfig }]);
  }

  lead(isr: readonly number[], change: Partial<PartitionRegistration> = {}): void {
    this.metadata({ leader: LEADER, isr, leaderEpoch: 1, partitionEpoch: 1, ...change });
  }

  /** The brokers' registrations changed. */
  refreshView(): void {
    (this.parts.metadata as MetadataCache).setView(this.view());
  }

  produce(count: number, acks: 0 | 1 | -1, timeoutMs = 30_000): Answer<ProduceResponse> {
    const call = new Answer<ProduceResponse>();
    const batches = [{ partition: this.tp, batch: this.batch(count) }];
    this.#produces.handle({ acks, timeoutMs, batches }, call);
    return call;
  }

  /** Records one by one, so that every offset is a batch boundary. */
  append(count: number): void {
    for (let i = 0; i < count; i++) this.produce(1, 1);
  }

  parkedFetch(
    replicaId: number,
    fetchOffset: number,
    options: FetchOptions = {},
  ): Answer<FetchResponse> {
    const { brokerEpoch = 100 + replicaId, maxWaitMs = 0, session, ...change } = options;
    const call = new Answer<FetchResponse>();
    const fetch = {
      partition: this.tp,
      fetchOffset,
      currentLeaderEpoch: this.replica.leaderEpoch,
      lastFetchedEpoch: -1,
      logStartOffset: 0,
      maxBytes: 1 << 20,
      ...change,
    };
    const replicaEpoch = replicaId < 0 ? -1 : brokerEpoch;
    const limits = { maxWaitMs, minBytes: 1, maxBytes: 1 << 20, rackId: "" };
    const { id: sessionId, epoch: sessionEpoch } = session ?? NO_SESSION;
    const changes = sessionEpoch > 0 ? NO_CHANGES : undefined;
    const named = { partitions: [fetch], namedPartitions: 1, changes, sessionId, sessionEpoch };
    this.#fetches.handle({ replicaId, replicaEpoch, ...limits, ...named }, call);
    return call;
  }

  fetch(replicaId: number, fetchOffset: number, options: FetchOptions = {}): FetchPartitionData {
    const { response } = this.parkedFetch(replicaId, fetchOffset, options);
    return response?.partitions[0] as FetchPartitionData;
  }

  consume(fetchOffset: number): FetchPartitionData {
    return this.fetch(-1, fetchOffset);
  }

  listOffset(
    timestamp: "earliest" | "latest",
    replicaId = -1,
  ): ListOffsetsResponse["partitions"][number] {
    const call = new Answer<ListOffsetsResponse>();
    const query = { partition: this.tp, currentLeaderEpoch: -1, timestamp };
    this.#offsets.listOffsets({ replicaId, partitions: [query] }, call);
    return call.response?.partitions[0] as ListOffsetsResponse["partitions"][number];
  }

  /** The controller accepts the last proposal. */
  accept(): void {
    const { proposal, answered } = this.controlPlane.last;
    answered({
      error: "NONE",
      leader: LEADER,
      leaderEpoch: proposal.leaderEpoch,
      isr: proposal.isr.map((member) => member.brokerId),
      leaderRecoveryState: "RECOVERED",
      partitionEpoch: proposal.partitionEpoch + 1,
    });
  }

  refuse(error: ErrorName): void {
    const none = { leader: -1, leaderEpoch: -1, isr: [], partitionEpoch: -1 };
    this.controlPlane.last.answered({ error, ...none, leaderRecoveryState: "RECOVERED" });
  }
}
