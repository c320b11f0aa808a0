// Work that takes many runs, handed out one run at a time: the caller drives each in its own way (in slices with a progress line, or at once)
// and asks for the next. Nothing here waits or prints.
import { ms } from "../sim/kernel.ts";

/** Something that goes on in virtual time. */
export interface Steps {
  /** False when it is over. */
  advance(sliceUs: number): boolean;
  readonly progress: {
    readonly nowUs: number;
    readonly endUs: number;
    readonly phase: "run" | "settle" | "done";
    readonly events: number;
  };
}

export interface Task {
  /** For a progress line: what this run is for. */
  readonly label: string;
  readonly steps: Steps;
}

export type Tasks<R> = Generator<Task, R, void>;

const SLICE = ms(60_000);

/** Drives every task to its end, here and now. */
export function complete<R>(tasks: Tasks<R>): R {
  for (;;) {
    const next = tasks.next();
    if (next.done) return next.value;
    while (next.value.steps.advance(SLICE));
  }
}
