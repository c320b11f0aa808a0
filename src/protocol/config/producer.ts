// The settings of producers that are modelled (ProducerConfig). Left out: transactions.

import { CODECS } from "../compression.ts";
import { atLeast, type Release } from "../releases.ts";
import { CLIENT_CONFIG } from "./client.ts";
import { COMPRESSION_LEVELS } from "./compression.ts";
import { type Config, INT_MAX, KIB, MIB, MINUTE, row, SECOND, since } from "./row.ts";

const DEFAULT_PARTITIONER = "org.apache.kafka.clients.producer.internals.DefaultPartitioner";
export const ROUND_ROBIN_PARTITIONER = "org.apache.kafka.clients.producer.RoundRobinPartitioner";
export const UNIFORM_STICKY_PARTITIONER =
  "org.apache.kafka.clients.producer.UniformStickyPartitioner";

export const PRODUCER_CONFIG = {
  ...CLIENT_CONFIG,
  acks: row({
    type: "enum",
    values: ["0", "1", "all"],
    aliases: { "-1": "all" },
    default: since<"0" | "1" | "all">({ "0.8": "1", "3.0": "all" }),
    kip: "KIP-679",
    doc: "When a write counts as done: sent (0), appended by the leader (1), or by every replica in the ISR (all).",
  }),
  "batch.size": row({
    type: "int",
    unit: "bytes",
    default: 16 * KIB,
    min: 0,
    doc: "Records for one partition are collected into batches of up to this size.",
  }),
  "linger.ms": row({
    type: "long",
    unit: "ms",
    default: since({ "0.8": 0, "4.0": 5 }),
    min: 0,
    kip: "KIP-1030",
    doc: "How long a batch waits for more records.",
  }),
  "compression.type": row({
    type: "enum",
    values: CODECS,
    valuesIn: { zstd: { from: "2.1" } },
    default: "none",
    kip: "KIP-110",
    doc: "How the producer compresses its batches. Ratios and costs are a model, see records.compressedTo.",
  }),
  ...COMPRESSION_LEVELS,
  "buffer.memory": row({
    type: "long",
    unit: "bytes",
    default: 32 * MIB,
    min: 0,
    doc: "Bytes of all batches that are not completed; beyond it send() blocks.",
  }),
  "max.block.ms": row({
    type: "long",
    unit: "ms",
    default: 1 * MINUTE,
    min: 0,
    doc: "How long send() may wait for metadata and for buffer memory.",
  }),
  "max.request.size": row({
    type: "int",
    unit: "bytes",
    default: 1 * MIB,
    min: 0,
    doc: "The largest record, and the size at which a request is closed.",
  }),
  "max.in.flight.requests.per.connection": row({
    type: "int",
    default: 5,
    min: 1,
    doc: "Unanswered requests per connection. Above 1 a retry may overtake a later batch.",
  }),
  retries: row({
    type: "int",
    default: since({ "0.8": 0, "2.1": INT_MAX }),
    min: 0,
    kip: "KIP-91",
    doc: "How often a failed batch is sent again, within delivery.timeout.ms.",
  }),
  "delivery.timeout.ms": row({
    type: "int",
    unit: "ms",
    default: 2 * MINUTE,
    min: 0,
    kip: "KIP-91",
    added: "2.1",
    doc: "A record that is not acknowledged this long after it was handed over fails. At least linger.ms + request.timeout.ms.",
  }),
  "metadata.max.idle.ms": row({
    type: "long",
    unit: "ms",
    default: 5 * MINUTE,
    min: 5 * SECOND,
    kip: "KIP-526",
    added: "2.5",
    doc: "Metadata of a topic that is not produced to for this long is dropped.",
  }),
  "enable.idempotence": row({
    type: "boolean",
    default: since({ "0.8": false, "3.0": true }),
    kip: "KIP-98, KIP-679",
    added: "0.11",
    doc: "Brokers recognise a batch that is sent again, and batches stay in order. Needs acks=all, retries and at most 5 requests in flight; where it is on by default, settings against it turn it off.",
  }),
  "partitioner.class": row({
    type: "enum",
    values: ["", DEFAULT_PARTITIONER, ROUND_ROBIN_PARTITIONER, UNIFORM_STICKY_PARTITIONER],
    valuesIn: {
      [DEFAULT_PARTITIONER]: { to: "4.0" },
      [ROUND_ROBIN_PARTITIONER]: { from: "2.4" },
      [UNIFORM_STICKY_PARTITIONER]: { from: "2.4", to: "4.0" },
    },
    aliases: {
      DefaultPartitioner: DEFAULT_PARTITIONER,
      RoundRobinPartitioner: ROUND_ROBIN_PARTITIONER,
      UniformStickyPartitioner: UNIFORM_STICKY_PARTITIONER,
    },
    default: "",
    kip: "KIP-369, KIP-480, KIP-794",
    doc: "Who chooses the partition. Empty: hash of the key, or the release's rule for records without one. RoundRobinPartitioner and UniformStickyPartitioner do not look at keys. A partitioner of one's own: the producer's partitioner key.",
  }),
  "partitioner.ignore.keys": row({
    type: "boolean",
    default: false,
    kip: "KIP-794",
    added: "3.3",
    doc: "Treat every record as if it had no key.",
  }),
  "partitioner.adaptive.partitioning.enable": row({
    type: "boolean",
    default: true,
    kip: "KIP-794",
    added: "3.3",
    doc: "Records without a key prefer partitions whose batches do not queue up.",
  }),
  "partitioner.availability.timeout.ms": row({
    type: "long",
    unit: "ms",
    default: 0,
    min: 0,
    kip: "KIP-794",
    added: "3.3",
    doc: "Partitions whose broker takes no batch for this long get no records without a key; 0: off.",
  }),
} as const;

export type ProducerConfig = Config<typeof PRODUCER_CONFIG>;

/** What keeps a producer from being idempotent. */
export interface IdempotenceConflict {
  readonly setting: string;
  readonly problem: string;
  /** Not even the default gives way. */
  readonly isError: boolean;
}

/** ProducerConfig.postProcessAndValidateIdempotenceConfigs; an explicit enable.idempotence=true never gives way. */
export function idempotenceConflict(
  config: Pick<ProducerConfig, "acks" | "retries" | "max.in.flight.requests.per.connection">,
  release: Release,
): IdempotenceConflict | undefined {
  const inFlight = "max.in.flight.requests.per.connection";
  if (config[inFlight] > 5) {
    const problem = `${inFlight} must be at most 5 for an idempotent producer`;
    return { setting: inFlight, problem, isError: atLeast(release, "4.0") };
  }
  if (config.retries === 0) {
    const problem = "retries must not be 0 for an idempotent producer";
    return { setting: "retries", problem, isError: false };
  }
  if (config.acks === "all") return undefined;
  return {
    setting: "acks",
    problem: "acks must be all for an idempotent producer",
    isError: false,
  };
}
