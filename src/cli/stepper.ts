// Drives a run in slices, so that signals are heard and progress is drawn: the simulator itself is one synchronous loop. How long a
// slice is has no influence on the run.
import { performance } from "node:perf_hooks";
import { setImmediate } from "node:timers/promises";
import type { RunReport } from "../runner/result.ts";
import type { RunOptions, RunProgress } from "../runner/run.ts";
import type { Scenario } from "../scenario/model.ts";

/** Anything that goes on in virtual time. */
export interface Steps {
  /** False when it is over. */
  advance(sliceUs: number): boolean;
  readonly progress: RunProgress;
}

/** What the runner gives for one run. */
export interface Stepper extends Steps {
  finish(): RunReport;
}

/** The runner's startRun; tests put a stand-in here. */
export type StartRun = (scenario: Scenario, options: RunOptions) => Stepper;

const SLICE_WALL_MS = 40;
const MIN_SLICE_US = 1_000;
const MAX_SLICE_US = 60_000_000;

/** The report, or undefined when `interrupted` became true first. */
export async function drive(
  stepper: Stepper,
  interrupted: () => boolean,
  onSlice: (progress: RunProgress) => void,
): Promise<RunReport | undefined> {
  return (await goOn(stepper, interrupted, onSlice)) ? stepper.finish() : undefined;
}

/** To its end: true; false when `interrupted` became true first. */
export async function goOn(
  steps: Steps,
  interrupted: () => boolean,
  onSlice: (progress: RunProgress) => void,
): Promise<boolean> {
  let sliceUs = 100_000;
  for (;;) {
    const began = performance.now();
    if (!steps.advance(sliceUs)) return true;
    const wallMs = performance.now() - began;
    if (wallMs > SLICE_WALL_MS * 2) sliceUs = Math.max(MIN_SLICE_US, Math.round(sliceUs / 2));
    else if (wallMs < SLICE_WALL_MS / 2) sliceUs = Math.min(MAX_SLICE_US, sliceUs * 2);
    onSlice(steps.progress);
    await setImmediate();
    if (interrupted()) return false;
  }
}

/** Ctrl-C once: end in order. Twice: end at once. */
export function interruptible(): {
  readonly interrupted: () => boolean;
  readonly release: () => void;
} {
  let asked = false;
  const onSignal = (): void => {
    if (asked) process.exit(130);
    asked = true;
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  return {
    interrupted: () => asked,
    release: () => {
      process.off("SIGINT", onSignal);
      process.off("SIGTERM", onSignal);
    },
  };
}
