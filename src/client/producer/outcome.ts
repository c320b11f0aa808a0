// What the application learns of its records, as trace events. A failure is certain only when no attempt can have reached a log.
import type { ErrorName } from "../../protocol/errors.ts";
import type { KafkaHost } from "../../protocol/kafka-host.ts";
import type { Offset } from "../../protocol/types.ts";
import type { ProducerBatch } from "./batch.ts";

export function acked(host: KafkaHost, batch: ProducerBatch, baseOffset: Offset): void {
  host.emit("op.acked", {
    partition: batch.partition,
    stream: batch.stream,
    firstNumber: batch.firstNumber,
    count: batch.count,
    baseOffset,
    latencyUs: host.now - batch.createdAt,
  });
}

export function retried(host: KafkaHost, batch: ProducerBatch, error: ErrorName): void {
  host.emit("producer.retried", {
    partition: batch.partition,
    stream: batch.stream,
    firstNumber: batch.firstNumber,
    count: batch.count,
    attempt: batch.attempts,
    error,
  });
}

/** The producer gives the batch up: failed if it certainly is in no log, unknown otherwise (in flight, or an earlier attempt may have been written). */
export function gaveUp(
  host: KafkaHost,
  batch: ProducerBatch,
  error: ErrorName | "DELIVERY_TIMEOUT",
): void {
  const isUnknown = batch.isMaybeWritten || batch.isInFlight;
  host.emit(isUnknown ? "op.unknown" : "op.failed", {
    partition: batch.partition,
    stream: batch.stream,
    firstNumber: batch.firstNumber,
    count: batch.count,
    error,
  });
}
