import { describe, expect, it } from "vitest";
import {
  BATCH_HEADER_BYTES,
  batchUpperBoundBytes,
  recordBytes,
} from "../../src/protocol/batch-size.ts";
import { recorded } from "./recorded.ts";

type Record = [keyBytes: number, valueBytes: number, timestampDelta: number];
type Line = [records: Record[], bytes: number, upperBoundOfFirst: number];

interface CodecLine {
  readonly records: number;
  readonly keyBytes: number;
  readonly valueBytes: number;
  readonly none: number;
}

describe.each(recorded<Line>("batches"))("kafka $release", ({ lines }) => {
  it("writes 1,000 batches of the sizes that we compute", () => {
    expect(lines).toHaveLength(1000);
    for (const [index, [records, bytes]] of lines.entries()) {
      const sizes = records.map(([keyBytes, valueBytes, timestampDelta], offsetDelta) =>
        recordBytes({ keyBytes, valueBytes }, offsetDelta, timestampDelta),
      );
      const size = sizes.reduce((sum, record) => sum + record, BATCH_HEADER_BYTES);
      expect(size, `line ${index + 2}`).toBe(bytes);
    }
  });

  it("estimates the room for a first record as we do", () => {
    for (const [[[keyBytes, valueBytes] = [-1, -1]], , bound] of lines) {
      expect(batchUpperBoundBytes({ keyBytes, valueBytes })).toBe(bound);
    }
  });
});

describe.each(recorded<CodecLine>("codecs"))("kafka $release", ({ lines }) => {
  it("writes batches of many equal records of the sizes that we compute", () => {
    for (const { records, keyBytes, valueBytes, none } of lines) {
      let size = BATCH_HEADER_BYTES;
      for (let n = 0; n < records; n++) size += recordBytes({ keyBytes, valueBytes }, n, n);
      expect(size).toBe(none);
    }
  });
});
