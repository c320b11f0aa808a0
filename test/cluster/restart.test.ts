// Restarts of brokers in a whole cluster.
import { describe, expect, it } from "vitest";
import type { RunResult } from "../../src/runner/result.ts";
import { runScenario } from "../../src/runner/run.ts";
import { loadScenario } from "../../src/scenario/load.ts";

function run(faults: string, asserts = "[]"): RunResult {
  const text = `
apiVersion: faultline/v1
name: restart
title: a broker restarts
seed: 3
duration: 40s
cluster: { version: "4.1", brokers: 3, controllers: 3, config: { min.insync.replicas: 2 } }
topics: [{ name: t, replicas: { 0: [1, 2, 3] } }]
clients:
  producers: [{ name: p, topic: t, config: { acks: all }, records: { size: 100B }, load: { rate: 200/s } }]
  consumers: [{ name: c, topics: [t], config: { auto.offset.reset: earliest } }]
faults: ${faults}
expect: { absent: [lost-write], assert: ${asserts} }
`;
  const [scenario] = loadScenario(text, "restart.yaml", {}).scenarios;
  return runScenario(scenario as NonNullable<typeof scenario>, { replay: () => "", strict: true })
    .result;
}

const failures = ({ checks, assertions, warnings }: RunResult) => [
  ...checks
    .filter(({ expected }) => !expected)
    .map(({ name, first }) => `${name}: ${first?.message}`),
  ...assertions.filter(({ ok }) => !ok),
  ...warnings,
];

describe("a broker that is back before its old session has ended", () => {
  // It is leader and in the ISR in everybody's metadata, and it has nothing: whoever it served would cut their logs to its own.
  it("serves nobody until it is unfenced, even when it has lost its disk (BrokerServer.startup)", () => {
    const result = run(
      "[{ kind: HostChaos, action: wipe, at: 10s, selector: { leaderOf: t-0 }, duration: 2s }]",
      `[{ event: consumer.reset, count: { equals: 1 } },
        { event: log.truncated, partition: t-0, count: { equals: 0 } },
        { at: end, isr: t-0, equals: [1, 2, 3] }]`,
    );
    expect(failures(result)).toEqual([]);
  });
});

describe("terminate", () => {
  it("starts a broker again whose shutdown took longer than the fault", () => {
    const result = run(
      "[{ kind: ProcessChaos, action: terminate, at: 10s, selector: { leaderOf: t-0 }, duration: 1ms }]",
      `[{ event: host.stopped, node: broker-1, clean: true, count: { equals: 1 } },
        { event: host.booted, node: broker-1, from: 10s, to: 40s, count: { equals: 1 } },
        { at: end, isr: t-0, equals: [1, 2, 3] }]`,
    );
    expect(failures(result)).toEqual([]);
  });
});

describe("restart", () => {
  it("shuts a running broker down in order: leadership moves before it stops", () => {
    const result = run(
      "[{ kind: ProcessChaos, action: restart, at: 10s, selector: { leaderOf: t-0 }, duration: 1s }]",
      `[{ event: broker.shuttingDown, count: { equals: 1 } },
        { event: leader.elected, partition: t-0, leader: 2, count: { atLeast: 1 } },
        { event: op.unknown, count: { equals: 0 } },
        { event: host.stopped, node: broker-1, clean: true, count: { equals: 1 } },
        { at: end, isr: t-0, equals: [1, 2, 3] }]`,
    );
    expect(failures(result)).toEqual([]);
  });

  it("starts a broker that is down", () => {
    const result = run(
      `[{ kind: ProcessChaos, action: kill, at: 5s, selector: [broker-2] },
        { kind: ProcessChaos, action: restart, at: 20s, selector: [broker-2] }]`,
      "[{ at: end, isr: t-0, equals: [1, 2, 3] }]",
    );
    expect(failures(result)).toEqual([]);
  });
});

describe("a producer that is started when the duration is over", () => {
  it("sends nothing any more: load has stopped", () => {
    const result = run(
      "[{ kind: ProcessChaos, action: kill, at: 10s, selector: [p], duration: 35s }]",
    );
    expect(failures(result)).toEqual([]);
    expect(result.records.sent).toBeLessThanOrEqual(2000);
  });
});
