// How fast a whole cluster simulates: 3 brokers, 24 partitions, RF 3, 300,000 records/s, with the trace hash and the checks on,
// against the kernel's own speed in the same run (goals G9, G10, G12, G13, G14).
import { PerformanceObserver, performance } from "node:perf_hooks";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { ClusterRun } from "../../src/cluster/run.ts";
import { startRun } from "../../src/runner/run.ts";
import { Kernel, seconds } from "../../src/sim/kernel.ts";
import { scenario } from "./cluster-scenario.ts";
import { costOfJudging } from "./judging.ts";

interface Timed {
  /** On the clock of performance entries, ms. */
  readonly begun: number;
  readonly wallSeconds: number;
  /** Of all threads: the machine may be busy with other things. */
  readonly cpuSeconds: number;
}

interface Sample extends Timed {
  readonly virtualSeconds: number;
  readonly steps: number;
}

function timed(action: () => void): Timed {
  const begun = performance.now();
  const before = process.cpuUsage();
  action();
  const { user, system } = process.cpuUsage(before);
  return {
    begun,
    wallSeconds: (performance.now() - begun) / 1000,
    cpuSeconds: (user + system) / 1_000_000,
  };
}

/** The world alone, or with everything a verdict needs. */
function bare(virtualSeconds: number, hash: boolean): Sample {
  const run = new ClusterRun(scenario(), { hash });
  run.runUntil(seconds(2));
  const before = run.steps;
  const time = timed(() => run.runUntil(seconds(2 + virtualSeconds)));
  return { ...time, virtualSeconds, steps: run.steps - before };
}

function judged(virtualSeconds: number): Sample {
  const run = startRun(scenario(), { replay: () => "", untilUs: seconds(2 + virtualSeconds) });
  run.advance(seconds(32));
  const before = run.progress.events;
  const time = timed(() => {
    while (run.advance(seconds(virtualSeconds)));
  });
  return { ...time, virtualSeconds, steps: run.progress.events - before };
}

/** What is produced in a virtual second: batches appended by leaders. */
function batchesPerSecond(): number {
  const run = new ClusterRun(scenario(), {});
  let batches = 0;
  run.runUntil(seconds(2));
  run.trace.on("log.appended", (e) => {
    if (e.leader && e.partition.topic === "load") batches++;
  });
  run.runUntil(seconds(4));
  return batches / 2;
}

/** PHOLD on the same kernel: the unit of the model's cost. */
function pholdNanoseconds(events: number): number {
  const kernel = new Kernel({ seed: "phold" });
  const rng = kernel.rng("phold");
  const kind = kernel.define("phold", (a) => {
    kernel.schedule(kernel.now + 100 + rng.integer(0, 2000), kind, a, 0);
  });
  for (let i = 0; i < 4000; i++) kernel.schedule(rng.integer(0, 2000), kind, i, 0);
  const { cpuSeconds } = timed(() => {
    for (let i = 0; i < events; i++) kernel.step();
  });
  return (cpuSeconds * 1e9) / events;
}

/** Of the time of these runs, what the collections took that fell into it. */
function gcShare(
  runs: readonly Timed[],
  collections: readonly { readonly startTime: number; readonly duration: number }[],
): number {
  let gcMs = 0;
  let wallMs = 0;
  for (const { begun, wallSeconds } of runs) {
    const end = begun + wallSeconds * 1000;
    wallMs += wallSeconds * 1000;
    for (const { startTime, duration } of collections)
      if (startTime >= begun && startTime < end) gcMs += duration;
  }
  return gcMs / wallMs;
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] as number;

const short = (n: number): string => n.toFixed(Number.isInteger(n) ? 0 : 3);

/** Heap in use at each virtual minute, after a collection, MiB. */
function memory(minutes: number): number[] {
  setFlagsFromString("--expose-gc");
  const gc = runInNewContext("gc") as () => void;
  const run = startRun(scenario(), { replay: () => "", untilUs: seconds(60 * minutes + 1) });
  const heap: number[] = [];
  run.advance(seconds(30));
  for (let minute = 1; minute <= minutes; minute++) {
    run.advance(seconds(60));
    gc();
    heap.push(Math.round(process.memoryUsage().heapUsed / 2 ** 20));
  }
  return heap;
}

export async function bench(args: readonly string[]): Promise<void> {
  const json = args.includes("--json");
  const rounds = 5;
  const collections: { readonly startTime: number; readonly duration: number }[] = [];
  const observer = new PerformanceObserver((list) => void collections.push(...list.getEntries()));
  observer.observe({ entryTypes: ["gc"] });
  bare(1, true);
  const samples = Array.from({ length: rounds }, () => ({
    phold: pholdNanoseconds(2_000_000),
    withHash: bare(4, true),
    withoutHash: bare(4, false),
    judged: judged(4),
  }));
  const batches = batchesPerSecond();
  const judging = await costOfJudging();
  const perBatch = (s: Sample): number => (s.cpuSeconds * 1e9) / (batches * s.virtualSeconds);
  await new Promise((resolve) => setTimeout(resolve, 10));
  observer.disconnect();
  const timedRuns = samples.flatMap((s) => [s.withHash, s.withoutHash, s.judged]);
  const heap = args.includes("--no-memory") ? [] : memory(args.includes("--short") ? 3 : 10);
  const of = (figure: (s: (typeof samples)[number]) => number): number =>
    median(samples.map(figure));
  const figures = {
    "G9 GC share of the run": gcShare(timedRuns, collections),
    "G10 trace hash on / off": of((s) => s.withHash.cpuSeconds / s.withoutHash.cpuSeconds),
    "G12 cost of a batch in PHOLD events": of((s) => perBatch(s.withHash) / s.phold),
    "G13 virtual s per wall s, hash and checks on": of(
      ({ judged: s }) => s.virtualSeconds / s.wallSeconds,
    ),
    "the same per CPU s": of(({ judged: s }) => s.virtualSeconds / s.cpuSeconds),
    "virtual s per CPU s, checks off": of(({ withHash: s }) => s.virtualSeconds / s.cpuSeconds),
    "cost of judging (judged / bare)": judging.median,
    "the same in each pair of processes": judging.ratios,
    "batches per virtual s": batches,
    "kernel events per batch": of(({ withHash: s }) => s.steps / (batches * s.virtualSeconds)),
    "ns per kernel event": of(({ withHash: s }) => (s.cpuSeconds * 1e9) / s.steps),
    "G14 heap at each virtual minute, MiB": heap,
  };
  if (json) console.log(JSON.stringify(figures, null, 2));
  else
    for (const [name, value] of Object.entries(figures))
      console.log(
        `${name.padEnd(48)} ${Array.isArray(value) ? value.map(short).join(" ") : short(value as number)}`,
      );
}
