// How long a run is the same as an earlier one: the earlier one's events as a list of numbers, four bytes each, up to a bound.
import type { TraceEvent } from "../protocol/events.ts";
import { signature } from "./signature.ts";

/** 64 MiB: runs that are the same for longer count as the same for so long. */
const MAX_EVENTS = 16_777_216;

export class Recording {
  #signatures = new Uint32Array(4096);
  #length = 0;

  readonly add = (e: TraceEvent): void => {
    if (this.#length === MAX_EVENTS) return;
    if (this.#length === this.#signatures.length) {
      const larger = new Uint32Array(this.#length * 2);
      larger.set(this.#signatures);
      this.#signatures = larger;
    }
    this.#signatures[this.#length++] = signature(e);
  };

  get length(): number {
    return this.#length;
  }

  at(index: number): number | undefined {
    return index < this.#length ? this.#signatures[index] : undefined;
  }
}

/** Counts the events that are the recorded ones, from the first on. */
export class Prefix {
  readonly #recording: Recording;
  #same = 0;
  #hasDiverged = false;
  divergedAtUs = -1;

  constructor(recording: Recording) {
    this.#recording = recording;
  }

  readonly compare = (e: TraceEvent): void => {
    if (this.#hasDiverged) return;
    if (this.#recording.at(this.#same) === signature(e)) this.#same++;
    else {
      this.#hasDiverged = true;
      this.divergedAtUs = e.at;
    }
  };

  /** Events in common before the first that differs. */
  get same(): number {
    return this.#same;
  }
}
