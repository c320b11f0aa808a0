// Sequences, epochs and what is unresolved: the situations of TransactionManagerTest for a producer without transactions.
import { describe, expect, it } from "vitest";
import { ProducerBatch } from "../../../src/client/producer/batch.ts";
import { Idempotence } from "../../../src/client/producer/idempotence.ts";
import { PartitionNames, type TopicPartition } from "../../../src/protocol/types.ts";

const names = new PartitionNames();
const tp0 = names.of("t", 0);
const tp1 = names.of("t", 1);
const LAST_EPOCH = 0x7fff;

function producer(epoch = 1): Idempotence {
  const idempotence = new Idempotence();
  idempotence.adopt(13131, epoch);
  return idempotence;
}

function batchOf(partition: TopicPartition): ProducerBatch {
  const shape = { keyBytes: -1, valueBytes: 1 };
  const batch = new ProducerBatch({
    partition,
    stream: 0,
    firstNumber: 0,
    capacityBytes: 1000,
    createdAt: 0,
    shape,
  });
  batch.append(1, shape, 0);
  return batch;
}

/** A batch of one record that has left the queue. */
function write(idempotence: Idempotence, partition: TopicPartition): ProducerBatch {
  const batch = batchOf(partition);
  idempotence.assign(batch);
  return batch;
}

const sequenceNumber = (idempotence: Idempotence, partition: TopicPartition): number =>
  idempotence.sequences(partition).nextSequence;
const nextBatch = (idempotence: Idempotence, partition: TopicPartition) =>
  idempotence.sequences(partition).inFlight[0];

/** Given up after delivery.timeout.ms; sent more than once. */
function expire(idempotence: Idempotence, batch: ProducerBatch): void {
  idempotence.failed(batch, "DELIVERY_TIMEOUT", false);
  idempotence.leftUnresolved(batch);
}

describe("a new epoch", () => {
  it("renumbers the partition that asked for it, and takes a new producer id after the last epoch (testBatchFailureAfterProducerReset)", () => {
    const idempotence = producer(LAST_EPOCH);
    const tp0b1 = write(idempotence, tp0);
    const tp1b1 = write(idempotence, tp1);
    idempotence.completed(tp0b1);
    idempotence.completed(tp1b1);
    const tp0b2 = write(idempotence, tp0);
    const tp1b2 = write(idempotence, tp1);
    expect(idempotence.canRetry(tp0b1, "UNKNOWN_PRODUCER_ID", 400, false)).toBe(true);
    idempotence.completed(tp1b1);
    idempotence.settle();
    expect(idempotence.hasProducerId).toBe(false);
    expect([sequenceNumber(idempotence, tp0), nextBatch(idempotence, tp0)]).toEqual([1, tp0b2]);
    expect([sequenceNumber(idempotence, tp1), nextBatch(idempotence, tp1)]).toEqual([2, tp1b2]);
  });

  it("begins at another partition when what is in flight there is done (testBatchCompletedAfterProducerReset)", () => {
    const idempotence = producer(LAST_EPOCH);
    const b1 = write(idempotence, tp0);
    const other = write(idempotence, tp1);
    const b2 = write(idempotence, tp0);
    idempotence.failed(other, "OUT_OF_ORDER_SEQUENCE_NUMBER", true);
    idempotence.settle();
    idempotence.adopt(13132, 0);
    idempotence.completed(b1);
    expect(sequenceNumber(idempotence, tp0)).toBe(2);
    expect(nextBatch(idempotence, tp0)).toBe(b2);
    expect(b2.producerEpoch).toBe(LAST_EPOCH);
    expect(idempotence.mustWait(batchOf(tp0))).toBe(true);
    idempotence.completed(b2);
    expect(idempotence.mustWait(batchOf(tp0))).toBe(false);
    const b3 = write(idempotence, tp0);
    expect([b3.producerId, b3.producerEpoch, b3.baseSequence]).toEqual([13132, 0, 0]);
  });

  it("leaves a batch of another partition its old number, which is sent again as it was (testFailedInflightBatchAfterEpochBump)", () => {
    const idempotence = producer();
    const [tp0b1, tp0b2] = [write(idempotence, tp0), write(idempotence, tp0)];
    write(idempotence, tp0);
    const [tp1b1, tp1b2] = [write(idempotence, tp1), write(idempotence, tp1)];
    idempotence.completed(tp0b1);
    idempotence.completed(tp1b1);
    expect(idempotence.canRetry(tp0b2, "UNKNOWN_PRODUCER_ID", 500, false)).toBe(true);
    expect(idempotence.settle()).toBe(true);
    expect(idempotence.producerEpoch).toBe(2);
    expect([tp0b2.baseSequence, tp0b2.producerEpoch, tp0b2.isRenumbered]).toEqual([0, 2, true]);
    expect([tp1b2.baseSequence, tp1b2.producerEpoch, tp1b2.isRenumbered]).toEqual([1, 1, false]);
    expect(idempotence.mustWait(batchOf(tp1))).toBe(true);
    expect(idempotence.canRetry(tp1b2, "NOT_LEADER_OR_FOLLOWER", -1, true)).toBe(true);
    expect(idempotence.mustWait(tp1b2)).toBe(false);
    idempotence.completed(tp1b2);
    const tp1b3 = write(idempotence, tp1);
    expect([tp1b3.producerEpoch, tp1b3.baseSequence]).toEqual([2, 0]);
  });

  it("is not asked for again by answers to batches that were renumbered meanwhile", () => {
    const idempotence = producer();
    const [b1, b2] = [write(idempotence, tp0), write(idempotence, tp0)];
    expect(idempotence.canRetry(b1, "UNKNOWN_PRODUCER_ID", 500, false)).toBe(true);
    idempotence.settle();
    expect(idempotence.canRetry(b2, "UNKNOWN_PRODUCER_ID", 500, false)).toBe(true);
    expect(idempotence.settle()).toBe(false);
    expect(idempotence.producerEpoch).toBe(2);
  });

  it("is not asked for while the log start offset is not known (testRetriesOnUnknownLogStartOffset)", () => {
    const idempotence = producer();
    const batch = write(idempotence, tp0);
    expect(idempotence.canRetry(batch, "UNKNOWN_PRODUCER_ID", -1, false)).toBe(true);
    expect(idempotence.settle()).toBe(false);
  });
});

describe("a batch that was given up", () => {
  it("before it was sent again leaves nothing unresolved (testExpiryOfUnsentBatchesShouldNotCauseUnresolvedSequences)", () => {
    const idempotence = producer();
    const batch = batchOf(tp0);
    idempotence.failed(batch, "DELIVERY_TIMEOUT", false);
    expect(idempotence.settle()).toBe(false);
    expect(idempotence.mustWait(batchOf(tp0))).toBe(false);
  });

  it("is resolved when the one behind it succeeds (testExpiryOfFirstBatchShouldNotCauseUnresolvedSequencesIfFutureBatchesSucceed)", () => {
    const idempotence = producer();
    const [b1, b2] = [write(idempotence, tp0), write(idempotence, tp0)];
    expire(idempotence, b1);
    expect(idempotence.settle()).toBe(false);
    expect(idempotence.mustWait(batchOf(tp0))).toBe(true);
    idempotence.completed(b2);
    expect(idempotence.settle()).toBe(false);
    expect(idempotence.mustWait(batchOf(tp0))).toBe(false);
    expect(sequenceNumber(idempotence, tp0)).toBe(2);
  });

  it("is a gap when the one behind it fits no more (testExpiryOfFirstBatchShouldCauseEpochBumpIfFutureBatchesFail)", () => {
    const idempotence = producer();
    const [b1, b2] = [write(idempotence, tp0), write(idempotence, tp0)];
    expire(idempotence, b1);
    expect(idempotence.canRetry(b2, "OUT_OF_ORDER_SEQUENCE_NUMBER", -1, false)).toBe(true);
    expect(idempotence.settle()).toBe(true);
    expect([b2.producerEpoch, b2.baseSequence]).toEqual([2, 0]);
    expect(sequenceNumber(idempotence, tp0)).toBe(1);
  });

  it("with two behind it: only the next one can tell of a gap, the last one waits", () => {
    const idempotence = producer();
    const [b1, b2, b3] = [0, 1, 2].map(() => write(idempotence, tp0)) as [
      ProducerBatch,
      ProducerBatch,
      ProducerBatch,
    ];
    expire(idempotence, b1);
    expect(idempotence.canRetry(b3, "OUT_OF_ORDER_SEQUENCE_NUMBER", -1, false)).toBe(true);
    expect(idempotence.settle()).toBe(false);
    expect(idempotence.canRetry(b2, "OUT_OF_ORDER_SEQUENCE_NUMBER", -1, false)).toBe(true);
    expect(idempotence.settle()).toBe(true);
    expect([b2.baseSequence, b3.baseSequence]).toEqual([0, 1]);
  });

  it("with all others is a gap at once (testExpiryOfAllSentBatchesShouldCauseUnresolvedSequences)", () => {
    const idempotence = producer();
    const batch = write(idempotence, tp0);
    expire(idempotence, batch);
    expect(idempotence.settle()).toBe(true);
    expect(idempotence.producerEpoch).toBe(2);
    expect(sequenceNumber(idempotence, tp0)).toBe(0);
    expect(idempotence.mustWait(batchOf(tp0))).toBe(false);
  });
});

it("sequences go on at 0 after the last one (testSequenceNumberOverflow)", () => {
  const idempotence = producer();
  idempotence.assign(batchOf(tp0));
  idempotence.sequences(tp0).nextSequence = 0x7fff_ffff;
  const last = write(idempotence, tp0);
  expect(last.baseSequence).toBe(0x7fff_ffff);
  expect(sequenceNumber(idempotence, tp0)).toBe(0);
});

it("the lowest number is sent again alone, and those behind it wait", () => {
  const idempotence = producer();
  const [b1, b2] = [write(idempotence, tp0), write(idempotence, tp0)];
  expect(idempotence.mustWait(b2)).toBe(true);
  expect(idempotence.mustWait(b1)).toBe(false);
  // A batch that was never sent is not held back by that.
  expect(idempotence.mustWait(batchOf(tp0))).toBe(false);
});
