// Records scenarios: one cluster for all that want the same one, as long as it comes out of a scenario whole.
import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Scenario } from "../../../src/scenario/model.ts";
import { readRecording, writeRecording } from "../recorded.ts";
import { loadFor, played } from "../scenarios.ts";
import { RealCluster } from "./cluster.ts";
import { CACHE, type Jars, resolveJars } from "./jars.ts";
import { groupsOf } from "./observe.ts";
import { planOf } from "./plan.ts";
import { play } from "./play.ts";

export interface RecordOptions {
  readonly release: string;
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
  const { release, say } = options;
  const jars = resolveJars(release);
  const pool = new ClusterPool(jars);
  let failures = 0;
  try {
    for (let time = 0; time < options.times; time++) {
      for (const name of byCluster(options.scenarios, release)) {
        if (options.missing && readRecording(name, release)?.played === played(name)) continue;
        const keep = options.add || time > 0;
        if (!(await recordOne(pool, name, release, keep, say))) failures++;
      }
    }
  } finally {
    await pool.stop();
  }
  return failures;
}

/** Those that want the same cluster one after the other: starting one takes longer than most scenarios. */
function byCluster(names: readonly string[], release: string): string[] {
  const wants = new Map(
    names.map((name) => [name, JSON.stringify(loadFor(name, release).cluster)]),
  );
  return [...names].sort((a, b) => {
    const [x, y] = [wants.get(a) as string, wants.get(b) as string];
    return x < y ? -1 : x > y ? 1 : a < b ? -1 : 1;
  });
}

async function recordOne(
  pool: ClusterPool,
  name: string,
  release: string,
  keep: boolean,
  say: (line: string) => void,
): Promise<boolean> {
  const scenario = loadFor(name, release);
  const { obstacles } = planOf(scenario);
  if (obstacles.length > 0) {
    say(`${name}: cannot be played on real brokers: ${obstacles.join("; ")}`);
    return false;
  }
  const begun = Date.now();
  try {
    const cluster = await pool.clusterFor(scenario);
    const trace = await play(cluster, scenario);
    const before = keep ? readRecording(name, release) : undefined;
    const same = before?.played === played(name) ? before.runs : [];
    const run = {
      recordedAt: new Date(begun).toISOString(),
      command: `npm run conformance -- record ${name} --release ${release}`,
      java: pool.jars.java,
      trace,
    };
    writeRecording({ scenario: name, release, played: played(name), runs: [...same, run] });
    await pool.release(scenario);
    say(`${name}: recorded from Kafka ${release} in ${Math.round((Date.now() - begun) / 1000)} s`);
    return true;
  } catch (error) {
    say(`${name}: ${(error as Error).message}; logs are kept in ${pool.keepLogs()}`);
    await pool.stop();
    return false;
  }
}

class ClusterPool {
  readonly jars: Jars;
  #cluster: RealCluster | undefined;
  #key = "";
  #dir = "";
  #keepsLogs = false;

  constructor(jars: Jars) {
    this.jars = jars;
  }

  async clusterFor(scenario: Scenario): Promise<RealCluster> {
    const canBeCut = scenario.faults.some(({ kind }) => kind === "NetworkChaos");
    const key = JSON.stringify([scenario.cluster, canBeCut]);
    if (this.#cluster !== undefined && key === this.#key) return this.#cluster;
    await this.stop();
    this.#key = key;
    this.#keepsLogs = false;
    this.#dir = join(CACHE, "runs", `${process.pid}-${Date.now()}`);
    this.#cluster = await RealCluster.start(this.jars, scenario.cluster, this.#dir, canBeCut);
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
      await cluster.admin.ask("deleteTopics", { topics: scenario.topics.map(({ name }) => name) });
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
