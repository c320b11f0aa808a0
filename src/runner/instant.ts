// Everything that is known of a run at one instant: what its scenario says, and what its trace has told.
import type { Scenario } from "../scenario/model.ts";
import type { Micros } from "../sim/kernel.ts";
import type { ClusterFold } from "../view/cluster-fold.ts";
import type { ToolFacts } from "./tool-facts.ts";

export interface Instant {
  readonly scenario: Scenario;
  readonly view: ClusterFold;
  readonly facts: ToolFacts;
  readonly nowUs: Micros;
}
