// What judging costs: the same cluster bare and judged, each in a process of its own, asked in turn for a short slice of virtual time.
// What runs beside them slows both alike, neither's garbage is the other's, and a pair of fresh processes is one draw of the compiler's luck.
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const WORKER = fileURLToPath(new URL("./judging-worker.js", import.meta.url));
const PAIRS = 7;
/** Of half a virtual second each. */
const SLICES = 40;

interface Judging {
  readonly median: number;
  /** Judged by bare CPU time over all slices, of each pair of processes, sorted. */
  readonly ratios: readonly number[];
}

/** Milliseconds of CPU time that the next slice takes, or, when the process has just started, zero. */
async function answer(worker: ChildProcess): Promise<number> {
  const [ms] = await once(worker, "message");
  return ms as number;
}

async function ratio(): Promise<number> {
  const workers = ["bare", "judged"].map((mode) => fork(WORKER, [mode]));
  await Promise.all(workers.map(answer));
  const spent = [0, 0];
  for (let slice = 0; slice < SLICES; slice++) {
    for (const [i, worker] of workers.entries()) {
      worker.send("go");
      spent[i] = (spent[i] as number) + (await answer(worker));
    }
  }
  for (const worker of workers) worker.disconnect();
  return (spent[1] as number) / (spent[0] as number);
}

export async function costOfJudging(): Promise<Judging> {
  const ratios: number[] = [];
  for (let pair = 0; pair < PAIRS; pair++) ratios.push(await ratio());
  ratios.sort((a, b) => a - b);
  return { median: ratios[PAIRS >> 1] as number, ratios };
}
