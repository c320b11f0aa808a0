// inconsistent-offsets: what clients were shown, where it overlaps with what they are shown later; and how many findings a judge keeps.
import { describe, expect, it } from "vitest";
import { SETTINGS, Story } from "./support.ts";

const name = "inconsistent-offsets";

/** Everybody had `count` records; broker 2 leads with those below `from` only, and the rest are others, from number 1000 on. */
function replaced(count: number, from: number, show: (story: Story) => void): Story {
  const story = new Story([name]).begin();
  story.assign(0);
  story.send(0, count);
  for (const node of [1, 2, 3]) story.append(node, 0, count, 0);
  story.hw(1, 0, count);
  show(story);
  story.elect(2, [2], { unclean: true });
  story.truncate(2, count, from);
  story.becomeLeader(2, from, [2], from);
  story.append(2, from, count - from, 1000);
  return story;
}

const messages = (story: Story): string[] =>
  story.result(name).findings.map(({ message, count }) => `${message} x${count}`);

describe("an offset that is shown again", () => {
  it("counts where the two overlap, from the first such offset", () => {
    const polled = replaced(10, 4, (s) => s.poll(2, 5, 2));
    polled.poll(5, 4, 1001);
    expect(messages(polled)).toEqual([
      "orders-0@5 was delivered as 1/1001 and delivered as 1/5 x2",
    ]);
    const acked = replaced(10, 4, (s) => s.ack(0, 8, 0));
    acked.ack(1002, 4, 6);
    expect(messages(acked)).toEqual([
      "orders-0@6 was acknowledged as 1/1002 and acknowledged as 1/6 x2",
    ]);
  });

  it("is told from one that touches it and one that is the same", () => {
    const beside = replaced(10, 4, (s) => s.poll(2, 4, 2));
    beside.poll(6, 4, 1002);
    expect(messages(beside)).toEqual([]);
    const before = replaced(10, 4, (s) => s.poll(8, 2, 8));
    before.poll(4, 4, 1000);
    expect(messages(before)).toEqual([]);
    const same = replaced(10, 4, (s) => s.poll(0, 4, 0));
    same.poll(0, 4, 0);
    expect(messages(same)).toEqual([]);
  });

  it("remembers all that was shown, poll by poll", () => {
    const story = replaced(12, 4, (s) => {
      s.poll(4, 3, 4);
      s.poll(9, 3, 9);
    });
    story.poll(9, 3, 1005);
    expect(messages(story)).toEqual(["orders-0@9 was delivered as 1/1005 and delivered as 1/9 x3"]);
  });

  it("however far up", () => {
    const story = replaced(9000, 10, (s) => s.poll(4000, 4000, 4000));
    story.poll(7990, 5, 8980);
    expect(messages(story)).toEqual([
      "orders-0@7990 was delivered as 1/8980 and delivered as 1/7990 x5",
    ]);
    const edge = replaced(9000, 10, (s) => s.poll(4090, 10, 4090));
    edge.poll(4096, 10, 5086);
    expect(messages(edge)).toEqual([
      "orders-0@4096 was delivered as 1/5086 and delivered as 1/4096 x4",
    ]);
  });

  it("in what an acknowledgement names besides what it is right about", () => {
    const story = new Story([name]).begin();
    story.assign(0);
    story.commit(0, 4, 0);
    story.commit(4, 6, 20);
    story.poll(4, 6, 20);
    story.ack(0, 8, 0);
    expect(messages(story)).toEqual([
      "orders-0@4 was acknowledged as 1/4 and delivered as 1/20 x4",
    ]);
    const unseen = new Story([name]).begin();
    unseen.send(0, 10);
    for (const node of [1, 2, 3]) {
      unseen.append(node, 0, 4, 0);
      unseen.append(node, 4, 6, 20);
    }
    unseen.ack(0, 8, 0);
    expect(messages(unseen)).toEqual([]);
    // What was wrong then is remembered, and wrong again when the record there is shown.
    unseen.poll(4, 6, 20);
    const late = new Story([name]).begin();
    late.assign(0);
    for (const node of [1, 2, 3]) {
      late.append(node, 0, 4, 0);
      late.append(node, 4, 6, 20);
    }
    late.ack(0, 8, 0);
    late.poll(4, 6, 20);
    expect(messages(late)).toEqual(["orders-0@4 was delivered as 1/20 and acknowledged as 1/4 x4"]);
  });
});

describe("the judge", () => {
  /** A consumer that goes back by one record, time and again. */
  function again(times: number, settings = SETTINGS): Story {
    const story = new Story(["nonmonotonic-poll"], settings).begin();
    story.assign(0);
    story.commit(0, 10, 0);
    story.poll(0, 10, 0);
    for (let i = 0; i < times; i++) story.poll(9, 1, 9);
    return story;
  }

  it("counts all and keeps twenty", () => {
    for (const times of [1, 19, 20, 21, 30]) {
      const result = again(times).result("nonmonotonic-poll");
      expect(result.count).toBe(times);
      expect(result.findings.length).toBe(Math.min(20, times));
    }
  });

  it("keeps what nothing permits, however much else was permitted", () => {
    const application = {
      group: "g",
      commit: "sync" as const,
      deduplicate: false,
      handOff: false,
      externalOffsets: false,
    };
    const [billing] = SETTINGS.consumers;
    if (billing === undefined) throw new Error("no consumer");
    const settings = { ...SETTINGS, consumers: [{ ...billing, application }] };
    const story = new Story(["nonmonotonic-poll"], settings).begin();
    story.assign(0);
    story.commit(0, 10, 0);
    story.poll(0, 10, 0);
    for (let i = 0; i < 25; i++) {
      story.assign(9);
      story.poll(9, 1, 9);
    }
    expect(story.judge).toBeDefined();
    story.poll(8, 2, 8);
    const result = story.result("nonmonotonic-poll");
    expect(result).toMatchObject({ status: "violated", permittedBy: null, count: 27 });
    expect(result.findings.length).toBe(20);
    expect(result.findings[1]?.permittedBy).toBe("a rebalance with commit: sync");
  });
});
