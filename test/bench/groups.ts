// Does an event cost more when there are many consumers? A rolling restart of every consumer, 1,000 in 50 groups over 500 partitions,
// against 10 in one group over 10, in the same process, by turns: events, and nanoseconds for each.
import { performance } from "node:perf_hooks";
import { ClusterRun } from "../../src/cluster/run.ts";
import { startRun } from "../../src/runner/run.ts";
import { loadScenario } from "../../src/scenario/load.ts";
import type { Scenario } from "../../src/scenario/model.ts";
import { seconds } from "../../src/sim/kernel.ts";

interface Size {
  readonly groups: number;
  readonly members: number;
  /** Topics; each group reads one of them. */
  readonly topics: number;
  readonly partitions: number;
}

const LARGE: Size = { groups: 50, members: 20, topics: 10, partitions: 50 };
const SMALL: Size = { groups: 1, members: 10, topics: 1, partitions: 10 };

/** Seconds between two restarts of a group's members. */
const STEP = 2;
const FIRST = 10;

function scenario({ groups, members, topics, partitions }: Size): Scenario {
  const names = Array.from({ length: topics }, (_, i) => `t${i}`);
  const lines = [
    "apiVersion: faultline/v1",
    "name: bench",
    "title: a rolling restart",
    "seed: 1",
    `duration: ${FIRST + members * STEP + 10}s`,
    'cluster: { version: "4.1", brokers: 3, controllers: 3 }',
    "topics:",
    ...names.map(
      (name) => `  - { name: ${name}, partitions: ${partitions}, replicationFactor: 3 }`,
    ),
    "clients:",
    "  producers:",
    ...names.map((name) => `    - { name: p-${name}, topic: ${name}, load: { rate: 50/s } }`),
    "  consumers:",
  ];
  for (let g = 0; g < groups; g++) {
    const config = `{ group.id: g${g}, auto.offset.reset: earliest, session.timeout.ms: 10s }`;
    lines.push(
      `    - { name: g${g}, instances: ${members}, topics: [t${g % topics}], config: ${config}, processing: { time: 0ms } }`,
    );
  }
  lines.push("faults:");
  for (let m = 1; m <= members; m++) {
    const selector = Array.from({ length: groups }, (_, g) => `g${g}-${m}`).join(", ");
    const at = FIRST + (m - 1) * STEP;
    lines.push(
      `  - { kind: ProcessChaos, action: terminate, at: ${at}s, duration: 1s, selector: [${selector}] }`,
    );
  }
  return loadScenario(lines.join("\n"), "bench.yaml", {}).scenarios[0] as Scenario;
}

interface Sample {
  readonly events: number;
  readonly nsPerEvent: number;
}

/** From before the first restart until after the last one has settled. */
function bare(size: Size): Sample {
  const run = new ClusterRun(scenario(size), {});
  run.runUntil(seconds(FIRST - 1));
  const before = run.steps;
  const begun = performance.now();
  run.runUntil(seconds(FIRST + size.members * STEP + 5));
  return sampleOf(run.steps - before, performance.now() - begun);
}

/** With every check. */
function judged(size: Size): Sample {
  const end = seconds(FIRST + size.members * STEP + 5);
  const run = startRun(scenario(size), { replay: () => "", untilUs: end });
  // The cluster boots for 30 s before time zero.
  run.advance(seconds(30 + FIRST - 1));
  const before = run.progress.events;
  const begun = performance.now();
  while (run.advance(seconds(1)));
  return sampleOf(run.progress.events - before, performance.now() - begun);
}

const sampleOf = (events: number, ms: number): Sample => ({
  events,
  nsPerEvent: (ms * 1e6) / events,
});

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] as number;

export async function bench(args: readonly string[]): Promise<void> {
  const rounds = args.includes("--short") ? 1 : 3;
  bare(SMALL);
  const samples = Array.from({ length: rounds }, () => ({
    small: bare(SMALL),
    large: bare(LARGE),
    smallJudged: judged(SMALL),
    largeJudged: judged(LARGE),
  }));
  const ns = (key: keyof (typeof samples)[number]): number =>
    median(samples.map((sample) => sample[key].nsPerEvent));
  const [first] = samples;
  const figures = {
    "kernel events, 10 consumers": first?.small.events ?? 0,
    "kernel events, 1000 consumers": first?.large.events ?? 0,
    "ns per kernel event, 10 consumers": ns("small"),
    "ns per kernel event, 1000 consumers": ns("large"),
    "growth of an event's cost": median(
      samples.map(({ small, large }) => large.nsPerEvent / small.nsPerEvent),
    ),
    "trace events, 10 consumers": first?.smallJudged.events ?? 0,
    "trace events, 1000 consumers": first?.largeJudged.events ?? 0,
    "ns per trace event with checks, 10 consumers": ns("smallJudged"),
    "ns per trace event with checks, 1000 consumers": ns("largeJudged"),
    "growth of an event's cost with checks": median(
      samples.map((s) => s.largeJudged.nsPerEvent / s.smallJudged.nsPerEvent),
    ),
  };
  if (args.includes("--json")) console.log(JSON.stringify(figures, null, 2));
  else
    for (const [name, value] of Object.entries(figures))
      console.log(`${name.padEnd(48)} ${value.toFixed(value >= 100 ? 0 : 2)}`);
}
