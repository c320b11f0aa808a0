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

describe("faultline kafka-consumer-groups --reset-offsets", () => {
  const set = ["clients.producers.0.load={ rate: 100/s, total: 400 }"];
  const stopped = at("leader-election", { at: "9s", set });
  const print = (flags: Parameters<typeof kafkaConsumerGroups>[1]) =>
    kafkaConsumerGroups(stopped, { resetOffsets: true, group: ["audit"], dryRun: true, ...flags });
  const table = (offset: number): string =>
    `\nGROUP                          TOPIC                          PARTITION  NEW-OFFSET     \naudit                          orders                         0          ${String(offset).padEnd(15)}\n`;
  const topic = ["orders"];

  it.each([
    ["the beginning", { topic, toEarliest: true }, 0],
    ["the end", { topic: ["orders:0"], toLatest: true }, 400],
    ["what is committed, or else the end", { topic, toCurrent: true }, 400],
    ["an offset", { topic, toOffset: "17" }, 17],
    // The first record is sent at 10 ms, the hundredth at 1 s.
    ["a time", { topic, toDatetime: "1970-01-01T00:00:02.000" }, 199],
    ["a time ago", { topic, byDuration: "PT8S" }, 99],
  ])("plans for %s", (_, flags, offset) => {
    expect(print(flags)).toEqual({ code: 0, stdout: table(offset), stderr: "" });
  });

  it("warns as Kafka does: of what lies beyond the log, of a time after the last record, and of nothing being done", () => {
    expect(print({ topic, toOffset: "1000" })).toEqual({
      code: 0,
      stdout: table(400),
      stderr:
        "[1970-01-01 00:00:09,000] WARN New offset (1000) is higher than latest offset for topic partition orders-0. Value will be set to 400 (org.apache.kafka.tools.consumer.group.ConsumerGroupCommand)\n",
    });
    expect(print({ topic, toOffset: "-1" }).stderr).toMatch(/\(-1\) is lower than earliest/);
    expect(print({ topic, byDuration: "PT1S" }).stdout).toBe(
      `\nWarn: Partition 0 from topic orders is empty. Falling back to latest known offset.\n${table(400)}`,
    );
    const { dryRun: _, ...flags } = { resetOffsets: true, group: ["audit"], topic, dryRun: true };
    expect(kafkaConsumerGroups(stopped, { ...flags, toLatest: true }).stderr).toMatch(
      /^WARN: No action will be performed as the --execute option is missing\. In a future/,
    );
  });

  it.each([
    [
      { topic: ["orders:x"], toLatest: true },
      "",
      "Invalid partition 'x' specified in topic arg 'orders:x''\n",
    ],
    [
      { topic: ["a:0:1"], toLatest: true },
      "",
      "Invalid topic arg 'a:0:1', expected topic name and partitions\n",
    ],
    [
      { topic, shiftBy: "5" },
      "",
      "Cannot shift offset for partition orders-0 since there is no current committed offset\n",
    ],
    [{ toLatest: true }, "", "One of the reset scopes should be defined: --all-topics, --topic.\n"],
    [
      { topic: ["nope"], toLatest: true },
      "\nError: Executing consumer group command failed due to This server does not host this topic-partition.\n",
      "",
    ],
    [
      { topic, byDuration: "1s" },
      "\nError: Executing consumer group command failed due to Text cannot be parsed to a Duration\n",
      "",
    ],
  ])("fails as Kafka does: %o", (flags, stdout, stderr) => {
    expect(print(flags)).toEqual({ code: 1, stdout, stderr });
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
    [
      "to execute on a run that is over",
      () => checkGroupsFlags({ resetOffsets: true, group: ["g"], toLatest: true, execute: true }),
      /let the scenario do it/,
    ],
    [
      "a reset to two places",
      () => checkGroupsFlags({ resetOffsets: true, group: ["g"], toLatest: true, toOffset: "1" }),
      /Option "\[to-offset\]" can't be used with option "\[to-latest\]"/,
    ],
    [
      "a reset to nowhere",
      () => checkGroupsFlags({ resetOffsets: true, group: ["g"] }),
      /requires one of the following scenarios/,
    ],
    [
      "an offset that is no number",
      () => checkGroupsFlags({ resetOffsets: true, group: ["g"], toOffset: "x" }),
      /Cannot parse argument 'x' of option to-offset/,
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
