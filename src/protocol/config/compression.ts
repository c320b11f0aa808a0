// Compression as brokers and topics are set to it (KIP-110), and its levels, which producers have as well (KIP-390).
import { row } from "./row.ts";

const KIP_390 = { kip: "KIP-390", added: "3.8" } as const;

export const COMPRESSION_LEVELS = {
  "compression.gzip.level": row({
    type: "int",
    default: -1,
    min: -1,
    max: 9,
    except: [0],
    ...KIP_390,
    doc: "1 (fast) to 9 (small), or -1 for zlib's own default, which is 6.",
  }),
  "compression.lz4.level": row({
    type: "int",
    default: 9,
    min: 1,
    max: 17,
    ...KIP_390,
    doc: "9 is the fast compressor; every other level is one of the slower high compressor.",
  }),
  "compression.zstd.level": row({
    type: "int",
    default: 3,
    min: -131_072,
    max: 22,
    ...KIP_390,
    doc: "1 (fast) to 22 (small); below 1 faster still.",
  }),
} as const;

export const BROKER_COMPRESSION = {
  "compression.type": row({
    type: "enum",
    values: ["producer", "uncompressed", "gzip", "snappy", "lz4", "zstd"],
    valuesIn: { zstd: { from: "2.1" } },
    default: "producer",
    doc: "How batches are stored: as the producer compressed them, or in a codec of the topic's own, which makes the leader compress every other batch anew.",
  }),
  ...COMPRESSION_LEVELS,
} as const;
