// What RaftEventSimulationTest checks, over many seeds with crashes, power losses, pauses and partitions.
import { describe, expect, it } from "vitest";
import { endOf } from "../../../../src/controller/kraft/raft/log.ts";
import type { Release, Rules } from "../../../../src/protocol/releases.ts";
import type { MetadataBatch } from "../../../../src/protocol/types.ts";
import { ms, seconds } from "../../../../src/sim/kernel.ts";
import { TestCluster } from "../../support.ts";

const LOG = "__cluster_metadata-0/00000000000000000000.log";

interface Findings {
  readonly problems: string[];
  readonly elections: number;
  committed: number;
}

/** Watches a quorum through its trace and its disks. */
function watch(cluster: TestCluster): Findings {
  const leaders = new Map<number, number>();
  const votes = new Map<string, number>();
  const highWatermarks = new Map<number, number>();
  const committed: MetadataBatch[] = [];
  const problems: string[] = [];
  const findings = {
    problems,
    get elections() {
      return leaders.size;
    },
    committed: 0,
  };
  const batches = (node: number) => cluster.world.host(node).disk.file<MetadataBatch>(LOG).records;
  const { trace } = cluster.world;
  trace.on("host.booted", ({ node }) => highWatermarks.delete(node));
  trace.on("quorum.voted", ({ node, epoch, candidate, granted, preVote }) => {
    if (!granted || preVote) return;
    const key = `${node}@${epoch}`;
    const known = votes.get(key);
    if (known !== undefined && known !== candidate) problems.push(`${key} voted twice`);
    votes.set(key, candidate);
  });
  trace.on("quorum.roleChanged", ({ node, role, epoch }) => {
    if (role !== "leader") return;
    const other = leaders.get(epoch);
    if (other !== undefined && other !== node) problems.push(`epoch ${epoch} has two leaders`);
    leaders.set(epoch, node);
    const log = batches(node);
    committed.forEach((batch, index) => {
      if (log[index] !== batch) problems.push(`leader ${node} lacks committed ${batch.baseOffset}`);
    });
  });
  trace.on("quorum.hwAdvanced", ({ node, to }) => {
    if (to < (highWatermarks.get(node) ?? 0)) problems.push(`high watermark of ${node} fell`);
    highWatermarks.set(node, to);
    const log = batches(node);
    for (let index = 0; index < log.length; index++) {
      const batch = log[index] as MetadataBatch;
      if (endOf(batch) > to) break;
      committed[index] ??= batch;
      if (committed[index] !== batch) problems.push(`${node} differs at ${batch.baseOffset}`);
    }
    findings.committed = Math.max(findings.committed, to);
  });
  return findings;
}

/** Crashes, pauses and partitions at random for a while, then heals everything. */
function torment(cluster: TestCluster, rounds: number): void {
  const { world, env } = cluster;
  const rng = world.kernel.rng("torment");
  for (let round = 0; round < rounds; round++) {
    const host = world.host(rng.pick(env.voters));
    const peer = rng.pick(env.voters);
    const fault = rng.integer(0, 5);
    if (fault === 0 && host.state !== "down") host.crash(rng.chance(0.5) ? "kill" : "poweroff");
    else if (fault === 1 && host.state === "down") host.boot();
    else if (fault === 2 && host.state === "running") host.pause();
    else if (fault === 3) host.resume();
    else if (fault === 4 && peer !== host.id) {
      world.network.path(host.id, peer).cut("torment");
      if (rng.chance(0.5)) world.network.path(peer, host.id).cut("torment");
    } else if (fault === 5) heal(cluster);
    world.kernel.run(world.kernel.now + ms(rng.integer(1, 3000)));
  }
  heal(cluster);
  for (const id of env.voters) {
    const host = world.host(id);
    if (host.state === "down") host.boot();
    else host.resume();
  }
}

function heal({ world, env }: TestCluster): void {
  for (const from of env.voters) {
    for (const to of env.voters) if (from !== to) world.network.path(from, to).heal("torment");
  }
}

function simulate(
  seed: string,
  controllers: number,
  release: Release = "4.1",
  rules: Partial<Rules> = {},
): Findings & { readonly recovered: boolean } {
  const cluster = new TestCluster({ seed, controllers, brokers: 0, release, rules });
  const findings = watch(cluster);
  torment(cluster, 40);
  const before = findings.committed;
  cluster.world.kernel.run(cluster.world.kernel.now + seconds(30));
  return Object.assign(findings, { recovered: findings.committed > before + 10 });
}

const SEEDS = Array.from({ length: 30 }, (_, index) => `raft-${index}`);

describe("a quorum under crashes, pauses and partitions", () => {
  for (const controllers of [3, 5]) {
    for (const release of ["3.3", "3.9", "4.1"] as const) {
      it(`of ${controllers} voters keeps what it committed and finds a leader again (${release})`, () => {
        let elections = 0;
        for (const seed of SEEDS) {
          const findings = simulate(seed, controllers, release);
          elections += findings.elections;
          expect(findings.problems, seed).toEqual([]);
          expect(findings.recovered, `${seed} recovers`).toBe(true);
        }
        expect(elections).toBeGreaterThan(SEEDS.length * 2);
      });
    }
  }

  it("is caught when a voter votes twice in an epoch", () => {
    const caught = SEEDS.some((seed) => {
      try {
        const { problems } = simulate(seed, 5, "3.9", { mutant: "double-vote" });
        return problems.some((problem) => problem.endsWith("voted twice"));
      } catch {
        return false;
      }
    });
    expect(caught).toBe(true);
  });
});
