// Compression of record batches as a ratio and a cost (CompressionType; KIP-110, KIP-390): no byte is compressed here.
// Kafka has no such table. Speeds are round numbers of the order that lzbench shows for one core of a current x86 server, chosen once; ratios are
// those of small JSON documents. What matters to a simulation is their proportion. Left out: that small batches compress worse than large ones.
import type { Micros } from "../sim/kernel.ts";

export const CODECS = ["none", "gzip", "snappy", "lz4", "zstd"] as const;
export type Codec = (typeof CODECS)[number];
export type CompressingCodec = Exclude<Codec, "none">;
export const COMPRESSING = ["gzip", "snappy", "lz4", "zstd"] as const;

/** What each codec leaves of records, at its default level: compressed / uncompressed bytes. */
export type Compressibility = Readonly<Record<CompressingCodec, number>>;

export const JSON_LIKE: Compressibility = { gzip: 0.35, snappy: 0.5, lz4: 0.5, zstd: 0.35 };

/** What a batch is made of, where that matters: it is compressed, or its records are not like JSON. */
export interface BatchContent {
  readonly codec: Codec;
  /** Of the records, without the batch's header. */
  readonly uncompressedBytes: number;
  readonly compressibility: Compressibility;
}

interface CodecTable {
  /** Bytes a microsecond (MB/s) at the default level. */
  readonly compress: number;
  readonly decompress: number;
  /** Bytes that the codec's stream collects before it compresses them; the rest of a batch is compressed when it is closed. */
  readonly blockBytes: number;
  /** The stream's own header, trailer and block lengths. */
  readonly frame: { readonly perBatch: number; readonly perBlock: number };
}

const TABLE: Readonly<Record<CompressingCodec, CodecTable>> = {
  // BufferedOutputStream of 16 KiB around GZIPOutputStream; header 10, trailer 8.
  gzip: {
    compress: 40,
    decompress: 300,
    blockBytes: 16_384,
    frame: { perBatch: 18, perBlock: 0 },
  },
  // SnappyOutputStream: magic, version and compatible version are 16 bytes; each block has its length.
  snappy: {
    compress: 400,
    decompress: 1200,
    blockBytes: 32_768,
    frame: { perBatch: 16, perBlock: 4 },
  },
  // Lz4BlockOutputStream: frame descriptor 7, end mark 4, each block its length.
  lz4: {
    compress: 500,
    decompress: 2000,
    blockBytes: 65_536,
    frame: { perBatch: 11, perBlock: 4 },
  },
  // BufferedOutputStream of 16 KiB around ZstdOutputStream; magic 4, frame header 2, each block (128 KiB) its header.
  zstd: {
    compress: 250,
    decompress: 900,
    blockBytes: 16_384,
    frame: { perBatch: 9, perBlock: 0 },
  },
};

interface Level {
  /** Times the speed at the default level. */
  readonly speed: number;
  /** Times the ratio at the default level. */
  readonly ratio: number;
}

const DEFAULT_LEVEL: Level = { speed: 1, ratio: 1 };

const GZIP_LEVELS: readonly (readonly [number, number])[] = [
  [2.5, 1.15],
  [2.25, 1.12],
  [1.75, 1.08],
  [1.5, 1.04],
  [1.2, 1.02],
  [1, 1],
  [0.8, 0.99],
  [0.55, 0.98],
  [0.4, 0.98],
];

const ZSTD_LEVELS: readonly (readonly [number, number])[] = [
  [1.6, 1.07],
  [1.3, 1.04],
  [1, 1],
  [0.8, 0.99],
  [0.44, 0.97],
  [0.36, 0.96],
  [0.28, 0.95],
  [0.24, 0.94],
  [0.2, 0.94],
  [0.16, 0.93],
  [0.12, 0.93],
  [0.1, 0.92],
  [0.05, 0.92],
  [0.04, 0.91],
  [0.032, 0.91],
  [0.024, 0.9],
  [0.02, 0.89],
  [0.016, 0.88],
  [0.012, 0.88],
  [0.01, 0.87],
  [0.008, 0.87],
  [0.006, 0.86],
];

/** lz4 above its fast compressor: level 1 to 17 of the high compressor. */
const lz4High = (level: number): Level => ({ speed: level < 9 ? 0.2 : 0.08, ratio: 0.8 });

const fromTable = (table: readonly (readonly [number, number])[], level: number): Level => {
  const [speed, ratio] = table[level - 1] ?? [2, 1.25];
  return { speed, ratio };
};

/** The level's effect (KIP-390). lz4's level 9 stands for the fast compressor, as Lz4BlockOutputStream has it; zstd below 1 is its fast mode. */
export function levelOf(codec: CompressingCodec, level: number): Level {
  if (codec === "gzip") return level === -1 ? DEFAULT_LEVEL : fromTable(GZIP_LEVELS, level);
  if (codec === "lz4") return level === 9 ? DEFAULT_LEVEL : lz4High(level);
  if (codec === "zstd") return level === 0 ? DEFAULT_LEVEL : fromTable(ZSTD_LEVELS, level);
  return DEFAULT_LEVEL;
}

/** A codec at a level, as a producer or a broker is configured. */
export interface Compression {
  readonly codec: CompressingCodec;
  readonly level: Level;
}

export interface LevelSettings {
  readonly "compression.gzip.level": number;
  readonly "compression.lz4.level": number;
  readonly "compression.zstd.level": number;
}

export function compressionOf(codec: Codec, levels: LevelSettings): Compression | undefined {
  if (codec === "none") return undefined;
  const level = codec === "snappy" ? 0 : levels[`compression.${codec}.level`];
  return { codec, level: levelOf(codec, level) };
}

/** What is left of records, the frame not counted. Never more than they were, as every codec stores what it cannot compress. */
export const ratioOf = ({ codec, level }: Compression, records: Compressibility): number =>
  Math.min(1, records[codec] * level.ratio);

/** Bytes of the stream that replaces the records of a batch. */
export function compressedBytes(
  { codec }: Compression,
  uncompressedBytes: number,
  ratio: number,
): number {
  const { frame, blockBytes } = TABLE[codec];
  const blocks = Math.ceil(uncompressedBytes / blockBytes);
  return Math.ceil(uncompressedBytes * ratio) + frame.perBatch + blocks * frame.perBlock;
}

export const compressUs = ({ codec, level }: Compression, bytes: number): Micros =>
  bytes / (TABLE[codec].compress * level.speed);

export const decompressUs = (codec: CompressingCodec, bytes: number): Micros =>
  bytes / TABLE[codec].decompress;

/** Of a batch's bytes those that are compressed while records are added, on the application's thread; the rest when the sender closes the batch. */
export const wholeBlocks = ({ codec }: Compression, bytes: number): number => {
  const { blockBytes } = TABLE[codec];
  return Math.floor(bytes / blockBytes) * blockBytes;
};
