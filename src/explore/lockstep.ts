// Two runs side by side, a slice of virtual time at a time, until their first different event; memory holds one slice of events. What comes
// just before and just after is kept as text.
import type { Divergence, EventLine } from "../explain/explanation.ts";
import { type TraceEvent, textOf } from "../protocol/events.ts";
import type { ScenarioRun } from "../runner/run.ts";
import { ms } from "../sim/kernel.ts";
import { signature } from "./signature.ts";
import type { Steps } from "./task.ts";

const CONTEXT = 4;
const SLICE = ms(250);

/** One of the two: what it has emitted and the other has not yet matched. */
class Side {
  readonly run: ScenarioRun;
  pending: TraceEvent[] = [];
  running = true;
  readonly after: EventLine[] = [];
  isDiverged = false;

  constructor(run: ScenarioRun) {
    this.run = run;
    run.observeAny((e) => {
      if (!this.isDiverged) this.pending.push(e);
      else if (this.after.length < CONTEXT) this.after.push(this.line(e));
    });
  }

  line(e: TraceEvent): EventLine {
    const who = this.run.view.directory.name(e.node);
    return { event: e.seq, atMs: e.at / 1000, who, type: e.type, text: textOf(e) };
  }

  diverge(): void {
    this.isDiverged = true;
    for (const e of this.pending.splice(0)) {
      if (this.after.length < CONTEXT) this.after.push(this.line(e));
    }
  }
}

export class Lockstep implements Steps {
  readonly #a: Side;
  readonly #b: Side;
  /** Stop soon after the first difference; else both go on to their ends. */
  readonly #isBrief: boolean;
  readonly #before: EventLine[] = [];
  #same = 0;

  /** Both runs are new: not a step has been made. */
  constructor(a: ScenarioRun, b: ScenarioRun, options: { readonly brief?: boolean } = {}) {
    this.#a = new Side(a);
    this.#b = new Side(b);
    this.#isBrief = options.brief === true;
  }

  get progress(): Steps["progress"] {
    const [a, b] = [this.#a.run.progress, this.#b.run.progress];
    return a.phase === "done" || a.nowUs > b.nowUs ? b : a;
  }

  /** undefined: not a single difference (so far). */
  get divergence(): Divergence | undefined {
    if (!this.#a.isDiverged) return undefined;
    return { same: this.#same, before: this.#before, a: this.#a.after, b: this.#b.after };
  }

  advance(sliceUs: number): boolean {
    for (let left = sliceUs; left > 0 && this.#isRunning; left -= SLICE) this.#slice();
    return this.#isRunning;
  }

  get #isRunning(): boolean {
    const [a, b] = [this.#a, this.#b];
    if (this.#isBrief && a.isDiverged && isFull(a) && isFull(b)) return false;
    return a.running || b.running;
  }

  #slice(): void {
    for (const side of [this.#a, this.#b]) if (side.running) side.running = side.run.advance(SLICE);
    if (!this.#a.isDiverged) this.#match();
  }

  #match(): void {
    const [a, b] = [this.#a, this.#b];
    const shorter = Math.min(a.pending.length, b.pending.length);
    let i = 0;
    while (i < shorter && equal(a.pending[i] as TraceEvent, b.pending[i] as TraceEvent)) i++;
    this.#same += i;
    for (const e of a.pending.slice(Math.max(0, i - CONTEXT), i)) this.#before.push(a.line(e));
    this.#before.splice(0, this.#before.length - CONTEXT);
    a.pending.splice(0, i);
    b.pending.splice(0, i);
    // One has events of this slice that the other has not: it will not have them later either, for time has passed.
    if (a.pending.length === 0 && b.pending.length === 0) return;
    a.diverge();
    b.diverge();
  }
}

const isFull = (side: Side): boolean => !side.running || side.after.length >= CONTEXT;

const equal = (a: TraceEvent, b: TraceEvent): boolean =>
  a.at === b.at && a.type === b.type && a.node === b.node && signature(a) === signature(b);
