// The progress line on stderr: simulated time of the simulated end, and how much faster than the wall clock it goes.
import { performance } from "node:perf_hooks";
import { SingleBar } from "cli-progress";
import { span } from "../report/format.ts";
import type { RunProgress } from "../runner/run.ts";

export interface ProgressLine {
  update(progress: RunProgress): void;
  stop(): void;
}

export const NO_PROGRESS: ProgressLine = { update: () => {}, stop: () => {} };

export function progressLine(name: string): ProgressLine {
  const bar = new SingleBar({
    stream: process.stderr,
    format: "{name} {bar} {sim} of {end} {phase} {speed}",
    barsize: 24,
    clearOnComplete: true,
    hideCursor: true,
    linewrap: false,
    gracefulExit: false,
    fps: 10,
  });
  const began = performance.now();
  let fromUs: number | undefined;
  return {
    update({ nowUs, endUs, phase }) {
      const wallUs = Math.max(1, (performance.now() - began) * 1000);
      const payload = {
        name,
        sim: nowUs < 0 ? "0s" : span(Math.round(nowUs / 1e5) * 1e5),
        end: span(endUs),
        // The cluster starts up before the scenario's time zero.
        phase: nowUs < 0 ? "(starting)" : phase === "settle" ? "(settling)" : "",
        speed: `${((nowUs - (fromUs ?? nowUs)) / wallUs).toFixed(1)} simulated s/s`,
      };
      const value = Math.max(0, Math.min(nowUs, endUs));
      if (fromUs === undefined) {
        fromUs = nowUs;
        bar.start(endUs, value, payload);
      }
      bar.update(value, payload);
    },
    stop() {
      if (fromUs !== undefined) bar.stop();
    },
  };
}
