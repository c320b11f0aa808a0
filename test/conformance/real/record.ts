// Records scenarios: one cluster for all that want the same one, as long as it comes out of a scenario whole.
import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Scenario } from "../../../src/scenario/model.ts";
import { type ControlPlane, type RecordedRun, readRecording, writeRecording } from "../recorded.ts";
import { loadFor, played } from "../scenarios.ts";
import { RealCluster } from "./cluster.ts";
import { CACHE, type Jars, resolveJars, SetupError } from "./jars.ts";
import { groupsOf } from "./observe.ts";
import { planOf } from "./plan.ts";
import { play } from "./play.ts";
import { controllerFor } from "./zookeeper.ts";
import { UNKNOWN_WITH_ZOOKEEPER } from "./zookeeper-told.ts";

export interface RecordOptions {
  readonly release: string;
  readonly controlPlane: ControlPlane;
  readonly scenarios: readonly string[];
  readonly times: number;
  /** Runs recorded before are kept. */
  readonly add: boolean;
  /** Only what has no recording of the scenario as it is now. */
  readonly missing: boolean;
  readonly say: (line: string) => void;
}

/** Until every broker is unfenced again after a scenario. */
const RETURN_WITHIN_MS = 60_000;

/** How many could not be recorded. */
export async function record(options: RecordOptions): Promise<number> {
  const { release, controlPlane } = options;
  const jars = resolveJars(release);
  if (controlPlane === "zookeeper" && !jars.hasZookeeper)
    throw new SetupError(
      `Kafka ${release} has no ZooKeeper mode: 3.9 was the last release that had`,
    );
  const pool = new ClusterPool(jars, controlPlane);
  let failures = 0;
  try {
    for (let time = 0; time < options.times; time++) {
      for (const name of byCluster(options.scenarios, release)) {
        const before = readRecording(name, release, controlPlane);
        const kept = before?.played === played(name) ? before.runs : [];
        // With --missing a scenario is recorded until it has so many runs.
        if (options.missing && kept.length > time) continue;
        const keep = options.add || options.missing || time > 0;
        if (!(await recordOne(pool, name, options, keep ? kept : []))) failures++;
      }
    }
  } finally {
    await pool.stop();
  }
  return failures;
}

/** Those that want the same cluster one after the other: starting one takes longer than most scenarios. */
function byCluster(names: readonly string[], release: string): string[] {
  const wants = new Map(names.map((name) => [name, wantOf(loadFor(name, release))]));
  return [...names].sort((a, b) => {
    const [x, y] = [wants.get(a) as string, wants.get(b) as string];
    return x < y ? -1 : x > y ? 1 : a < b ? -1 : 1;
  });
}

const canBeCut = ({ faults }: Scenario): boolean =>
  faults.some(({ kind }) => kind === "NetworkChaos");

const wantOf = (scenario: Scenario): string =>
  JSON.stringify([scenario.cluster, canBeCut(scenario)]);

async function recordOne(
  pool: ClusterPool,
  name: string,
  { release, controlPlane, say }: RecordOptions,
  before: readonly RecordedRun[],
): Promise<boolean> {
  const scenario = loadFor(name, release);
  const { obstacles } = planOf(scenario, controlPlane);
  if (obstacles.length > 0) {
    say(`${name}: cannot be played on real brokers: ${obstacles.join("; ")}`);
    return false;
  }
  const begun = Date.now();
  const withZookeeper = controlPlane === "zookeeper";
  try {
    const cluster = await pool.clusterFor(scenario);
    const run = {
      recordedAt: new Date(begun).toISOString(),
      command: `npm run conformance -- record ${name} --release ${release}${withZookeeper ? " --zookeeper" : ""}`,
      java: pool.jars.java,
      ...(await play(cluster, scenario)),
    };
    writeRecording({
      ...{ scenario: name, release, played: played(name) },
      ...(withZookeeper ? { controlPlane, unknown: UNKNOWN_WITH_ZOOKEEPER } : {}),
      runs: [...before, run],
    });
    await pool.release(scenario);
    const took = Math.round((Date.now() - begun) / 1000);
    say(
      `${name}: recorded from Kafka ${release}${withZookeeper ? " with ZooKeeper" : ""} in ${took} s`,
    );
    return true;
  } catch (error) {
    say(`${name}: ${(error as Error).message}; logs are kept in ${pool.keepLogs()}`);
    await pool.stop();
    return false;
  }
}

class ClusterPool {
  readonly jars: Jars;
  readonly #controlPlane: ControlPlane;
  #cluster: RealCluster | undefined;
  #key = "";
  #dir = "";
  #keepsLogs = false;

  constructor(jars: Jars, controlPlane: ControlPlane) {
    this.jars = jars;
    this.#controlPlane = controlPlane;
  }

  async clusterFor(scenario: Scenario): Promise<RealCluster> {
    const cluster = await this.#whole(scenario);
    if (this.#controlPlane === "zookeeper") await cluster.moveController(controllerFor(scenario));
    return cluster;
  }

  async #whole(scenario: Scenario): Promise<RealCluster> {
    const key = wantOf(scenario);
    if (this.#cluster !== undefined && key === this.#key) return this.#cluster;
    await this.stop();
    this.#key = key;
    this.#keepsLogs = false;
    this.#dir = join(CACHE, "runs", `${process.pid}-${Date.now()}`);
    const { jars } = this;
    const controlPlane = this.#controlPlane;
    const spec = scenario.cluster;
    const cut = canBeCut(scenario);
    this.#cluster = await RealCluster.start(jars, spec, controlPlane, this.#dir, cut);
    return this.#cluster;
  }

  /** Back from a scenario: kept where everything can be brought back and its topics and groups be removed, ended otherwise. */
  async release(scenario: Scenario): Promise<void> {
    const cluster = this.#cluster;
    if (cluster === undefined) return;
    for (const node of cluster.nodes) {
      if (node.state === "paused") node.resume();
      if (node.state === "down") node.start();
    }
    try {
      await cluster.allUnfenced(RETURN_WITHIN_MS);
      await cluster.preferredCoordinators(RETURN_WITHIN_MS);
      await cluster.deleteTopics(scenario.topics.map(({ name }) => name));
      const groups = groupsOf(scenario);
      if (groups.length > 0) await cluster.admin.ask("deleteGroups", { groups });
    } catch {
      await this.stop();
    }
  }

  keepLogs(): string {
    this.#keepsLogs = true;
    return this.#dir;
  }

  async stop(): Promise<void> {
    await this.#cluster?.stop();
    this.#cluster = undefined;
    if (this.#dir !== "" && !this.#keepsLogs) rmSync(this.#dir, { recursive: true, force: true });
  }
}
