// Where a group has got to (ConsumerCoordinator.fetchCommittedOffsets): positions of newly assigned partitions come from committed offsets,
// and where there is none from auto.offset.reset.
import type { KafkaHost, Process, Reply } from "../../protocol/kafka-host.ts";
import type { Micros } from "../../sim/kernel.ts";
import type { Backoff } from "../backoff.ts";
import type { Metadata } from "../metadata.ts";
import type { Arrivals } from "./arrivals.ts";
import type { CoordinatorLink } from "./coordinator-link.ts";
import { type GroupError, type GroupSettings, isRetriable } from "./group-settings.ts";
import type { Membership } from "./membership.ts";
import type { PartitionPosition } from "./positions.ts";
import type { SubscriptionState } from "./subscription-state.ts";

/** One OffsetFetch; poll() may return before it is answered, and the next one goes on waiting for the same. */
interface Request {
  readonly asked: readonly PartitionPosition[];
  readonly generationId: number;
  reply: Reply<"OffsetFetch"> | undefined;
}

export class CommittedOffsets {
  fatal: GroupError | undefined;
  readonly #host: KafkaHost;
  readonly #settings: GroupSettings;
  readonly #link: CoordinatorLink;
  readonly #arrivals: Arrivals;
  readonly #backoff: Backoff;
  readonly #membership: Membership;
  readonly #metadata: Metadata;
  readonly #goesTooFar: boolean;
  #pending: Request | undefined;

  constructor(
    host: KafkaHost,
    settings: GroupSettings,
    parts: {
      readonly link: CoordinatorLink;
      readonly arrivals: Arrivals;
      readonly backoff: Backoff;
      readonly membership: Membership;
      readonly metadata: Metadata;
      /** Planted bug. */
      readonly goesTooFar: boolean;
    },
  ) {
    this.#host = host;
    this.#settings = settings;
    this.#link = parts.link;
    this.#arrivals = parts.arrivals;
    this.#backoff = parts.backoff;
    this.#membership = parts.membership;
    this.#metadata = parts.metadata;
    this.#goesTooFar = parts.goesTooFar;
  }

  *initialize(
    subscriptions: SubscriptionState,
    deadline: Micros,
    validates: boolean,
  ): Process<boolean> {
    const asked = subscriptions.positions.filter((position) => position.isInitializing);
    const offsets = yield* this.#fetch(asked, deadline);
    if (offsets === undefined) return false;
    for (const position of asked) {
      if (!position.isInitializing) continue;
      const { partition } = position;
      const found = offsets.find((committed) => committed.partition === partition);
      const committed = found?.offset ?? -1;
      const offset = committed >= 0 && this.#goesTooFar ? committed + 1 : committed;
      const epoch = found?.leaderEpoch ?? -1;
      // A leader older than the one whose records were committed is not to be trusted with the position.
      if (offset >= 0) {
        this.#metadata.sawEpoch(partition, epoch);
        position.seek(offset, epoch, this.#metadata.currentLeader(partition), validates);
      } else position.requestReset();
      this.#host.emit("consumer.assigned", { partition, position: offset });
    }
    return true;
  }

  *#fetch(
    asked: readonly PartitionPosition[],
    deadline: Micros,
  ): Process<(Reply<"OffsetFetch"> & { ok: true })["response"]["partitions"] | undefined> {
    for (let attempts = 0; ; attempts++) {
      if (!(yield* this.#link.ensureReady(deadline))) return undefined;
      const request = this.#request(asked);
      if (!(yield* this.#arrivals.until(() => request.reply !== undefined, deadline)))
        return undefined;
      this.#pending = undefined;
      const reply = request.reply as Reply<"OffsetFetch">;
      const error = this.#errorOf(reply);
      if (error === undefined && reply.ok) return reply.response.partitions;
      if (error !== undefined && !isRetriable(error)) {
        this.fatal = error;
        return undefined;
      }
      const left = deadline - this.#host.now;
      if (left <= 0) return undefined;
      yield* this.#host.sleep(Math.min(left, this.#backoff(attempts)));
    }
  }

  #errorOf(reply: Reply<"OffsetFetch">): GroupError | undefined {
    if (!reply.ok) return reply.reason;
    const { error, partitions } = reply.response;
    if (error === "COORDINATOR_NOT_AVAILABLE" || error === "NOT_COORDINATOR")
      this.#link.markUnknown(`error response ${error}`);
    if (error !== "NONE") return error;
    const failed = partitions.find((answer) => answer.error !== "NONE");
    return failed?.error;
  }

  #request(asked: readonly PartitionPosition[]): Request {
    const { generationId } = this.#membership.generation;
    const known = this.#pending;
    const isSame =
      known?.generationId === generationId &&
      known.asked.length === asked.length &&
      known.asked.every((position, i) => position === asked[i]);
    if (known !== undefined && isSame) return known;
    const request: Request = { asked, generationId, reply: undefined };
    this.#pending = request;
    const partitions = asked.map(({ partition }) => partition);
    const { groupId, requestTimeoutUs } = this.#settings;
    this.#link.send(
      "OffsetFetch",
      { groupId, partitions, requireStable: true },
      requestTimeoutUs,
      (reply) => {
        request.reply = reply;
      },
    );
    return request;
  }
}
