// A ReplicaFetcherThread: copies partitions from one leader broker, one request at a time for all of them (AbstractFetcherThread).
// The loop is Kafka's: truncate what needs it, fetch, append, again at once. A silent leader stalls all its partitions for replica.socket.timeout.ms.
import type { FetchPartition, FetchPartitionData, FetchRequest } from "../protocol/apis.ts";
import type { ErrorName } from "../protocol/errors.ts";
import type { Process } from "../protocol/kafka-host.ts";
import type { BrokerId, RecordBatch, TopicPartition } from "../protocol/types.ts";
import { SimulatorBug } from "../sim/assert.ts";
import { type Micros, ms } from "../sim/kernel.ts";
import { Signal, suspend } from "../sim/process.ts";
import type { BrokerParts } from "./broker-parts.ts";
import { FetchSession } from "./fetch-session.ts";
import { FetchState } from "./fetch-state.ts";
import { mustWait, whenFlushed } from "./flushed.ts";
import type { Partition } from "./partition.ts";
import type { ReplicaManager } from "./replica-manager.ts";
import { type Truncation, UNDEFINED_EPOCH } from "./truncation.ts";

export class ReplicaFetcher {
  readonly #parts: BrokerParts;
  readonly #replicas: ReplicaManager;
  readonly #truncation: Truncation;
  readonly #leader: BrokerId;
  readonly #channel: string;
  readonly #backoff: Micros;
  readonly #carriesBrokerEpoch: boolean;
  readonly #session = new FetchSession();
  /** In the order they are asked for: who got data goes to the end. */
  readonly #states = new Map<TopicPartition, FetchState>();
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
    this.#backoff = ms(parts.settings.config["replica.fetch.backoff.ms"]);
    this.#carriesBrokerEpoch = parts.env.rules["replication.isr-broker-epoch"] === "on";
    this.#added = new Signal(parts.host);
  }

  get isIdle(): boolean {
    return this.#states.size === 0;
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
    const start = this.#truncation.start(partition.log);
    this.#states.set(partition.name, new FetchState(partition, start));
    this.#added.notify();
  }

  remove(partition: TopicPartition): void {
    this.#states.delete(partition);
  }

  *#run(): Process {
    while (this.#running) {
      yield* this.#truncate();
      if (!this.#running) return;
      const asked: FetchState[] = [];
      const request = this.#buildFetch(asked);
      if (request === undefined) yield* this.#added.waitAtMost(this.#backoff);
      else yield* this.#fetch(request, asked);
    }
  }

  // Fetching

  /** `asked`: filled with the state of each entry. */
  #buildFetch(asked: FetchState[]): FetchRequest | undefined {
    const { config } = this.#parts.settings;
    const { now } = this.#parts.host;
    const maxBytes = config["replica.fetch.max.bytes"];
    const partitions: FetchPartition[] = [];
    for (const state of this.#states.values()) {
      if (!state.isReady(now)) continue;
      asked.push(state);
      partitions.push(state.request(maxBytes));
    }
    if (partitions.length === 0) return undefined;
    return {
      replicaId: this.#parts.host.id,
      replicaEpoch: this.#carriesBrokerEpoch ? this.#parts.controlPlane.brokerEpoch : -1,
      maxWaitMs: config["replica.fetch.wait.max.ms"],
      minBytes: config["replica.fetch.min.bytes"],
      maxBytes: config["replica.fetch.response.max.bytes"],
      partitions,
      namedPartitions: this.#session.name(partitions),
      sessionId: this.#session.id,
      sessionEpoch: this.#session.epoch,
      rackId: "",
    };
  }

  *#fetch(request: FetchRequest, asked: readonly FetchState[]): Process {
    const reply = yield* this.#parts.host.call(this.#leader, "Fetch", request, this.#callOptions());
    if (!this.#running) return;
    if (!reply.ok) {
      this.#connectionFailed(reply.reason);
      return;
    }
    // A session error: at once again, in full.
    if (!this.#session.answered(reply.response)) return;
    const outOfRange: FetchState[] = [];
    let next = 0;
    for (const data of reply.response.partitions) {
      // The response keeps the request's order and may leave partitions out.
      while (next < asked.length && request.partitions[next]?.partition !== data.partition) next++;
      if (next === asked.length) throw new SimulatorBug(`${data.partition.name} was not asked for`);
      const state = this.#current(
        asked[next] as FetchState,
        request.partitions[next] as FetchPartition,
      );
      if (state === undefined) continue;
      if (data.error === "OFFSET_OUT_OF_RANGE") outOfRange.push(state);
      this.#process(state, data);
    }
    for (const state of outOfRange) yield* this.#resetOffset(state);
    if (asked.some((state) => mustWait(state.partition.log))) yield* this.#flushed(asked);
  }

  *#flushed(states: readonly FetchState[]): Process {
    const logs = states.map((state) => state.partition.log);
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
    const known = this.#states.get(fetch.partition);
    if (known !== asked || asked.fetchOffset !== fetch.fetchOffset) return undefined;
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
        this.#fail(state);
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
      this.#fail(state);
      return;
    }
    // Assigned, not raised: a follower may know more than the leader it has now.
    const known = log.highWatermark;
    // Consumers that read here (KIP-392) wait for it.
    if (log.updateHighWatermark(data.highWatermark, state.leaderEpoch) > known)
      partition.fetches.checkAll();
    log.advanceLogStartOffset(data.logStartOffset, "leader's log start");
    const last = data.batches[data.batches.length - 1] as RecordBatch | undefined;
    if (last === undefined) return;
    state.moveTo(log.logEndOffset, this.#truncation.lastFetchedEpoch(last.leaderEpoch));
    // Next time behind the others, unless its thread has lost it.
    if (this.#states.delete(partition.name)) this.#states.set(partition.name, state);
    partition.fetches.checkAll();
  }

  // Truncating

  *#truncate(): Process {
    const { now } = this.#parts.host;
    const asking: FetchState[] = [];
    for (const state of this.#states.values()) {
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
      this.#callOptions(),
    );
    if (!this.#running) return;
    for (let i = 0; i < asking.length; i++) {
      const state = asking[i] as FetchState;
      // A new epoch came while the leader was asked.
      if (this.#states.get(state.partition.name) !== state) continue;
      const answer = reply.ok ? reply.response.partitions[i] : undefined;
      const error = reply.ok ? (answer?.error ?? "UNKNOWN_SERVER_ERROR") : reply.reason;
      this.#note(state, error);
      if (error === "FENCED_LEADER_EPOCH") this.#fail(state);
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
      this.#callOptions(),
    );
    if (!this.#running || this.#states.get(name) !== state) return undefined;
    const answer = reply.ok ? reply.response.partitions[0] : undefined;
    if (answer?.error === "NONE") return answer.offset;
    this.#note(state, reply.ok ? (answer?.error ?? "UNKNOWN_SERVER_ERROR") : reply.reason);
    if (answer?.error === "FENCED_LEADER_EPOCH") this.#fail(state);
    else this.#delay(state);
    return undefined;
  }

  // Trouble

  #connectionFailed(reason: "timeout" | "disconnected"): void {
    this.#session.reset();
    for (const state of this.#states.values()) {
      this.#note(state, reason);
      this.#delay(state);
    }
  }

  #delay(state: FetchState): void {
    const { now } = this.#parts.host;
    if (!state.isDelayed(now)) state.delayedUntil = now + this.#backoff;
  }

  #fail(state: FetchState): void {
    if (this.#states.get(state.partition.name) === state) this.#states.delete(state.partition.name);
  }

  #note(state: FetchState, error: ErrorName | "timeout" | "disconnected"): void {
    if (error === state.lastError) return;
    state.lastError = error;
    if (error === "NONE") return;
    const { name: partition } = state.partition;
    this.#parts.host.emit("replica.fetchFailed", { partition, leader: this.#leader, error });
  }

  #callOptions(): { channel: string; timeoutUs: Micros } {
    const timeoutUs = ms(this.#parts.settings.config["replica.socket.timeout.ms"]);
    return { channel: this.#channel, timeoutUs };
  }
}
