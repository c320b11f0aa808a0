// The scenarios of this folder, loaded for a Kafka release.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isRelease, LATEST_RELEASE } from "../../src/protocol/releases.ts";
import { loadScenario } from "../../src/scenario/load.ts";
import type { Scenario } from "../../src/scenario/model.ts";

const FOLDER = new URL("scenarios/", import.meta.url).pathname;

export const scenarioNames = (): string[] =>
  readdirSync(FOLDER)
    .filter((file) => file.endsWith(".yaml"))
    .map((file) => file.slice(0, -".yaml".length))
    .sort();

/** The release of the simulator that stands for a Kafka version such as 4.1.1. */
export function modelledRelease(version: string): string {
  const release = version.split(".").slice(0, 2).join(".");
  return isRelease(release) ? release : LATEST_RELEASE;
}

const scenarioText = (name: string): string => readFileSync(join(FOLDER, `${name}.yaml`), "utf8");

/** A scenario file as it was played, for short. */
export const played = (name: string): string =>
  createHash("sha256").update(scenarioText(name)).digest("hex").slice(0, 12);

export function loadFor(name: string, version: string): Scenario {
  const file = join(FOLDER, `${name}.yaml`);
  const set = [`cluster.version="${modelledRelease(version)}"`];
  const scenario = loadScenario(scenarioText(name), file, { set }).scenarios[0];
  if (scenario === undefined) throw new Error(`${file} has no scenario`);
  return scenario;
}

export const titleOf = (name: string): string => loadFor(name, LATEST_RELEASE).title;
