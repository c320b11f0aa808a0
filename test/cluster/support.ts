// Whole clusters from a few lines of YAML: three brokers, one topic, a producer, and what a test adds.

import type { RunResult } from "../../src/runner/result.ts";
import { runScenario } from "../../src/runner/run.ts";
import { loadScenario } from "../../src/scenario/load.ts";

const BASE = `
apiVersion: faultline/v1
name: x
title: x
duration: 30s
cluster: { version: "4.1", brokers: 3, controllers: 1, config: { offsets.topic.num.partitions: 5 } }
topics: [{ name: orders, partitions: 2, replicationFactor: 3 }]
clients:
  producers:
    - { name: checkout, topic: orders, config: { acks: all, linger.ms: 5 }, load: { rate: 100/s } }
`;

const CONSUMERS = `  consumers:
    - name: billing
      instances: 2
      topics: [orders]
      config: { group.id: billing, auto.offset.reset: earliest, session.timeout.ms: 6s }
      processing: { time: 1ms, commit: sync }
`;

export interface Outcome extends RunResult {
  /** `at type text` of the events that were asked for. */
  readonly lines: readonly string[];
}

/** Runs it; `seen` are the event types to keep. */
export const run = (rest: string, seen: readonly string[] = []): Outcome =>
  runWhole(BASE + CONSUMERS + rest, seen);

/** The same with something more said of the cluster. */
export const runWith = (rest: string, cluster: string): Outcome =>
  runWhole(BASE.replace("cluster: {", `cluster: { ${cluster},`) + CONSUMERS + rest, []);

/** The same for a whole scenario, named x. */
export function runWhole(text: string, seen: readonly string[] = []): Outcome {
  const [scenario] = loadScenario(text, "x.yaml").scenarios;
  if (scenario === undefined) throw new Error("no scenario");
  const lines: string[] = [];
  const { result } = runScenario(scenario, {
    replay: () => "",
    onEvent: (event, words) => {
      if (event.at >= 0 && seen.includes(event.type))
        lines.push(`${Math.round(event.at / 1_000_000)}s ${words}`);
    },
  });
  return { ...result, lines };
}

/** Assertions and checks that did not end as expected, and warnings. */
export const complaints = ({ assertions, checks, warnings }: RunResult): readonly string[] => [
  ...assertions.filter(({ ok }) => !ok).map(({ text, actual }) => `${text}: ${String(actual)}`),
  ...checks
    .filter(({ expected }) => !expected)
    .map(({ name, first }) => `${name}: ${first?.message}`),
  ...warnings,
];
