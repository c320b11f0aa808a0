// Exact output of kafka-topics.sh --describe.
import { describe, expect, it } from "vitest";
import {
  describeTopics,
  type PartitionFilter,
  type TopicDescription,
} from "../../../src/report/kafka-tools/topics.ts";

const healthy = {
  partition: 0,
  leader: 1,
  replicas: [1, 2, 3],
  isr: [1, 2, 3],
  elr: [],
  lastKnownElr: [],
};
const orders: TopicDescription = {
  topic: "orders",
  topicId: "fMCL8kv1SWm87L_Md-I2hg",
  configs: [
    ["min.insync.replicas", 2],
    ["retention.ms", 86400000],
  ],
  minInsyncReplicas: 2,
  partitions: [
    {
      partition: 2,
      leader: undefined,
      replicas: [3, 1, 2],
      isr: [],
      elr: [3, 1],
      lastKnownElr: [2],
    },
    healthy,
    { partition: 1, leader: 2, replicas: [2, 3, 1], isr: [2], elr: [3], lastKnownElr: [] },
  ],
};

describe("kafka-topics --describe", () => {
  it("prints a topic and its partitions by number, with ELR and a leader or none", () => {
    expect(describeTopics([orders])).toBe(
      [
        "Topic: orders\tTopicId: fMCL8kv1SWm87L_Md-I2hg\tPartitionCount: 3\tReplicationFactor: 3\tConfigs: min.insync.replicas=2,retention.ms=86400000\n",
        "\tTopic: orders\tPartition: 0\tLeader: 1\tReplicas: 1,2,3\tIsr: 1,2,3\tElr: \tLastKnownElr: \n",
        "\tTopic: orders\tPartition: 1\tLeader: 2\tReplicas: 2,3,1\tIsr: 2\tElr: 3\tLastKnownElr: \n",
        "\tTopic: orders\tPartition: 2\tLeader: none\tReplicas: 3,1,2\tIsr: \tElr: 3,1\tLastKnownElr: 2\n",
      ].join(""),
    );
  });

  it("has no ELR before 3.8 and no topic id before 2.8", () => {
    const [topic37, partition37] = describeTopics([orders], { release: "3.7" }).split("\n");
    expect(topic37).toContain("\tTopicId: ");
    expect(partition37).toBe(
      "\tTopic: orders\tPartition: 0\tLeader: 1\tReplicas: 1,2,3\tIsr: 1,2,3",
    );
    expect(describeTopics([orders], { release: "2.7" }).split("\n")[0]).toBe(
      `Topic: orders\tPartitionCount: 3\tReplicationFactor: 3\tConfigs: min.insync.replicas=2,retention.ms=86400000`,
    );
    expect(describeTopics([{ ...orders, configs: [] }], { release: "2.3" }).split("\n")[0]).toBe(
      "Topic:orders\tPartitionCount:3\tReplicationFactor:3\tConfigs:",
    );
  });

  it("prints N/A when brokers do not report the ELR, and replicas that come and go", () => {
    const moving = {
      ...{ partition: 0, leader: 1, replicas: [1, 2, 3, 4], isr: [1, 2] },
      reassignment: { addingReplicas: [3, 4], removingReplicas: [1, 2] },
    };
    expect(describeTopics([{ ...orders, configs: [], partitions: [moving] }])).toBe(
      "Topic: orders\tTopicId: fMCL8kv1SWm87L_Md-I2hg\tPartitionCount: 1\tReplicationFactor: 2\tConfigs: \n" +
        "\tTopic: orders\tPartition: 0\tLeader: 1\tReplicas: 1,2,3,4\tIsr: 1,2\tAdding Replicas: 3,4\tRemoving Replicas: 1,2\tElr: N/A\tLastKnownElr: N/A\n",
    );
  });

  it("lists topics and configs in the order of a HashMap", () => {
    const names = ["payments", "users", "orders"];
    const printed = describeTopics(names.map((topic) => ({ ...orders, topic, partitions: [] })));
    expect([...printed.matchAll(/^Topic: (\w+)/gm)].map(([, topic]) => topic)).toEqual([
      "orders",
      "users",
      "payments",
    ]);
    const order = [
      ...["min.insync.replicas", "cleanup.policy", "retention.ms", "segment.bytes"],
      ...["max.message.bytes", "unclean.leader.election.enable"],
    ];
    const configs = order.toSorted().map((name) => [name, 1] as const);
    const [line] = describeTopics([{ ...orders, configs }]).split("\n");
    expect(line?.split("Configs: ")[1]).toBe(order.map((name) => `${name}=1`).join(","));
  });

  it("filters partitions, without the lines of topics", () => {
    const numbers = (...filters: PartitionFilter[]) =>
      [
        ...describeTopics([orders], { filters, liveBrokers: [2, 3] }).matchAll(/Partition: (\d)/g),
      ].map(([, number]) => Number(number));
    expect(numbers("under-replicated-partitions")).toEqual([1, 2]);
    expect(numbers("unavailable-partitions")).toEqual([0, 2]);
    expect(numbers("under-min-isr-partitions")).toEqual([1, 2]);
    expect(numbers("at-min-isr-partitions")).toEqual([]);
    expect(numbers("at-min-isr-partitions", "unavailable-partitions")).toEqual([0, 2]);
    expect(describeTopics([orders], { filters: ["unavailable-partitions"] })).not.toContain(
      "TopicId",
    );
  });

  it("--topics-with-overrides prints topics alone", () => {
    const plain = { ...orders, topic: "plain", configs: [] };
    const printed = describeTopics([orders, plain], { topicsWithOverrides: true });
    expect(printed.match(/^Topic: /gm)).toHaveLength(1);
    expect(printed).not.toContain("Partition: ");
  });
});
