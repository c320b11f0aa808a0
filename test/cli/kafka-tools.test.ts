// Kafka's tools at an instant of a run: exactly what they print.
import { describe, expect, it } from "vitest";
import { UsageError } from "../../src/cli/failure.ts";
import { checkGroupsFlags, kafkaConsumerGroups } from "../../src/cli/kafka-consumer-groups.ts";
import { type InstantFlags, stoppedAt } from "../../src/cli/kafka-instant.ts";
import { checkQuorumFlags, kafkaMetadataQuorum } from "../../src/cli/kafka-metadata-quorum.ts";
import { checkTopicsFlags, kafkaTopics } from "../../src/cli/kafka-topics.ts";

const DEMOS = new URL("../../scenarios/demos/", import.meta.url).pathname;
const at = (name: string, flags: InstantFlags) => stoppedAt(`${DEMOS}${name}.yaml`, flags);
const UNCLEAN = "unclean-election";
const QUIET = ["clients.producers.0.load={ rate: 20/s }"];

describe("faultline kafka-topics", () => {
  it("shows a partition that its leader leads alone, and that nobody leads once it is gone", () => {
    const alone = at(UNCLEAN, { variant: "clean", at: "39s", set: QUIET });
    const topic =
      "Topic: orders\tTopicId: GnirrjyFTcC_ZU761Yk3aw\tPartitionCount: 1\tReplicationFactor: 3\tConfigs: min.insync.replicas=1,unclean.leader.election.enable=false\n";
    const line =
      "\tTopic: orders\tPartition: 0\tLeader: 1\tReplicas: 1,2,3\tIsr: 1\tElr: \tLastKnownElr: \n";
    expect(kafkaTopics(alone, { describe: true })).toEqual({
      code: 0,
      stdout: `${topic}${line}`,
      stderr: "",
    });
    const reports = { describe: true, underReplicatedPartitions: true };
    expect(kafkaTopics(alone, reports).stdout).toBe(line);
    expect(kafkaTopics(alone, { describe: true, unavailablePartitions: true }).stdout).toBe("");

    const offline = at(UNCLEAN, { variant: "clean", at: "50s", set: QUIET });
    const nobody =
      "\tTopic: orders\tPartition: 0\tLeader: none\tReplicas: 1,2,3\tIsr: \tElr: 1\tLastKnownElr: 1\n";
    expect(kafkaTopics(offline, { describe: true, topic: "orders" }).stdout).toBe(
      `${topic}${nobody}`,
    );
    expect(kafkaTopics(offline, { describe: true, unavailablePartitions: true }).stdout).toBe(
      nobody,
    );
  });

  it("lists topics, and fails as Kafka's does when there is no such topic", () => {
    const stopped = at("leader-election", { at: "1s" });
    expect(kafkaTopics(stopped, { list: true }).stdout).toBe("orders\n");
    expect(kafkaTopics(stopped, { list: true, topic: "o.*,x" }).stdout).toBe("orders\n");
    expect(kafkaTopics(stopped, { list: true, topic: "order" }).stdout).toBe("\n");
    expect(kafkaTopics(stopped, { describe: true, topic: "nope" })).toEqual({
      code: 1,
      stdout: "Error while executing topic command : Topic 'nope' does not exist as expected\n",
      stderr: "",
    });
  });
});

describe("faultline kafka-metadata-quorum", () => {
  it("describes the quorum", () => {
    const stopped = at("leader-election", { at: "5s" });
    const { stdout } = kafkaMetadataQuorum(stopped, { status: true });
    expect(stdout).toMatch(
      /^ClusterId: {14}\S{22}\nLeaderId: {15}300\d\nLeaderEpoch: {12}1\nHighWatermark: {10}\d+\nMaxFollowerLag: {9}0\n/,
    );
    expect(stdout).toMatch(/\{"id": 3001, "directoryId": "\S{22}", "endpoints": \["CONTROLLER:/);
    const lines = kafkaMetadataQuorum(stopped, { replication: true }).stdout.split("\n");
    const status = lines.slice(1, -1).map((line) => line.trim().split(/\s+/).at(-1));
    expect(status).toEqual(["Leader", "Follower", "Follower", "Observer", "Observer", "Observer"]);
  });
});

describe("faultline kafka-consumer-groups", () => {
  it("shows a group's offsets, members and state", () => {
    const set = [
      "clients.producers.0.load={ rate: 100/s, total: 50 }",
      "clients.consumers.0.config={ group.id: accounts, auto.offset.reset: earliest }",
    ];
    const stopped = at("leader-election", { at: "9s", set });
    const print = (flags: Parameters<typeof kafkaConsumerGroups>[1]): string =>
      kafkaConsumerGroups(stopped, flags).stdout.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, "uuid");
    const group = ["accounts"];
    expect(print({ list: true })).toBe("accounts\n");
    expect(print({ list: true, state: "Empty" })).toBe(
      `GROUP${" ".repeat(20)} STATE${" ".repeat(15)}\n`,
    );
    const offsets = print({ describe: true, group }).split("\n");
    expect(offsets[2]?.trim().split(/\s+/)).toEqual([
      ...["accounts", "orders", "0", "50", "50", "0", "billing-uuid", "/billing", "billing"],
    ]);
    const members = print({ describe: true, group, members: true, verbose: true }).split("\n");
    expect(members[2]?.trim().split(/\s+/)).toEqual([
      ...["accounts", "billing-uuid", "/billing", "billing", "1", "-", "orders:0", "-", "-"],
    ]);
    const state = print({ describe: true, group, state: true }).split("\n");
    expect(state[2]).toMatch(/^accounts {8}broker-(\d):9092 {2}\(\1\) {8}\S+ +Stable {15}1$/);
    expect(kafkaConsumerGroups(stopped, { describe: true, group: ["nobody"] })).toEqual({
      code: 1,
      stdout:
        "\nError: Executing consumer group command failed due to org.apache.kafka.common.errors.GroupIdNotFoundException: Group nobody not found.\n",
      stderr: "",
    });
  });
});

describe("wrong usage", () => {
  it.each([
    [
      "a variant that is not chosen",
      () => at(UNCLEAN, { at: "1s" }),
      /--variant \(unclean, clean\)/,
    ],
    ["no run", () => stoppedAt("no-such-run", {}), /no run here/],
    ["a seed for a run", () => stoppedAt("latest", { seed: "1" }), /goes with a scenario file/],
    ["no time", () => at("leader-election", { at: "soon" }), /--at soon/],
    ["no action", () => checkTopicsFlags({}), /exactly one action/],
    ["a bad pattern", () => checkTopicsFlags({ list: true, topic: "(" }), /invalid regex/],
    ["no group", () => checkGroupsFlags({ describe: true }), /\[all-groups\], \[group\]/],
    [
      "two views of a group",
      () => checkGroupsFlags({ describe: true, allGroups: true, members: true, state: true }),
      /at most one/,
    ],
    ["no view of the quorum", () => checkQuorumFlags("describe", {}), /--status or --replication/],
    ["another action", () => checkQuorumFlags("add-controller", {}), /there is describe/],
  ])("is refused: %s", (_, use, message) => {
    expect(use).toThrow(UsageError);
    expect(use).toThrow(message);
  });

  it("is an instant after the end of the run", () => {
    const set = ["duration=2s", "faults=[]", "expect={}"];
    expect(() => at("leader-election", { at: "10m", set })).toThrow(
      /^--at 10m: the run is over at \d/,
    );
  });
});
