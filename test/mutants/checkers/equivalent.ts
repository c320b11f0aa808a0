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

/** Node 0 is the scenario: no machine, and so neither leader nor controller. */
const scenario = (file: string, was: string): Equivalent =>
  comparison(file, was, "no machine has the number 0");
const dropped = (file: string, was: string, why: string): Equivalent => ({
  file,
  operator: "statement dropped",
  was,
  why,
});

/** A partition with a high watermark is known; and without a fork no copy differs from another, so asking for one only saves the way. */
const logic = (file: string, was: string): Equivalent => ({
  file,
  operator: "logic",
  was,
  why: "only saves the way: without a fork no copy differs from another",
});

export const EQUIVALENT: readonly Equivalent[] = [
  ...[
    "log === undefined || log.forks === 0",
    "log === undefined || log.forks === 0 || log.owner < 0",
  ].flatMap((was) => [logic("leader-completeness.ts", was), logic("log-matching.ts", was)]),
  scenario("leader-completeness.ts", "log.owner < 0"),
  scenario("log-matching.ts", "log.owner < 0"),
  scenario("leaders-elected.ts", "p.leader < 0"),
  scenario("liveness.ts", "p.lastLeader >= 0"),
  scenario("liveness.ts", "active < 0"),
  comparison("ack-log.ts", "i < ring.length", "one turn more, over what is no acknowledgement"),
  comparison("committed-rewind.ts", "mark.offset > to", "sets what is equal"),
  comparison("group-progress.ts", "offset < this.start", "sets what is equal"),
  comparison("duplicate.ts", "seq < d.seq", "no two events have the same number"),
  comparison("isr-agreed.ts", "registered <= proposal.seq", "no two events have the same number"),
  comparison("isr-sound.ts", "i < p.isr.length", "one turn more, with a machine that there is not"),
  dropped("durability.ts", "this.#waits[stream] = waits;", "only saves looking it up again"),
  comparison("interval-set.ts", "from >= this.#lastFrom", "only saves the way through all ranges"),
  comparison(
    "interval-set.ts",
    "this.#fromAt(i) < to",
    "adds nothing: such a range begins at the end",
  ),
  comparison("interval-set.ts", "from < this.#lastTo", "what is equal was dealt with before"),
  comparison("interval-set.ts", "f < to", "cuts nothing off: such a range begins at the end"),
  arithmetic("interval-set.ts", "i + 1", "only saves the splice"),
  dropped(
    "interval-set.ts",
    "this.#lastFrom = 0;",
    "another takes its place before it is looked at",
  ),
  dropped("interval-set.ts", "this.#lastTo = 0;", "beyond it nothing is found either way"),
  comparison("interval-set.ts", "(this.#to[high - 1] ?? 0) <= n", "only saves the search"),
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
