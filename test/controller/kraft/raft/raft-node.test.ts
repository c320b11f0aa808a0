// Single rules of KafkaRaftClient, in a world.
import { describe, expect, it } from "vitest";
import { ms, seconds } from "../../../../src/sim/kernel.ts";
import { TestCluster } from "../../support.ts";

const quorum = (release: "3.3" | "3.9" | "4.1", seed = "node", controllers = 3) =>
  new TestCluster({ seed, controllers, brokers: 0, release });

const roles = (cluster: TestCluster, node: number) =>
  cluster.of("quorum.roleChanged").filter((event) => event.node === node);

describe("a quorum", () => {
  it("of one voter leads at once", () => {
    const cluster = quorum("4.1", "alone", 1);
    cluster.run(100);
    expect(cluster.active()).toBe(3001);
  });

  it("restarts its leader as resigned, and it runs in the next epoch", () => {
    const cluster = quorum("3.9");
    cluster.until(() => cluster.active() !== undefined);
    const id = cluster.active() as number;
    const epoch = cluster.controllers.get(id)?.activeEpoch as number;
    for (const voter of cluster.env.voters) cluster.world.host(voter).crash("kill");
    cluster.events.length = 0;
    cluster.world.host(id).boot();
    cluster.run(3000);
    const [first, second] = roles(cluster, id);
    expect(first).toMatchObject({ role: "resigned", epoch });
    expect(second).toMatchObject({ role: "candidate", epoch: epoch + 1 });
  });

  it("that was led by a node that restarts hears of its resignation, and the node itself appends nothing", () => {
    const cluster = quorum("3.9");
    cluster.until(() => cluster.active() !== undefined);
    cluster.run(3000);
    const id = cluster.active() as number;
    const epoch = cluster.controllers.get(id)?.activeEpoch as number;
    cluster.world.host(id).crash("kill");
    cluster.events.length = 0;
    cluster.world.host(id).boot();
    let answer: string | undefined;
    const request = { topics: ["t"] };
    cluster.admin.send(id, "DeleteTopics", request, { timeoutUs: seconds(1) }, (reply) => {
      if (reply.ok) answer = reply.response.error;
    });
    cluster.run(100);
    // Long before the fetch timeout: every follower runs for election as soon as it is told.
    expect(cluster.of("quorum.roleChanged").some((e) => e.node !== id)).toBe(true);
    expect(answer).toBe("NOT_CONTROLLER");
    const own = cluster.of("quorum.appended").filter((e) => e.leader && e.epoch === epoch);
    expect(own).toEqual([]);
  });

  it("is told of a resignation until every voter has answered", () => {
    const cluster = quorum("4.1");
    cluster.until(() => cluster.active() !== undefined);
    cluster.run(3000);
    const id = cluster.active() as number;
    const others = cluster.env.voters.filter((voter) => voter !== id);
    for (const other of others) cluster.world.host(other).crash("kill");
    cluster.world.host(id).terminate();
    cluster.run(500);
    const late = others[0] as number;
    cluster.world.host(late).boot();
    const booted = cluster.world.kernel.now;
    // Far sooner than it would miss the leader's answers.
    cluster.until(() => roles(cluster, late).at(-1)?.role === "leader", 1000);
    expect(roles(cluster, late).find(({ at }) => at >= booted)?.role).toBe("follower");
  });

  it("applies what is committed at once since 4.1, and before that with the next record (KIP-1166)", () => {
    for (const [release, atOnce] of [
      ["4.0", false],
      ["4.1", true],
    ] as const) {
      const cluster = new TestCluster({ seed: "hw", brokers: 3, release });
      cluster.settle();
      cluster.run(1210);
      cluster.createTopic("orders", [[1, 2, 3]]);
      const { partition } = cluster.partition("orders-0");
      cluster.run(20);
      const known = [1, 2, 3].every((id) => cluster.broker(id).view?.partition(partition));
      expect(known).toBe(atOnce);
      cluster.run(500);
      expect(cluster.broker(1).view?.partition(partition)).toBeDefined();
    }
  });

  it("notices a dead leader after the fetch timeout", () => {
    const cluster = quorum("4.1");
    cluster.until(() => cluster.active() !== undefined);
    cluster.run(5000);
    const first = cluster.active() as number;
    cluster.world.host(first).crash("poweroff");
    const at = cluster.world.kernel.now;
    cluster.until(() => cluster.active() !== undefined);
    const took = cluster.world.kernel.now - at;
    expect(took).toBeGreaterThan(ms(1500));
    expect(took).toBeLessThan(seconds(6));
  });

  it("makes a leader resign that hears of no majority for 1.5 fetch timeouts, since 3.7", () => {
    for (const [release, resigns] of [
      ["3.3", false],
      ["4.1", true],
    ] as const) {
      const cluster = quorum(release);
      cluster.until(() => cluster.active() !== undefined);
      cluster.run(2000);
      const id = cluster.active() as number;
      const others = cluster.env.voters.filter((voter) => voter !== id);
      for (const other of others) {
        cluster.world.network.path(id, other).cut("test");
        cluster.world.network.path(other, id).cut("test");
      }
      cluster.run(2500);
      expect(roles(cluster, id).at(-1)?.role).toBe("leader");
      cluster.run(1000);
      expect(roles(cluster, id).at(-1)?.role === "resigned").toBe(resigns);
    }
  });

  it("is disturbed by a voter that was cut off, unless it has pre-votes", () => {
    for (const [release, disturbed] of [
      ["3.9", true],
      ["4.1", false],
    ] as const) {
      const cluster = quorum(release);
      cluster.until(() => cluster.active() !== undefined);
      cluster.run(3000);
      const leader = cluster.active() as number;
      const cut = cluster.env.voters.find((voter) => voter !== leader) as number;
      for (const other of cluster.env.voters) {
        if (other === cut) continue;
        cluster.world.network.path(cut, other).cut("test");
        cluster.world.network.path(other, cut).cut("test");
      }
      cluster.run(30_000);
      for (const other of cluster.env.voters) {
        if (other === cut) continue;
        cluster.world.network.path(cut, other).heal("test");
        cluster.world.network.path(other, cut).heal("test");
      }
      cluster.run(30_000);
      expect(cluster.of("controller.deactivated").length > 0).toBe(disturbed);
      expect(cluster.active()).toBeDefined();
    }
  });
});
