// The document `faultline explain --json` prints: why a check's anomaly came about, and what would have prevented it.
import type { Sentence } from "./case.ts";

/** One event as it is shown. */
export interface EventLine {
  readonly event: number;
  readonly atMs: number;
  readonly who: string;
  readonly type: string;
  readonly text: string;
}

export interface Divergence {
  /** Events both runs have in common before they part. */
  readonly same: number;
  readonly before: readonly EventLine[];
  /** What each goes on with; empty: it has no more events. */
  readonly a: readonly EventLine[];
  readonly b: readonly EventLine[];
}

/** The same run with one thing changed. */
export interface Trial {
  readonly kind: "setting" | "fault";
  readonly change: string;
  /** Was the anomaly absent? */
  readonly prevents: boolean;
  readonly count: number;
  readonly records: {
    readonly acked: number;
    readonly failed: number;
    readonly unknown: number;
    readonly lost: number;
  };
  /** Events it shares with the run that is explained. */
  readonly same: number;
}

export interface Explanation {
  readonly apiVersion: "faultline.explanation/v1";
  readonly scenario: string;
  readonly variant: string | null;
  readonly seed: string;
  readonly check: string;
  readonly status: "violated" | "permitted";
  readonly permittedBy: string | null;
  readonly count: number;
  readonly message: string;
  readonly record: string | null;
  readonly sentences: readonly Pick<Sentence, "text" | "events">[];
  /** Empty: nothing was re-run. */
  readonly trials: readonly Trial[];
  readonly nearest: {
    readonly change: string;
    readonly divergence: Divergence | null;
  } | null;
}

/** What happened to one record, around one event, or on one partition. */
export interface Biography {
  readonly apiVersion: "faultline.biography/v1";
  readonly scenario: string;
  readonly variant: string | null;
  readonly seed: string;
  readonly of: string;
  /** What it comes down to. */
  readonly summary: readonly string[];
  readonly entries: readonly BiographyEntry[];
  readonly leftOut: number;
}

export interface BiographyEntry extends EventLine {
  /** What it is to the subject: a step of its life, a cause of it, itself, or a consequence. */
  readonly role: "step" | "cause" | "subject" | "effect";
}
