import { describe, expect, it } from "vitest";
import { Story } from "./support.ts";

describe("replication checks", () => {
  it("single-leader-per-epoch finds two leaders of one epoch and allows a new epoch", () => {
    const good = new Story().begin();
    good.elect(2, [1, 2, 3]);
    good.becomeLeader(2, 0, [1, 2, 3]);
    expect(good.result("single-leader-per-epoch")).toMatchObject({ status: "held", count: 0 });

    const bad = new Story().begin();
    bad.elect(2, [1, 2, 3]);
    const one = bad.becomeLeader(2, 0, [1, 2, 3]);
    const two = bad.becomeLeader(3, 0, [1, 2, 3]);
    const result = bad.result("single-leader-per-epoch");
    expect(result.status).toBe("violated");
    expect(result.findings[0]?.evidence).toEqual([one, two]);
  });

  it("log-matching waits for both high watermarks, then counts the records that differ", () => {
    const story = new Story().begin();
    story.commit(0, 10, 0);
    story.append(1, 10, 2, 10);
    story.append(2, 10, 2, 30);
    story.hw(1, 10, 12);
    expect(story.judge.truth.partition(0)?.log.forks).toBe(1);
    const guilty = story.hw(2, 10, 12);
    const result = story.result("log-matching");
    expect(result.count).toBe(2);
    expect(result.first?.event).toBe(guilty);
  });

  it("log-matching minds the leader epoch of a record", () => {
    const story = new Story().begin();
    story.append(1, 0, 2, 0);
    story.append(2, 0, 2, 0, 1, 7);
    story.hw(1, 0, 2);
    story.hw(2, 0, 2);
    expect(story.result("log-matching").count).toBe(2);
  });

  it("log-matching forgives a divergence that is truncated", () => {
    const story = new Story().begin();
    story.commit(0, 10, 0);
    story.append(1, 10, 3, 10);
    story.elect(2, [2, 3]);
    story.becomeLeader(2, 10, [2, 3], 10);
    story.append(2, 10, 2, 20);
    story.append(3, 10, 2, 20);
    story.truncate(1, 13, 10);
    story.follow(1, 10);
    story.append(1, 10, 2, 20);
    story.hw(2, 10, 12);
    story.hw(1, 10, 12);
    story.hw(3, 10, 12);
    expect(story.result("log-matching")).toMatchObject({ count: 0, status: "held" });
    expect(story.judge.truth.partition(0)?.log.forks).toBe(0);
  });

  it("a leader that lacks committed records breaks completeness and the true high watermark", () => {
    const story = new Story().begin();
    story.commit(0, 10, 0, [1, 2]);
    story.elect(3, [3]);
    story.becomeLeader(3, 0, [3], 0);
    expect(story.broken()).toContain("leader-completeness:10");
    expect(story.broken()).toContain("true-high-watermark-monotonic:10");
    expect(story.broken()).toContain("lost-write:10");
  });

  it("a leader whose own high watermark lags breaks neither", () => {
    const story = new Story().begin();
    story.commit(0, 10, 0);
    story.elect(3, [2, 3]);
    story.becomeLeader(3, 10, [2, 3], 4);
    expect(story.result("leader-completeness")).toMatchObject({ status: "held", count: 0 });
    expect(story.result("true-high-watermark-monotonic")).toMatchObject({
      status: "held",
      count: 0,
    });
  });

  it("leader-completeness finds a deposed leader that commits what the new one does not have", () => {
    const story = new Story().begin();
    story.commit(0, 10, 0);
    story.append(1, 10, 5, 10);
    story.elect(2, [2, 3]);
    story.becomeLeader(2, 10, [2, 3], 10);
    story.append(2, 10, 5, 20);
    story.hw(1, 10, 15, true);
    expect(story.result("leader-completeness").count).toBe(5);
  });

  it("isr-sound finds a member that is short of the high watermark, once", () => {
    const story = new Story().begin();
    story.append(1, 0, 10, 0);
    story.append(2, 0, 10, 0);
    story.append(3, 0, 9, 0);
    story.hw(1, 0, 10);
    story.append(1, 10, 10, 10);
    story.append(2, 10, 10, 10);
    story.hw(1, 10, 20);
    const result = story.result("isr-sound");
    expect(result.findings.length).toBe(1);
    expect(result.findings[0]?.node).toBe(3);
    expect(result.count).toBe(1);
  });

  it("isr-sound looks away from brokers that are down or have not registered again", () => {
    const story = new Story().begin();
    story.commit(0, 10, 0);
    story.crash(3, "poweroff");
    story.tell(3, "disk.tornTail", { partition: story.partition, lost: 2 });
    story.append(1, 10, 1, 10);
    story.append(2, 10, 1, 10);
    story.hw(1, 10, 10);
    story.tell(3, "host.booted", { incarnation: 2 });
    const opened = { logStartOffset: 0, logEndOffset: 8, highWatermark: 8, clean: false };
    story.tell(3, "log.opened", { partition: story.partition, ...opened });
    story.hw(1, 10, 11);
    expect(story.result("isr-sound").count).toBe(0);
  });

  it("isr-sound finds a replica that is taken back too early", () => {
    const story = new Story().begin();
    story.changeIsr("isr.shrunk", [1, 2], [3]);
    story.commit(0, 10, 0, [1, 2]);
    story.append(3, 0, 7, 0);
    story.changeIsr("isr.expanded", [1, 2, 3], [3]);
    expect(story.result("isr-sound").count).toBe(3);
  });
});

describe("quorum checks", () => {
  it("election-safety finds two leaders of one epoch and two votes of one voter", () => {
    const story = new Story().begin();
    story.tell(12, "quorum.roleChanged", { role: "leader", epoch: 1, leaderId: 12, why: "votes" });
    story.tell(13, "quorum.voted", { candidate: 11, epoch: 2, granted: true, preVote: false });
    story.tell(13, "quorum.voted", { candidate: 11, epoch: 2, granted: true, preVote: false });
    story.tell(13, "quorum.voted", { candidate: 12, epoch: 2, granted: true, preVote: true });
    story.tell(13, "quorum.voted", { candidate: 12, epoch: 2, granted: false, preVote: false });
    expect(story.result("election-safety").count).toBe(1);

    const twice = new Story().begin();
    twice.tell(13, "quorum.voted", { candidate: 11, epoch: 2, granted: true, preVote: false });
    twice.tell(13, "quorum.voted", { candidate: 12, epoch: 2, granted: true, preVote: false });
    expect(twice.result("election-safety").first?.message).toBe(
      "controller-3 voted for controller-1 and for controller-2 in epoch 2",
    );
  });

  it("metadata-log-matching finds records of different epochs below both high watermarks", () => {
    const story = new Story().begin();
    const append = (node: number, baseOffset: number, epoch: number, leader: boolean) =>
      story.tell(node, "quorum.appended", { baseOffset, count: 5, epoch, leader });
    append(11, 0, 1, true);
    append(12, 0, 1, false);
    append(11, 5, 1, true);
    append(12, 5, 2, false);
    story.tell(11, "quorum.hwAdvanced", { to: 10, epoch: 1, leader: true });
    expect(story.judge.view.quorum.highWatermark).toBe(10);
    story.tell(12, "quorum.hwAdvanced", { to: 10, epoch: 1, leader: false });
    expect(story.result("metadata-log-matching")).toMatchObject({ count: 5, status: "violated" });
  });

  it("metadata-log-matching measures against the newest leader, not a deposed one that appends", () => {
    const story = new Story().begin();
    const append = (node: number, baseOffset: number, epoch: number, leader: boolean) =>
      story.tell(node, "quorum.appended", { baseOffset, count: 5, epoch, leader });
    story.tell(12, "quorum.roleChanged", { role: "leader", epoch: 2, leaderId: 12, why: "votes" });
    append(12, 0, 2, true);
    append(13, 0, 2, false);
    append(11, 0, 1, true);
    for (const node of [12, 13]) {
      story.tell(node, "quorum.hwAdvanced", { to: 5, epoch: 2, leader: node === 12 });
    }
    expect(story.result("metadata-log-matching")).toMatchObject({ count: 0, status: "held" });
  });

  it("metadata-log-matching forgives an uncommitted tail that is truncated", () => {
    const story = new Story().begin();
    const append = (node: number, baseOffset: number, epoch: number, leader: boolean) =>
      story.tell(node, "quorum.appended", { baseOffset, count: 5, epoch, leader });
    append(11, 0, 1, true);
    append(12, 0, 1, false);
    append(11, 5, 1, true);
    story.tell(12, "quorum.roleChanged", { role: "leader", epoch: 2, leaderId: 12, why: "votes" });
    append(12, 5, 2, true);
    story.tell(11, "quorum.truncated", { from: 10, to: 5 });
    append(11, 5, 2, false);
    for (const node of [12, 11])
      story.tell(node, "quorum.hwAdvanced", { to: 10, epoch: 2, leader: false });
    expect(story.result("metadata-log-matching")).toMatchObject({ count: 0, status: "held" });
  });
});

describe("liveness checks", () => {
  it("leaders-elected objects while an electable replica runs", () => {
    const story = new Story().begin();
    story.crash(1);
    story.loseLeader([1, 2, 3]);
    expect(story.result("leaders-elected")).toMatchObject({ count: 1, status: "violated" });
  });

  it("leaders-elected objects to a leader that does not know it leads", () => {
    const story = new Story().begin();
    story.crash(1);
    story.elect(2, [2, 3]);
    expect(story.result("leaders-elected").count).toBe(1);
    expect(story.result("leaders-elected").first?.message).toContain(
      "broker-2, which does not lead",
    );
  });

  it("isr-full wants every running replica and forgives a dead one", () => {
    const dead = new Story().begin();
    dead.crash(3);
    dead.changeIsr("isr.shrunk", [1, 2], [3]);
    expect(dead.result("isr-full")).toMatchObject({ count: 0, status: "held" });

    const alive = new Story().begin();
    alive.changeIsr("isr.shrunk", [1, 2], [3]);
    expect(alive.result("isr-full")).toMatchObject({ count: 1, status: "violated" });
  });

  it("sends-resolved counts records without an outcome, of running producers only", () => {
    const story = new Story().begin();
    story.send(0, 7);
    expect(story.result("sends-resolved").count).toBe(7);

    const gone = new Story().begin();
    gone.send(0, 7);
    gone.crash(101);
    expect(gone.result("sends-resolved")).toMatchObject({ count: 0 });
    expect(gone.result("sends-resolved").note).toContain("the producer is gone");
  });

  it("lag-drained tells a consumer that is behind from one whose partition is rightly offline", () => {
    const behind = new Story().begin();
    behind.commit(0, 10, 0);
    behind.assign(0);
    behind.poll(0, 4, 0);
    expect(behind.broken()).toEqual(["lag-drained:6"]);

    const offline = new Story().begin();
    offline.commit(0, 10, 0);
    offline.assign(0);
    offline.poll(0, 4, 0);
    for (const node of [1, 2, 3]) offline.crash(node);
    offline.loseLeader([1]);
    expect(offline.broken()).toEqual([]);
  });
});
