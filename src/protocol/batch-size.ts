// Sizes of record batches v2 (DefaultRecordBatch, DefaultRecord) without building them: header, and a length-prefixed record with varint fields.
// Left out: record headers' contents. What compression makes of them is in compression.ts.
import type { Compressibility } from "./compression.ts";

/** Header of a record batch v2. */
export const BATCH_HEADER_BYTES = 61;

/** Bytes of a signed number as a zigzag varint (Utils ByteUtils.sizeOfVarint). */
export function varintBytes(value: number): number {
  let zigzag = value >= 0 ? value * 2 : -value * 2 - 1;
  let bytes = 1;
  for (; zigzag >= 128; zigzag = Math.floor(zigzag / 128)) bytes++;
  return bytes;
}

export interface RecordShape {
  /** -1: null. */
  readonly keyBytes: number;
  /** -1: null. */
  readonly valueBytes: number;
  /** What codecs leave of it; undefined: as of JSON. */
  readonly compressibility?: Compressibility | undefined;
}

/** A nullable byte field: its length as a varint, and the bytes. */
const fieldBytes = (length: number): number => (length < 0 ? 1 : varintBytes(length) + length);

/** Everything of a record's body but its two deltas: attributes, key, value, number of headers. */
export const fixedBytes = (shape: RecordShape): number =>
  1 + fieldBytes(shape.keyBytes) + fieldBytes(shape.valueBytes) + 1;

/** One record inside a batch, its own length prefix included. `timestampDelta` is in ms. */
export function recordBytes(
  shape: RecordShape,
  offsetDelta: number,
  timestampDelta: number,
): number {
  const body = fixedBytes(shape) + varintBytes(offsetDelta) + varintBytes(timestampDelta);
  return varintBytes(body) + body;
}

/** The batch of a single record, with deltas of unknown size (AbstractRecords.estimateSizeInBytesUpperBound). */
export const batchUpperBoundBytes = (shape: RecordShape): number =>
  BATCH_HEADER_BYTES + 21 + fieldBytes(shape.keyBytes) + fieldBytes(shape.valueBytes) + 1;

/** Offset deltas from here on take one byte more. */
export function nextVarintStep(delta: number): number {
  let step = 64;
  while (step <= delta) step *= 128;
  return step;
}
