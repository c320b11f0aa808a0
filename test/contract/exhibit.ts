// An exhibit: for a setting, fault or act that permits anomalies a run that shows them, and a twin in which it alone is turned to its safe
// value. The same faults hit the twin, and nothing comes of them.
import type { CheckName } from "../../src/check/check-name.ts";
import type { ClauseName } from "../../src/check/contract-clauses.ts";
import type { Bite } from "./bites.ts";

/** Check, or "check: form". */
export type Anomaly = CheckName | `${CheckName}: ${string}`;

export interface Exhibit {
  readonly by: ClauseName;
  /** By in the words of the verdict. */
  readonly says: string;
  /** Scenario and variant, and a seed if it is not the file's. */
  readonly shows: string;
  readonly twin: string;
  /** What is turned, in words. */
  readonly turned: string;
  readonly bite: Bite;
  readonly anomalies: readonly Anomaly[];
}
