// Finding and checking positions (OffsetFetcher): ListOffsets for partitions without one, OffsetForLeaderEpoch after a change of leader (KIP-320).
import type { KafkaHost, Reply } from "../../protocol/kafka-host.ts";
import { type BrokerId, type LeaderEpoch, NO_LEADER, type Offset } from "../../protocol/types.ts";
import { type Micros, ms } from "../../sim/kernel.ts";
import type { Leader, Metadata } from "../metadata.ts";
import type { NetworkClient } from "../network-client.ts";
import { type FetchState, isSameLeader, type PartitionPosition } from "./positions.ts";

type ResetStrategy = "earliest" | "latest" | "none";

export interface LookupConfig {
  readonly "auto.offset.reset": ResetStrategy;
  readonly "request.timeout.ms": number;
  readonly "retry.backoff.ms": number;
}

/** A position as it was when its leader was asked about it (FetchPosition). */
interface Asked {
  readonly position: PartitionPosition;
  readonly offset: Offset;
  readonly offsetEpoch: LeaderEpoch;
  readonly leader: Leader;
}

const NOBODY: ReadonlyMap<BrokerId, PartitionPosition[]> = new Map();

export class OffsetLookup {
  readonly #host: KafkaHost;
  readonly #strategy: ResetStrategy;
  readonly #metadata: Metadata;
  readonly #network: NetworkClient;
  readonly #requestTimeoutUs: Micros;
  readonly #retryBackoffUs: Micros;
  readonly #changed: () => void;
  readonly #neverValid: boolean;

  constructor(
    host: KafkaHost,
    config: LookupConfig,
    parts: {
      readonly metadata: Metadata;
      readonly network: NetworkClient;
      /** Called when an answer has come. */
      readonly changed: () => void;
      /** Planted bug. */
      readonly neverValid?: boolean;
    },
  ) {
    this.#host = host;
    this.#strategy = config["auto.offset.reset"];
    this.#requestTimeoutUs = ms(config["request.timeout.ms"]);
    this.#retryBackoffUs = Math.max(1, ms(config["retry.backoff.ms"]));
    this.#metadata = parts.metadata;
    this.#network = parts.network;
    this.#changed = parts.changed;
    this.#neverValid = parts.neverValid ?? false;
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
      if (position.fetchState !== state || position.retryAt > this.#host.now) continue;
      if (state === "AWAIT_RESET" && this.#strategy === "none") {
        this.fail(position, "NO_OFFSET_FOR_PARTITION");
        continue;
      }
      // A position is checked with the leader it is to be fetched from; until that is known it waits.
      const leader =
        state === "AWAIT_RESET" ? this.#metadata.leaderOf(position.partition) : position.leader.id;
      if (leader === NO_LEADER) this.#metadata.requestUpdate(state === "AWAIT_RESET");
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
      position.retryAt = this.#host.now + this.#requestTimeoutUs;
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
    const { partition, offset: from } = position;
    const result = reply.ok
      ? reply.response.partitions.find((entry) => entry.partition === partition)
      : undefined;
    if (result?.error !== "NONE") return this.#failed(position);
    const leader = this.#metadata.currentLeader(partition);
    this.#metadata.sawEpoch(partition, result.leaderEpoch);
    if (position.fetchState !== "AWAIT_RESET") return;
    const { offset: to } = result;
    // Without an epoch, as there is no record before it that anybody has read.
    position.seek(to, -1, leader, false);
    this.#host.emit("consumer.reset", { partition, from, to, strategy: this.#strategy });
  }

  #validate(leader: BrokerId, positions: readonly PartitionPosition[]): void {
    const asked = positions.map((position): Asked => {
      const { offset, offsetEpoch, leader } = position;
      position.retryAt = this.#host.now + this.#requestTimeoutUs;
      return { position, offset, offsetEpoch, leader };
    });
    const partitions = positions.map((position) => ({
      partition: position.partition,
      currentLeaderEpoch: position.leader.epoch,
      leaderEpoch: position.offsetEpoch,
    }));
    this.#network.send(leader, "OffsetForLeaderEpoch", { replicaId: -1, partitions }, (reply) => {
      for (const one of asked) this.#validated(one, reply);
      this.#changed();
    });
  }

  #validated(asked: Asked, reply: Reply<"OffsetForLeaderEpoch">): void {
    const { position } = asked;
    const { partition, offset: from } = position;
    const result = reply.ok
      ? reply.response.partitions.find((entry) => entry.partition === partition)
      : undefined;
    if (result?.error !== "NONE") return this.#failed(position);
    if (position.fetchState !== "AWAIT_VALIDATION" || hasChanged(asked)) return;
    const { endOffset: to, leaderEpoch } = result;
    if (this.#neverValid) position.retryAt = Number.POSITIVE_INFINITY;
    else if (to < 0 || leaderEpoch < 0) this.reset(position, "LOG_TRUNCATION");
    else if (to >= from) position.completeValidation();
    else if (this.#strategy === "none") this.fail(position, "LOG_TRUNCATION");
    else {
      // With a reset policy the consumer goes back to where the logs part, not to the policy's end of the log.
      position.moveTo(to, leaderEpoch);
      this.#host.emit("consumer.reset", { partition, from, to, strategy: "truncation" });
    }
  }

  /** Whatever the error is: asked again after retry.backoff.ms, which does not grow here. */
  #failed(position: PartitionPosition): void {
    position.retryAt = this.#host.now + this.#retryBackoffUs;
    this.#metadata.requestUpdate();
  }
}

/** An answer about a position that has moved, or that another leader has to judge by now. */
const hasChanged = ({ position, offset, offsetEpoch, leader }: Asked): boolean =>
  position.offset !== offset ||
  position.offsetEpoch !== offsetEpoch ||
  !isSameLeader(position.leader, leader);

/** Asked at every poll, and hardly ever so. */
function isAny(positions: readonly PartitionPosition[], state: FetchState): boolean {
  for (let i = 0; i < positions.length; i++)
    if ((positions[i] as PartitionPosition).fetchState === state) return true;
  return false;
}
