// What the application learns of its records, as trace events. A failure is certain only when no attempt can have reached a log.
import type { ErrorName } from "../../protocol/errors.ts";
import type { KafkaHost } from "../../protocol/kafka-host.ts";
import type { BrokerId, Offset } from "../../protocol/types.ts";
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

export function split(host: KafkaHost, batch: ProducerBatch, pieces: number): void {
  const { partition, stream, firstNumber, count, sizeBytes } = batch;
  host.emit("producer.split", { partition, stream, firstNumber, count, pieces, sizeBytes });
}

/** updateProduceRequestMetrics. */
export function requestSent(
  host: KafkaHost,
  broker: BrokerId,
  batches: readonly ProducerBatch[],
  buffer: { readonly availableBytes: number; readonly totalBytes: number },
): void {
  let records = 0;
  let sizeBytes = 0;
  let largestBatchBytes = 0;
  let compressionRates = 0;
  let recordBytes = 0;
  let queueUs = 0;
  let largestRecordBytes = 0;
  let longestQueueUs = 0;
  for (let i = 0; i < batches.length; i++) {
    const batch = batches[i] as ProducerBatch;
    const waitedUs = host.now - batch.createdAt;
    const largest = batch.largestRecordBytes;
    records += batch.count;
    sizeBytes += batch.sizeBytes;
    compressionRates += batch.compressionRatio;
    recordBytes += largest;
    queueUs += waitedUs;
    if (batch.sizeBytes > largestBatchBytes) largestBatchBytes = batch.sizeBytes;
    if (largest > largestRecordBytes) largestRecordBytes = largest;
    if (waitedUs > longestQueueUs) longestQueueUs = waitedUs;
  }
  host.emit("producer.requestSent", {
    topic: (batches[0] as ProducerBatch).partition.topic,
    broker,
    batches: batches.length,
    records,
    sizeBytes,
    largestBatchBytes,
    compressionRates,
    recordBytes,
    queueUs,
    largestRecordBytes,
    longestQueueUs,
    bufferAvailableBytes: buffer.availableBytes,
    bufferTotalBytes: buffer.totalBytes,
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
