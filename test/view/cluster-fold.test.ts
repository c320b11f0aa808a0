import { describe, expect, it } from "vitest";
import type { TraceEvent } from "../../src/protocol/events.ts";
import { METRICS } from "../../src/scenario/metrics.ts";
import { Timeline } from "../../src/view/timeline.ts";
import { CONSUMER, Story } from "../check/support.ts";

describe("ClusterFold", () => {
  it("knows the controller's partitions and each broker's replicas", () => {
    const story = new Story().begin();
    const { view } = story.judge;
    story.commit(0, 10, 0);
    const p = view.partitions.named("orders-0");
    expect(p).toMatchObject({ leader: 1, isr: [1, 2, 3], replicas: [1, 2, 3], minIsr: 2 });
    expect(view.replicas.get(story.partition, 2)).toMatchObject({
      role: "follower",
      logEndOffset: 10,
      highWatermark: 10,
    });
    expect(view.quorum.activeController).toBe(11);
    expect(view.leaderReplica(story.partition)?.node).toBe(1);
    expect(view.isAvailable(story.partition, "produce")).toBe(true);
    story.changeIsr("isr.shrunk", [1], [2, 3]);
    expect(view.partitions.underReplicatedCount).toBe(1);
    expect(view.partitions.underMinIsrCount).toBe(1);
    story.crash(1);
    expect(view.isAvailable(story.partition, "consume")).toBe(false);
    story.loseLeader([1]);
    expect(view.partitions.offlineCount).toBe(1);
    expect(view.metrics(story.at + 2_000_000).offline_partition_seconds).toBe(2);
    story.crash(11);
    expect(view.quorum.activeController).toBe(-1);
  });

  it("does not believe a controller that tells of an older partition epoch", () => {
    const story = new Story().begin();
    story.elect(2, [2, 3]);
    story.changeIsr("isr.expanded", [1, 2, 3], [1]);
    const { partition } = story;
    story.tell(12, "isr.shrunk", {
      partition,
      leader: 1,
      leaderEpoch: 0,
      partitionEpoch: 1,
      isr: [1],
      removed: [],
      why: "",
    });
    expect(story.judge.view.partitions.get(0)).toMatchObject({ leader: 2, isr: [1, 2, 3] });
  });

  it("measures lag from the leader's high watermark", () => {
    const story = new Story().begin();
    const { view } = story.judge;
    story.commit(0, 10, 0);
    expect(view.lag(CONSUMER, story.partition)).toBe(undefined);
    story.assign(-1);
    expect(view.lag(CONSUMER, story.partition)).toBe(undefined);
    story.tell(CONSUMER, "consumer.reset", {
      partition: story.partition,
      from: -1,
      to: 0,
      strategy: "earliest",
    });
    story.poll(0, 4, 0);
    expect(view.lag(CONSUMER, story.partition)).toBe(6);
    expect(view.totalLag(CONSUMER)).toBe(6);
  });

  it("answers every metric it names", () => {
    const story = new Story().begin();
    story.commit(0, 10, 0);
    const metrics = story.judge.view.metrics(story.at);
    // With labels: of single partitions, clients, groups and sides.
    const plain = Object.keys(metrics).filter((name) => !name.includes("{"));
    expect(plain.sort()).toEqual(
      Object.keys(METRICS)
        .filter((name) => METRICS[name]?.onlyLabelled !== true)
        .sort(),
    );
    expect(metrics.records_acked).toBe(10);
    expect(metrics.produce_latency_ms).toMatchObject({ min: 5, max: 5, count: 10 });
  });
});

describe("Timeline", () => {
  function told(): { story: Story; timeline: Timeline } {
    const story = new Story();
    const timeline = new Timeline(story.judge.view);
    const heard = story.judge.on.bind(story.judge);
    story.judge.on = (event: TraceEvent) => {
      heard(event);
      timeline.on(event);
    };
    story.begin();
    return { story, timeline };
  }

  it("makes one happening of refusals that go on", () => {
    const { story, timeline } = told();
    const { partition } = story;
    for (let i = 0; i < 50; i++) {
      story.tell(1, "produce.rejected", {
        partition,
        error: "NOT_ENOUGH_REPLICAS",
        count: 3,
        appended: false,
      });
    }
    const rejected = timeline.happenings.filter((h) => h.kind === "rejected");
    expect(rejected).toHaveLength(1);
    expect(rejected[0]).toMatchObject({ count: 50, records: 150, partitions: ["orders-0"] });
    expect((rejected[0]?.untilUs ?? 0) - (rejected[0]?.atUs ?? 0)).toBe(49_000);
    story.at += 10_000_000;
    story.tell(1, "produce.rejected", {
      partition,
      error: "NOT_ENOUGH_REPLICAS",
      count: 3,
      appended: false,
    });
    expect(timeline.happenings.filter((h) => h.kind === "rejected")).toHaveLength(2);
  });

  it("measures unavailability from the death of a leader to the next one that leads", () => {
    const { story, timeline } = told();
    expect(timeline.availability.windows).toEqual([]);
    story.crash(1);
    const from = story.at;
    story.elect(2, [2, 3]);
    story.becomeLeader(2, 0, [2, 3]);
    expect(timeline.availability.windows).toHaveLength(1);
    expect(timeline.availability.windows[0]).toMatchObject({ fromUs: from, toUs: story.at });
    expect(timeline.availability.unavailableUs(story.at + 5)).toBe(2000);
    expect(timeline.happenings.map((h) => h.type)).toEqual([
      "controller.activated",
      "broker.unfenced",
      "broker.unfenced",
      "broker.unfenced",
      "host.crashed",
      "leader.elected",
    ]);
  });

  it("is bounded and says how much it left out", () => {
    const { story, timeline } = told();
    for (let i = 0; i < 3000; i++) story.tell(1, "host.paused", { incarnation: 1 });
    expect(timeline.happenings.length).toBe(2000);
    expect(timeline.leftOut).toBe(3000 - 2000 + 4);
  });
});
