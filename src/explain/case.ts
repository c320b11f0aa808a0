// What an explanation is told from, and what it is made of: sentences with the events they rest on.
import type { Finding } from "../check/checker.ts";
import type { ContractSettings } from "../check/contract-settings.ts";
import type { GroundTruth } from "../check/truth.ts";
import type { ClusterFold } from "../view/cluster-fold.ts";
import type { HostDirectory } from "../view/hosts.ts";
import type { Chronicle } from "./chronicle.ts";
import type { RecordFacts } from "./record-facts.ts";

export interface Sentence {
  readonly text: string;
  /** Numbers of the events it tells of. */
  readonly events: readonly number[];
  /** The heavier ones stay when there is room for a few only. */
  readonly weight: number;
}

/** What an observer of the whole run knows in the end. */
export interface Sources {
  readonly settings: ContractSettings;
  readonly hosts: HostDirectory;
  readonly view: ClusterFold;
  readonly truth: GroundTruth;
  readonly chronicle: Chronicle;
}

export interface Case extends Sources {
  readonly check: string;
  readonly finding: Finding;
  readonly permittedBy: string | null;
  /** The record's own life, where somebody has watched it. */
  readonly record: RecordFacts | undefined;
}

/** Names of machines and records keep their spelling at the beginning of a sentence. */
const OPENINGS = /^(at|the|when|it|its|fault|with|commits|nothing) /;

export const said = (text: string, events: readonly number[], weight: number): Sentence => ({
  text: `${OPENINGS.test(text) ? text.charAt(0).toUpperCase() + text.slice(1) : text}.`,
  events,
  weight,
});

/** `m17`, or stream/number; undefined where the finding is not about one record. */
export function recordName({ finding, truth }: Case): string | undefined {
  const record = finding.about?.record;
  if (record === undefined) return undefined;
  return truth.stream(record.stream)?.nameOf(record.number) ?? `${record.stream}/${record.number}`;
}
