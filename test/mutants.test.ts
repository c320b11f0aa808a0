// Known bugs, planted one at a time in a whole cluster: each is caught by the check named beside it, in a scenario whose correct
// twin passes that check. A check that has never caught anything has proved nothing.
import { describe, expect, it } from "vitest";
import type { CheckName } from "../src/check/index.ts";
import type { MutantName } from "../src/protocol/releases.ts";
import type { RunResult } from "../src/runner/result.ts";
import { runScenario } from "../src/runner/run.ts";
import { loadScenario } from "../src/scenario/load.ts";

interface Case {
  readonly mutant: MutantName;
  readonly caughtBy: CheckName;
  /** What happens to the cluster, in words. */
  readonly story: string;
  readonly faults: string;
  readonly config?: string;
  readonly producer?: string;
  readonly rate?: string;
  readonly network?: string;
}

const CASES: readonly Case[] = [
  {
    mutant: "ack-before-replicated",
    caughtBy: "lost-write",
    story: "the leader dies with acknowledged records its distant followers have not fetched",
    network: "{ latency: 20ms }",
    faults: "[{ kind: ProcessChaos, action: kill, at: 5s, selector: [broker-1], duration: 20s }]",
  },
  {
    mutant: "elect-any-replica",
    caughtBy: "lost-write",
    story: "the first live replica of the assignment is not in the ISR when the leader dies",
    config: "replica.lag.time.max.ms: 5s",
    faults: `[
      { kind: NetworkChaos, action: partition, at: 3s, duration: 30s, selector: [broker-2], target: [broker-1, broker-3] },
      { kind: ProcessChaos, action: kill, at: 15s, selector: [broker-1], duration: 20s }]`,
  },
  {
    mutant: "hw-from-committed-isr",
    caughtBy: "leader-completeness",
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
    story: "a deposed leader returns with a tail nobody else has, and can never be taken back",
    network: "{ latency: 20ms }",
    producer: "acks: 1",
    faults: "[{ kind: ProcessChaos, action: kill, at: 5s, selector: [broker-1], duration: 20s }]",
  },
  {
    mutant: "consumer-skips-batch",
    caughtBy: "poll-skip",
    story: "nothing happens at all",
    faults: "[]",
  },
  {
    mutant: "duplicate-append-on-leader",
    caughtBy: "duplicate",
    story: "nothing happens at all, and the producer may not retry",
    producer: "acks: all, retries: 0",
    faults: "[]",
  },
  {
    mutant: "high-watermark-ahead",
    caughtBy: "isr-sound",
    story: "the leader calls committed what no follower has",
    network: "{ latency: 20ms }",
    faults: "[{ kind: ProcessChaos, action: kill, at: 5s, selector: [broker-1], duration: 20s }]",
  },
];

function run(c: Case, mutant: string): RunResult {
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
topics: [{ name: t, replicas: { 0: [1, 2, 3] } }]
clients:
  producers: [{ name: p, topic: t, config: { ${c.producer ?? "acks: all"} }, records: { size: 100B }, load: { rate: ${c.rate ?? "300/s"} } }]
  consumers: [{ name: c, topics: [t], config: { auto.offset.reset: earliest } }]
faults: ${c.faults}
`;
  const [scenario] = loadScenario(
    text.replace(/min.insync.replicas: 2, (.*min.insync)/, "$1"),
    "mutant.yaml",
    {},
  ).scenarios;
  return runScenario(scenario as NonNullable<typeof scenario>, { replay: () => "", strict: true })
    .result;
}

const statusOf = (result: RunResult, check: CheckName): number =>
  result.checks.find(({ name }) => name === check)?.count ?? -1;

describe.each(CASES)("$mutant", (c) => {
  it(`is caught by ${c.caughtBy} when ${c.story}`, () => {
    expect(statusOf(run(c, c.mutant), c.caughtBy)).toBeGreaterThan(0);
  });

  it("its correct twin passes", () => {
    const result = run(c, "none");
    const weak = ["lost-write", "durability", "inconsistent-offsets", "nonmonotonic-send"];
    const allowed = c.producer === "acks: 1" ? weak : [];
    const occurred = result.checks
      .filter(({ status }) => status === "violated" || status === "permitted")
      .map(({ name }) => name);
    expect(occurred.filter((name) => !allowed.includes(name) && name !== "duplicate")).toEqual([]);
    expect(statusOf(result, c.caughtBy)).toBe(0);
    expect(result.warnings).toEqual([]);
  });
});
