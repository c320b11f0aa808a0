// Seeds that once found a defect of the simulator, each with what went wrong. None of the checks that the contract of its settings calls a bug
// may be violated, and nothing may throw.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { runScenario } from "../src/runner/run.ts";
import { loadScenario } from "../src/scenario/load.ts";

interface Found {
  readonly seed: number;
  readonly found: string;
  readonly version: string;
  readonly brokers: number;
  readonly controllers: string;
  readonly lag: string;
  readonly latency: string;
  readonly rate: string;
  readonly faults: readonly string[];
}

const COMBINED = "{ count: 3, mode: combined }";

const SEEDS: readonly Found[] = [
  {
    seed: 10,
    found:
      "a consumer was answered by a broker that led in its old epoch before it was registered again, and passed over a record",
    version: "4.1",
    brokers: 3,
    controllers: COMBINED,
    lag: "5s",
    latency: "2ms",
    rate: "200/s",
    faults: [
      "{ kind: NetworkChaos, action: partition, at: 2s, duration: 1s, selector: { mode: one, of: { role: broker } }, direction: both }",
      "{ kind: ProcessChaos, action: terminate, at: 17s, duration: 25s, selector: [broker-2] }",
      "{ kind: ProcessChaos, action: terminate, at: 42s, duration: 15s, selector: [broker-2] }",
      "{ kind: HostChaos, action: poweroff, at: 19s, duration: 5s, selector: [broker-1] }",
      "{ kind: NetworkChaos, action: partition, at: 18s, duration: 40s, selector: [broker-2], target: [broker-3] }",
      "{ kind: HostChaos, action: poweroff, at: 16s, duration: 15s, selector: [broker-1] }",
      "{ kind: ProcessChaos, action: kill, at: 31s, duration: 3s, selector: { mode: one, of: { role: broker } } }",
      "{ kind: HostChaos, action: poweroff, at: 13s, duration: 1s, selector: [broker-2] }",
    ],
  },
  {
    seed: 54,
    found:
      "a broker that had lost power led in its old epoch before it was registered again, and its followers cut what was committed",
    version: "4.1",
    brokers: 3,
    controllers: "3",
    lag: "30s",
    latency: "500us",
    rate: "200/s",
    faults: [
      "{ kind: ProcessChaos, action: pause, at: 34s, duration: 25s, selector: { leaderOf: t-0 } }",
      "{ kind: HostChaos, action: poweroff, at: 40s, duration: 1s, selector: { leaderOf: t-0 } }",
      "{ kind: ProcessChaos, action: kill, at: 31s, duration: 8s, selector: { leaderOf: t-0 } }",
    ],
  },
  {
    seed: 56,
    found:
      "a combined node's broker side was counted as its voter, and the quorum committed what one disk held",
    version: "3.9",
    brokers: 3,
    controllers: COMBINED,
    lag: "30s",
    latency: "2ms",
    rate: "50/s",
    faults: [
      "{ kind: IOChaos, action: fault, errno: ENOSPC, at: 43s, duration: 15s, selector: [broker-3], percent: 100% }",
      "{ kind: NetworkChaos, action: partition, at: 21s, duration: 15s, selector: [broker-2], target: [broker-3] }",
      "{ kind: NetworkChaos, action: loss, at: 30s, duration: 1s, selector: { leaderOf: t-0 }, loss: 20% }",
      "{ kind: ProcessChaos, action: pause, at: 7s, duration: 25s, selector: [broker-3] }",
      "{ kind: ProcessChaos, action: restart, at: 11s, selector: [broker-1] }",
    ],
  },
  {
    seed: 69,
    found:
      "a combined node's broker side was counted as its voter, and a new quorum leader cut committed metadata",
    version: "3.6",
    brokers: 5,
    controllers: COMBINED,
    lag: "10s",
    latency: "20ms",
    rate: "50/s",
    faults: [
      "{ kind: NetworkChaos, action: partition, topology: bridge, at: 34s, duration: 15s }",
      "{ kind: MessageChaos, action: drop, at: 24s, duration: 15s, rpc: BrokerHeartbeat, phase: response, count: 6 }",
      "{ kind: ProcessChaos, action: pause, at: 37s, duration: 1s, selector: { mode: one, of: { role: broker } } }",
      "{ kind: ProcessChaos, action: terminate, at: 29s, duration: 15s, selector: [broker-1] }",
    ],
  },
  {
    seed: 122,
    found:
      "a broker answered before it was registered again, and a replica never came back into the ISR",
    version: "4.0",
    brokers: 4,
    controllers: COMBINED,
    lag: "5s",
    latency: "2ms",
    rate: "50/s",
    faults: [
      "{ kind: NetworkChaos, action: partition, at: 14s, duration: 25s, selector: [broker-4], direction: from }",
      "{ kind: HostChaos, action: poweroff, at: 16s, duration: 15s, selector: [broker-2] }",
      "{ kind: NetworkChaos, action: partition, at: 10s, duration: 40s, selector: [broker-2], target: [broker-3] }",
      "{ kind: ProcessChaos, action: restart, at: 28s, selector: { mode: one, of: { role: broker } } }",
      "{ kind: HostChaos, action: poweroff, at: 25s, duration: 5s, selector: [broker-3] }",
      "{ kind: NetworkChaos, action: partition, at: 11s, duration: 25s, selector: [broker-2], target: { role: controller } }",
      "{ kind: HostChaos, action: poweroff, at: 28s, duration: 15s, selector: { leaderOf: t-0 } }",
    ],
  },
  {
    seed: 1222,
    found:
      "KIP-966 permits a loss when a kill has cost the second of two replicas its eligibility, and the contract did not say so",
    version: "4.1",
    brokers: 5,
    controllers: "3",
    lag: "5s",
    latency: "500us",
    rate: "50/s",
    faults: [
      "{ kind: ProcessChaos, action: restart, at: 17s, selector: [broker-5] }",
      "{ kind: HostChaos, action: poweroff, at: 23s, duration: 5s, selector: [broker-3] }",
      "{ kind: NetworkChaos, action: loss, at: 2s, duration: 40s, selector: [broker-4], loss: 20% }",
      "{ kind: ProcessChaos, action: kill, at: 40s, duration: 3s, selector: { leaderOf: t-0 } }",
      "{ kind: ProcessChaos, action: kill, at: 17s, duration: 25s, selector: { mode: one, of: { role: broker } } }",
      "{ kind: HostChaos, action: poweroff, at: 44s, duration: 15s, selector: { activeController: true } }",
      "{ kind: NetworkChaos, action: partition, at: 15s, duration: 8s, selector: [broker-2], direction: both }",
      "{ kind: ProcessChaos, action: kill, at: 39s, duration: 40s, selector: [broker-3] }",
      "{ kind: HostChaos, action: poweroff, at: 7s, duration: 5s, selector: [controller-3] }",
    ],
  },
];

const textOf = (f: Found): string => `
apiVersion: faultline/v1
name: seed
title: ${f.found}
seed: ${f.seed}
duration: 70s
settle: 120s
cluster:
  version: "${f.version}"
  brokers: ${f.brokers}
  controllers: ${f.controllers}
  config: { min.insync.replicas: 2, replica.lag.time.max.ms: ${f.lag} }
  network: { latency: ${f.latency}, jitter: 100us }
topics:
  - { name: t, partitions: 4, replicationFactor: 3 }
clients:
  producers: [{ name: p, topic: t, config: { acks: all }, records: { size: 100B }, load: { rate: ${f.rate} } }]
  consumers: [{ name: c, topics: [t], config: { auto.offset.reset: earliest } }]
faults:
${f.faults.map((fault) => `  - ${fault}`).join("\n")}
`;

/** Seeds of scenarios that come with Faultline. */
const OF_SCENARIOS = [
  {
    file: "scenarios/formulas/rebalance-time.yaml",
    variant: "cooperative",
    seed: "140",
    found:
      "a synchronous commit failed in a rebalance after which no more records came, and nobody made it again",
  },
] as const;

/** Generated runs, as `npm run properties` printed them. */
const GENERATED = [
  {
    found:
      "a broker whose shutdown took longer than the fault was never started again; and then, with two of three down for good, a group that can store no offset was called stuck",
    text: `
apiVersion: faultline/v1
name: generated
title: generated
seed: 466807
duration: 40s
settle: 150s
cluster:
  version: "4.0"
  brokers: 3
  controllers: 3
  config: { min.insync.replicas: 2, replica.lag.time.max.ms: 5s, offsets.topic.num.partitions: 4 }
  network: { latency: 2ms, jitter: 100us }
topics:
  - { name: t, partitions: 6, replicationFactor: 3 }
clients:
  producers: [{ name: p, topic: t, config: { acks: all, delivery.timeout.ms: 12s, request.timeout.ms: 5s }, records: { size: 100B, keys: { distribution: uniform, cardinality: 50 } }, load: { rate: 50/s } }]
  consumers: [{ name: c, instances: 3, topics: [t], config: { group.id: g, auto.offset.reset: earliest, partition.assignment.strategy: cooperative-sticky }, processing: { time: 1ms, commit: sync } }]
faults:
  - { kind: NetworkChaos, at: 4s, duration: 3s, action: partition, selector: { coordinatorOf: g }, direction: to, target: [broker-2] }
  - { kind: IOChaos, at: 15s, duration: 8s, action: fault, errno: EIO, percent: 20%, selector: [broker-1] }
  - { kind: TimeChaos, at: 20s, duration: 3s, action: timeOffset, timeOffset: 20s, selector: { leaderOf: t-1 } }
  - { kind: NetworkChaos, at: 8s, duration: 1s, action: partition, selector: [broker-1], direction: both, target: [broker-2] }
  - { kind: ProcessChaos, at: 14s, duration: 1s, action: terminate, selector: [broker-2] }
`,
  },
  {
    found:
      "a group whose partition of __consumer_offsets has one replica left can store no assignment, and was asked why it had read nothing",
    text: `
apiVersion: faultline/v1
name: generated
title: generated
seed: 746327
duration: 40s
settle: 150s
cluster:
  version: "3.8"
  brokers: 4
  controllers: 3
  config: { min.insync.replicas: 2, replica.lag.time.max.ms: 10s, offsets.topic.num.partitions: 4 }
  network: { latency: 2ms, jitter: 100us }
topics:
  - { name: t, partitions: 2, replicationFactor: 3 }
clients:
  producers: [{ name: p, topic: t, config: { acks: all, linger.ms: 20 }, records: { size: 100B }, load: { rate: 50/s } }]
  consumers: [{ name: c, instances: 3, topics: [t], config: { group.id: g, auto.offset.reset: earliest, partition.assignment.strategy: cooperative-sticky }, processing: { time: 1ms, commit: async } }]
faults:
  - { kind: IOChaos, at: 13s, duration: 25s, action: fault, errno: EIO, percent: 20%, selector: [broker-3] }
  - { kind: ProcessChaos, at: 4s, duration: 15s, action: kill, selector: [broker-2] }
  - { kind: IOChaos, at: 24s, duration: 8s, action: fault, errno: EIO, percent: 20%, selector: { leaderOf: t-0 } }
`,
  },
  {
    found:
      "a consumer that was killed and started again was held to a partition that only its life before had read, and that the group had given to another",
    text: `
apiVersion: faultline/v1
name: generated
title: generated
seed: 914153
duration: 40s
settle: 150s
cluster:
  version: "3.3"
  brokers: 3
  controllers: 3
  config: { min.insync.replicas: 2, replica.lag.time.max.ms: 30s, offsets.topic.num.partitions: 4 }
  network: { latency: 2ms, jitter: 100us }
topics:
  - { name: t, partitions: 3, replicationFactor: 3 }
clients:
  producers: [{ name: p, topic: t, config: { acks: all }, records: { size: 100B, keys: { distribution: uniform, cardinality: 50 } }, load: { rate: 600/s } }]
  consumers: [{ name: c, instances: 2, topics: [t], config: { group.id: g, auto.offset.reset: earliest, partition.assignment.strategy: cooperative-sticky }, processing: { time: 1ms, commit: auto } }]
faults:
  - { kind: NetworkChaos, at: 23s, duration: 3s, action: partition, selector: [broker-1], direction: from, target: [broker-1] }
  - { kind: ProcessChaos, at: 16s, duration: 1s, action: kill, selector: [c-1] }
  - { kind: IOChaos, at: 15s, duration: 8s, action: fault, errno: EIO, percent: 20%, selector: [broker-1] }
`,
  },
] as const;

describe("seeds that found a defect", () => {
  it.each(SEEDS)("$seed on $version: $found", (found) => {
    const [scenario] = loadScenario(textOf(found), "seed.yaml", {}).scenarios;
    const { result } = runScenario(scenario as NonNullable<typeof scenario>, { replay: () => "" });
    expect(result.checks.filter(({ status }) => status === "violated")).toEqual([]);
    expect(result.records.acked).toBeGreaterThan(0);
  });

  it.each(OF_SCENARIOS)("$seed of $file, $variant: $found", ({ file, variant, seed }) => {
    const text = readFileSync(new URL(`../${file}`, import.meta.url), "utf8");
    const [scenario] = loadScenario(text, file, { variant, seed }).scenarios;
    const { result } = runScenario(scenario as NonNullable<typeof scenario>, { replay: () => "" });
    expect(result.checks.filter(({ status }) => status === "violated")).toEqual([]);
  });

  it.each(
    GENERATED.flatMap(({ found, text }) => {
      const lasting = text.replace(", duration: 1s, action: terminate", ", action: terminate");
      const forEver = { found: `${found} (for ever)`, text: lasting };
      return lasting === text ? [{ found, text }] : [{ found, text }, forEver];
    }),
  )("generated: $found", ({ text }) => {
    const [scenario] = loadScenario(text, "generated.yaml", {}).scenarios;
    const { result } = runScenario(scenario as NonNullable<typeof scenario>, { replay: () => "" });
    expect(result.checks.filter(({ status }) => status === "violated")).toEqual([]);
  });
});
