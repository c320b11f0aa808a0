import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ProducerBatch } from "../../../src/client/producer/batch.ts";
import { PartitionNames } from "../../../src/protocol/types.ts";

const partition = new PartitionNames().of("t", 0);
const SHAPE = { keyBytes: -1, valueBytes: 100 };
const batch = (capacityBytes: number): ProducerBatch =>
  new ProducerBatch({
    partition,
    stream: 0,
    firstNumber: 7,
    capacityBytes,
    createdAt: 0,
    shape: SHAPE,
  });

describe("a producer batch", () => {
  it("takes equal records in one go exactly as it takes them one by one", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 62, max: 40_000 }),
        fc.array(fc.tuple(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 0, max: 200_000 })), {
          minLength: 1,
          maxLength: 5,
        }),
        (capacity, appends) => {
          const [many, single] = [batch(capacity), batch(capacity)];
          for (const [count, at] of appends) {
            let taken = 0;
            for (let i = 0; i < count; i++) taken += single.append(1, SHAPE, at);
            expect(many.append(count, SHAPE, at)).toBe(taken);
            expect(many.sizeBytes).toBe(single.sizeBytes);
          }
        },
      ),
    );
  });

  it("holds 148 records of 100 bytes in 16 KiB", () => {
    const full = batch(16_384);
    expect(full.append(1000, SHAPE, 0)).toBe(148);
    // 64 records of 109 bytes and 84 of 110, after the header.
    expect(full.sizeBytes).toBe(61 + 64 * 109 + 84 * 110);
  });

  it("always takes its first record, and is full with it when that is too large", () => {
    const small = batch(100);
    expect(small.append(5, SHAPE, 0)).toBe(1);
    expect(small.sizeBytes).toBe(170);
    expect(small.isFull).toBe(true);
  });

  it("splits into pieces that cover the same records", () => {
    const full = batch(16_384);
    full.append(148, SHAPE, 5);
    full.close();
    const pieces = full.split(1000);
    expect(pieces.map((p) => p.firstNumber)[0]).toBe(7);
    expect(pieces.reduce((next, p) => (p.firstNumber === next ? next + p.count : -1), 7)).toBe(155);
    for (const piece of pieces) expect(piece.sizeBytes).toBeLessThanOrEqual(1000);
  });

  it("knows that the leader has changed since its last failure", () => {
    const retried = batch(1000);
    retried.noteLeaderEpoch(4);
    expect(retried.hasLeaderChangedForRetry).toBe(false);
    retried.attempts = 1;
    retried.noteLeaderEpoch(4);
    expect(retried.hasLeaderChangedForRetry).toBe(false);
    retried.noteLeaderEpoch(5);
    expect(retried.hasLeaderChangedForRetry).toBe(true);
    retried.attempts = 2;
    expect(retried.hasLeaderChangedForRetry).toBe(false);
  });
});
