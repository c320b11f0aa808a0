// One node's fetching of the metadata log from another: ask, cut what diverges, append, learn the high watermark, ask again.
// The truth: KafkaRaftClient.handleFetchResponse. Used by voters that follow and by brokers, which observe.
import type { FetchMetadataLogResponse } from "../../../protocol/apis.ts";
import type { KafkaHost } from "../../../protocol/kafka-host.ts";
import type { Rules } from "../../../protocol/releases.ts";
import type { EpochEndOffset, MetadataBatch, Offset } from "../../../protocol/types.ts";
import { type Micros, ms } from "../../../sim/kernel.ts";
import type { MetadataLog } from "./log.ts";

/** KafkaRaftClient.MAX_FETCH_WAIT_MS. */
const MAX_FETCH_WAIT_MS = 500;

/** Counts for nothing at the leader. */
export const ANONYMOUS_OBSERVER = -1;

export interface LogFetcherOptions {
  readonly log: MetadataLog;
  /** As whom: a voter's fetch offset is a promise that everything before it is on its disk. */
  readonly replicaId: number;
  readonly rules: Rules;
  readonly requestTimeout: Micros;
  /** After an answer that is an error. */
  readonly retryBackoff: Micros;
  /** Whom to ask, in which epoch. */
  target(): { readonly node: number; readonly epoch: number };
  /** -1: unknown. */
  knownHighWatermark(): Offset;
  /** No answer came. */
  unreachable(): void;
  /** Looks at error, leader and epoch; false: the content is not to be used. May end the fetcher. */
  accepts(response: FetchMetadataLogResponse): boolean;
  truncated(from: Offset, to: Offset): void;
  /** Appends; calls `done` when the batches are as durable as they have to be. */
  append(batches: readonly MetadataBatch[], done: () => void): void;
  highWatermark(leaders: Offset): void;
}

/** NetworkClient's reconnect backoff: 50 ms, doubling up to a second. */
export function reconnectBackoff(failures: number): Micros {
  return ms(Math.min(1000, 50 << Math.min(failures, 5)));
}

export class LogFetcher {
  readonly #host: KafkaHost;
  readonly #options: LogFetcherOptions;
  readonly #reportsHighWatermark: boolean;
  /** Planted bug. */
  readonly #hidesDivergence: boolean;
  #failures = 0;
  #stopped = false;

  constructor(host: KafkaHost, options: LogFetcherOptions) {
    this.#host = host;
    this.#options = options;
    this.#hidesDivergence = options.rules.mutant === "quorum-hides-divergence";
    this.#reportsHighWatermark = options.rules["raft.fetch-high-watermark"] === "on";
  }

  start(): void {
    this.#fetch();
  }

  /** Whatever is still on its way is ignored. */
  stop(): void {
    this.#stopped = true;
  }

  #fetch(): void {
    if (this.#stopped) return;
    const { log, replicaId, requestTimeout } = this.#options;
    const { node, epoch } = this.#options.target();
    const request = {
      replicaId,
      currentLeaderEpoch: epoch,
      fetchOffset: log.endOffset,
      lastFetchedEpoch: this.#hidesDivergence ? epoch : log.lastEpoch,
      highWatermark: this.#reportsHighWatermark
        ? this.#options.knownHighWatermark()
        : Number.MAX_SAFE_INTEGER,
      maxWaitMs: MAX_FETCH_WAIT_MS,
    };
    const options = { channel: "controller/raft", timeoutUs: requestTimeout };
    this.#host.send(node, "FetchMetadataLog", request, options, (reply) => {
      if (this.#stopped) return;
      if (reply.ok) this.#use(reply.response);
      else {
        this.#options.unreachable();
        this.#host.after(reconnectBackoff(this.#failures++), () => this.#fetch());
      }
    });
  }

  #use(response: FetchMetadataLogResponse): void {
    this.#failures = 0;
    const { retryBackoff } = this.#options;
    if (!this.#options.accepts(response)) {
      this.#host.after(retryBackoff, () => this.#fetch());
      return;
    }
    if (response.divergingEpoch !== undefined) {
      this.#truncate(response.divergingEpoch);
      return;
    }
    const next = (): void => {
      if (this.#stopped) return;
      this.#options.highWatermark(response.highWatermark);
      this.#fetch();
    };
    if (response.batches.length === 0) next();
    else this.#options.append(response.batches, next);
  }

  /**
   * What is committed is not unlearned: KafkaRaftClient.handleFetchResponse throws, or KafkaMetadataLog.truncateTo where the logs part earlier than the
   * leader's answer says, and the fault handler ends the process. Voters have lost it.
   */
  #truncate(diverging: EpochEndOffset): void {
    const { log, knownHighWatermark } = this.#options;
    const from = log.endOffset;
    const point = log.truncationPoint(diverging);
    // updateFollowerHighWatermark: nobody's is beyond the end of its log.
    if (Math.min(diverging.endOffset, point) < Math.min(knownHighWatermark(), from)) {
      this.#host.crash("kill");
      return;
    }
    const to = log.truncateTo(point);
    if (to < from) this.#options.truncated(from, to);
    this.#fetch();
  }
}
