// One event between its causes and its consequences. Causes are found going back, so the trace is heard twice: once for who caused whom
// (four bytes an event), once more for the events of the chain themselves.
import type { TraceEvent } from "../protocol/events.ts";
import { isTurningPoint } from "./chronicle.ts";

const MAX_CAUSES = 60;
const MAX_EFFECTS = 25;

export class CauseIndex {
  #causes = new Uint32Array(4096);
  #length = 0;

  readonly add = (e: TraceEvent): void => {
    if (e.seq >= this.#causes.length) {
      const larger = new Uint32Array(Math.max(e.seq + 1, this.#causes.length * 2));
      larger.set(this.#causes);
      this.#causes = larger;
    }
    this.#causes[e.seq] = e.cause;
    this.#length = e.seq;
  };

  /** Number of the last event. */
  get length(): number {
    return this.#length;
  }

  /** The causes of an event, nearest first. */
  chain(seq: number): number[] {
    const chain: number[] = [];
    let here = this.#causes[seq] ?? 0;
    while (here > 0 && chain.length < MAX_CAUSES) {
      chain.push(here);
      here = this.#causes[here] ?? 0;
    }
    return chain;
  }
}

/** Hears the events of a chain, and everything that goes back to its last link. */
export class EventFacts {
  readonly #seq: number;
  readonly #wanted: ReadonlySet<number>;
  /** By number from the subject on: does it go back to the subject? */
  #descends = new Uint8Array(1024);
  readonly chain: TraceEvent[] = [];
  readonly effects: TraceEvent[] = [];
  subject: TraceEvent | undefined;
  /** All events that go back to it. */
  descendants = 0;

  constructor(seq: number, chain: readonly number[]) {
    this.#seq = seq;
    this.#wanted = new Set(chain);
  }

  readonly hear = (e: TraceEvent): void => {
    if (e.seq < this.#seq) {
      if (this.#wanted.has(e.seq)) this.chain.push(e);
      return;
    }
    if (e.seq === this.#seq) {
      this.subject = e;
      this.#mark(e.seq);
      return;
    }
    if (e.cause < this.#seq || this.#descends[e.cause - this.#seq] !== 1) return;
    this.#mark(e.seq);
    this.descendants++;
    const matters = e.cause === this.#seq || isTurningPoint(e.type);
    if (matters && this.effects.length < MAX_EFFECTS) this.effects.push(e);
  };

  #mark(seq: number): void {
    const at = seq - this.#seq;
    if (at >= this.#descends.length) {
      const larger = new Uint8Array(Math.max(at + 1, this.#descends.length * 2));
      larger.set(this.#descends);
      this.#descends = larger;
    }
    this.#descends[at] = 1;
  }
}
