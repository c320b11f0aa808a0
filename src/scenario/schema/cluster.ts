// Schema of `cluster` and `topics`: the machines, what connects them, and what is stored on them.
import { z } from "zod";
import { isRelease, MUTANT_NAMES, RULE_NAMES, RULES } from "../../protocol/releases.ts";
import { didYouMean } from "../suggest.ts";
import { bandwidth, count, duration, name, oneOf, size, strict, withHint, word } from "./fields.ts";
import { brokerSettings, topicSettings } from "./settings.ts";

const MAX_NODES = 1000;

const release = z
  .string({
    error: (issue) =>
      typeof issue.input === "number"
        ? withHint("must be a text", `put it in quotes: version: "${issue.input}"`)
        : "must be a Kafka release in quotes",
  })
  .refine(isRelease, {
    error: (issue) =>
      withHint(`unknown Kafka release "${issue.input}"`, 'releases are "0.8" to "4.1"'),
  });

const broker = strict({
  id: count(0, 1_000_000).describe("Broker id; its node is called broker-<id>."),
  rack: word().optional().describe("The rack or availability zone."),
  config: brokerSettings.optional().describe("Settings of this broker alone."),
});

const brokers = z
  .union(
    [
      count(1, MAX_NODES),
      strict({
        count: count(1, MAX_NODES).describe("How many brokers; their ids are 1, 2, 3 ..."),
        racks: z.array(word()).min(1).optional().describe("Racks, dealt out in turn."),
      }),
      z.array(broker).min(1, { error: () => "must have at least one broker" }),
    ],
    { error: () => "must be a number, { count, racks } or a list of { id, rack, config }" },
  )
  .describe("Brokers: how many, how many over which racks, or each one.");

const controllers = z
  .union(
    [
      count(1, 100),
      strict({
        count: count(1, 100).describe("How many voters."),
        mode: oneOf(["dedicated", "combined"])
          .default("dedicated")
          .describe("On machines of their own, or on brokers 1 to count."),
      }),
    ],
    { error: () => "must be a number or { count, mode }" },
  )
  .describe("Voters of the KRaft quorum.");

const rules = strict(
  {
    ...Object.fromEntries(
      RULE_NAMES.map((rule) => [
        rule,
        oneOf(RULES[rule].values as readonly string[] as [string, ...string[]])
          .optional()
          .describe(`${RULES[rule].doc} (${RULES[rule].source})`),
      ]),
    ),
    mutant: oneOf(["none", ...MUTANT_NAMES])
      .optional()
      .describe("A known bug to plant."),
  },
  (key) => withHint(`unknown protocol rule "${key}"`, didYouMean(key, [...RULE_NAMES, "mutant"])),
);

export const clusterSchema = strict({
  version: release.optional().describe("Kafka release: decides defaults and protocol rules."),
  controlPlane: oneOf(["kraft", "zookeeper"]).optional().describe("Who decides leaders and ISRs."),
  brokers: brokers.optional(),
  controllers: controllers.optional(),
  zookeeper: count(1, 100).optional().describe("Members of the ZooKeeper ensemble."),
  config: brokerSettings.optional().describe("Settings of every broker and controller."),
  rules: rules.optional().describe("Single protocol rules other than the release's."),
  network: strict({
    latency: duration().optional().describe("One way, between two machines."),
    jitter: duration().optional().describe("Added to the latency: uniform between 0 and this."),
    interRackLatency: duration().optional().describe("Added between machines of different racks."),
    bandwidth: bandwidth().optional().describe("Of each machine's network interface."),
  })
    .optional()
    .describe("The network between all machines."),
  disk: strict({
    write: bandwidth().optional().describe("Sequential writes."),
    read: bandwidth().optional().describe("Sequential reads."),
    fsync: duration().optional().describe("Time of one fsync."),
    capacity: size()
      .optional()
      .describe("Size of the disk, like 10GiB; without it the disk is never full."),
  })
    .optional()
    .describe("Every machine's disk."),
  memory: strict({
    size: size().optional().describe("Of the machine; default 32GiB."),
    heap: size().optional().describe("What the Kafka process takes of it; default 6GiB."),
  })
    .optional()
    .describe(
      "Every machine's memory. What the heap leaves is page cache. Without this key and without a memory stressor the page cache never gets full.",
    ),
  cpu: strict({
    requestThreads: count(1, 1000).optional().describe("In place of num.io.threads."),
    networkThreads: count(1, 1000).optional().describe("In place of num.network.threads."),
  })
    .optional()
    .describe("Cost model of a broker."),
});

const replicaList = z
  .array(count(0, 1_000_000))
  .min(1, { error: () => "needs at least one broker id" })
  .describe("Broker ids; the first is the preferred leader.");

const topic = strict({
  name: name().describe("The topic's name."),
  partitions: count(1, 10_000).optional().describe("Default: num.partitions."),
  replicationFactor: count(1, 100).optional().describe("Default: default.replication.factor."),
  replicas: z
    .record(z.string().regex(/^\d+$/, { error: () => "must be a partition number" }), replicaList)
    .optional()
    .describe("Explicit assignment by partition: { 0: [1, 2, 3], 1: [2, 3, 1] }."),
  config: topicSettings.optional().describe("Settings of this topic."),
});

export const topicsSchema = z.array(topic).describe("Topics that exist from the start.");
