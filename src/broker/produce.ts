// Produce requests (KafkaApis.handleProduceRequest, ReplicaManager.appendRecords): append, then answer at once or when replicated.
// Left out: transactional verification (KIP-890), quotas.
import type { ProduceRequest, ProduceResponse } from "../protocol/apis.ts";
import type { ErrorName } from "../protocol/errors.ts";
import type { Call } from "../protocol/kafka-host.ts";
import type { BrokerParts } from "./broker-parts.ts";
import type { Deadlines } from "./deadlines.ts";
import { type Appended, DelayedProduce, type ProduceStatus } from "./delayed-produce.ts";
import { mustWait, whenFlushed } from "./flushed.ts";
import type { AppendResult } from "./partition.ts";
import type { ReplicaManager } from "./replica-manager.ts";

type Entry = ProduceRequest["batches"][number];

export class ProduceHandler {
  readonly #parts: BrokerParts;
  readonly #replicas: ReplicaManager;
  readonly #deadlines: Deadlines;

  constructor(parts: BrokerParts, replicas: ReplicaManager, deadlines: Deadlines) {
    this.#parts = parts;
    this.#replicas = replicas;
    this.#deadlines = deadlines;
  }

  handle(request: ProduceRequest, call: Call<"Produce">): void {
    const { batches } = request;
    const statuses: ProduceStatus[] = new Array(batches.length);
    const appended: Appended[] = [];
    let isFlushing = false;
    for (let i = 0; i < statuses.length; i++) {
      const done = this.#append(batches[i] as Entry, request.acks);
      if ("status" in done) {
        appended.push(done);
        statuses[i] = done.status;
        isFlushing ||= mustWait(done.partition.log);
      } else statuses[i] = done;
    }
    if (isFlushing) {
      const logs = appended.map(({ partition }) => partition.log);
      whenFlushed(logs, () => this.#appended(request, statuses, appended, call));
    } else this.#appended(request, statuses, appended, call);
  }

  #appended(
    request: ProduceRequest,
    statuses: readonly ProduceStatus[],
    appended: readonly Appended[],
    call: Call<"Produce">,
  ): void {
    const waits = request.acks === -1 && this.#parts.env.rules.mutant !== "ack-before-replicated";
    if (waits && appended.length > 0) {
      const complete = (): void => this.#answer(request, statuses, call);
      new DelayedProduce(this.#deadlines, appended, request.timeoutMs, complete).watch();
    } else this.#answer(request, statuses, call);
    // Kafka's action queue: after the handler, so that the request itself is already waiting.
    for (const { partition, highWatermarkAdvanced } of appended) {
      if (highWatermarkAdvanced) partition.completeWaiters();
      else partition.fetches.checkAll();
    }
  }

  #append({ partition: name, batch }: Entry, acks: number): Appended | ProduceStatus {
    const found = this.#replicas.partitionOrError(name);
    const result: AppendResult =
      acks !== 0 && acks !== 1 && acks !== -1
        ? { error: "INVALID_REQUIRED_ACKS" }
        : typeof found === "string"
          ? { error: found }
          : found.appendAsLeader(batch, acks);
    const { count } = batch;
    if (result.error !== "NONE" || typeof found === "string") {
      if (result.error === "KAFKA_STORAGE_ERROR") this.#replicas.storageFailed();
      return { partition: name, count, error: result.error, baseOffset: -1, logStartOffset: -1 };
    }
    const { baseOffset, highWatermarkAdvanced } = result;
    const { logStartOffset } = found.log;
    const status: ProduceStatus = {
      partition: name,
      count,
      error: "NONE",
      baseOffset,
      logStartOffset,
    };
    return { partition: found, status, highWatermarkAdvanced, isAcked: false };
  }

  #answer(
    request: ProduceRequest,
    statuses: readonly ProduceStatus[],
    call: Call<"Produce">,
  ): void {
    let failed = false;
    const partitions: ProduceResponse["partitions"][number][] = new Array(statuses.length);
    for (let i = 0; i < statuses.length; i++) {
      const status = statuses[i] as ProduceStatus;
      const { partition, error, baseOffset, logStartOffset } = status;
      if (error !== "NONE") {
        failed = true;
        this.#reject(status, error);
      }
      const hint =
        error === "NOT_LEADER_OR_FOLLOWER" ? this.#parts.metadata.leaderHint(partition) : undefined;
      partitions[i] = {
        partition,
        error,
        baseOffset,
        logStartOffset,
        currentLeader: hint?.leader ?? -1,
        currentLeaderEpoch: hint?.leaderEpoch ?? -1,
      };
    }
    if (request.acks !== 0) call.reply({ partitions });
    // Nobody waits for an answer; a closed connection is how a producer with acks=0 learns that its metadata is stale.
    else if (failed) call.disconnect();
  }

  #reject({ partition, count, baseOffset }: ProduceStatus, error: ErrorName): void {
    const appended = baseOffset !== -1;
    this.#parts.host.emit("produce.rejected", { partition, error, count, appended });
  }
}
