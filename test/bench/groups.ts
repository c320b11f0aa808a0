// Does an event cost more when there are many consumers? A rolling restart of every consumer, 1,000 in 50 groups over 500 partitions,
// against 100 and against 10 in one group over 10, in the same process: events, and nanoseconds of CPU time for each. 10 consumers of 500
// partitions tell apart what consumers cost and what a follower's fetch of many partitions costs.
import { ClusterRun } from "../../src/cluster/run.ts";
import { startRun } from "../../src/runner/run.ts";
import { loadScenario } from "../../src/scenario/load.ts";
import type { Scenario } from "../../src/scenario/model.ts";
import { seconds } from "../../src/sim/kernel.ts";
import { cpuMs } from "./cpu.ts";

interface Size {
  readonly groups: number;
  readonly members: number;
  /** Topics; each group reads one of them. */
  readonly topics: number;
  readonly partitions: number;
}

const SMALL: Size = { groups: 1, members: 10, topics: 1, partitions: 10 };
const SIZES: Readonly<Record<string, Size>> = {
  "10 consumers": SMALL,
  "10 consumers, 500 partitions": { groups: 1, members: 10, topics: 10, partitions: 50 },
  "100 consumers": { groups: 5, members: 20, topics: 1, partitions: 50 },
  "1000 consumers": { groups: 50, members: 20, topics: 10, partitions: 50 },
};

/** Seconds between two restarts of a group's members. */
const STEP = 1;
const FIRST = 10;
/** How often the small cluster is run before it is measured, and then measured: it takes a tenth of a second. */
const WARM_UP = 8;
const SMALL_RUNS = 5;

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
      `  - { kind: ProcessChaos, action: terminate, at: ${at}s, duration: 500ms, selector: [${selector}] }`,
    );
  }
  return loadScenario(lines.join("\n"), "bench.yaml", {}).scenarios[0] as Scenario;
}

interface Cost {
  readonly events: number;
  readonly ms: number;
}

/** From before the first restart until after the last one has settled. */
function bare(size: Size): Cost {
  const run = new ClusterRun(scenario(size), {});
  run.runUntil(seconds(FIRST - 1));
  const before = run.steps;
  const begun = cpuMs();
  run.runUntil(seconds(FIRST + size.members * STEP + 5));
  return { events: run.steps - before, ms: cpuMs() - begun };
}

/** The same with every check. Its events are those of the trace: fewer, and not in the same proportion to the kernel's for every size. */
function judged(size: Size): Cost {
  const end = seconds(FIRST + size.members * STEP + 5);
  const run = startRun(scenario(size), { replay: () => "", untilUs: end });
  // The cluster boots for 30 s before time zero.
  run.advance(seconds(30 + FIRST - 1));
  const before = run.progress.events;
  const begun = cpuMs();
  while (run.advance(seconds(1)));
  return { events: run.progress.events - before, ms: cpuMs() - begun };
}

/** The median of a small cluster's runs; one run of another. */
function measure(run: (size: Size) => Cost, size: Size): Cost {
  const costs = Array.from({ length: size === SMALL ? SMALL_RUNS : 1 }, () => run(size));
  return costs.sort((a, b) => a.ms - b.ms)[costs.length >> 1] as Cost;
}

/** --short leaves out the 1,000 consumers. */
export async function bench(args: readonly string[]): Promise<void> {
  for (let i = 0; i < WARM_UP; i++) {
    bare(SMALL);
    judged(SMALL);
  }
  const rows = Object.entries(SIZES)
    .slice(0, args.includes("--short") ? -1 : undefined)
    .map(([name, size]) => {
      const alone = measure(bare, size);
      const checked = measure(judged, size);
      return {
        ...{ name, kernelEvents: alone.events, traceEvents: checked.events },
        nsPerKernelEvent: Math.round((alone.ms * 1e6) / alone.events),
        nsPerKernelEventWithChecks: Math.round((checked.ms * 1e6) / alone.events),
      };
    });
  if (args.includes("--json")) console.log(JSON.stringify(rows, null, 2));
  else console.table(rows);
}
