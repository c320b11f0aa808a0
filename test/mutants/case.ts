// A known bug in a whole cluster: the scenario that brings it out, and the check that has to catch it.
import type { CheckName } from "../../src/check/index.ts";
import type { MutantName, RuleName } from "../../src/protocol/releases.ts";
import type { CheckEntry, RunResult } from "../../src/runner/result.ts";
import { type RunOptions, runScenario } from "../../src/runner/run.ts";
import { loadScenario } from "../../src/scenario/load.ts";

export interface Case {
  /** A planted bug, or a protocol rule with the value it had when Kafka had the bug: `rule: value`. */
  readonly bug: MutantName | `${RuleName}: ${string}`;
  readonly caughtBy: CheckName;
  /** No other check catches it. */
  readonly alone?: true;
  /** KIP, JIRA or class of the rule that is broken; "planted": no release is known to have had it. */
  readonly source: string;
  /** What happens to the cluster, in words. */
  readonly story: string;
  /** What the correct twin shows, too, because its settings permit it. */
  readonly lessons?: readonly CheckName[];
  readonly version?: string;
  /** Rules of the twin, too. */
  readonly rules?: string;
  readonly seed?: number;
  readonly duration?: string;
  readonly controllers?: number;
  readonly config?: string;
  readonly network?: string;
  readonly topics?: string;
  readonly producers?: string;
  readonly consumers?: string;
  readonly faults?: string;
  readonly operations?: string;
}

/** One partition, led by the first of three brokers. */
export const TOPICS = "[{ name: t, replicas: { 0: [1, 2, 3] } }]";

export const PRODUCER =
  "{ name: p, topic: t, config: { acks: all }, records: { size: 100B }, load: { rate: 50/s } }";

export const producers = (config: string): string => `[${PRODUCER.replace("acks: all", config)}]`;

/** No clients. */
export const QUIET = { producers: "[]", consumers: "[]" } as const;

/** A consumer that reads everything and is in no group. */
export const READER = "{ name: c, topics: [t], config: { auto.offset.reset: earliest } }";

/** Members of group g. */
export const member = (name: string, rest: string, config = ""): string =>
  `{ name: ${name}, topics: [t], config: { group.id: g, auto.offset.reset: earliest${config} }, ${rest} }`;

export const nameOf = ({ bug }: Case): string => bug.replace(": ", "=");

export const isMutant = (bug: Case["bug"]): bug is MutantName => !bug.includes(": ");

export function run(c: Case, isBroken: boolean, options: Partial<RunOptions> = {}): RunResult {
  const broken = isMutant(c.bug) ? `mutant: ${c.bug}` : c.bug;
  const rules = [c.rules, isBroken ? broken : undefined].filter((rule) => rule !== undefined);
  const text = `
apiVersion: faultline/v1
name: mutant
title: ${nameOf(c)}
seed: ${c.seed ?? 1}
duration: ${c.duration ?? "10s"}
settle: 20s
cluster:
  version: "${c.version ?? "4.1"}"
  brokers: 3
  controllers: ${c.controllers ?? 3}
  config: { ${c.config ?? "min.insync.replicas: 2"} }
  network: ${c.network ?? "{ latency: 500us, jitter: 100us }"}
  rules: { ${rules.join(", ")} }
topics: ${c.topics ?? TOPICS}
clients:
  producers: ${c.producers ?? producers("acks: all")}
  consumers: ${c.consumers ?? `[${READER}]`}
faults: ${c.faults ?? "[]"}
operations: ${c.operations ?? "[]"}
`;
  const [scenario] = loadScenario(text, "mutant.yaml", {}).scenarios;
  return runScenario(scenario as NonNullable<typeof scenario>, {
    replay: () => "",
    ...options,
  }).result;
}

/** Checks with findings, permitted or not. */
export const caught = ({ checks }: RunResult): CheckEntry[] =>
  checks.filter(({ status }) => status === "violated" || status === "permitted");
