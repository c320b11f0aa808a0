// Drives work that takes many runs: one progress line a run, signals heard in between.
import type { Tasks } from "../explore/task.ts";
import { NO_PROGRESS, progressLine } from "./progress.ts";
import { goOn, interruptible } from "./stepper.ts";

/** The result, or undefined when the user interrupted. */
export async function driveTasks<R>(
  tasks: Tasks<R>,
  shows: boolean,
): Promise<{ readonly result: R } | undefined> {
  const { interrupted, release } = interruptible();
  try {
    for (;;) {
      const next = tasks.next();
      if (next.done) return { result: next.value };
      const { label, steps } = next.value;
      const line = shows ? progressLine(label) : NO_PROGRESS;
      const isOver = await goOn(steps, interrupted, (progress) => line.update(progress));
      line.stop();
      if (!isOver) return undefined;
    }
  } finally {
    release();
  }
}
