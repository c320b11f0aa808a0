// What real Kafka did, as files: recorded/<version>/<scenario>.json.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { ComparableTrace } from "./comparable.ts";
import type { ControllerBroker } from "./real/zookeeper-told.ts";

/** Where a cluster keeps its metadata. */
export type ControlPlane = "kraft" | "zookeeper";

export interface RecordedRun {
  /** ISO date and time. */
  readonly recordedAt: string;
  readonly command: string;
  readonly java: string;
  /** Why the run is not compared: the report says so, and in what it differs. */
  readonly setAside?: string;
  /** Only with ZooKeeper. */
  readonly controllerBrokers?: readonly ControllerBroker[];
  readonly trace: ComparableTrace;
}

export interface Recording {
  readonly scenario: string;
  /** Of Apache Kafka, brokers and clients: 4.1.1. */
  readonly release: string;
  /** The scenario file as it was played: a recording of another text is not compared. */
  readonly played: string;
  /** Absent: kraft. Recordings with ZooKeeper are kept for later: nothing is compared with them. */
  readonly controlPlane?: "zookeeper";
  /** What the recording cannot know. */
  readonly unknown?: readonly string[];
  readonly runs: readonly RecordedRun[];
}

const FOLDER = new URL("recorded/", import.meta.url).pathname;

const ZOOKEEPER = "-zookeeper";

const fileOf = (scenario: string, release: string, controlPlane: ControlPlane): string =>
  join(FOLDER, `${release}${controlPlane === "zookeeper" ? ZOOKEEPER : ""}`, `${scenario}.json`);

export function recordedReleases(controlPlane: ControlPlane = "kraft"): string[] {
  if (!existsSync(FOLDER)) return [];
  const folders = readdirSync(FOLDER).filter(
    (name) => name.endsWith(ZOOKEEPER) === (controlPlane === "zookeeper"),
  );
  return folders.map((name) => name.replace(ZOOKEEPER, "")).sort(byVersion);
}

const byVersion = (a: string, b: string): number => {
  const [x, y] = [a, b].map((text) => text.split(".").map(Number)) as [number[], number[]];
  const first = x.findIndex((part, i) => part !== y[i]);
  return first < 0 ? 0 : (x[first] ?? 0) - (y[first] ?? 0);
};

export function readRecording(
  scenario: string,
  release: string,
  controlPlane: ControlPlane = "kraft",
): Recording | undefined {
  const file = fileOf(scenario, release, controlPlane);
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Recording) : undefined;
}

export function writeRecording(recording: Recording): void {
  const { scenario, release, controlPlane } = recording;
  const file = fileOf(scenario, release, controlPlane ?? "kraft");
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, textOf(recording));
}

/** One line a part of a trace: small, and a difference between two recordings can be read. */
function textOf({ runs, ...head }: Recording): string {
  const lines = runs.map(({ trace, ...about }) => {
    const parts = Object.entries(trace).flatMap(([part, value]) =>
      part === "points"
        ? [
            `"points": [\n${(value as unknown[]).map((p) => `      ${JSON.stringify(p)}`).join(",\n")}\n    ]`,
          ]
        : [`${JSON.stringify(part)}: ${JSON.stringify(value)}`],
    );
    const fields = Object.entries(about).map(
      ([k, v]) => `${JSON.stringify(k)}: ${JSON.stringify(v)}`,
    );
    return `  { ${fields.join(", ")},\n    "trace": {\n    ${parts.join(",\n    ")}\n  } }`;
  });
  const fields = Object.entries(head).map(([k, v]) => `${JSON.stringify(k)}: ${JSON.stringify(v)}`);
  return `{ ${fields.join(", ")}, "runs": [\n${lines.join(",\n")}\n] }\n`;
}
