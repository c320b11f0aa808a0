// The settings of brokers as group coordinators (GroupCoordinatorConfig): classic groups, committed offsets, the topic that keeps both.
import { type Config, INT_MAX, MIB, MINUTE, row, SECOND, since } from "./row.ts";

export const GROUP_CONFIG = {
  "group.initial.rebalance.delay.ms": row({
    type: "int",
    unit: "ms",
    default: 3 * SECOND,
    min: 0,
    kip: "KIP-134",
    doc: "How long the first rebalance of an empty group waits for more members; every newcomer extends it, up to the rebalance timeout.",
  }),
  "group.min.session.timeout.ms": row({
    type: "int",
    unit: "ms",
    default: 6 * SECOND,
    min: 0,
    doc: "The shortest session timeout a member may ask for.",
  }),
  "group.max.session.timeout.ms": row({
    type: "int",
    unit: "ms",
    default: since({ "0.8": 30 * SECOND, "0.11": 5 * MINUTE, "2.3": 30 * MINUTE }),
    min: 0,
    doc: "The longest session timeout a member may ask for.",
  }),
  "group.max.size": row({
    type: "int",
    default: INT_MAX,
    min: 1,
    kip: "KIP-389",
    doc: "How many members a group may have; further ones are refused.",
  }),
  "group.coordinator.append.linger.ms": row({
    type: "int",
    unit: "ms",
    default: since({ "0.8": 0, "4.0": 5 }),
    min: 0,
    kip: "KIP-848",
    doc: "How long a coordinator collects records before it appends them to __consumer_offsets.",
  }),
  "offsets.topic.num.partitions": row({
    type: "int",
    default: 50,
    min: 1,
    doc: "Partitions of __consumer_offsets when it is created; a group belongs to one of them.",
  }),
  "offsets.topic.replication.factor": row({
    type: "int",
    default: 3,
    min: 1,
    doc: "Replicas of __consumer_offsets; with fewer brokers it is not created, and groups find no coordinator.",
  }),
  "offsets.topic.segment.bytes": row({
    type: "int",
    unit: "bytes",
    default: 100 * MIB,
    min: since({ "0.8": 14, "4.0": 1 * MIB }),
    doc: "Segment size of __consumer_offsets.",
  }),
  "offsets.load.buffer.size": row({
    type: "int",
    unit: "bytes",
    default: 5 * MIB,
    min: 1,
    doc: "How much of __consumer_offsets a new coordinator reads at a time while it loads.",
  }),
  "offsets.retention.minutes": row({
    type: "int",
    default: since({ "0.8": 24 * 60, "2.0": 7 * 24 * 60 }),
    min: 1,
    kip: "KIP-186, KIP-211",
    doc: "A committed offset expires this long after its group became empty (or after the commit, if the topic is no longer subscribed).",
  }),
  "offsets.retention.check.interval.ms": row({
    type: "long",
    unit: "ms",
    default: 10 * MINUTE,
    min: 1,
    doc: "How often a coordinator looks for expired offsets and groups.",
  }),
  "offsets.commit.timeout.ms": row({
    type: "int",
    unit: "ms",
    default: 5 * SECOND,
    min: 1,
    doc: "A commit that is not replicated by then is answered with an error; it may become effective all the same.",
  }),
  "offset.metadata.max.bytes": row({
    type: "int",
    unit: "bytes",
    default: 4096,
    min: 0,
    doc: "The longest metadata that may accompany a committed offset.",
  }),
} as const;

export type GroupConfig = Config<typeof GROUP_CONFIG>;
