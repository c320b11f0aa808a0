// What a leader does with compressed batches (LogValidator): it decompresses every one to check its records, and where the topic has a codec of its
// own it compresses anew what came in another. Left out: record-by-record validation errors.
import { BATCH_HEADER_BYTES } from "../protocol/batch-size.ts";
import {
  type BatchContent,
  type Codec,
  type Compression,
  compressedBytes,
  compressionOf,
  compressUs,
  decompressUs,
  JSON_LIKE,
  ratioOf,
} from "../protocol/compression.ts";
import type { TopicConfig } from "../protocol/config/topic.ts";
import type { ProducedBatch } from "../protocol/types.ts";
import type { Micros } from "../sim/kernel.ts";

/** The codec of a topic; undefined: whatever the producer used. */
export interface TargetCompression {
  readonly codec: Codec;
  readonly compression: Compression | undefined;
}

export function targetCompression(topic: TopicConfig): TargetCompression | undefined {
  const type = topic["compression.type"];
  if (type === "producer") return undefined;
  const codec = type === "uncompressed" ? "none" : type;
  return { codec, compression: compressionOf(codec, topic) };
}

const contentOf = (batch: ProducedBatch): BatchContent =>
  batch.content ?? {
    codec: "none",
    uncompressedBytes: batch.sizeBytes - BATCH_HEADER_BYTES,
    compressibility: JSON_LIKE,
  };

/** Time on a request handler thread for checking and converting a batch. */
export function conversionUs(batch: ProducedBatch, target: TargetCompression | undefined): Micros {
  const { codec, uncompressedBytes } = contentOf(batch);
  const read = codec === "none" ? 0 : decompressUs(codec, uncompressedBytes);
  const isKept = target === undefined || target.codec === codec;
  const { compression } = target ?? {};
  if (isKept || compression === undefined) return read;
  return read + compressUs(compression, uncompressedBytes);
}

/** The batch as it is stored. The target's level does not matter to a batch that has its codec already: it stays as it is. */
export function converted(
  batch: ProducedBatch,
  target: TargetCompression | undefined,
): ProducedBatch {
  if (target === undefined) return batch;
  const { codec, compression } = target;
  const content = contentOf(batch);
  if (content.codec === codec) return batch;
  const { uncompressedBytes, compressibility } = content;
  const records =
    compression === undefined
      ? uncompressedBytes
      : compressedBytes(compression, uncompressedBytes, ratioOf(compression, compressibility));
  const sizeBytes = BATCH_HEADER_BYTES + records;
  return { ...batch, sizeBytes, content: { codec, uncompressedBytes, compressibility } };
}
