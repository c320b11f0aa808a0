// Known bugs, planted one at a time in a whole cluster, each in a scenario that brings it out and whose correct twin passes.
import type { CheckName } from "../../src/check/index.ts";
import type { MutantName } from "../../src/protocol/releases.ts";
import type { RunResult } from "../../src/runner/result.ts";
import { runScenario } from "../../src/runner/run.ts";
import { loadScenario } from "../../src/scenario/load.ts";

export interface Case {
  readonly mutant: MutantName;
  readonly caughtBy: CheckName;
  /** KIP or JIRA of the rule that is broken. */
  readonly source: string;
  /** What happens to the cluster, in words. */
  readonly story: string;
  readonly faults: string;
  readonly config?: string;
  readonly producer?: string;
  readonly rate?: string;
  readonly network?: string;
  readonly producers?: number;
  /** Fields of the consumer beside its name and topic. */
  readonly consumer?: string;
  readonly topic?: string;
}

const KILLED_LEADER =
  "[{ kind: ProcessChaos, action: kill, at: 5s, selector: [broker-1], duration: 20s }]";
const GROUP =
  "config: { group.id: g, auto.offset.reset: earliest, max.poll.interval.ms: 3s, session.timeout.ms: 6s }, processing: { time: 1ms, commit: sync }";

export const CASES: readonly Case[] = [
  {
    mutant: "ack-before-replicated",
    caughtBy: "durability",
    source: "KafkaProducer acks=all",
    story: "the leader dies with acknowledged records its distant followers have not fetched",
    network: "{ latency: 20ms }",
    faults: KILLED_LEADER,
  },
  {
    mutant: "elect-any-replica",
    caughtBy: "lost-write",
    source: "KAFKA-1977",
    story: "the first live replica of the assignment is not in the ISR when the leader dies",
    config: "replica.lag.time.max.ms: 5s",
    faults: `[
      { kind: NetworkChaos, action: partition, at: 3s, duration: 30s, selector: [broker-2], target: [broker-1, broker-3] },
      { kind: ProcessChaos, action: kill, at: 15s, selector: [broker-1], duration: 20s }]`,
  },
  {
    mutant: "hw-from-committed-isr",
    caughtBy: "leader-completeness",
    source: "KIP-497",
    story:
      "the controller has taken a follower into the ISR, the leader has not heard of it, and only that follower survives",
    config: "replica.lag.time.max.ms: 5s, min.insync.replicas: 1",
    faults: `[
      { id: shrink, kind: NetworkChaos, action: partition, at: 3s, duration: 12s, selector: [broker-1], target: [broker-2, broker-3] },
      { id: deaf, kind: MessageChaos, action: hold, rpc: AlterPartition, phase: response, to: broker-1, count: 1, at: 14s },
      { kind: NetworkChaos, action: partition, when: { event: message.held, fault: deaf }, selector: [broker-1], target: [broker-2, broker-3] },
      { kind: ProcessChaos, action: kill, when: { event: message.held, fault: deaf, delay: 2s }, selector: [broker-1], duration: 20s }]`,
  },
  {
    mutant: "truncate-nothing",
    caughtBy: "isr-full",
    source: "KIP-101",
    story: "a deposed leader returns with a tail nobody else has, and can never be taken back",
    network: "{ latency: 20ms }",
    producer: "acks: 1",
    faults: KILLED_LEADER,
  },
  {
    mutant: "consumer-skips-batch",
    caughtBy: "poll-skip",
    source: "FetchCollector",
    story: "nothing happens at all",
    faults: "[]",
  },
  {
    mutant: "duplicate-append-on-leader",
    caughtBy: "duplicate",
    source: "KIP-98",
    story: "nothing happens at all, and the producer may not retry",
    producer: "acks: all, retries: 0",
    faults: "[]",
  },
  {
    mutant: "high-watermark-ahead",
    caughtBy: "high-watermark-sound",
    source: "Partition.maybeIncrementLeaderHW",
    story: "the leader calls committed what no follower has",
    network: "{ latency: 20ms }",
    faults: KILLED_LEADER,
  },
  {
    mutant: "fetch-ignores-high-watermark",
    caughtBy: "fetch-bounds",
    source: "FetchIsolation.HIGH_WATERMARK",
    story: "followers are far away, the consumer is as fast as ever",
    network: "{ latency: 20ms }",
    faults: "[]",
  },
  {
    mutant: "sequences-ignored",
    caughtBy: "duplicate",
    source: "KIP-98",
    story: "an answer to the producer is lost, and it sends again",
    faults:
      "[{ kind: MessageChaos, action: drop, rpc: Produce, phase: response, to: p, count: 2, at: 5s }]",
  },
  {
    mutant: "producer-id-repeats",
    caughtBy: "producer-identity",
    source: "KIP-730",
    story: "two producers ask the same broker for an id",
    producers: 4,
    faults: "[]",
  },
  {
    mutant: "commit-any-generation",
    caughtBy: "commit-sound",
    source: "ClassicGroup.validateOffsetCommit",
    story: "a member that was removed long ago still commits",
    consumer: `instances: 2, ${GROUP}`,
    faults: "[{ kind: ProcessChaos, action: pause, at: 5s, selector: [c-1], duration: 20s }]",
  },
  {
    mutant: "quorum-commits-alone",
    caughtBy: "quorum-commit",
    source: "LeaderState.maybeUpdateHighWatermark",
    story: "the leader of the quorum is cut off from the other voters",
    faults:
      "[{ kind: NetworkChaos, action: partition, at: 5s, duration: 1500ms, selector: { activeController: true }, target: [controller-1, controller-2, controller-3] }]",
  },
  {
    mutant: "forgets-attempts",
    caughtBy: "aborted-read",
    source: "NOT_ENOUGH_REPLICAS_AFTER_APPEND",
    story: "answers are lost, and the producer may not send again",
    producer: "acks: all, retries: 0",
    faults:
      "[{ kind: MessageChaos, action: drop, rpc: Produce, phase: response, to: p, count: 2, at: 5s }]",
  },
];

export function run(c: Case, mutant: string): RunResult {
  const consumer = c.consumer ?? "config: { auto.offset.reset: earliest }";
  const text = `
apiVersion: faultline/v1
name: mutant
title: ${c.mutant}
seed: 1
duration: 40s
cluster:
  version: "4.1"
  brokers: 3
  controllers: 3
  config: { min.insync.replicas: 2, ${c.config ?? ""} }
  network: ${c.network ?? "{ latency: 500us, jitter: 100us }"}
  rules: { mutant: ${mutant} }
topics: [{ name: t, replicas: ${c.topic ?? "{ 0: [1, 2, 3] }"} }]
clients:
  producers: [{ name: p, instances: ${c.producers ?? 1}, topic: t, config: { ${c.producer ?? "acks: all"} }, records: { size: 100B }, load: { rate: ${c.rate ?? "300/s"} } }]
  consumers: [{ name: c, topics: [t], ${consumer} }]
faults: ${c.faults}
`;
  const [scenario] = loadScenario(
    text.replace(/min.insync.replicas: 2, (.*min.insync)/, "$1"),
    "mutant.yaml",
    {},
  ).scenarios;
  return runScenario(scenario as NonNullable<typeof scenario>, { replay: () => "" }).result;
}

/** Names of the checks with findings. */
export const caughtBy = (result: RunResult): string[] =>
  result.checks
    .filter(({ status }) => status === "violated" || status === "permitted")
    .map(({ name }) => name);
