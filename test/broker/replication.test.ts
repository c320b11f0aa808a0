// Brokers that copy from each other over the simulated network: AbstractFetcherThreadTest of Apache Kafka (vectors 16-18), and the
// facts about a broker that are most easily got wrong.
import { describe, expect, test } from "vitest";
import type { RecordBatch } from "../../src/protocol/types.ts";
import { epochsOf, hw, leo, produceTo, records } from "./logs.ts";
import { TestCluster } from "./support.ts";

describe("what is most easily got wrong", () => {
  test("pipelined acks=all requests of one connection pay a full round of replication each", () => {
    const c = new TestCluster();
    c.set("t-0", {
      replicas: [1, 2, 3],
      isr: [1, 2, 3],
      leader: 1,
      leaderEpoch: 1,
      partitionEpoch: 1,
    });
    c.tell();
    c.run(100);
    const start = c.world.kernel.now;
    const answered: number[] = [];
    for (let i = 0; i < 3; i++) {
      produceTo(c, 1, "t-0", 1, -1, { done: () => answered.push(c.world.kernel.now - start) });
    }
    c.run(1000);
    expect(answered).toHaveLength(3);
    const [first, second, third] = answered as [number, number, number];
    // A round is one response to a parked fetch and the next fetch: at least a round trip of 1 ms.
    expect(second - first).toBeGreaterThan(1000);
    expect(third - second).toBeGreaterThan(1000);
    // Nothing of the second was appended before the first was answered.
    const appends = c.of("log.appended", 1).map((event) => event.at - start);
    expect(appends[1]).toBeGreaterThan(first - 600);
  });

  test("a follower learns the last high watermark with the next data or when its fetch has waited its time", () => {
    const c = new TestCluster();
    c.set("t-0", {
      replicas: [1, 2, 3],
      isr: [1, 2, 3],
      leader: 1,
      leaderEpoch: 1,
      partitionEpoch: 1,
    });
    c.tell();
    c.run(1200);
    produceTo(c, 1, "t-0", 1, -1);
    c.run(20);
    expect([hw(c, 1, "t-0"), hw(c, 2, "t-0")]).toEqual([1, 0]);
    c.run(510);
    expect(hw(c, 2, "t-0")).toBe(1);
  });

  test("a follower's high watermark may go back to what a new leader knows", () => {
    const c = new TestCluster();
    const all = { replicas: [1, 2, 3], isr: [1, 2, 3] };
    c.set("t-0", { ...all, leader: 1, leaderEpoch: 1, partitionEpoch: 1 });
    c.tell();
    c.run(1200);
    produceTo(c, 1, "t-0", 3, -1);
    c.run(20);
    expect([hw(c, 1, "t-0"), hw(c, 2, "t-0")]).toEqual([3, 0]);
    // 3 is silent, so the new leader's high watermark stays where 2 knew it.
    c.host(3).pause();
    c.set("t-0", { leader: 2, leaderEpoch: 2, partitionEpoch: 2 });
    c.tell([1, 2]);
    c.run(1000);
    expect(c.of("hw.lowered", 1)).toMatchObject([{ from: 3, to: 0 }]);
    c.host(3).resume();
    c.tell([3]);
    c.run(2000);
    expect([hw(c, 1, "t-0"), hw(c, 2, "t-0")]).toEqual([3, 3]);
  });

  test("a new partition epoch without a new leader epoch leaves the fetching alone", () => {
    const c = new TestCluster();
    c.set("t-0", {
      replicas: [1, 2, 3],
      isr: [1, 2, 3],
      leader: 1,
      leaderEpoch: 1,
      partitionEpoch: 1,
    });
    c.tell();
    c.run(100);
    const before = c.of("connection.closed").length;
    c.set("t-0", { isr: [1, 2], partitionEpoch: 2 });
    c.tell();
    c.run(100);
    expect(c.of("replica.becameFollower", 2)).toHaveLength(1);
    expect(c.of("connection.closed")).toHaveLength(before);
    c.set("t-0", { leaderEpoch: 2, partitionEpoch: 3 });
    c.tell();
    expect(c.of("replica.becameFollower", 2)).toHaveLength(2);
  });

  test("a leader cut off from the controller keeps its committed ISR and times acks=all out", () => {
    const c = new TestCluster({ config: { "replica.lag.time.max.ms": 1000 } });
    c.set("t-0", {
      replicas: [1, 2, 3],
      isr: [1, 2, 3],
      leader: 1,
      leaderEpoch: 1,
      partitionEpoch: 1,
    });
    c.tell();
    c.run(100);
    c.set("t-0", { leader: 2, leaderEpoch: 2, partitionEpoch: 2, isr: [2, 3] });
    c.tell([2, 3]);
    const errors: string[] = [];
    produceTo(c, 1, "t-0", 1, -1, { done: (error) => errors.push(error), timeoutMs: 3000 });
    produceTo(c, 1, "t-0", 1, 1, { done: (error) => errors.push(error) });
    c.run(5000);
    expect(errors).toEqual(["REQUEST_TIMED_OUT", "NONE"]);
    expect(c.of("isr.proposed", 1)).toMatchObject([{ change: "shrink", isr: [1] }]);
    expect(hw(c, 1, "t-0")).toBe(0);
  });
});

describe("truncation", () => {
  /** Leader 1 and follower 2 with logs of their own, as two leaders of different epochs would have left them. */
  function diverged(
    leader: readonly [epoch: number, count: number][],
    follower: readonly [epoch: number, count: number][],
    options: ConstructorParameters<typeof TestCluster>[0] = {},
  ): TestCluster {
    const c = new TestCluster({ brokers: 2, ...options });
    let partitionEpoch = 0;
    for (const [id, epochs] of [
      [1, leader],
      [2, follower],
    ] as const) {
      for (const [leaderEpoch, count] of epochs) {
        c.set("t-0", {
          replicas: [1, 2],
          isr: [id],
          leader: id,
          leaderEpoch,
          partitionEpoch: ++partitionEpoch,
        });
        c.tell([id]);
        // The same record in both logs where both have this epoch.
        for (let i = 0; i < count; i++) {
          produceTo(c, id, "t-0", 1, 1, { batch: { stream: leaderEpoch, firstNumber: i } });
        }
        c.run(50);
      }
    }
    c.set("t-0", { isr: [1], leader: 1, leaderEpoch: 9, partitionEpoch: ++partitionEpoch });
    c.tell();
    return c;
  }

  test("a follower is led to where its epochs and the leader's part, and copies from there", () => {
    const c = diverged(
      [
        [0, 1],
        [2, 1],
        [5, 1],
      ],
      [
        [0, 1],
        [2, 1],
        [4, 1],
      ],
    );
    c.run(100);
    expect(c.of("log.truncated", 2)).toMatchObject([{ from: 3, to: 2 }]);
    expect(records(c, 2, "t-0")).toEqual(records(c, 1, "t-0"));
    expect(epochsOf(c, 2, "t-0")).toEqual([0, 2, 5]);
  });

  test.each(["leader-epoch-reply-epoch", "diverging-epoch"] as const)(
    "%s agrees step by step when neither knows the other's epochs",
    (rule) => {
      const c = diverged(
        [
          [0, 2],
          [3, 2],
          [7, 2],
        ],
        [
          [0, 2],
          [1, 2],
          [4, 3],
          [6, 1],
        ],
        {
          rules: { "replication.truncation": rule },
        },
      );
      // Each further step waits replica.fetch.backoff.ms: there is nothing to fetch meanwhile.
      c.run(3000);
      expect(leo(c, 2, "t-0")).toBe(6);
      expect(records(c, 2, "t-0")).toEqual(records(c, 1, "t-0"));
    },
  );

  test("by high watermark, records that were promised are cut", () => {
    const c = new TestCluster({
      brokers: 2,
      rules: { "replication.truncation": "high-watermark" },
    });
    c.set("t-0", { replicas: [1, 2], isr: [1, 2], leader: 1, leaderEpoch: 1, partitionEpoch: 1 });
    c.tell();
    c.run(1200);
    produceTo(c, 1, "t-0", 2, -1);
    c.run(20);
    expect([hw(c, 1, "t-0"), hw(c, 2, "t-0"), leo(c, 2, "t-0")]).toEqual([2, 0, 2]);
    c.set("t-0", { leaderEpoch: 2, partitionEpoch: 2 });
    c.tell();
    expect(leo(c, 2, "t-0")).toBe(2);
    // The thread hears of it when its parked fetch returns.
    c.run(600);
    expect(c.of("log.truncated", 2)).toMatchObject([{ from: 2, to: 0, why: "high watermark" }]);
  });

  test("by high watermark the logs of two leaders may stay different for ever", () => {
    const c = diverged(
      [
        [1, 2],
        [2, 1],
      ],
      [[1, 3]],
      { rules: { "replication.truncation": "high-watermark" } },
    );
    c.run(500);
    // The ISR of each was itself: its high watermark covers everything, so nothing is cut.
    expect(leo(c, 2, "t-0")).toBe(3);
    expect(records(c, 2, "t-0")).not.toEqual(records(c, 1, "t-0"));
  });

  test("mutant truncate-nothing keeps a tail the leader does not have", () => {
    const c = diverged(
      [
        [0, 1],
        [2, 1],
        [5, 1],
      ],
      [
        [0, 1],
        [2, 1],
        [4, 1],
      ],
      {
        rules: { mutant: "truncate-nothing" },
      },
    );
    c.run(500);
    expect(c.of("log.truncated", 2)).toHaveLength(0);
    expect(records(c, 2, "t-0")).not.toEqual(records(c, 1, "t-0"));
  });

  test("a follower in an older epoch than the leader's is fenced and waits for metadata", () => {
    const c = new TestCluster({ brokers: 2 });
    c.set("t-0", { replicas: [1, 2], isr: [1], leader: 1, leaderEpoch: 0, partitionEpoch: 0 });
    c.tell([2]);
    c.set("t-0", { leaderEpoch: 1, partitionEpoch: 1 });
    c.tell([1]);
    produceTo(c, 1, "t-0", 1, 1);
    c.run(5000);
    expect(leo(c, 2, "t-0")).toBe(0);
    expect(c.of("replica.fetchFailed", 2).map((event) => event.error)).toContain(
      "FENCED_LEADER_EPOCH",
    );
    c.tell([2]);
    c.run(100);
    expect(leo(c, 2, "t-0")).toBe(1);
  });

  test("a follower that ends below the leader's log start is emptied and begins there", () => {
    const topic = { "segment.bytes": 1 << 20, "retention.bytes": 2 << 20 };
    const c = diverged([[0, 4]], [[0, 1]], { topic });
    c.host(2).crash("kill");
    for (let i = 0; i < 10; i++) {
      produceTo(c, 1, "t-0", 1, 1, { batch: { sizeBytes: 800_000 } });
    }
    c.run(400_000);
    expect(c.log(1, "t-0").logStartOffset).toBeGreaterThan(4);
    c.reboot(2);
    c.run(3000);
    expect(c.log(2, "t-0").logStartOffset).toBe(c.log(1, "t-0").logStartOffset);
    expect(records(c, 2, "t-0")).toEqual(records(c, 1, "t-0"));
  });

  test("a follower beyond an uncleanly elected leader's log end is cut to it", () => {
    const c = diverged([[1, 2]], [[1, 5]]);
    c.run(500);
    expect(leo(c, 2, "t-0")).toBe(2);
  });
});

describe("trouble", () => {
  test("a follower whose leader is gone backs off, says so once, and goes on when it is back", () => {
    const c = new TestCluster({ brokers: 2 });
    c.set("t-0", { replicas: [1, 2], isr: [1, 2], leader: 1, leaderEpoch: 1, partitionEpoch: 1 });
    c.tell();
    c.run(100);
    c.host(1).crash("kill");
    c.run(5000);
    expect(c.of("replica.fetchFailed", 2)).toMatchObject([{ error: "disconnected" }]);
    c.reboot(1);
    produceTo(c, 1, "t-0", 1, 1);
    c.run(2000);
    expect(leo(c, 2, "t-0")).toBe(1);
  });

  test("a leader that says nothing stalls its followers for replica.socket.timeout.ms", () => {
    const c = new TestCluster({ brokers: 2 });
    c.set("t-0", { replicas: [1, 2], isr: [1, 2], leader: 1, leaderEpoch: 1, partitionEpoch: 1 });
    c.tell();
    c.run(100);
    const before = c.world.kernel.now;
    c.host(1).pause();
    c.run(40_000);
    const [failed] = c.of("replica.fetchFailed", 2);
    expect(failed?.error).toBe("timeout");
    expect((failed?.at ?? 0) - before).toBeGreaterThan(29_000_000);
    c.host(1).resume();
    c.run(100);
  });

  test("a broker whose disk fails answers KAFKA_STORAGE_ERROR and halts", () => {
    const c = new TestCluster();
    c.set("t-0", { replicas: [1], isr: [1], leader: 1, leaderEpoch: 1, partitionEpoch: 1 });
    c.tell();
    c.host(1).disk.fault.add({ methods: ["write"], probability: 1, errno: "EIO", hits: 0 });
    produceTo(c, 1, "t-0", 1, 1);
    c.run(100);
    expect(c.of("disk.failed", 1)).toHaveLength(1);
    expect(c.of("produce.rejected", 1)).toMatchObject([
      { error: "KAFKA_STORAGE_ERROR", appended: false },
    ]);
    expect(c.host(1).state).toBe("down");
  });

  test("SIGTERM waits for the controller, syncs the logs and ends cleanly", () => {
    const c = new TestCluster();
    c.set("t-0", { replicas: [1], isr: [1], leader: 1, leaderEpoch: 1, partitionEpoch: 1 });
    c.tell();
    produceTo(c, 1, "t-0", 5, 1);
    c.run(10);
    c.host(1).terminate();
    c.run(49);
    expect(c.host(1).state).toBe("running");
    c.run(60);
    expect(c.of("host.stopped", 1)).toMatchObject([{ clean: true }]);
    c.reboot(1);
    expect(c.of("log.opened", 1).at(-1)).toMatchObject({ logEndOffset: 5, clean: true });
  });

  test("mutant append-without-epoch-check takes an answer meant for another epoch", () => {
    const stale = (mutant: "none" | "append-without-epoch-check"): readonly RecordBatch[] => {
      const c = new TestCluster({ brokers: 3, rules: { mutant } });
      c.set("t-0", {
        replicas: [1, 2, 3],
        isr: [1, 2, 3],
        leader: 1,
        leaderEpoch: 1,
        partitionEpoch: 1,
      });
      c.tell();
      c.set("u-0", { replicas: [1, 2], isr: [1, 2], leader: 1, leaderEpoch: 1, partitionEpoch: 1 });
      c.tell();
      c.run(100);
      produceTo(c, 1, "t-0", 1, 1);
      // Let the leader's answer leave, then move 2 to another leader before it arrives.
      while (c.of("log.appended", 1).length === 0) c.world.kernel.step();
      c.run(0.3);
      c.set("t-0", { leader: 3, leaderEpoch: 2, partitionEpoch: 2 });
      c.tell([2]);
      c.run(1);
      return c.log(2, "t-0").read(0, 1e6, c.log(2, "t-0").logEndOffset, true) as never;
    };
    expect(stale("none")).toMatchObject({ batches: [] });
    expect(stale("append-without-epoch-check")).toMatchObject({ batches: [{ leaderEpoch: 1 }] });
  });
});
