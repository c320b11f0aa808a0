// What a batch is made of beyond a range of records: kinds of records in a row, and how compressible they are together.
import { BATCH_HEADER_BYTES, type RecordShape, recordBytes } from "../../protocol/batch-size.ts";
import {
  type BatchContent,
  COMPRESSING,
  type Compressibility,
  type CompressingCodec,
  JSON_LIKE,
} from "../../protocol/compression.ts";
import type { BatchCompressor } from "./batch-compressor.ts";

/** Records alike, one after the other. */
export interface RecordRun {
  readonly shape: RecordShape;
  readonly count: number;
}

const isAlike = (a: RecordShape, b: RecordShape): boolean =>
  a.keyBytes === b.keyBytes &&
  a.valueBytes === b.valueBytes &&
  a.compressibility === b.compressibility;

/** The runs with `count` more records at the end. */
export function runsWith(
  runs: readonly RecordRun[],
  shape: RecordShape,
  count: number,
): RecordRun[] {
  const last = runs.at(-1);
  if (last === undefined || last.count === 0) return [{ shape, count }];
  if (!isAlike(last.shape, shape)) return [...runs, { shape, count }];
  return [...runs.slice(0, -1), { shape, count: last.count + count }];
}

/** What a broker has to know of a batch to check and to recompress it; undefined: nothing that it could not tell from the batch's size. */
export function contentOf(
  batch: {
    readonly shape: RecordShape;
    readonly sizeBytes: number;
    readonly compressor: BatchCompressor | undefined;
  },
  runs: readonly RecordRun[] | undefined,
): BatchContent | undefined {
  const { shape, compressor } = batch;
  const compressibility = runs === undefined ? shape.compressibility : meanOf(runs);
  if (compressor === undefined && compressibility === undefined) return undefined;
  return {
    codec: compressor?.compression.codec ?? "none",
    uncompressedBytes: compressor?.uncompressedBytes ?? batch.sizeBytes - BATCH_HEADER_BYTES,
    compressibility: compressibility ?? JSON_LIKE,
  };
}

/** By bytes; undefined when all are like JSON. */
function meanOf(runs: readonly RecordRun[]): Compressibility | undefined {
  const kinds = new Set(runs.map(({ shape }) => shape.compressibility));
  if (kinds.size === 1) return runs[0]?.shape.compressibility;
  const mean: Record<CompressingCodec, number> = { gzip: 0, snappy: 0, lz4: 0, zstd: 0 };
  let bytes = 0;
  for (const { shape, count } of runs) {
    const size = count * recordBytes(shape, 0, 0);
    bytes += size;
    for (const codec of COMPRESSING) {
      mean[codec] += size * (shape.compressibility ?? JSON_LIKE)[codec];
    }
  }
  for (const codec of COMPRESSING) mean[codec] /= bytes;
  return mean;
}
