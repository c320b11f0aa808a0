// What a check is: a fold over trace events that reports findings. It sees the view, the ground truth and nothing of the world.
import type { TopicPartition } from "../protocol/types.ts";
import type { Micros } from "../sim/kernel.ts";
import type { ClusterFold } from "../view/cluster-fold.ts";
import type { HostDirectory } from "../view/hosts.ts";
import type { Listeners } from "../view/listeners.ts";
import type { ContractSettings } from "./contract-settings.ts";
import type { GroundTruth } from "./truth.ts";

/** What a finding is about, for whoever explains it. */
export interface About {
  readonly partition?: TopicPartition;
  /** The first record concerned. */
  readonly record?: { readonly stream: number; readonly number: number };
  /** Where it lies, or lay. */
  readonly offset?: number;
  readonly group?: string;
}

export interface Finding {
  readonly message: string;
  /** Event numbers, the guilty one last. */
  readonly evidence: readonly number[];
  readonly atUs: Micros;
  readonly node: number;
  /** Records or occurrences this finding stands for. */
  readonly count: number;
  readonly about?: About;
  /** Which form of the anomaly it is, where there are several; the contract tells them apart. */
  readonly form?: string;
}

/** A finding, weighed: the setting or fault that permits it; null: it is a bug. */
export interface JudgedFinding extends Finding {
  readonly permittedBy: string | null;
}

/** The last moment of the run. */
export interface End {
  readonly seq: number;
  readonly atUs: Micros;
}

export interface CheckerContext {
  readonly view: ClusterFold;
  readonly truth: GroundTruth;
  readonly hosts: HostDirectory;
  readonly settings: ContractSettings;
  readonly report: (finding: Finding) => void;
}

export interface Checker {
  readonly on: Listeners;
  /** Judges what can only be judged when nothing more will happen. */
  atEnd?(end: End): void;
  /** Did the run reach a state in which the property could have broken? */
  readonly exercised: boolean;
  /** What a reader should know though it breaks nothing. */
  readonly note?: string | undefined;
}

export interface Property {
  readonly name: string;
  /** always: on every event; eventually: after the cluster has settled. */
  readonly kind: "always" | "eventually";
  readonly doc: string;
  readonly create: (context: CheckerContext) => Checker;
}
