// A fault whose selectors have been resolved: what it will act on, and how it begins, ends and proves that it bit.
import type { FaultSpec } from "../../scenario/model.ts";

/** Fields of one fault kind. */
export type FaultOf<K extends FaultSpec["kind"]> = Extract<FaultSpec, { kind: K }>;

export interface Fault {
  /** Names of the machines (or links) it acts on. */
  readonly targets: readonly string[];
  begin(): void;
  /** Undoes it. A fault whose effect is a single moment has nothing to undo. */
  heal(): void;
  /** Whether it has touched anything yet. */
  bit(): boolean;
}
