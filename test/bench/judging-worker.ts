// One side of the comparison in judging.ts: advances the cluster, bare or with everything a verdict needs, when its parent says so.
import { keepNewObjectsYoung } from "../../src/cli/heap.ts";
import { ClusterRun } from "../../src/cluster/run.ts";
import { startRun } from "../../src/runner/run.ts";
import { type Micros, seconds } from "../../src/sim/kernel.ts";
import { scenario } from "./cluster-scenario.ts";
import { cpuMs } from "./cpu.ts";

/** Load has begun, the code is compiled, retention is at work. */
const WARM_UP = seconds(6);
const SLICE = seconds(0.5);

function bare(): (us: Micros) => void {
  const run = new ClusterRun(scenario());
  run.runUntil(0);
  return (us) => run.runUntil(run.now + us);
}

function judged(): (us: Micros) => void {
  const run = startRun(scenario(), { replay: () => "" });
  run.advance(seconds(30));
  return (us) => run.advance(us);
}

keepNewObjectsYoung();
const advance = process.argv[2] === "judged" ? judged() : bare();
advance(WARM_UP);
process.on("message", () => {
  const before = cpuMs();
  advance(SLICE);
  process.send?.(cpuMs() - before);
});
process.send?.(0);
