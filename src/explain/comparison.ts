// The document `faultline diff --json` prints: where two runs part, and what differs in the end.
import type { Divergence } from "./explanation.ts";

export interface RunIdentity {
  readonly scenario: string;
  readonly variant: string | null;
  readonly seed: string;
  readonly outcome: string;
  readonly traceHash: string;
  readonly events: number;
  readonly virtualTimeMs: number;
}

export interface Differing {
  readonly name: string;
  readonly a: number | null;
  readonly b: number | null;
}

interface Verdict {
  readonly status: string;
  readonly count: number;
}

/** Records of one stream that had an outcome in one run and not in the other. */
export interface OutcomeDifference {
  readonly stream: string;
  readonly outcome: "acked" | "failed" | "unknown" | "delivered" | "lost";
  readonly onlyA: { readonly count: number; readonly first: string | null };
  readonly onlyB: { readonly count: number; readonly first: string | null };
}

export interface Comparison {
  readonly apiVersion: "faultline.diff/v1";
  readonly a: RunIdentity;
  readonly b: RunIdentity;
  /** null: not a single event differs. */
  readonly divergence: Divergence | null;
  readonly checks: readonly { readonly name: string; readonly a: Verdict; readonly b: Verdict }[];
  readonly records: readonly Differing[];
  readonly outcomes: readonly OutcomeDifference[];
  readonly metrics: readonly Differing[];
}
