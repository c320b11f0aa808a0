// One scenario on one Kafka release against the simulator: the verdict, and everything a reader of the report may want to see.

import { compareTraces, type UnitResult } from "./compare.ts";
import { KNOWN, type KnownDifference, loosenerFor } from "./differences.ts";
import { type RecordedRun, type Recording, readRecording, recordedReleases } from "./recorded.ts";
import { loadFor, played } from "./scenarios.ts";
import { simulatedTrace } from "./simulated.ts";
import { timesOf } from "./times.ts";

export interface Difference extends UnitResult {
  readonly known: KnownDifference | undefined;
}

export interface TimeRow {
  readonly what: string;
  readonly realMs: readonly number[];
  readonly simulatedMs: number | undefined;
  readonly fromMs: number;
  readonly toMs: number;
  readonly why: string;
  readonly ok: boolean;
}

/** A run that is kept and shown but not compared. */
export interface SetAside {
  readonly recordedAt: string;
  readonly reason: string;
  /** Units in which the simulator differs from it. */
  readonly units: readonly string[];
  /** Times outside their range. */
  readonly times: readonly string[];
}

export interface Comparison {
  readonly scenario: string;
  readonly release: string;
  readonly recording: Recording;
  readonly verdict: "equal" | "equal within range" | "different" | "not comparable";
  /** Why it is not comparable. */
  readonly obstacle?: string;
  readonly units: number;
  readonly within: readonly UnitResult[];
  readonly different: readonly Difference[];
  readonly times: readonly TimeRow[];
  readonly setAside: readonly SetAside[];
}

export function compareAll(
  scenarios: readonly string[],
  releases = recordedReleases(),
): Comparison[] {
  return releases.flatMap((release) =>
    scenarios.flatMap((scenario) => {
      const recording = readRecording(scenario, release);
      return recording === undefined ? [] : [judge(scenario, recording)];
    }),
  );
}

export function judge(scenario: string, recording: Recording): Comparison {
  const { release } = recording;
  const about = { scenario, release, recording };
  const nothing = { units: 0, within: [], different: [], times: [], setAside: [] };
  const refuse = (obstacle: string): Comparison => ({
    ...about,
    ...nothing,
    verdict: "not comparable",
    obstacle,
  });
  if (recording.played !== played(scenario))
    return refuse("the scenario has changed since it was recorded");
  let loaded: ReturnType<typeof loadFor>;
  try {
    loaded = loadFor(scenario, release);
  } catch (error) {
    return refuse(`the simulator refuses it: ${(error as Error).message}`);
  }
  const simulated = simulatedTrace(loaded);
  const traces = comparedRuns(recording).map(({ trace }) => trace);
  const loosen = loosenerFor(scenario);
  const results = compareTraces(traces, simulated, loosen);
  const within = results.filter(({ verdict }) => verdict === "within");
  const different = results
    .filter(({ verdict }) => verdict === "different")
    .map((result) => ({ ...result, known: knownFor(scenario, release, result.unit) }));
  const ours = timesOf(loaded, simulated);
  const times = timeRows(
    traces.map((trace) => timesOf(loaded, trace)),
    ours,
  );
  const setAside = recording.runs.flatMap(({ recordedAt, setAside: reason, trace }) => {
    if (reason === undefined) return [];
    const units = namesOf(compareTraces([trace], simulated, loosen));
    const late = timeRows([timesOf(loaded, trace)], ours).filter(({ ok }) => !ok);
    return [{ recordedAt, reason, units, times: late.map(({ what }) => what) }];
  });
  const inRange = within.length > 0 || times.length > 0;
  const differs = different.length > 0 || times.some(({ ok }) => !ok);
  const verdict = differs ? "different" : inRange ? "equal within range" : "equal";
  return { ...about, units: results.length, within, different, times, setAside, verdict };
}

const namesOf = (results: readonly UnitResult[]): string[] =>
  results.filter(({ verdict }) => verdict === "different").map(({ unit }) => unit);

export const comparedRuns = ({ runs }: Recording): RecordedRun[] =>
  runs.filter(({ setAside }) => setAside === undefined);

const knownFor = (scenario: string, release: string, unit: string): KnownDifference | undefined =>
  KNOWN.find(
    (known) =>
      (known.scenario === scenario || known.scenario === "*") &&
      release.startsWith(known.release ?? "") &&
      known.units.test(unit),
  );

type Timed = ReturnType<typeof timesOf>[number];

function timeRows(real: readonly (readonly Timed[])[], simulated: readonly Timed[]): TimeRow[] {
  const names = new Set([...real.flat(), ...simulated].map(({ what }) => what));
  return [...names].map((what) => {
    const rows = real.flatMap((list) => list.filter((row) => row.what === what));
    const ours = simulated.find((row) => row.what === what);
    const { fromMs, toMs, why } = (ours ?? rows[0]) as Timed;
    const all = [...rows, ...(ours === undefined ? [] : [ours])];
    return {
      what,
      realMs: rows.map(({ tookMs }) => Math.round(tookMs)),
      simulatedMs: ours === undefined ? undefined : Math.round(ours.tookMs),
      ...{ fromMs, toMs, why },
      ok: all.every(({ tookMs }) => fromMs <= tookMs && tookMs <= toMs),
    };
  });
}

/** Something in it has no listed reason. */
export const isUnexplained = ({ different, times }: Comparison): boolean =>
  different.some(({ known }) => known === undefined) || times.some(({ ok }) => !ok);
