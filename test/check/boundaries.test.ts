// Where a check begins to mind: one step on this side of the line it holds, one step on the other it does not.
import { describe, expect, it } from "vitest";
import { CONSUMER, PRODUCER, SETTINGS, Story } from "./support.ts";

const OTHER = 103;

describe("epochs-monotonic", () => {
  const only = (): Story => new Story(["epochs-monotonic"]).begin();
  const adopt = (story: Story, node: number, leaderEpoch: number, partitionEpoch: number): void => {
    const isr = [1, 2, 3];
    const { partition } = story;
    const known = { partition, leaderEpoch, partitionEpoch, isr, maximalIsr: isr };
    story.tell(node, "isr.committed", { ...known, highWatermark: 0 });
  };

  it("a leader's view of the ISR goes forward, or stays", () => {
    const story = only();
    adopt(story, 1, 0, 2);
    adopt(story, 1, 0, 2);
    expect(story.broken()).toEqual([]);
    const back = only();
    adopt(back, 1, 0, 2);
    adopt(back, 1, 0, 1);
    expect(back.broken()).toEqual(["epochs-monotonic:1"]);
    const older = only();
    older.elect(1, [1, 2, 3]);
    older.becomeLeader(1, 0, [1, 2, 3]);
    adopt(older, 1, 0, 5);
    expect(older.broken()).toEqual(["epochs-monotonic:1"]);
  });

  it("a broker that was never told begins anywhere, and one that ended begins anew", () => {
    const first = new Story(["epochs-monotonic"]);
    adopt(first, 1, 3, 7);
    adopt(first, 1, 3, 8);
    expect(first.broken()).toEqual([]);
    const stopped = only();
    adopt(stopped, 1, 0, 4);
    stopped.tell(1, "host.stopped", { clean: true });
    adopt(stopped, 1, 0, 1);
    expect(stopped.broken()).toEqual([]);
  });

  it("a controller is not activated twice in an epoch, nor a broker registered in one", () => {
    const again = only();
    again.tell(11, "controller.activated", { epoch: 1 });
    expect(again.result("epochs-monotonic").first?.message).toContain("controller epoch");
    const later = only();
    later.tell(11, "controller.activated", { epoch: 2 });
    expect(later.result("epochs-monotonic")).toMatchObject({ count: 0, status: "held" });
    const broker = only();
    broker.tell(11, "broker.registered", { broker: 1, brokerEpoch: 900, incarnation: 2 });
    broker.tell(11, "broker.registered", { broker: 1, brokerEpoch: 900, incarnation: 3 });
    expect(broker.broken()).toEqual(["epochs-monotonic:1"]);
  });

  it("a decision may keep the partition epoch's predecessor only by raising it", () => {
    const story = only();
    const { partition } = story;
    const decided = { partition, leader: 1, leaderEpoch: 0, isr: [1, 2], removed: [3], why: "" };
    story.tell(11, "isr.shrunk", { ...decided, partitionEpoch: 1 });
    story.tell(11, "isr.shrunk", { ...decided, partitionEpoch: 1 });
    expect(story.broken().length).toBeLessThan(2);
  });
});

describe("high-watermark-sound", () => {
  const only = (settings = SETTINGS): Story =>
    new Story(["high-watermark-sound"], settings).begin();

  it("a leader does not lower it, a follower may", () => {
    const lowered = (leader: boolean): Story => {
      const story = only();
      for (const node of [1, 2, 3]) story.append(node, 0, 5, 0);
      story.hw(1, 0, 5);
      const { partition } = story;
      story.tell(leader ? 1 : 2, "hw.lowered", {
        partition,
        from: 5,
        to: 3,
        leaderEpoch: 0,
        leader,
      });
      return story;
    };
    expect(lowered(true).broken()).toEqual(["high-watermark-sound:2"]);
    expect(lowered(false).broken()).toEqual([]);
  });

  /** Broker 3 has none of the records, and is in the ISR. */
  function short(before: (story: Story) => void): Story {
    const story = only();
    story.append(1, 0, 5, 0);
    story.append(2, 0, 5, 0);
    before(story);
    story.hw(1, 0, 5);
    return story;
  }

  it("minds a member until it dies, and again when the leader counts it in anew", () => {
    expect(short(() => undefined).broken()).toEqual(["high-watermark-sound:5"]);
    expect(short((s) => s.crash(3)).broken()).toEqual([]);
    const stopped = short((s) => s.tell(3, "host.stopped", { clean: true }));
    expect(stopped.broken()).toEqual([]);
    for (const counts of [
      (s: Story) => s.becomeLeader(1, 0, [1, 2, 3]),
      (s: Story) => {
        const isr = [1, 2, 3];
        const { partition } = s;
        const at = { partition, leaderEpoch: 0, partitionEpoch: 0 };
        s.tell(1, "isr.committed", { ...at, isr, maximalIsr: isr, highWatermark: 0 });
      },
      (s: Story) => {
        const { partition } = s;
        const at = { partition, leaderEpoch: 0, partitionEpoch: 0, isr: [1, 2, 3] };
        s.tell(1, "isr.proposed", { ...at, change: "expand", members: [3] });
      },
    ]) {
      const back = (s: Story): void => {
        s.crash(3);
        s.tell(3, "host.booted", { incarnation: 2 });
        s.follow(3, 0);
      };
      expect(short(back).broken()).toEqual([]);
      const story = short((s) => {
        back(s);
        counts(s);
      });
      expect(story.broken()).toEqual(["high-watermark-sound:5"]);
    }
  });

  it("min.insync.replicas, or all replicas where there are fewer", () => {
    const strict = { ...SETTINGS, highWatermarkNeedsMinIsr: true };
    const alone = (isr: readonly number[]): Story => {
      const story = only(strict);
      story.becomeLeader(1, 0, isr);
      for (const node of isr) story.append(node, 0, 5, 0);
      story.hw(1, 0, 5);
      return story;
    };
    expect(alone([1]).broken()).toEqual(["high-watermark-sound:5"]);
    expect(alone([1, 2]).broken()).toEqual([]);
    expect(alone([1, 2, 3]).broken()).toEqual([]);
  });
});

describe("log-sound", () => {
  const opened = (highWatermark: number): string[] => {
    const story = new Story(["log-sound"]).begin();
    const log = { logStartOffset: 2, logEndOffset: 5, highWatermark, clean: true };
    story.tell(1, "log.opened", { partition: story.partition, ...log });
    return story.broken();
  };

  it("a log is opened with a high watermark inside it", () => {
    expect(opened(2)).toEqual([]);
    expect(opened(5)).toEqual([]);
    expect(opened(1)).toEqual(["log-sound:1"]);
    expect(opened(6)).toEqual(["log-sound:1"]);
  });
});

describe("positions of consumers", () => {
  const polled = (names: readonly ("poll-skip" | "nonmonotonic-poll")[]): Story => {
    const story = new Story(names).begin();
    story.commit(0, 20, 0);
    return story;
  };

  it("poll-skip: nothing between two polls is nothing skipped", () => {
    const story = polled(["poll-skip"]);
    story.assign(0);
    story.poll(0, 5, 0);
    story.poll(5, 5, 5);
    expect(story.result("poll-skip")).toMatchObject({ count: 0, status: "held" });
  });

  it("poll-skip: what was given before a move is not asked for again", () => {
    const story = polled(["poll-skip"]);
    story.assign(0);
    story.poll(0, 5, 0);
    story.poll(8, 2, 8, { consumer: OTHER });
    story.assign(8);
    story.poll(8, 2, 8);
    expect(story.result("poll-skip").forms).toEqual({ rebalance: 3 });
    const back = polled(["poll-skip"]);
    back.assign(0);
    back.poll(0, 5, 0);
    back.assign(2);
    back.poll(6, 2, 6);
    expect(back.result("poll-skip").forms).toEqual({ unexplained: 4 });
  });

  it("poll-skip: a poll that begins further than the move went skips the rest unexplained", () => {
    const story = polled(["poll-skip"]);
    story.assign(0);
    story.poll(0, 5, 0);
    story.assign(8);
    story.poll(10, 2, 10);
    expect(story.result("poll-skip").forms).toEqual({ unexplained: 2, rebalance: 3 });
  });

  it("poll-skip: a position moved past what was returned is where the next poll belongs", () => {
    const story = polled(["poll-skip"]);
    story.assign(0);
    story.poll(0, 5, 0, { position: 8 });
    story.poll(8, 2, 8);
    expect(story.result("poll-skip").count).toBe(3);
    const behind = polled(["poll-skip"]);
    behind.assign(0);
    behind.poll(0, 5, 0, { position: 3 });
    behind.poll(5, 2, 5);
    expect(behind.result("poll-skip").count).toBe(0);
  });

  it("a reset that a rebalance needed is part of the rebalance, another one is not", () => {
    const reset = (story: Story, to: number): void => {
      const { partition } = story;
      story.tell(CONSUMER, "consumer.reset", { partition, from: -1, to, strategy: "earliest" });
    };
    const needed = polled(["nonmonotonic-poll"]);
    needed.assign(0);
    needed.poll(0, 5, 0);
    needed.assign(-1);
    reset(needed, 0);
    needed.poll(0, 5, 0);
    expect(needed.result("nonmonotonic-poll").forms).toEqual({ rebalance: 5 });
    const later = polled(["nonmonotonic-poll"]);
    later.assign(0);
    later.poll(0, 5, 0);
    later.assign(5);
    reset(later, 0);
    later.poll(0, 5, 0);
    expect(later.result("nonmonotonic-poll").forms).toEqual({ reset: 5 });
  });

  it("a process that starts again remembers nothing", () => {
    for (const end of ["host.crashed", "host.stopped"] as const) {
      const story = polled(["nonmonotonic-poll"]);
      story.assign(0);
      story.poll(0, 10, 0);
      if (end === "host.crashed") story.crash(CONSUMER);
      else story.tell(CONSUMER, end, { clean: true });
      story.poll(0, 5, 0);
      expect(story.result("nonmonotonic-poll").count).toBe(0);
    }
  });
});

describe("acknowledgements", () => {
  it("durability: of a producer with acks=1 nothing early is asked", () => {
    const [producer] = SETTINGS.producers;
    if (producer === undefined) throw new Error("no producer");
    const strange = { ...producer, name: "somebody else" };
    const weak = { ...SETTINGS, producers: [{ ...producer, acks: "1" as const }, strange] };
    const story = new Story(["durability"], weak).begin();
    story.append(1, 0, 10, 0);
    story.ack(0, 10, 0);
    expect(story.result("durability")).toMatchObject({ count: 0, status: "held" });
  });

  it("durability: an acknowledgement without an offset tells nothing", () => {
    const story = new Story(["durability"]).begin();
    story.append(1, 0, 10, 0);
    story.ack(0, 10, -1);
    expect(story.result("durability").count).toBe(0);
  });

  it("durability: counts from the first record that lies elsewhere", () => {
    const story = new Story(["durability"]).begin();
    story.commit(0, 4, 0);
    story.commit(4, 6, 20);
    story.ack(0, 10, 0);
    // What it names as acknowledged there was never written.
    expect(story.result("durability").forms).toEqual({ early: 6, "log loss": 6 });
  });

  it("producer-identity: epochs of one id rise while it lives", () => {
    const identify = (story: Story, producerEpoch: number): void => {
      story.tell(PRODUCER, "producer.identified", { producerId: 7, producerEpoch });
    };
    const story = new Story(["producer-identity"]).begin();
    identify(story, 1);
    identify(story, 1);
    expect(story.broken()).toEqual(["producer-identity:1"]);
  });
});
