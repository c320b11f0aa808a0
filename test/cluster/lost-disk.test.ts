// A broker that comes back with another disk (KIP-858): who may lead what it had.
import { describe, expect, it } from "vitest";
import type { RunResult } from "../../src/runner/result.ts";
import { runScenario } from "../../src/runner/run.ts";
import { loadScenario } from "../../src/scenario/load.ts";

/** One partition on broker-1 alone, and two brokers more. */
function run(version: string, faults: string, asserts: string): RunResult {
  const text = `
apiVersion: faultline/v1
name: lost-disk
title: a broker loses its disk
seed: 3
duration: 30s
cluster: { version: "${version}", brokers: 3, controllers: 3, config: { broker.session.timeout.ms: 3000 } }
topics: [{ name: t, replicas: { 0: [1] } }]
faults: ${faults}
expect: { assert: ${asserts} }
`;
  const [scenario] = loadScenario(text, "lost-disk.yaml", {}).scenarios;
  return runScenario(scenario as NonNullable<typeof scenario>, { replay: () => "", strict: true })
    .result;
}

const WIPE = "{ kind: HostChaos, action: wipe, at: 5s, selector: [broker-1], duration: 5s }";
const unmet = ({ assertions }: RunResult) => assertions.filter(({ ok }) => !ok);
const leadersElected = ({ checks }: RunResult) =>
  checks.find(({ name }) => name === "leaders-elected");

describe("the last replica in sync, back with an empty disk", () => {
  it("leads again at once before Kafka 3.7, with nothing in its log", () => {
    const result = run(
      "3.6",
      `[${WIPE}]`,
      `[{ event: directories.changed, count: { equals: 0 } },
        { event: leader.elected, partition: t-0, leader: 1, from: 10s, count: { equals: 1 } }]`,
    );
    expect(unmet(result)).toEqual([]);
  });

  it("is not elected when it is unfenced, since its replica lies in a directory it does not have", () => {
    const result = run(
      "3.9",
      `[${WIPE}]`,
      `[{ event: broker.unfenced, broker: 1, from: 10s, count: { equals: 1 } },
        { event: directories.changed, partition: t-0, broker: 1, count: { equals: 1 } },
        { event: leader.elected, partition: t-0, from: 5s, count: { equals: 0 } }]`,
    );
    expect(unmet(result)).toEqual([]);
    expect(leadersElected(result)).toMatchObject({ status: "held" });
    expect(leadersElected(result)?.note).toContain("came back with another log directory");
  });

  it("is elected once it has told where the replica lies now and any broker is unfenced", () => {
    const result = run(
      "3.9",
      `[${WIPE}, { kind: ProcessChaos, action: kill, at: 15s, selector: [broker-3], duration: 5s }]`,
      `[{ event: leader.elected, partition: t-0, leader: 1, from: 5s, to: 20s, count: { equals: 0 } },
        { event: leader.elected, partition: t-0, leader: 1, from: 20s, count: { equals: 1 } }]`,
    );
    expect(unmet(result)).toEqual([]);
  });
});

describe("a broker that keeps its disk", () => {
  it("has nothing to tell", () => {
    const result = run(
      "3.9",
      "[{ kind: HostChaos, action: poweroff, at: 5s, selector: [broker-1], duration: 5s }]",
      `[{ event: directories.changed, count: { equals: 0 } },
        { event: leader.elected, partition: t-0, leader: 1, from: 10s, count: { equals: 1 } }]`,
    );
    expect(unmet(result)).toEqual([]);
  });
});
