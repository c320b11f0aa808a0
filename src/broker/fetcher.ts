// A ReplicaFetcherThread: copies partitions from one leader broker, one request at a time for all of them (AbstractFetcherThread).
// The loop is Kafka's: truncate what needs it, fetch, append, again at once. A silent leader stalls all its partitions for replica.socket.timeout.ms.
import type {
  FetchPartition,
  FetchPartitionData,
  FetchRequest,
  FetchResponse,
} from "../protocol/apis.ts";
import type { ErrorName } from "../protocol/errors.ts";
import { FetchMetadata } from "../protocol/fetch-metadata.ts";
import type { Process, Reply } from "../protocol/kafka-host.ts";
import type { BrokerId, RecordBatch, TopicPartition } from "../protocol/types.ts";
import { SimulatorBug } from "../sim/assert.ts";
import { type Micros, ms } from "../sim/kernel.ts";
import { Signal, type Suspension, suspend } from "../sim/process.ts";
import type { CallOptions } from "../sim/rpc.ts";
import type { BrokerParts } from "./broker-parts.ts";
import type { FetchState } from "./fetch-state.ts";
import { type Asking, FetchStates } from "./fetch-states.ts";
import { mustWait, whenFlushed } from "./flushed.ts";
import type { Partition } from "./partition.ts";
import type { ReplicaManager } from "./replica-manager.ts";
import { type Truncation, UNDEFINED_EPOCH } from "./truncation.ts";

const NO_STATES: readonly FetchState[] = [];

export class ReplicaFetcher {
  readonly #parts: BrokerParts;
  readonly #replicas: ReplicaManager;
  readonly #truncation: Truncation;
  readonly #leader: BrokerId;
  readonly #channel: string;
  readonly #callOptions: CallOptions;
  readonly #backoff: Micros;
  readonly #carriesBrokerEpoch: boolean;
  readonly #session = new FetchMetadata();
  readonly #states: FetchStates;
  readonly #added: Signal;
  #running = true;

  constructor(
    parts: BrokerParts,
    replicas: ReplicaManager,
    truncation: Truncation,
    leader: BrokerId,
    channel: string,
  ) {
    this.#parts = parts;
    this.#replicas = replicas;
    this.#truncation = truncation;
    this.#leader = leader;
    this.#channel = channel;
    const timeoutUs = ms(parts.settings.config["replica.socket.timeout.ms"]);
    this.#callOptions = { channel, timeoutUs };
    this.#backoff = ms(parts.settings.config["replica.fetch.backoff.ms"]);
    this.#carriesBrokerEpoch = parts.env.rules["replication.isr-broker-epoch"] === "on";
    this.#added = new Signal(parts.host);
    this.#states = new FetchStates(parts.settings.config["replica.fetch.max.bytes"]);
  }

  get isIdle(): boolean {
    return this.#states.all.length === 0;
  }

  start(): void {
    this.#parts.host.spawn(this.#run());
  }

  shutdown(): void {
    this.#running = false;
    this.#states.clear();
    this.#added.notify();
    this.#parts.host.channel(this.#leader, this.#channel).close("fetcher shut down");
  }

  add(partition: Partition): void {
    this.remove(partition.name);
    this.#states.add(partition, this.#truncation.start(partition.log));
    this.#added.notify();
  }

  remove(partition: TopicPartition): void {
    const state = this.#states.find(partition);
    if (state !== undefined) this.#states.drop(state);
  }

  *#run(): Process {
    let request: FetchRequest;
    const ask = (resume: (reply: Reply<"Fetch">) => void): undefined => {
      this.#parts.host.send(this.#leader, "Fetch", request, this.#callOptions, resume);
    };
    for (;;) {
      if (this.#states.mustTruncate) yield* this.#truncate();
      if (!this.#running) return;
      const asking = this.#states.ask(this.#parts.host.now, this.#session.epoch === 0);
      if (asking === undefined) {
        yield* this.#added.waitAtMost(this.#backoff);
        continue;
      }
      request = this.#buildFetch(asking);
      const reply: Reply<"Fetch"> = yield ask as Suspension;
      if (!this.#running) return;
      if (!reply.ok) {
        this.#connectionFailed(reply.reason);
        continue;
      }
      // A session error: at once again, in full.
      if (!this.#session.answered(reply.response)) continue;
      const outOfRange = this.#takeIn(reply.response);
      for (const state of outOfRange) yield* this.#resetOffset(state);
      if (this.#parts.logs.someFlushAppends) yield* this.#flushed();
      const waitUs = this.#parts.host.disk.pageCache?.holdUpWriter(0) ?? 0;
      if (waitUs > 0) yield* this.#parts.host.sleep(waitUs);
    }
  }

  // Fetching

  #buildFetch({ partitions, namedPartitions, changes }: Asking): FetchRequest {
    const { config } = this.#parts.settings;
    return {
      replicaId: this.#parts.host.id,
      replicaEpoch: this.#carriesBrokerEpoch ? this.#parts.controlPlane.brokerEpoch : -1,
      maxWaitMs: config["replica.fetch.wait.max.ms"],
      minBytes: config["replica.fetch.min.bytes"],
      maxBytes: config["replica.fetch.response.max.bytes"],
      partitions,
      namedPartitions,
      changes,
      sessionId: this.#session.id,
      sessionEpoch: this.#session.epoch,
      rackId: "",
    };
  }

  /** Returns whose offsets the leader does not have. */
  #takeIn({ partitions }: FetchResponse): readonly FetchState[] {
    let outOfRange = NO_STATES;
    for (let i = 0; i < partitions.length; i++) {
      const data = partitions[i] as FetchPartitionData;
      const asked = this.#states.asked(data.partition);
      if (asked === undefined) throw new SimulatorBug(`${data.partition.name} was not asked for`);
      const state = this.#current(asked, asked.asked as FetchPartition);
      if (state === undefined) continue;
      if (data.error === "OFFSET_OUT_OF_RANGE") outOfRange = [...outOfRange, state];
      this.#process(state, data);
    }
    this.#states.rotate();
    return outOfRange;
  }

  *#flushed(): Process {
    const logs = Array.from(this.#states.allAsked, (state) => state.partition.log);
    if (!logs.some(mustWait)) return;
    const { host } = this.#parts;
    yield* suspend<void>((resume) => void whenFlushed(logs, () => host.after(0, resume)));
  }

  /** The partition's state, if it is still the one that was asked for: same epoch, same offset, still to be fetched here. */
  #current(asked: FetchState, fetch: FetchPartition): FetchState | undefined {
    if (this.#parts.env.rules.mutant === "append-without-epoch-check") {
      const { partition } = asked;
      return !partition.isLeader && partition.logEndOffset === fetch.fetchOffset
        ? asked
        : undefined;
    }
    if (!asked.isCurrent || asked.fetchOffset !== fetch.fetchOffset) return undefined;
    return asked.isReady(this.#parts.host.now) ? asked : undefined;
  }

  #process(state: FetchState, data: FetchPartitionData): void {
    this.#note(state, data.error);
    switch (data.error) {
      case "NONE":
        if (data.divergingEpoch === undefined) this.#append(state, data);
        else {
          const { log } = state.partition;
          const point = this.#truncation.truncationPoint(
            log,
            data.divergingEpoch,
            state.fetchOffset,
          );
          this.#truncateTo(state, point.offset);
        }
        return;
      case "OFFSET_OUT_OF_RANGE":
        return;
      case "FENCED_LEADER_EPOCH":
      case "KAFKA_STORAGE_ERROR":
        // The leader is ahead of this broker's metadata: nothing more until new metadata adds the partition again.
        this.#states.drop(state);
        return;
      default:
        this.#delay(state);
    }
  }

  #append(state: FetchState, data: FetchPartitionData): void {
    const { partition } = state;
    const { log } = partition;
    for (const batch of data.batches) {
      const appended = log.appendAsFollower(batch);
      if (appended === "ok") continue;
      if (appended === "KAFKA_STORAGE_ERROR") this.#replicas.storageFailed();
      this.#states.drop(state);
      return;
    }
    // Assigned, not raised: a follower may know more than the leader it has now.
    const known = log.highWatermark;
    // Consumers that read here (KIP-392) wait for it.
    const isCapped = this.#parts.env.rules.mutant !== "follower-high-watermark-uncapped";
    if (log.updateHighWatermark(data.highWatermark, state.leaderEpoch, isCapped) > known)
      partition.fetches.checkAll();
    log.advanceLogStartOffset(data.logStartOffset, "leader's log start");
    const last = data.batches[data.batches.length - 1] as RecordBatch | undefined;
    if (last === undefined) return;
    state.moveTo(log.logEndOffset, this.#truncation.lastFetchedEpoch(last.leaderEpoch));
    this.#states.served(state);
    partition.fetches.checkAll();
  }

  // Truncating

  *#truncate(): Process {
    const { now } = this.#parts.host;
    const asking: FetchState[] = [];
    for (const state of this.#states.all) {
      if (!state.truncating || state.isDelayed(now)) continue;
      if (this.#truncation.epochToAsk(state.partition.log) !== UNDEFINED_EPOCH) asking.push(state);
      else {
        this.#truncateTo(state, state.fetchOffset);
        state.truncating = false;
      }
    }
    if (asking.length > 0) yield* this.#truncateToEpochEnds(asking);
  }

  *#truncateToEpochEnds(asking: readonly FetchState[]): Process {
    const partitions = asking.map(({ partition, leaderEpoch }) => ({
      partition: partition.name,
      currentLeaderEpoch: leaderEpoch,
      leaderEpoch: this.#truncation.epochToAsk(partition.log),
    }));
    const request = { replicaId: this.#parts.host.id, partitions };
    const reply = yield* this.#parts.host.call(
      this.#leader,
      "OffsetForLeaderEpoch",
      request,
      this.#callOptions,
    );
    if (!this.#running) return;
    for (let i = 0; i < asking.length; i++) {
      const state = asking[i] as FetchState;
      // A new epoch came while the leader was asked.
      if (!state.isCurrent) continue;
      const answer = reply.ok ? reply.response.partitions[i] : undefined;
      const error = reply.ok ? (answer?.error ?? "UNKNOWN_SERVER_ERROR") : reply.reason;
      this.#note(state, error);
      if (error === "FENCED_LEADER_EPOCH") this.#states.drop(state);
      else if (answer === undefined || error !== "NONE") this.#delay(state);
      else {
        const point = this.#truncation.truncationPoint(
          state.partition.log,
          answer,
          state.fetchOffset,
        );
        this.#truncateTo(state, point.offset);
        state.truncating = !point.completed;
      }
    }
  }

  #truncateTo(state: FetchState, offset: number): void {
    const { log } = state.partition;
    log.truncateTo(offset, this.#truncation.name);
    state.moveTo(offset, this.#truncation.lastFetchedEpoch(log.latestEpoch));
  }

  /** The leader's log does not reach to, or no longer from, the fetch offset: an unclean election, or retention (fetchOffsetAndTruncate). */
  *#resetOffset(state: FetchState): Process {
    const { log } = state.partition;
    const end = yield* this.#askLeader(state, "latest");
    if (end === undefined) return;
    if (end < log.logEndOffset) {
      this.#truncateTo(state, end);
      return;
    }
    const start = yield* this.#askLeader(state, "earliest");
    if (start === undefined) return;
    if (start > log.logEndOffset) log.truncateFullyAndStartAt(start, "leader's log start");
    state.moveTo(
      Math.max(start, log.logEndOffset),
      this.#truncation.lastFetchedEpoch(log.latestEpoch),
    );
  }

  /** One of the leader's own offsets; undefined: not now, or the question is out of date. */
  *#askLeader(state: FetchState, timestamp: "latest" | "earliest"): Process<number | undefined> {
    const { name } = state.partition;
    const partitions = [{ partition: name, currentLeaderEpoch: state.leaderEpoch, timestamp }];
    const request = { replicaId: this.#parts.host.id, partitions };
    const reply = yield* this.#parts.host.call(
      this.#leader,
      "ListOffsets",
      request,
      this.#callOptions,
    );
    if (!this.#running || !state.isCurrent) return undefined;
    const answer = reply.ok ? reply.response.partitions[0] : undefined;
    if (answer?.error === "NONE") return answer.offset;
    this.#note(state, reply.ok ? (answer?.error ?? "UNKNOWN_SERVER_ERROR") : reply.reason);
    if (answer?.error === "FENCED_LEADER_EPOCH") this.#states.drop(state);
    else this.#delay(state);
    return undefined;
  }

  // Trouble

  #connectionFailed(reason: "timeout" | "disconnected"): void {
    this.#session.beginNew();
    for (const state of this.#states.all) {
      this.#note(state, reason);
      this.#delay(state);
    }
  }

  #delay(state: FetchState): void {
    const { now } = this.#parts.host;
    if (!state.isDelayed(now)) this.#states.delay(state, now + this.#backoff);
  }

  #note(state: FetchState, error: ErrorName | "timeout" | "disconnected"): void {
    if (error === state.lastError) return;
    state.lastError = error;
    if (error === "NONE") return;
    const { name: partition } = state.partition;
    this.#parts.host.emit("replica.fetchFailed", { partition, leader: this.#leader, error });
  }
}
