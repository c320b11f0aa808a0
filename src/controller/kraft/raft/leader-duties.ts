// What a quorum leader does: writes what it is given, lets the others fetch it, finds out what is committed, and whether anybody still listens.
// The truth: KafkaRaftClient (appendPurgatory, fetchPurgatory, pollLeader), BatchAccumulator.
import type { FetchMetadataLogRequest, FetchMetadataLogResponse } from "../../../protocol/apis.ts";
import type { Call, KafkaHost } from "../../../protocol/kafka-host.ts";
import type { MetadataBatch, MetadataRecord, Offset } from "../../../protocol/types.ts";
import { type Micros, ms, type Timer } from "../../../sim/kernel.ts";
import type { LeaderState } from "./leader-state.ts";
import { endOf, type MetadataLog } from "./log.ts";

type FetchCall = Call<"FetchMetadataLog">;

interface Parked {
  readonly request: FetchMetadataLogRequest;
  readonly call: FetchCall;
  readonly timer: Timer;
}

export interface LeaderDutiesOptions {
  readonly host: KafkaHost;
  readonly epoch: number;
  readonly voters: LeaderState;
  readonly voterIds: readonly number[];
  readonly log: MetadataLog;
  readonly linger: Micros;
  readonly fetchTimeout: Micros;
  /** Writes to the log and makes it durable; `durable` hears up to where. */
  write(batches: readonly MetadataBatch[], durable: (endOffset: Offset) => void): void;
  advanced(highWatermark: Offset): void;
  announce(): void;
  /** Set when the leader has to watch whether a majority fetches. */
  readonly majorityLost: (() => void) | undefined;
}

export class LeaderDuties {
  readonly #options: LeaderDutiesOptions;
  /** Appended, but not yet written: the linger. */
  #accumulated: MetadataBatch[] = [];
  #nextOffset: Offset;
  #lingers = false;
  readonly #parked = new Set<Parked>();
  #stopped = false;

  constructor(options: LeaderDutiesOptions) {
    this.#options = options;
    this.#nextOffset = options.log.endOffset;
  }

  start(leaderChange: MetadataRecord): void {
    this.append([leaderChange]);
    this.#drain();
    this.#announce();
    this.#watchMajority();
  }

  /** The leadership is over: what was only accumulated never existed. */
  stop(refuse: (call: FetchCall) => void): void {
    this.#stopped = true;
    for (const { call, timer } of this.#parked) {
      timer.cancel();
      refuse(call);
    }
    this.#parked.clear();
  }

  append(records: readonly MetadataRecord[]): MetadataBatch {
    const { host, epoch, linger } = this.#options;
    const batch: MetadataBatch = { baseOffset: this.#nextOffset, epoch, records };
    this.#nextOffset = endOf(batch);
    this.#accumulated.push(batch);
    if (!this.#lingers) {
      this.#lingers = true;
      host.after(linger, () => this.#drain());
    }
    return batch;
  }

  fetch(request: FetchMetadataLogRequest, call: FetchCall): void {
    const { host, log } = this.#options;
    if (this.#answer(request, call, request.maxWaitMs > 0)) return;
    const parked: Parked = {
      request,
      call,
      timer: host.after(ms(request.maxWaitMs), () => {
        this.#parked.delete(parked);
        call.reply(this.#response(log.read(request.fetchOffset)));
      }),
    };
    this.#parked.add(parked);
  }

  /** False: nothing to tell yet, and the caller would rather wait. */
  #answer(request: FetchMetadataLogRequest, call: FetchCall, mayWait: boolean): boolean {
    const { host, log, voters } = this.#options;
    const { replicaId, fetchOffset, lastFetchedEpoch } = request;
    const divergingEpoch = log.divergence(fetchOffset, lastFetchedEpoch);
    if (divergingEpoch !== undefined) {
      call.reply({ ...this.#response([]), divergingEpoch });
      return true;
    }
    if (voters.updateReplica(replicaId, fetchOffset, host.now)) this.#advance();
    const batches = log.read(fetchOffset);
    const isNews = batches.length > 0 || (voters.highWatermark ?? -1) > request.highWatermark;
    if (mayWait && !isNews) return false;
    call.reply(this.#response(batches));
    return true;
  }

  #response(batches: readonly MetadataBatch[]): FetchMetadataLogResponse {
    const { host, epoch, voters } = this.#options;
    return {
      error: "NONE",
      leaderId: host.id,
      leaderEpoch: epoch,
      highWatermark: voters.highWatermark ?? -1,
      batches,
      divergingEpoch: undefined,
    };
  }

  /** Followers may fetch what is written before it is durable here: KafkaRaftClient.flushLeaderLog. */
  #drain(): void {
    if (this.#stopped) return;
    this.#lingers = false;
    const batches = this.#accumulated;
    this.#accumulated = [];
    if (batches.length === 0) return;
    this.#options.write(batches, (endOffset) => {
      if (this.#stopped) return;
      if (this.#options.voters.updateLocalEndOffset(endOffset)) this.#advance();
    });
    this.#release(() => true);
  }

  #release(isDue: (request: FetchMetadataLogRequest) => boolean): void {
    for (const parked of [...this.#parked]) {
      if (this.#stopped || !this.#parked.has(parked) || !isDue(parked.request)) continue;
      this.#parked.delete(parked);
      parked.timer.cancel();
      this.#answer(parked.request, parked.call, false);
    }
  }

  #advance(): void {
    const { highWatermark } = this.#options.voters;
    if (highWatermark === undefined) return;
    this.#options.advanced(highWatermark);
    this.#release((request) => request.highWatermark < highWatermark);
  }

  /** BeginQuorumEpoch again and again: a voter may have missed the election. */
  #announce(): void {
    if (this.#stopped) return;
    const { host, fetchTimeout, voterIds } = this.#options;
    if (voterIds.length === 1) return;
    this.#options.announce();
    host.after(Math.floor(fetchTimeout / 2), () => this.#announce());
  }

  #watchMajority(): void {
    const { host, voters, majorityLost } = this.#options;
    if (this.#stopped || majorityLost === undefined) return;
    const left = voters.checkQuorumDeadline - host.now;
    if (left === Infinity) return;
    if (left <= 0) majorityLost();
    else host.after(left, () => this.#watchMajority());
  }
}
