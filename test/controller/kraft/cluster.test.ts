import { describe, expect, it } from "vitest";
import { seconds } from "../../../src/sim/kernel.ts";
import { TestCluster } from "../support.ts";

describe("a KRaft cluster", () => {
  it("elects a controller, registers and unfences its brokers", () => {
    const cluster = new TestCluster();
    cluster.settle();
    expect(cluster.of("controller.activated")).toHaveLength(1);
    expect(
      cluster
        .of("broker.unfenced")
        .map((e) => e.broker)
        .sort(),
    ).toEqual([1, 2, 3]);
    expect(cluster.world.kernel.now).toBeLessThan(seconds(10));
  });

  it("creates a topic asked for at any broker, and every broker learns of it", () => {
    const cluster = new TestCluster();
    cluster.settle();
    cluster.createTopic("orders", [
      [1, 2, 3],
      [2, 3, 1],
    ]);
    cluster.run(1100);
    for (const { view } of cluster.brokers.values()) {
      expect(view?.topics.get("orders")?.partitions.map(({ leader }) => leader)).toEqual([1, 2]);
    }
    expect(cluster.of("partition.created")).toHaveLength(2);
    expect(cluster.of("topic.created")[0]).toMatchObject({ partitions: 2, replicationFactor: 3 });
    const again = cluster.ask(2, "CreateTopics", {
      topics: [
        { name: "orders", partitions: 1, replicationFactor: 1, assignment: undefined, config: {} },
      ],
    });
    expect(again.topics[0]?.error).toBe("TOPIC_ALREADY_EXISTS");
  });

  it("fences a killed broker 7 to 9 seconds later and moves its leaderships", () => {
    const cluster = new TestCluster();
    cluster.settle();
    cluster.createTopic("orders", [[1, 2, 3]]);
    const killed = cluster.world.kernel.now;
    cluster.world.host(1).crash("kill");
    cluster.until(() => cluster.partition("orders-0").leader !== 1);
    const took = cluster.world.kernel.now - killed;
    expect(took).toBeGreaterThan(seconds(6.9));
    expect(took).toBeLessThan(seconds(9.3));
    expect(cluster.partition("orders-0")).toMatchObject({ leader: 2, leaderEpoch: 1, isr: [2, 3] });
    expect(cluster.of("leader.elected").at(-1)).toMatchObject({
      previous: 1,
      leader: 2,
      unclean: false,
    });
  });

  it("refuses a restarted broker while its old session lives, and gives it a new broker epoch then", () => {
    const cluster = new TestCluster();
    cluster.settle();
    const before = cluster.image().brokers.get(1)?.brokerEpoch as number;
    cluster.world.host(1).crash("kill");
    const killed = cluster.world.kernel.now;
    cluster.run(100);
    cluster.world.host(1).boot();
    cluster.until(() => cluster.broker(1).plane.brokerEpoch > before);
    expect(cluster.world.kernel.now - killed).toBeGreaterThan(seconds(6.9));
    cluster.settle();
    expect(cluster.image().brokers.get(1)?.incarnation).toBe(2);
  });

  it("applies an ISR change and tells the leader", () => {
    const cluster = new TestCluster();
    cluster.settle();
    cluster.createTopic("orders", [[1, 2, 3]]);
    cluster.run(600);
    const epoch = (id: number) => cluster.image().brokers.get(id)?.brokerEpoch as number;
    const answers: unknown[] = [];
    cluster.broker(1).plane.proposeIsr(
      {
        partition: cluster.env.partitions.of("orders", 0),
        leaderEpoch: 0,
        partitionEpoch: 0,
        isr: [1, 2].map((brokerId) => ({ brokerId, brokerEpoch: epoch(brokerId) })),
        leaderRecoveryState: "RECOVERED",
      },
      (answer) => answers.push(answer),
    );
    cluster.run(200);
    expect(answers).toEqual([
      {
        error: "NONE",
        leader: 1,
        leaderEpoch: 0,
        isr: [1, 2],
        leaderRecoveryState: "RECOVERED",
        partitionEpoch: 1,
      },
    ]);
    expect(cluster.of("isr.shrunk").at(-1)).toMatchObject({ removed: [3], isr: [1, 2] });
  });

  it("keeps ISR changes until there is a controller again", () => {
    const cluster = new TestCluster();
    cluster.settle();
    cluster.createTopic("orders", [[1, 2, 3]]);
    cluster.run(600);
    for (const id of cluster.env.voters) cluster.world.host(id).crash("kill");
    const answers: unknown[] = [];
    cluster.broker(1).plane.proposeIsr(
      {
        partition: cluster.env.partitions.of("orders", 0),
        leaderEpoch: 0,
        partitionEpoch: 0,
        isr: [{ brokerId: 1, brokerEpoch: -1 }],
        leaderRecoveryState: "RECOVERED",
      },
      (answer) => answers.push(answer),
    );
    cluster.run(30_000);
    expect(answers).toEqual([]);
    for (const id of cluster.env.voters) cluster.world.host(id).boot();
    cluster.until(() => answers.length > 0);
    expect(cluster.partition("orders-0").isr).toEqual([1]);
  });

  it("moves leaderships before a broker in controlled shutdown may exit", () => {
    const cluster = new TestCluster();
    cluster.settle();
    cluster.createTopic("orders", [[1, 2, 3]]);
    cluster.run(4000);
    const { host, plane } = cluster.broker(1);
    const asked = cluster.world.kernel.now;
    host.spawn(
      (function* () {
        yield* plane.controlledShutdown();
        host.stop(true);
      })(),
    );
    cluster.until(() => host.state === "down");
    expect(cluster.world.kernel.now - asked).toBeLessThan(seconds(5));
    expect(cluster.partition("orders-0")).toMatchObject({ leader: 2, isr: [2, 3] });
    expect(cluster.of("broker.shuttingDown")).toHaveLength(1);
    const at = cluster.world.kernel.now;
    cluster.world.host(1).boot();
    cluster.settle();
    expect(cluster.world.kernel.now - at).toBeLessThan(seconds(3));
  });

  // Generated run 1589: on its way out it served as the leader it had been in its life before.
  it("never opens the ports of a broker that shuts down before it was unfenced (BrokerServer.startup)", () => {
    const cluster = new TestCluster();
    cluster.settle();
    cluster.world.host(1).crash("poweroff");
    cluster.world.host(1).boot();
    cluster.run(500);
    const { host, plane } = cluster.broker(1);
    // Its last life's session has not ended.
    expect(plane.hasBeenUnfenced).toBe(false);
    host.spawn(plane.controlledShutdown());
    cluster.run(100);
    expect(plane.hasBeenUnfenced).toBe(false);
  });

  it("survives the loss of the active controller", () => {
    const cluster = new TestCluster();
    cluster.settle();
    cluster.createTopic("orders", [[1, 2, 3]]);
    const first = cluster.active() as number;
    cluster.world.host(first).crash("poweroff");
    cluster.until(() => cluster.active() !== undefined);
    expect(cluster.partition("orders-0").isr).toEqual([1, 2, 3]);
    // A request that is under way to the dead machine would wait for controller.socket.timeout.ms.
    cluster.run(3000);
    cluster.createTopic("more", [[3, 1]]);
    cluster.world.host(first).boot();
    cluster.run(20_000);
    expect(cluster.of("broker.fenced")).toEqual([]);
    expect(cluster.of("controller.activated")).toHaveLength(2);
  });

  it("hands over at once when the active controller is shut down", () => {
    const cluster = new TestCluster();
    cluster.settle();
    const first = cluster.active() as number;
    cluster.world.host(first).terminate();
    cluster.until(() => cluster.active() !== undefined && cluster.active() !== first, 1000);
    cluster.until(() => cluster.world.host(first).state === "down", 1000);
  });

  it("tells each decision once, though the leader that wrote it died before it knew it committed", () => {
    for (let round = 0; round < 20; round++) {
      const cluster = new TestCluster({ seed: `told-${round}` });
      cluster.settle();
      cluster.createTopic("orders", [[1, 2, 3]]);
      const { plane } = cluster.broker(1);
      const propose = (ids: readonly number[], partitionEpoch: number) =>
        plane.proposeIsr(
          {
            partition: cluster.env.partitions.of("orders", 0),
            leaderEpoch: 0,
            partitionEpoch,
            isr: ids.map((brokerId) => ({ brokerId, brokerEpoch: -1 })),
            leaderRecoveryState: "RECOVERED",
          },
          () => undefined,
        );
      cluster.run(700);
      propose([1, 2], 0);
      cluster.run(24 + round / 2);
      cluster.world.host(cluster.active() as number).crash("kill");
      cluster.run(20_000);
      const shrinks = cluster.of("isr.shrunk");
      expect(shrinks).toHaveLength(1);
      expect(cluster.partition("orders-0").isr).toEqual([1, 2]);
    }
  });

  it("works when the brokers are the voters", () => {
    const cluster = new TestCluster({ combined: true });
    cluster.settle();
    cluster.createTopic("orders", [[1, 2, 3]]);
    const first = cluster.active() as number;
    cluster.world.host(first).crash("kill");
    cluster.until(() => cluster.active() !== undefined && cluster.active() !== first);
    cluster.until(() => !cluster.partition("orders-0").isr.includes(first));
    cluster.world.host(first).boot();
    cluster.settle();
  });

  it("counts a combined node once: what its broker side has fetched is not on the voter's disk", () => {
    const cluster = new TestCluster({ combined: true });
    cluster.settle();
    const leader = cluster.active() as number;
    const follower = cluster.env.voters.find((voter) => voter !== leader) as number;
    for (const voter of cluster.env.voters) {
      if (voter !== leader && voter !== follower) cluster.world.host(voter).crash("kill");
    }
    cluster.run(1000);
    // From now on nothing reaches the follower's disk, though its broker side has it at once.
    const slow = { methods: ["fsync" as const], probability: 1, latency: seconds(20), hits: 0 };
    cluster.world.host(follower).disk.fault.add(slow);
    cluster.run(600);
    const committed = cluster.image().offset;
    cluster.run(1600);
    expect(cluster.image().offset).toBe(committed);
  });

  it("hands the quorum over before a combined node ends", () => {
    const cluster = new TestCluster({ combined: true });
    cluster.settle();
    cluster.run(2000);
    const first = cluster.active() as number;
    const { plane, host } = cluster.broker(first);
    host.spawn(
      (function* () {
        yield* plane.controlledShutdown();
        host.stop(true);
      })(),
    );
    cluster.until(() => host.state === "down", 5000);
    cluster.run(200);
    expect(cluster.active()).toBeDefined();
    const why = cluster.of("quorum.roleChanged").find((e) => e.role === "resigned")?.why;
    expect(why).toBe("shutting down");
  });

  it("moves leadership back to the preferred replica when the check interval is over", () => {
    const cluster = new TestCluster({ config: { "leader.imbalance.check.interval.seconds": 30 } });
    cluster.settle();
    cluster.createTopic("orders", [[1, 2, 3]]);
    cluster.world.host(1).crash("kill");
    cluster.until(() => cluster.partition("orders-0").leader === 2);
    cluster.world.host(1).boot();
    cluster.settle();
    const epoch = (id: number) => cluster.image().brokers.get(id)?.brokerEpoch as number;
    cluster.run(600);
    cluster.broker(2).plane.proposeIsr(
      {
        partition: cluster.env.partitions.of("orders", 0),
        leaderEpoch: 1,
        partitionEpoch: 1,
        isr: [2, 3, 1].map((brokerId) => ({ brokerId, brokerEpoch: epoch(brokerId) })),
        leaderRecoveryState: "RECOVERED",
      },
      () => undefined,
    );
    cluster.until(() => cluster.partition("orders-0").leader === 1, 31_000);
    expect(cluster.of("leader.elected").at(-1)?.why).toBe("preferred leader election");
  });

  it("elects an out-of-sync replica at once when the topic allows it", () => {
    const cluster = new TestCluster();
    cluster.settle();
    cluster.createTopic("orders", [[1, 2]], { "unclean.leader.election.enable": true });
    cluster.run(600);
    cluster.world.host(2).crash("kill");
    cluster.until(() => cluster.partition("orders-0").isr.length === 1);
    cluster.world.host(2).boot();
    cluster.settle();
    cluster.world.host(1).crash("kill");
    cluster.until(() => cluster.partition("orders-0").leader === 2);
    expect(cluster.of("leader.elected").at(-1)).toMatchObject({ unclean: true, isr: [2] });
    expect(cluster.partition("orders-0").leaderRecoveryState).toBe("RECOVERING");
  });
});
