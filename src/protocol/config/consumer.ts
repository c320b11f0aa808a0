// The settings of consumers that are modelled (ConsumerConfig). Left out: read_committed, the group protocol of KIP-848.
import { CLIENT_CONFIG } from "./client.ts";
import { type Config, MIB, MINUTE, row, SECOND, since } from "./row.ts";

const javaName = (name: string): string => `org.apache.kafka.clients.consumer.${name}`;

/** Assignors go by the names that they have in JoinGroup; a list has at most two, as an upgrade from one to the other needs. */
const STRATEGIES = [
  "range",
  "roundrobin",
  "sticky",
  "cooperative-sticky",
  "range,roundrobin",
  "range,sticky",
  "range,cooperative-sticky",
  "roundrobin,range",
  "roundrobin,sticky",
  "roundrobin,cooperative-sticky",
  "sticky,range",
  "sticky,roundrobin",
  "sticky,cooperative-sticky",
  "cooperative-sticky,range",
  "cooperative-sticky,roundrobin",
  "cooperative-sticky,sticky",
] as const;
type Strategies = (typeof STRATEGIES)[number];

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
  "group.id": row({
    type: "string",
    default: "",
    doc: "The group it is a member of. Without one a consumer is assigned its share of all partitions of its topics.",
  }),
  "group.instance.id": row({
    type: "string",
    default: "",
    kip: "KIP-345",
    added: "2.3",
    doc: "Makes it a static member: after a restart it takes its old place, and it never leaves the group by itself.",
  }),
  "session.timeout.ms": row({
    type: "int",
    unit: "ms",
    default: since({ "0.8": 10 * SECOND, "3.0": 45 * SECOND }),
    min: 0,
    kip: "KIP-735",
    doc: "A member that the coordinator has not heard of for this long is removed from the group.",
  }),
  "heartbeat.interval.ms": row({
    type: "int",
    unit: "ms",
    default: 3 * SECOND,
    min: 0,
    doc: "How often a member tells its coordinator that it is alive; less than session.timeout.ms.",
  }),
  "max.poll.interval.ms": row({
    type: "int",
    unit: "ms",
    default: 5 * MINUTE,
    min: 1,
    kip: "KIP-62",
    doc: "A member that does not call poll() for this long leaves the group. Also how long a rebalance waits for it.",
  }),
  "partition.assignment.strategy": row({
    type: "enum",
    values: STRATEGIES,
    aliases: {
      [javaName("RangeAssignor")]: "range",
      [javaName("RoundRobinAssignor")]: "roundrobin",
      [javaName("StickyAssignor")]: "sticky",
      [javaName("CooperativeStickyAssignor")]: "cooperative-sticky",
    },
    default: since<Strategies>({ "0.8": "range", "3.0": "range,cooperative-sticky" }),
    kip: "KIP-429",
    doc: "Assignors in order of preference. The group is cooperative only when every one of them is.",
  }),
  "enable.auto.commit": row({
    type: "boolean",
    default: true,
    doc: "Whether poll() commits what earlier polls have returned. Only where processing leaves commits to the consumer.",
  }),
  "auto.commit.interval.ms": row({
    type: "int",
    unit: "ms",
    default: 5 * SECOND,
    min: 0,
    doc: "The least time between two automatic commits.",
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
