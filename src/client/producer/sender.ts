// The I/O thread of a producer (Sender): drains ready batches into requests, one a node, and decides what each answer means for its batches.
// Left out: transactions. A run is scheduled whenever something may have become possible, instead of a thread that polls.
import { APIS, type ProduceResponse } from "../../protocol/apis.ts";
import { ERRORS, type ErrorName } from "../../protocol/errors.ts";
import type { KafkaHost, Reply } from "../../protocol/kafka-host.ts";
import type { BrokerId, Offset, TopicPartition } from "../../protocol/types.ts";
import { type Micros, ms, type Timer } from "../../sim/kernel.ts";
import type { Metadata } from "../metadata.ts";
import type { NetworkClient } from "../network-client.ts";
import type { RecordAccumulator } from "./accumulator.ts";
import type { ProducerBatch } from "./batch.ts";
import type { Idempotence } from "./idempotence.ts";
import * as outcome from "./outcome.ts";
import { ProducerIdRequest } from "./producer-id.ts";
import type { SenderThread } from "./sender-thread.ts";

export interface SenderConfig {
  readonly acks: "0" | "1" | "all";
  readonly retries: number;
  readonly "max.request.size": number;
  readonly "max.in.flight.requests.per.connection": number;
  readonly "request.timeout.ms": number;
  readonly "retry.backoff.ms": number;
}

export interface SenderParts {
  readonly accumulator: RecordAccumulator;
  readonly metadata: Metadata;
  readonly network: NetworkClient;
  readonly idempotence: Idempotence | undefined;
  /** undefined: what the sender does takes no time. */
  readonly thread?: SenderThread | undefined;
  /** Planted bug. */
  readonly forgetsAttempts?: boolean;
  /** Planted bug. */
  readonly forgetsBatches?: boolean;
}

/** What one round sends to one broker. */
interface Request {
  readonly node: BrokerId;
  readonly batches: readonly ProducerBatch[];
}

const NO_REQUESTS: readonly Request[] = [];

const ACKS = { "0": 0, "1": 1, all: -1 } as const;

export class Sender {
  /** Records that failed, or whose outcome is unknown. */
  givenUp = 0;
  readonly #host: KafkaHost;
  readonly #config: SenderConfig;
  readonly #acks: 0 | 1 | -1;
  readonly #accumulator: RecordAccumulator;
  readonly #metadata: Metadata;
  readonly #network: NetworkClient;
  readonly #keepsOrder: boolean;
  readonly #idempotence: Idempotence | undefined;
  readonly #producerId: ProducerIdRequest;
  readonly #thread: SenderThread | undefined;
  readonly #forgetsAttempts: boolean;
  readonly #forgetsBatches: boolean;
  #timer: Timer | undefined;
  #timerAt: Micros = 0;
  #expiryTimer: Timer | undefined;

  constructor(
    host: KafkaHost,
    config: SenderConfig,
    { accumulator, metadata, network, idempotence, thread, ...planted }: SenderParts,
  ) {
    this.#host = host;
    this.#config = config;
    this.#acks = ACKS[config.acks];
    this.#accumulator = accumulator;
    this.#metadata = metadata;
    this.#network = network;
    this.#keepsOrder = config["max.in.flight.requests.per.connection"] === 1;
    this.#idempotence = idempotence;
    this.#thread = thread;
    this.#forgetsAttempts = planted.forgetsAttempts ?? false;
    this.#forgetsBatches = planted.forgetsBatches ?? false;
    const backoff = ms(config["retry.backoff.ms"]);
    this.#producerId = new ProducerIdRequest(host, { network, metadata }, backoff, (id, epoch) =>
      this.#identified(id, epoch),
    );
    network.onConnection(() => this.wakeup());
    if (idempotence !== undefined) this.wakeup();
  }

  /** Something may have become ready: look at the end of this instant. */
  wakeup(): void {
    this.#runAt(this.#host.now);
  }

  /** Nothing is ready before, if nothing else happens. */
  wakeAt(at: Micros): void {
    this.#runAt(Math.max(at, this.#host.now));
  }

  #runAt(at: Micros): void {
    if (this.#timer !== undefined) {
      if (this.#timerAt <= at) return;
      this.#timer.cancel();
    }
    this.#timerAt = at;
    this.#timer = this.#host.after(at - this.#host.now, this.#wake);
  }

  readonly #wake = (): void => {
    this.#timer = undefined;
    // A thread that is busy comes to it later.
    if (this.#thread?.isBusy === true) this.#thread.runLater(() => this.#run());
    else this.#run();
  };

  #run(): void {
    const now = this.#host.now;
    let nextAt: Micros;
    do {
      // As in Kafka, a producer without its id does nothing else, nor does it give up batches.
      if (!this.#isIdentified()) return;
      nextAt = this.#sendReady(now);
    } while (nextAt <= now);
    if (nextAt < Number.POSITIVE_INFINITY) this.#runAt(nextAt);
    if (this.#expiryTimer === undefined) this.#watchExpiry();
  }

  /** delivery.timeout.ms of the oldest batch. Hardly any gets so old, so the timer is not moved when that one has its outcome. */
  #watchExpiry(): void {
    const at = this.#accumulator.nextExpiryAt;
    if (at === Number.POSITIVE_INFINITY) return;
    const delay = Math.max(0, at - this.#host.now);
    this.#expiryTimer = this.#host.after(delay, this.#lookForExpired);
  }

  readonly #lookForExpired = (): void => {
    this.#expiryTimer = undefined;
    if (this.#accumulator.hasExpiredBatches(this.#host.now)) this.wakeup();
    else this.#watchExpiry();
  };

  #isIdentified(): boolean {
    const idempotence = this.#idempotence;
    if (idempotence === undefined) return true;
    if (idempotence.settle() && idempotence.hasProducerId) this.#tellEpoch(idempotence);
    if (!idempotence.hasProducerId) this.#producerId.ensure();
    return idempotence.hasProducerId;
  }

  #identified(producerId: number, producerEpoch: number): void {
    const idempotence = this.#idempotence as Idempotence;
    idempotence.adopt(producerId, producerEpoch);
    this.#tellEpoch(idempotence);
    this.wakeup();
  }

  #tellEpoch({ producerId, producerEpoch }: Idempotence): void {
    this.#host.emit("producer.identified", { producerId, producerEpoch });
  }

  /** One round: what is ready and can be sent, is. Returns when the next round is worth it. */
  #sendReady(now: Micros): Micros {
    const check = this.#accumulator.ready(now);
    if (check.hasUnknownLeaders) this.#metadata.requestUpdate();
    let nextAt = check.nextCheckAt;
    let requests = NO_REQUESTS;
    for (const node of check.nodes) {
      const canSend = this.#network.ready(node);
      this.#accumulator.noteNode(node, now, canSend);
      if (!canSend) {
        nextAt = Math.min(nextAt, now + this.#network.pollDelay(node));
        continue;
      }
      const batches = this.#accumulator.drain(node, this.#config["max.request.size"], now);
      for (const batch of batches) this.#take(batch);
      if (batches.length > 0) requests = [...requests, { node, batches }];
    }
    const closeUs = this.#accumulator.takeCloseUs();
    if (closeUs > 0 && this.#thread !== undefined) {
      this.#thread.work(closeUs, () => this.#finishRound(requests));
      return Number.POSITIVE_INFINITY;
    }
    this.#expire(now);
    for (const { node, batches } of requests) this.#send(node, batches);
    return requests.length > 0 ? now : Math.max(nextAt, now + 1);
  }

  /** The batches of a round are closed, which took its time. */
  #finishRound(requests: readonly Request[]): void {
    this.#expire(this.#host.now);
    for (const { node, batches } of requests) this.#send(node, batches);
    this.wakeup();
  }

  #take(batch: ProducerBatch): void {
    batch.isInFlight = true;
    if (this.#keepsOrder) this.#accumulator.setMuted(batch.partition, true);
  }

  #expire(now: Micros): void {
    if (!this.#accumulator.hasExpiredBatches(now)) return;
    for (const batch of this.#accumulator.takeExpired(now)) {
      this.#fail(batch, "DELIVERY_TIMEOUT", false);
      if (batch.attempts > 0 && batch.hasSequence) this.#idempotence?.leftUnresolved(batch);
    }
  }

  #send(node: BrokerId, batches: readonly ProducerBatch[]): void {
    const request = {
      acks: this.#acks,
      timeoutMs: this.#config["request.timeout.ms"],
      batches: batches.map((batch) => ({ partition: batch.partition, batch: batch.produced() })),
    };
    const host = this.#host;
    const sentAt = host.now;
    const requestBytes = APIS.Produce.requestBytes(request);
    const done = (reply: Reply<"Produce">): void =>
      this.#received(node, batches, { sentAt, requestBytes }, reply);
    outcome.requestSent(host, node, batches, this.#accumulator);
    this.#network.send(node, "Produce", request, done, this.#acks === 0);
  }

  #received(
    node: BrokerId,
    batches: readonly ProducerBatch[],
    { sentAt, requestBytes }: { readonly sentAt: Micros; readonly requestBytes: number },
    reply: Reply<"Produce">,
  ): void {
    const latencyUs = this.#host.now - sentAt;
    const isAnswered = reply.ok && this.#acks !== 0;
    const responseBytes = isAnswered ? APIS.Produce.responseBytes(reply.response) : 0;
    const complete = (): void => {
      this.#answered(batches, reply);
      this.#host.emit("producer.requestDone", {
        broker: node,
        latencyUs,
        outcome: reply.ok ? (this.#acks === 0 ? "written" : "answered") : reply.reason,
        bufferAvailableBytes: this.#accumulator.availableBytes,
        requestBytes,
        responseBytes,
      });
    };
    if (this.#thread === undefined) complete();
    else this.#thread.work(this.#thread.acknowledgementUs(batches), complete);
  }

  #answered(batches: readonly ProducerBatch[], reply: Reply<"Produce">): void {
    if (!reply.ok) {
      const error = reply.reason === "timeout" ? "REQUEST_TIMED_OUT" : "NETWORK_EXCEPTION";
      if (this.#forgetsBatches) return;
      for (const batch of batches) this.#complete(batch, error, -1, -1);
    } else if (this.#acks === 0) {
      for (const batch of batches) this.#complete(batch, "NONE", -1, -1);
    } else {
      this.#adoptHints(reply.response);
      for (let i = 0; i < batches.length; i++) {
        const batch = batches[i] as ProducerBatch;
        const result = resultFor(reply.response, batch.partition, i);
        const { error, baseOffset, logStartOffset } = result ?? NO_RESULT;
        this.#complete(batch, error, baseOffset, logStartOffset);
      }
    }
    this.wakeup();
  }

  #adoptHints(response: ProduceResponse): void {
    for (const result of response.partitions) {
      if (result.error !== "NOT_LEADER_OR_FOLLOWER" && result.error !== "FENCED_LEADER_EPOCH")
        continue;
      this.#metadata.adoptHint(result.partition, result.currentLeader, result.currentLeaderEpoch);
    }
  }

  /** completeBatch. A batch that expired in flight has its outcome already: a late answer only ends the muting. */
  #complete(
    batch: ProducerBatch,
    error: ErrorName,
    baseOffset: Offset,
    logStartOffset: Offset,
  ): void {
    batch.isInFlight = false;
    if (!ERRORS[error].definite && !this.#forgetsAttempts) batch.isMaybeWritten = true;
    if (error === "NONE") this.#succeed(batch, baseOffset);
    else if (!batch.isDone) {
      if (error === "MESSAGE_TOO_LARGE" && batch.count > 1) this.#split(batch);
      else if (this.#canRetry(batch, error, logStartOffset)) this.#retry(batch, error);
      // It was appended before, too long ago for the broker to know where.
      else if (error === "DUPLICATE_SEQUENCE_NUMBER") this.#succeed(batch, -1);
      else this.#fail(batch, error, batch.attempts < this.#config.retries);
    }
    if (ERRORS[error].invalidMetadata) this.#metadata.requestUpdate();
    if (this.#keepsOrder) this.#accumulator.setMuted(batch.partition, false);
  }

  #canRetry(batch: ProducerBatch, error: ErrorName, logStartOffset: Offset): boolean {
    if (batch.attempts >= this.#config.retries) return false;
    if (this.#accumulator.hasExpired(batch, this.#host.now)) return false;
    const { retriable } = ERRORS[error];
    const idempotence = this.#idempotence;
    if (idempotence === undefined) return retriable;
    return idempotence.canRetry(batch, error, logStartOffset, retriable);
  }

  #retry(batch: ProducerBatch, error: ErrorName): void {
    this.#accumulator.reenqueue(batch, this.#host.now);
    outcome.retried(this.#host, batch, error);
  }

  #split(batch: ProducerBatch): void {
    this.#idempotence?.sequences(batch.partition).untrack(batch);
    const pieces = this.#accumulator.splitAndReenqueue(batch);
    batch.isDone = true;
    this.#accumulator.complete(batch);
    outcome.split(this.#host, batch, pieces);
  }

  #succeed(batch: ProducerBatch, baseOffset: Offset): void {
    this.#idempotence?.completed(batch);
    if (batch.isDone) return;
    batch.isDone = true;
    outcome.acked(this.#host, batch, baseOffset);
    this.#accumulator.complete(batch);
  }

  #fail(batch: ProducerBatch, error: ErrorName | "DELIVERY_TIMEOUT", isRefused: boolean): void {
    batch.isDone = true;
    this.#idempotence?.failed(batch, error, isRefused);
    this.givenUp += batch.count;
    outcome.gaveUp(this.#host, batch, error);
    this.#accumulator.complete(batch);
  }
}

const NO_RESULT = { error: "UNKNOWN_SERVER_ERROR", baseOffset: -1, logStartOffset: -1 } as const;

/** Answers come in the order of the request; a broker that leaves one out shifts the rest. */
function resultFor(
  response: ProduceResponse,
  partition: TopicPartition,
  likelyIndex: number,
): ProduceResponse["partitions"][number] | undefined {
  const likely = response.partitions[likelyIndex];
  if (likely?.partition === partition) return likely;
  return response.partitions.find((result) => result.partition === partition);
}
