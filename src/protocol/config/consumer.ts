// The settings of consumers that are modelled (ConsumerConfig). Groups, commits and read_committed are left out.
import { CLIENT_CONFIG } from "./client.ts";
import { type Config, MIB, MINUTE, row } from "./row.ts";

export const CONSUMER_CONFIG = {
  ...CLIENT_CONFIG,
  "fetch.min.bytes": row({
    type: "int",
    unit: "bytes",
    default: 1,
    min: 0,
    doc: "A fetch is answered as soon as this much is there.",
  }),
  "fetch.max.wait.ms": row({
    type: "int",
    unit: "ms",
    default: 500,
    min: 0,
    doc: "How long a broker may hold a fetch that has not enough to return.",
  }),
  "fetch.max.bytes": row({
    type: "int",
    unit: "bytes",
    default: 50 * MIB,
    min: 0,
    kip: "KIP-74",
    doc: "Upper bound of a fetch response; the first batch is always returned.",
  }),
  "max.partition.fetch.bytes": row({
    type: "int",
    unit: "bytes",
    default: 1 * MIB,
    min: 0,
    doc: "Upper bound of one partition's share of a fetch response.",
  }),
  "max.poll.records": row({
    type: "int",
    default: 500,
    min: 1,
    kip: "KIP-41",
    doc: "Records one poll() returns at most.",
  }),
  "auto.offset.reset": row({
    type: "enum",
    values: ["earliest", "latest", "none"],
    default: "latest",
    doc: "Where to go when there is no position, or none that the log still has.",
  }),
  "isolation.level": row({
    type: "enum",
    values: ["read_uncommitted"],
    notYet: ["read_committed"],
    default: "read_uncommitted",
    kip: "KIP-98",
    doc: "Whether records of transactions that are not committed are returned.",
  }),
  "check.crcs": row({
    type: "boolean",
    default: true,
    doc: "Verify the checksum of every batch.",
  }),
  "default.api.timeout.ms": row({
    type: "int",
    unit: "ms",
    default: 1 * MINUTE,
    min: 0,
    kip: "KIP-266",
    doc: "How long calls that wait for the cluster may take.",
  }),
} as const;

export type ConsumerConfig = Config<typeof CONSUMER_CONFIG>;
