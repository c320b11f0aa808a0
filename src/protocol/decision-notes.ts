// Why a batch of the metadata log was written, and whether the trace has been told of it. Belongs to the run and not to a node: nodes share
// batch objects, so a leader that inherits a batch, and learns only later that it was committed, neither tells it twice nor leaves it out.
// Nothing in the world acts on it.
import type { MetadataBatch } from "./types.ts";

interface Note {
  readonly why: string;
  told: boolean;
}

export class DecisionNotes {
  readonly #notes = new WeakMap<MetadataBatch, Note>();

  add(batch: MetadataBatch, why: string): void {
    this.#notes.set(batch, { why, told: false });
  }

  /** The reason, to whoever asks first. */
  take(batch: MetadataBatch): string | undefined {
    const note = this.#notes.get(batch);
    if (note === undefined || note.told) return undefined;
    note.told = true;
    return note.why;
  }
}
