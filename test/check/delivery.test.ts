import { describe, expect, it } from "vitest";
import { tally } from "../../src/check/records.ts";
import { SETTINGS, Story } from "./support.ts";

describe("a healthy run", () => {
  it("breaks nothing and exercises what it reached", () => {
    const story = new Story().begin();
    story.assign(0);
    story.commit(0, 10, 0);
    story.poll(0, 4, 0);
    story.poll(4, 6, 4);
    story.commit(10, 5, 10);
    story.poll(10, 5, 10);
    expect(story.broken()).toEqual([]);
    const status = (name: string) => story.finish().find((r) => r.name === name)?.status;
    expect(status("lost-write")).toBe("held");
    expect(status("single-leader-per-epoch")).toBe("not-exercised");
    expect(status("lag-drained")).toBe("held");
  });
});

describe("lost-write", () => {
  /** Records 10..14 reach broker 1 only, are acked, and broker 2 takes over without them. */
  function uncleanLoss(settings = SETTINGS): Story {
    const story = new Story(undefined, settings).begin();
    story.commit(0, 10, 0);
    story.changeIsr("isr.shrunk", [1], [2, 3]);
    story.send(10, 5, ["m10", "m11", "m12", "m13", "m14"]);
    story.append(1, 10, 5, 10);
    story.hw(1, 10, 15);
    story.ack(10, 5, 10);
    story.crash(1);
    story.elect(2, [2], { unclean: true });
    story.becomeLeader(2, 10, [2], 10);
    return story;
  }

  it("counts acked records that the new leader does not have and names the first", () => {
    const story = uncleanLoss();
    const result = story.result("lost-write");
    expect(result.status).toBe("violated");
    expect(result.count).toBe(5);
    const [acked, elected, took] = result.findings[0]?.evidence ?? [];
    expect(result.first?.message).toBe(
      `m10 and 4 more were acked at orders-0@10 (#${acked}, ${(((acked as number) * 1000) / 1e6).toFixed(3)} s), then broker-2 became leader without what lies from offset 10 on (#${took})`,
    );
    expect(result.first?.event).toBe(took);
    expect((elected as number) + 1).toBe(took);
    expect(tally(story.judge.view, story.judge.truth, "lost").names).toEqual([
      "m10",
      "m11",
      "m12",
      "m13",
      "m14",
    ]);
  });

  it("is permitted when the topic allows unclean elections", () => {
    const topic = SETTINGS.topics[0] as (typeof SETTINGS.topics)[number];
    const result = uncleanLoss({ ...SETTINGS, topics: [{ ...topic, unclean: true }] }).result(
      "lost-write",
    );
    expect(result.status).toBe("permitted");
    expect(result.permittedBy).toBe("unclean.leader.election.enable=true");
  });

  it("is no fault of the ISR that an unclean election begins", () => {
    expect(uncleanLoss().result("isr-sound")).toMatchObject({ count: 0, status: "held" });
  });

  it("does not count records that were written again", () => {
    const story = uncleanLoss();
    story.append(2, 10, 5, 10);
    expect(story.result("lost-write").count).toBe(0);
  });

  it("does not count records that were never acked", () => {
    const story = new Story().begin();
    story.commit(0, 10, 0);
    story.send(10, 5);
    story.append(1, 10, 5, 10);
    story.crash(1);
    story.elect(2, [2, 3]);
    story.becomeLeader(2, 10, [2, 3], 10);
    expect(story.broken()).toEqual([
      // The producer still waits.
      "sends-resolved:5",
    ]);
  });

  it("counts what a power loss took from the last replica once it leads again", () => {
    const story = new Story().begin();
    story.commit(0, 10, 0);
    story.changeIsr("isr.shrunk", [1], [2, 3]);
    story.crash(2);
    story.crash(3);
    story.commit(10, 6, 10, [1]);
    story.crash(1, "poweroff");
    story.loseLeader([1]);
    story.tell(1, "disk.tornTail", { partition: story.partition, lost: 4 });
    expect(tally(story.judge.view, story.judge.truth, "lost").count).toBe(4);
    story.tell(1, "host.booted", { incarnation: 2 });
    const opened = { logStartOffset: 0, logEndOffset: 12, highWatermark: 10, clean: false };
    story.tell(1, "log.opened", { partition: story.partition, ...opened });
    story.register(1);
    story.elect(1, [1]);
    story.becomeLeader(1, 12, [1], 10);
    const result = story.result("lost-write");
    expect(result.count).toBe(4);
    expect(result.first?.message).toContain("a power loss took what broker-1 had not fsynced");
  });

  it("does not count records that an offline replica of the ISR still holds", () => {
    const story = new Story().begin();
    story.commit(0, 10, 0);
    for (const node of [1, 2, 3]) story.crash(node);
    story.loseLeader([1]);
    expect(story.result("lost-write").count).toBe(0);
    expect(story.result("leaders-elected")).toMatchObject({ count: 0, status: "held" });
    expect(story.result("leaders-elected").note).toContain("orders-0 rightly has no leader");
  });

  it("counts what a deposed leader acked and truncated", () => {
    const story = new Story().begin();
    story.commit(0, 10, 0);
    story.elect(2, [2, 3]);
    story.becomeLeader(2, 10, [2, 3], 10);
    story.send(10, 3);
    story.append(1, 10, 3, 10, 1, 0);
    story.ack(10, 3, 10);
    story.append(2, 10, 2, 20);
    const cut = story.truncate(1, 13, 10);
    const result = story.result("lost-write");
    expect(result.count).toBe(3);
    expect(result.first?.event).toBe(cut);
  });

  it("leaves out what retention took", () => {
    const story = new Story().begin();
    story.commit(0, 10, 0);
    for (const node of [1, 2, 3]) {
      story.tell(node, "log.startAdvanced", {
        partition: story.partition,
        from: 0,
        to: 10,
        why: "retention",
      });
    }
    expect(story.result("lost-write").count).toBe(0);
  });
});

describe("duplicate", () => {
  it("finds a record appended twice and committed", () => {
    const story = new Story().begin();
    story.commit(0, 10, 0);
    const again = story.append(1, 10, 3, 4);
    for (const node of [2, 3]) story.append(node, 10, 3, 4);
    story.hw(1, 10, 13);
    const result = story.result("duplicate");
    expect(result.count).toBe(3);
    expect(result.first?.event).toBe(again);
    expect(tally(story.judge.view, story.judge.truth, "duplicated").count).toBe(3);
  });

  it("forgives a second place that is truncated before it is committed", () => {
    const story = new Story().begin();
    story.commit(0, 10, 0);
    story.append(1, 10, 3, 4);
    story.crash(1);
    story.elect(2, [2, 3]);
    story.becomeLeader(2, 10, [2, 3], 10);
    story.commit(10, 3, 10, [2, 3]);
    expect(story.result("duplicate").count).toBe(0);
    expect(story.result("lost-write").count).toBe(0);
  });

  it("does not mind batches that arrive out of order", () => {
    const story = new Story().begin();
    story.append(1, 0, 5, 5);
    story.append(1, 5, 5, 0);
    story.hw(1, 0, 10);
    expect(story.result("duplicate").count).toBe(0);
  });
});

describe("nonmonotonic-send", () => {
  /** 5..9 are in the log of all when 0..4, sent first, are appended behind them. */
  function overtaken(): Story {
    const story = new Story().begin();
    story.send(0, 10);
    for (const node of [1, 2, 3]) story.append(node, 0, 5, 5);
    for (const node of [1, 2, 3]) story.append(node, 5, 5, 0);
    return story;
  }

  it("counts committed records that lie behind later ones", () => {
    const story = overtaken();
    story.hw(1, 0, 8);
    const result = story.result("nonmonotonic-send");
    expect(result.count).toBe(3);
    expect(result.first?.message).toContain("at offset 5, after records that were sent later");
    expect(story.result("duplicate").count).toBe(0);
    expect(overtaken().result("nonmonotonic-send").count).toBe(0);
  });

  it("does not count what was truncated", () => {
    const story = overtaken();
    const truncated = { partition: story.partition, from: 10, to: 5, why: "diverging epoch" };
    for (const node of [3, 2, 1]) story.tell(node, "log.truncated", truncated);
    story.hw(1, 0, 5);
    expect(story.result("nonmonotonic-send").count).toBe(0);
  });

  it("does not count records that were sent twice", () => {
    const story = new Story().begin();
    story.commit(0, 10, 0);
    for (const node of [1, 2, 3]) story.append(node, 10, 5, 0);
    story.hw(1, 10, 15);
    expect(story.result("nonmonotonic-send").count).toBe(0);
    expect(story.result("duplicate").count).toBe(5);
  });
});

describe("inconsistent-offsets", () => {
  it("finds an offset that was acked with one record and delivered with another", () => {
    const story = new Story().begin();
    story.assign(0);
    story.send(0, 2, ["a0", "a1"]);
    story.append(1, 0, 2, 0);
    story.ack(0, 2, 0);
    story.crash(1);
    story.elect(2, [2]);
    story.becomeLeader(2, 0, [2]);
    story.append(2, 0, 2, 2);
    const poll = story.poll(0, 2, 2);
    const result = story.result("inconsistent-offsets");
    expect(result.count).toBe(2);
    expect(result.first?.event).toBe(poll);
    expect(result.first?.message).toBe("orders-0@0 was delivered as 1/2 and acknowledged as a0");
  });

  it("is silent when nobody had been shown the record that went", () => {
    const story = new Story().begin();
    story.assign(0);
    story.append(1, 0, 2, 0);
    story.crash(1);
    story.elect(2, [2]);
    story.becomeLeader(2, 0, [2]);
    story.append(2, 0, 2, 2);
    story.poll(0, 2, 2);
    expect(story.result("inconsistent-offsets")).toMatchObject({ count: 0, status: "held" });
  });

  it("finds an ack that names an offset where another, delivered record lies", () => {
    const story = new Story().begin();
    story.assign(0);
    story.commit(0, 4, 0);
    story.poll(0, 4, 0);
    story.ack(7, 2, 1);
    expect(story.result("inconsistent-offsets").count).toBe(2);
  });
});

describe("polls", () => {
  it("nonmonotonic-poll finds a step back, poll-skip a step over", () => {
    const back = new Story().begin();
    back.commit(0, 10, 0);
    back.assign(0);
    back.poll(0, 10, 0);
    back.poll(6, 4, 6);
    expect(back.broken()).toEqual(["nonmonotonic-poll:4"]);

    const over = new Story().begin();
    over.commit(0, 10, 0);
    over.assign(0);
    over.poll(0, 4, 0);
    over.poll(7, 3, 7);
    // The records are in the log, and acked: to Jepsen they are lost.
    expect(over.broken()).toEqual(["lost-write:3", "poll-skip:3"]);
    expect(over.result("lost-write").forms).toEqual({ skipped: 3 });
    expect(over.result("poll-skip").forms).toEqual({ unexplained: 3 });
  });

  it("poll-skip finds a position moved past records that were not returned", () => {
    const story = new Story().begin();
    story.commit(0, 10, 0);
    story.assign(0);
    story.poll(0, 4, 0, { position: 10 });
    expect(story.broken()).toEqual(["poll-skip:6"]);
  });

  it("what a truncated log takes back is told apart, and permitted only where logs may lose records", () => {
    const story = new Story().begin();
    story.commit(0, 10, 0);
    story.assign(0);
    story.poll(0, 10, 0);
    story.tell(102, "consumer.reset", {
      partition: story.partition,
      from: 10,
      to: 6,
      strategy: "truncation",
    });
    story.poll(6, 4, 6);
    expect(story.broken()).toEqual(["nonmonotonic-poll:4"]);
    expect(story.result("nonmonotonic-poll")).toMatchObject({
      forms: { truncation: 4 },
      status: "violated",
    });
  });

  const group = { group: "g", commit: "sync", deduplicate: false } as const;
  const application = { ...group, handOff: false, externalOffsets: false };
  const grouped = {
    ...SETTINGS,
    consumers: [{ name: "billing", autoOffsetReset: "earliest" as const, application }],
  };

  it("what a rebalance repeats is a lesson about commits", () => {
    const story = new Story(undefined, grouped).begin();
    story.commit(0, 10, 0);
    story.assign(0);
    story.poll(0, 10, 0);
    story.assign(6);
    story.poll(6, 4, 6);
    expect(story.result("nonmonotonic-poll")).toMatchObject({
      forms: { rebalance: 4 },
      status: "permitted",
      permittedBy: "a rebalance with commit: sync",
    });
  });

  it("what a rebalance passes over counts only if nobody was given it", () => {
    const OTHER = 103;
    const seen = new Story(undefined, grouped).begin();
    seen.commit(0, 10, 0);
    seen.assign(0);
    seen.poll(0, 3, 0);
    seen.assign(3, OTHER);
    seen.poll(3, 4, 3, { consumer: OTHER });
    seen.assign(7);
    seen.poll(7, 3, 7);
    expect(seen.broken()).toEqual([]);

    const unseen = new Story(undefined, grouped).begin();
    unseen.commit(0, 10, 0);
    unseen.assign(0);
    unseen.poll(0, 3, 0);
    unseen.assign(7);
    unseen.poll(7, 3, 7);
    expect(unseen.result("poll-skip")).toMatchObject({
      forms: { rebalance: 4 },
      status: "violated",
    });
  });

  it("poll-skip leaves out what retention took", () => {
    const story = new Story().begin();
    story.commit(0, 10, 0);
    story.assign(0);
    story.poll(0, 2, 0);
    story.tell(1, "log.startAdvanced", {
      partition: story.partition,
      from: 0,
      to: 5,
      why: "retention",
    });
    story.poll(5, 5, 5);
    expect(story.broken()).toEqual([]);
  });
});
