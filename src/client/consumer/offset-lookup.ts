// Finding and checking positions (OffsetFetcher): ListOffsets for partitions without one, OffsetForLeaderEpoch after a change of leader (KIP-320).
import { ERRORS, type ErrorName } from "../../protocol/errors.ts";
import type { KafkaHost, Reply } from "../../protocol/kafka-host.ts";
import { type BrokerId, NO_LEADER, type Offset } from "../../protocol/types.ts";
import type { Backoff } from "../backoff.ts";
import type { Metadata } from "../metadata.ts";
import type { NetworkClient } from "../network-client.ts";
import type { FetchState, PartitionPosition } from "./positions.ts";

export type ResetStrategy = "earliest" | "latest" | "none";

const NOBODY: ReadonlyMap<BrokerId, PartitionPosition[]> = new Map();

export class OffsetLookup {
  readonly #host: KafkaHost;
  readonly #strategy: ResetStrategy;
  readonly #metadata: Metadata;
  readonly #network: NetworkClient;
  readonly #backoff: Backoff;
  readonly #changed: () => void;

  constructor(
    host: KafkaHost,
    strategy: ResetStrategy,
    parts: {
      readonly metadata: Metadata;
      readonly network: NetworkClient;
      readonly backoff: Backoff;
      /** Called when an answer has come. */
      readonly changed: () => void;
    },
  ) {
    this.#host = host;
    this.#strategy = strategy;
    this.#metadata = parts.metadata;
    this.#network = parts.network;
    this.#backoff = parts.backoff;
    this.#changed = parts.changed;
  }

  /** auto.offset.reset, or the end of the partition for this application when there is no policy. */
  reset(position: PartitionPosition, error: string): void {
    if (position.fetchState === "REVOKED") return;
    if (this.#strategy === "none") this.fail(position, error);
    else position.requestReset();
  }

  fail(position: PartitionPosition, error: string): void {
    if (position.fetchState === "REVOKED") return;
    position.fetchState = "FAILED";
    this.#host.emit("consumer.failed", { partition: position.partition, error });
  }

  /** Asks for every position that needs it and may ask now (resetPositionsIfNeeded, validatePositionsIfNeeded). */
  askAll(positions: readonly PartitionPosition[]): void {
    for (const [leader, waiting] of this.#askable(positions, "AWAIT_RESET"))
      this.#listOffsets(leader, waiting);
    for (const [leader, waiting] of this.#askable(positions, "AWAIT_VALIDATION"))
      this.#validate(leader, waiting);
  }

  #askable(
    positions: readonly PartitionPosition[],
    state: FetchState,
  ): ReadonlyMap<BrokerId, PartitionPosition[]> {
    if (!isAny(positions, state)) return NOBODY;
    const byLeader = new Map<BrokerId, PartitionPosition[]>();
    for (const position of positions) {
      if (position.fetchState !== state || position.isAsking) continue;
      if (position.retryAt > this.#host.now) continue;
      if (state === "AWAIT_RESET" && this.#strategy === "none") {
        this.fail(position, "NO_OFFSET_FOR_PARTITION");
        continue;
      }
      const leader = this.#metadata.leaderOf(position.partition);
      if (leader === NO_LEADER) this.#metadata.requestUpdate();
      else if (this.#network.ready(leader)) {
        const waiting = byLeader.get(leader);
        if (waiting === undefined) byLeader.set(leader, [position]);
        else waiting.push(position);
      }
    }
    return byLeader;
  }

  #listOffsets(leader: BrokerId, positions: readonly PartitionPosition[]): void {
    const timestamp = this.#strategy === "earliest" ? "earliest" : "latest";
    const partitions = positions.map((position) => {
      position.isAsking = true;
      const { partition } = position;
      return {
        partition,
        currentLeaderEpoch: this.#metadata.leaderEpochOf(partition),
        timestamp,
      } as const;
    });
    this.#network.send(leader, "ListOffsets", { replicaId: -1, partitions }, (reply) => {
      for (const position of positions) this.#listed(position, reply);
      this.#changed();
    });
  }

  #listed(position: PartitionPosition, reply: Reply<"ListOffsets">): void {
    position.isAsking = false;
    const result = reply.ok
      ? reply.response.partitions.find((entry) => entry.partition === position.partition)
      : undefined;
    if (result?.error !== "NONE") return this.#failed(position, result?.error);
    if (position.fetchState !== "AWAIT_RESET") return;
    this.#moved(position, result.offset, -1, this.#strategy);
  }

  #validate(leader: BrokerId, positions: readonly PartitionPosition[]): void {
    const asked = positions.map(({ offset }) => offset);
    const partitions = positions.map((position) => {
      position.isAsking = true;
      return {
        partition: position.partition,
        currentLeaderEpoch: position.leader.epoch,
        leaderEpoch: position.offsetEpoch,
      };
    });
    this.#network.send(leader, "OffsetForLeaderEpoch", { replicaId: -1, partitions }, (reply) => {
      positions.forEach((position, i) => {
        this.#validated(position, asked[i] as Offset, reply);
      });
      this.#changed();
    });
  }

  #validated(
    position: PartitionPosition,
    asked: Offset,
    reply: Reply<"OffsetForLeaderEpoch">,
  ): void {
    position.isAsking = false;
    const result = reply.ok
      ? reply.response.partitions.find((entry) => entry.partition === position.partition)
      : undefined;
    if (result?.error !== "NONE") return this.#failed(position, result?.error);
    if (position.fetchState !== "AWAIT_VALIDATION" || position.offset !== asked) return;
    if (result.endOffset < 0 || result.leaderEpoch < 0) this.reset(position, "LOG_TRUNCATION");
    else if (result.endOffset >= position.offset) {
      position.fetchState = "FETCHING";
      position.failures = 0;
    } else if (this.#strategy === "none") this.fail(position, "LOG_TRUNCATION");
    // With a reset policy the consumer goes back to where the logs part, not to the policy's end of the log.
    else this.#moved(position, result.endOffset, result.leaderEpoch, "truncation");
  }

  #moved(position: PartitionPosition, to: Offset, epoch: number, strategy: string): void {
    const { partition, offset: from } = position;
    position.moveTo(to, epoch);
    this.#host.emit("consumer.reset", { partition, from, to, strategy });
  }

  #failed(position: PartitionPosition, error: ErrorName | undefined): void {
    position.retryAt = this.#host.now + this.#backoff(position.failures++);
    if (error === undefined || ERRORS[error].invalidMetadata || ERRORS[error].retriable)
      this.#metadata.requestUpdate();
    else this.fail(position, error);
  }
}

/** Asked at every poll, and hardly ever so. */
function isAny(positions: readonly PartitionPosition[], state: FetchState): boolean {
  for (let i = 0; i < positions.length; i++)
    if ((positions[i] as PartitionPosition).fetchState === state) return true;
  return false;
}
