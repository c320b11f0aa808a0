// Recordings with ZooKeeper, which the simulator does not model: data for later. What can be said of them now is in what a cluster with
// ZooKeeper did otherwise than a KRaft cluster of the same release.
import type { PartitionStep, ReplicaPoint } from "./comparable.ts";
import { type Units, unitsOf } from "./compare.ts";
import { comparedRuns } from "./judge.ts";
import { type RecordedRun, type Recording, readRecording, recordedReleases } from "./recorded.ts";
import { loadFor } from "./scenarios.ts";
import { timesOf } from "./times.ts";

export interface Later {
  readonly scenario: string;
  readonly recording: Recording;
  /** Of the same scenario file; undefined: there is none. */
  readonly kraft: Recording | undefined;
  /** In which none of the runs on one side did what one on the other did. */
  readonly otherwise: readonly Otherwise[];
  readonly times: readonly LaterTime[];
}

export interface Otherwise {
  readonly unit: string;
  /** Each once; "absent" where a run has none. */
  readonly kraft: readonly string[];
  readonly zookeeper: readonly string[];
}

export interface LaterTime {
  readonly what: string;
  readonly kraftMs: readonly number[];
  readonly zookeeperMs: readonly number[];
}

export const laterOf = (scenarios: readonly string[]): Later[] =>
  recordedReleases("zookeeper").flatMap((release) =>
    scenarios.flatMap((scenario) => {
      const recording = readRecording(scenario, release, "zookeeper");
      return recording === undefined ? [] : [aside(recording, readRecording(scenario, release))];
    }),
  );

export function aside(recording: Recording, other: Recording | undefined): Later {
  const { scenario, release } = recording;
  const kraft = other?.played === recording.played ? other : undefined;
  if (kraft === undefined) return { scenario, recording, kraft, otherwise: [], times: [] };
  const loaded = loadFor(scenario, release);
  const [theirs, ours] = [comparedRuns(kraft), comparedRuns(recording)];
  const times = (runs: readonly RecordedRun[]) =>
    runs.flatMap(({ trace }) => timesOf(loaded, trace));
  const [kraftTimes, zookeeperTimes] = [times(theirs), times(ours)];
  const what = new Set([...kraftTimes, ...zookeeperTimes].map((time) => time.what));
  const took = (list: typeof kraftTimes, name: string): number[] =>
    list.filter((time) => time.what === name).map(({ tookMs }) => Math.round(tookMs));
  return {
    ...{ scenario, recording, kraft },
    otherwise: differences(theirs.map(wordsOf), ours.map(wordsOf)),
    times: [...what].map((name) => ({
      what: name,
      kraftMs: took(kraftTimes, name),
      zookeeperMs: took(zookeeperTimes, name),
    })),
  };
}

function differences(kraft: readonly Units[], zookeeper: readonly Units[]): Otherwise[] {
  const names = new Set([...kraft, ...zookeeper].flatMap((units) => [...units.keys()]));
  const of = (runs: readonly Units[], unit: string): string[] => [
    ...new Set(runs.map((units) => textOf(units.get(unit)))),
  ];
  return [...names].flatMap((unit) => {
    const [a, b] = [of(kraft, unit), of(zookeeper, unit)];
    return a.some((text) => b.includes(text)) ? [] : [{ unit, kraft: a, zookeeper: b }];
  });
}

const textOf = (value: unknown): string =>
  typeof value === "string" ? value : (JSON.stringify(value) ?? "absent");

/** What points say of a partition's registration and its replicas is told more shortly. */
const POINT = /^at .*(registration|log|records|broker-\d+ high watermark)$/;

/** Registrations and leader epochs at quiet points follow from a partition's sequence, which is told whole. */
function wordsOf({ trace }: RecordedRun): Units {
  const words = new Map<string, unknown>();
  for (const [name, steps] of Object.entries(trace.partitions))
    words.set(`partition ${name}`, sequence(steps));
  for (const [unit, value] of unitsOf(trace)) {
    if (unit.startsWith("partition ") || POINT.test(unit)) continue;
    if (unit.startsWith("broker ")) words.set(unit, known(value as string[]));
    else if (unit === "controller epochs")
      words.set("controllers elected", trace.controllers.length);
    else words.set(unit, value);
  }
  for (const { at, partitions } of trace.points) {
    const when = at === "end" ? "at the end" : `at ${at / 1000} s`;
    for (const [name, { replicas }] of Object.entries(partitions))
      for (const [broker, replica] of Object.entries(replicas))
        words.set(`${when} ${name} on ${broker}`, logText(replica));
  }
  return words;
}

const logText = ({ logStartOffset, logEndOffset, records, highWatermark }: ReplicaPoint): string =>
  `${logStartOffset} to ${logEndOffset}: ${records.join(" ")}; high watermark ${highWatermark}`;

/** Who is shutting down is not known with ZooKeeper. */
const known = (changes: readonly string[]): string =>
  changes.filter((change) => change !== "shuttingDown").join(", ") || "nothing";

/** 1:2[2,3]: in leader epoch 1 broker 2 leads, and the ISR is 2, 3. */
export const sequence = (steps: readonly PartitionStep[]): string =>
  steps
    .map(({ leaderEpoch, leader, isr }) => `${leaderEpoch}:${leader < 0 ? "none" : leader}[${isr}]`)
    .filter((text, i, all) => text !== all[i - 1])
    .join(" ");
