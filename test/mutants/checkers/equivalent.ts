// Mutations that change nothing anybody could see, with the reason.
import type { Operator } from "./operators.ts";

interface Equivalent {
  readonly file: string;
  readonly operator: Operator;
  /** What stands there, on one line. */
  readonly was: string;
  readonly why: string;
}

const comparison = (file: string, was: string, why: string): Equivalent => ({
  file,
  operator: "comparison",
  was,
  why,
});
const arithmetic = (file: string, was: string, why: string): Equivalent => ({
  file,
  operator: "arithmetic",
  was,
  why,
});

export const EQUIVALENT: readonly Equivalent[] = [
  comparison(
    "committed-beyond-processed.ts",
    "pending > 0",
    "only saves the way: without pending records there is none to report",
  ),
  comparison("committed-rewind.ts", "mark.offset > to", "sets what is equal"),
  comparison("group-progress.ts", "offset < this.start", "sets what is equal"),
  comparison("duplicate.ts", "seq < d.seq", "no two events have the same number"),
  comparison("isr-agreed.ts", "registered <= proposal.seq", "no two events have the same number"),
  comparison(
    "follower-appends.ts",
    "truth.log.forks > 0",
    "only saves the way: a copy without records of its own is left out further on",
  ),
  comparison("isr-sound.ts", "i < p.isr.length", "one turn more, with a machine that there is not"),
  {
    file: "durability.ts",
    operator: "statement dropped",
    was: "this.#waits[stream] = waits;",
    why: "only saves looking it up again",
  },
  arithmetic(
    "inconsistent-offsets.ts",
    "ghost.base + ghost.count - 1",
    "one stretch more, in which nothing is looked for that is not compared offset by offset",
  ),
  arithmetic(
    "inconsistent-offsets.ts",
    "shown.base + shown.count - 1",
    "one stretch more, whose ghosts are compared offset by offset",
  ),
];
