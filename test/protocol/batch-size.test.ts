import { describe, expect, it } from "vitest";
import {
  BATCH_HEADER_BYTES,
  batchUpperBoundBytes,
  nextVarintStep,
  recordBytes,
  varintBytes,
} from "../../src/protocol/batch-size.ts";

describe("record batch sizes", () => {
  it("of a record with a null key and 100 bytes is 109, of its batch 170", () => {
    const bytes = recordBytes({ keyBytes: -1, valueBytes: 100 }, 0, 0);
    expect(bytes).toBe(109);
    expect(BATCH_HEADER_BYTES + bytes).toBe(170);
  });

  it("grow with the zigzag varints of the deltas", () => {
    expect([0, 63, 64, 8191, 8192, -1, -64, -65, -8192].map(varintBytes)).toEqual([
      1, 1, 2, 2, 3, 1, 1, 2, 2,
    ]);
    expect(recordBytes({ keyBytes: -1, valueBytes: 100 }, 64, 0)).toBe(110);
    expect(recordBytes({ keyBytes: -1, valueBytes: 100 }, 64, 64)).toBe(111);
  });

  it("stay the same up to the next step", () => {
    const shape = { keyBytes: 5, valueBytes: 100 };
    for (const delta of [0, 1, 63, 64, 100, 8191, 8192]) {
      const step = nextVarintStep(delta);
      expect(recordBytes(shape, step - 1, 0)).toBe(recordBytes(shape, delta, 0));
      expect(recordBytes(shape, step, 0)).toBe(recordBytes(shape, delta, 0) + 1);
    }
  });

  it("tell an empty key from none, and are never above the upper bound", () => {
    expect(recordBytes({ keyBytes: 0, valueBytes: 0 }, 0, 0)).toBe(7);
    expect(recordBytes({ keyBytes: -1, valueBytes: -1 }, 0, 0)).toBe(7);
    const shape = { keyBytes: 10, valueBytes: 1000 };
    const largest = BATCH_HEADER_BYTES + recordBytes(shape, 2 ** 31 - 1, 2 ** 40);
    expect(batchUpperBoundBytes(shape)).toBeGreaterThanOrEqual(largest);
  });
});
