// Each invariant told a story that breaks it, and one that comes close and does not.
import { describe, expect, it } from "vitest";
import { SETTINGS, Story } from "./support.ts";

const STRICT = { ...SETTINGS, highWatermarkNeedsMinIsr: true, isrNeedsBrokerEpoch: true };

const registered = ({ partition }: Story) => ({
  partition,
  leader: 1,
  leaderEpoch: 1,
  partitionEpoch: 9,
  isr: [1, 2, 3],
});

describe("invariants of replication", () => {
  it("epochs-monotonic: a decision, a broker's view and a broker epoch may not go back", () => {
    const story = new Story(["epochs-monotonic"]).begin();
    story.elect(2, [2, 3]);
    expect(story.broken()).toEqual([]);
    const { partition } = story;
    const old = { partition, leader: 1, leaderEpoch: 0, partitionEpoch: 0, isr: [1, 2, 3] };
    const back = new Story(["epochs-monotonic"]).begin();
    back.elect(2, [2, 3]);
    back.tell(11, "isr.shrunk", { ...old, partition: back.partition, removed: [], why: "old" });
    expect(back.broken()).toEqual(["epochs-monotonic:1"]);

    const broker = new Story(["epochs-monotonic"]).begin();
    broker.tell(11, "broker.registered", { broker: 1, brokerEpoch: 1, incarnation: 2 });
    expect(broker.result("epochs-monotonic").first?.message).toContain("broker-1's broker epoch");

    const again = new Story(["epochs-monotonic"]).begin();
    again.follow(2, 0);
    expect(again.broken()).toEqual(["epochs-monotonic:1"]);
    const restarted = new Story(["epochs-monotonic"]).begin();
    restarted.crash(2);
    restarted.follow(2, 0);
    expect(restarted.broken()).toEqual([]);
  });

  it("registration-sound: waits for the instant to be over, then wants the leader in the ISR", () => {
    const story = new Story(["registration-sound"]).begin();
    story.changeIsr("isr.shrunk", [2, 3], [1]);
    story.tell(11, "quorum.hwAdvanced", { to: 9, epoch: 1, leader: true });
    story.elect(2, [2, 3]);
    expect(story.result("registration-sound").first?.message).toContain("a leader outside the ISR");

    const sound = new Story(["registration-sound"]).begin();
    sound.changeIsr("isr.shrunk", [2, 3], [1]);
    sound.elect(2, [2, 3]);
    sound.tell(11, "elr.changed", { ...registered(sound), isr: [2, 3], leader: 2, elr: [] });
    expect(sound.result("registration-sound")).toMatchObject({ count: 0, status: "held" });

    const elr = new Story(["registration-sound"]).begin();
    elr.tell(11, "elr.changed", { ...registered(elr), elr: [2] });
    expect(elr.result("registration-sound").first?.message).toContain("twice in ISR and ELR");

    const fenced = new Story(["registration-sound"]).begin();
    fenced.tell(11, "broker.fenced", { broker: 3, why: "test" });
    expect(fenced.result("registration-sound").first?.message).toContain("which is fenced");
  });

  it("log-sound: gaps, falling epochs, a high watermark beyond the end", () => {
    const gap = new Story(["log-sound"]).begin();
    gap.append(1, 0, 5, 0);
    gap.append(1, 6, 5, 5);
    expect(gap.broken()).toEqual(["log-sound:1"]);
    // What a replica has compacted away leaves its followers a gap, so far and no further; a leader writes none.
    const cleaned = (base: number): Story => {
      const story = new Story(["log-sound"]).begin();
      story.append(1, 0, 5, 0);
      const counts = { removed: 4, kept: 1, bytesBefore: 500, bytesAfter: 100 };
      story.tell(1, "log.cleaned", { partition: story.partition, from: 0, to: 4, ...counts });
      story.append(2, base, 1, base);
      return story;
    };
    expect(cleaned(4).broken()).toEqual([]);
    expect(cleaned(5).broken()).toEqual(["log-sound:1"]);
    const epochs = new Story(["log-sound"]).begin();
    epochs.append(1, 0, 5, 0, 1, 3);
    epochs.append(1, 5, 5, 5, 1, 2);
    expect(epochs.result("log-sound").first?.message).toContain(
      "epoch 2 behind records of epoch 3",
    );
    const beyond = new Story(["log-sound"]).begin();
    beyond.append(1, 0, 5, 0);
    beyond.hw(1, 0, 6);
    expect(beyond.broken()).toEqual(["log-sound:1"]);
    const cut = new Story(["log-sound"]).begin();
    cut.append(1, 0, 5, 0, 1, 3);
    cut.truncate(1, 5, 2);
    cut.append(1, 2, 5, 5, 1, 2);
    expect(cut.broken()).toEqual([]);
  });

  it("high-watermark-sound: minds the whole ISR, and min.insync.replicas from 3.7 on", () => {
    const short = new Story(["high-watermark-sound"]).begin();
    short.append(1, 0, 5, 0);
    short.append(2, 0, 5, 0);
    short.append(3, 0, 4, 0);
    short.hw(1, 0, 5);
    expect(short.result("high-watermark-sound").first?.message).toContain("broker-3 of its ISR");

    const alone = (settings: typeof SETTINGS): Story => {
      const story = new Story(["high-watermark-sound"], settings).begin();
      story.changeIsr("isr.shrunk", [1], [2, 3]);
      story.tell(1, "isr.committed", {
        partition: story.partition,
        leaderEpoch: 0,
        partitionEpoch: 1,
        isr: [1],
        maximalIsr: [1],
        highWatermark: 0,
      });
      story.append(1, 0, 5, 0);
      story.hw(1, 0, 5);
      return story;
    };
    expect(alone(STRICT).broken()).toEqual(["high-watermark-sound:5"]);
    expect(alone(SETTINGS).broken()).toEqual([]);

    const dead = new Story(["high-watermark-sound"]).begin();
    dead.append(1, 0, 5, 0);
    dead.append(2, 0, 5, 0);
    dead.crash(3, "poweroff");
    dead.hw(1, 0, 5);
    expect(dead.broken()).toEqual([]);
  });

  it("high-watermark-sound: a member about to join counts (KIP-497)", () => {
    const story = new Story(["high-watermark-sound"]).begin();
    const { partition } = story;
    const proposal = { partition, leaderEpoch: 0, partitionEpoch: 0 };
    story.becomeLeader(1, 0, [1, 2]);
    story.append(1, 0, 5, 0);
    story.append(2, 0, 5, 0);
    story.append(3, 0, 3, 0);
    story.tell(1, "isr.proposed", {
      ...proposal,
      change: "expand",
      isr: [1, 2, 3],
      members: [3],
    });
    story.hw(1, 0, 5);
    expect(story.broken()).toEqual(["high-watermark-sound:5"]);
  });

  it("isr-agreed: a follower short of the epoch's start, an old proposal, a member nobody proposed", () => {
    const propose = (story: Story): void => {
      const { partition } = story;
      const isr = [1, 2, 3];
      const at = { partition, leaderEpoch: 0, partitionEpoch: 1 };
      story.tell(1, "isr.proposed", { ...at, change: "expand", isr, members: [3] });
    };
    const short = new Story(["isr-agreed"], STRICT).begin();
    short.append(1, 0, 9, 0);
    short.append(3, 0, 4, 0);
    short.becomeLeader(1, 9, [1, 2]);
    propose(short);
    expect(short.result("isr-agreed").first?.message).toContain("at offset 4, short of 9");

    const stale = (settings: typeof SETTINGS): Story => {
      const story = new Story(["isr-agreed"], settings).begin();
      story.becomeLeader(1, 0, [1, 2]);
      propose(story);
      story.register(3);
      story.changeIsr("isr.expanded", [1, 2, 3], [3]);
      return story;
    };
    expect(stale(STRICT).result("isr-agreed").first?.message).toContain(
      "before it registered anew",
    );
    expect(stale(SETTINGS).broken()).toEqual([]);

    const unasked = new Story(["isr-agreed"], STRICT).begin();
    unasked.becomeLeader(1, 0, [1, 2]);
    unasked.changeIsr("isr.expanded", [1, 2, 3], [3]);
    expect(unasked.result("isr-agreed").first?.message).toContain("does not wait for it");
  });

  it("truncation-sound: a member of the ISR keeps what is committed, others may cut", () => {
    const story = new Story(["truncation-sound"]).begin();
    story.commit(0, 10, 0);
    story.truncate(2, 10, 7);
    expect(story.broken()).toEqual(["truncation-sound:3"]);
    const outside = new Story(["truncation-sound"]).begin();
    outside.commit(0, 10, 0);
    outside.changeIsr("isr.shrunk", [1, 2], [3]);
    outside.truncate(3, 10, 7);
    expect(outside.result("truncation-sound")).toMatchObject({ count: 0, status: "held" });
  });

  it("metadata-agreement: one leader an epoch, whoever tells", () => {
    const story = new Story(["metadata-agreement"]).begin();
    story.elect(2, [2, 3]);
    story.tell(3, "replica.becameFollower", {
      partition: story.partition,
      leader: 1,
      leaderEpoch: 1,
      logEndOffset: 0,
    });
    expect(story.broken()).toEqual(["metadata-agreement:1"]);
  });

  it("follower-appends: nothing behind a place where the logs differ", () => {
    const story = new Story(["follower-appends"]).begin();
    story.commit(0, 10, 0);
    story.append(1, 10, 2, 10);
    story.append(2, 10, 2, 10);
    story.elect(3, [2, 3]);
    story.becomeLeader(3, 10, [2, 3], 10);
    story.append(3, 10, 2, 20);
    story.follow(2, 12);
    story.append(3, 12, 2, 22);
    story.append(2, 12, 2, 22);
    expect(story.broken()).toEqual(["follower-appends:2"]);
  });

  it("follower-appends: who has not heard of the new leader yet goes on with the old one", () => {
    const parted = (): Story => {
      const story = new Story(["follower-appends"]).begin();
      story.commit(0, 10, 0);
      story.append(1, 10, 2, 10);
      story.append(2, 10, 2, 10);
      story.elect(3, [2, 3]);
      story.becomeLeader(3, 10, [2, 3], 10);
      story.append(3, 10, 2, 20);
      return story;
    };
    const unaware = parted();
    unaware.append(2, 12, 2, 12);
    expect(unaware.broken()).toEqual([]);
    // In an epoch before the one in which its leader leads now.
    const late = parted();
    late.follow(2, 12);
    late.elect(3, [2, 3]);
    late.becomeLeader(3, 12, [2, 3], 10);
    late.append(2, 12, 2, 22);
    expect(late.broken()).toEqual([]);
    // And the deposed leader's own appends are its own.
    const deposed = parted();
    deposed.append(1, 12, 2, 12);
    expect(deposed.broken()).toEqual([]);
  });

  it("leader-completeness: a deposed leader commits what the next one has, and no more", () => {
    const committing = (...ends: readonly number[]): Story => {
      const story = new Story(["leader-completeness"]).begin();
      for (const node of [1, 2, 3]) story.append(node, 0, 10, 0);
      story.hw(1, 0, 8);
      story.append(1, 10, 2, 10);
      story.elect(3, [2, 3]);
      story.becomeLeader(3, 10, [2, 3], 8);
      story.append(3, 10, 2, 20);
      let from = 8;
      for (const to of ends) {
        story.hw(1, from, to, true);
        from = to;
      }
      return story;
    };
    expect(committing(10).broken()).toEqual([]);
    expect(committing(10, 12).broken()).toEqual(["leader-completeness:2"]);
    expect(committing(12).broken()).toEqual(["leader-completeness:2"]);
  });

  it("fetch-bounds: consumers get nothing above the high watermark", () => {
    const story = new Story(["fetch-bounds"]).begin();
    story.append(1, 0, 10, 0);
    story.hw(1, 0, 6);
    story.poll(0, 8, 0);
    expect(story.broken()).toEqual(["fetch-bounds:2"]);
  });
});

describe("invariants of delivery", () => {
  it("durability: acks=all answers when the records are committed, and at their offset", () => {
    const early = new Story(["durability"]).begin();
    early.append(1, 0, 10, 0);
    early.hw(1, 0, 4);
    early.ack(0, 10, 0);
    expect(early.result("durability").forms).toEqual({ early: 6 });
    const elsewhere = new Story(["durability"]).begin();
    elsewhere.commit(0, 10, 0);
    elsewhere.ack(0, 5, 3);
    expect(elsewhere.result("durability").count).toBe(5);
  });

  it("repeatable-read: a consumer had it, and it left the log", () => {
    const story = new Story(["repeatable-read"]).begin();
    story.commit(0, 10, 0);
    story.assign(0);
    story.poll(0, 10, 0);
    story.truncate(3, 10, 6);
    story.elect(3, [3], { unclean: true });
    story.becomeLeader(3, 6, [3], 6);
    expect(story.broken()).toEqual(["repeatable-read:4"]);
  });

  it("aborted-read: reported as failed, and delivered, in either order", () => {
    const fail = (story: Story, firstNumber: number, count: number): void => {
      const { partition } = story;
      const range = { partition, stream: 1, firstNumber, count };
      story.tell(101, "op.failed", { ...range, error: "NOT_ENOUGH_REPLICAS" });
    };
    const before = new Story(["aborted-read"]).begin();
    before.append(1, 0, 10, 0);
    fail(before, 4, 2);
    before.poll(0, 10, 0);
    expect(before.broken()).toEqual(["aborted-read:2"]);
    const after = new Story(["aborted-read"]).begin();
    after.append(1, 0, 10, 0);
    after.poll(0, 10, 0);
    fail(after, 9, 3);
    expect(after.broken()).toEqual(["aborted-read:1"]);
  });

  it("unseen: a running consumer that has not got there", () => {
    const settings = {
      ...SETTINGS,
      consumers: [{ name: "billing", topics: ["orders"], autoOffsetReset: "earliest" as const }],
    };
    const story = new Story(["unseen"], settings).begin();
    story.assign(0);
    story.commit(0, 10, 0);
    story.poll(0, 7, 0);
    expect(story.result("unseen").count).toBe(3);
    const gone = new Story(["unseen"], settings).begin();
    gone.commit(0, 10, 0);
    gone.crash(102);
    expect(gone.result("unseen")).toMatchObject({ count: 0, status: "not-exercised" });
  });

  it("producer-identity: an id is given once, and its epochs rise", () => {
    const twice = new Story(["producer-identity"]).begin();
    twice.tell(101, "producer.identified", { producerId: 7, producerEpoch: 0 });
    twice.tell(101, "producer.identified", { producerId: 7, producerEpoch: 1 });
    expect(twice.judge.finish({ seq: 0, atUs: 0 })[0]?.count).toBe(0);
    const shared = new Story(["producer-identity"]).begin();
    shared.tell(101, "producer.identified", { producerId: 7, producerEpoch: 0 });
    shared.tell(102, "producer.identified", { producerId: 7, producerEpoch: 1 });
    expect(shared.broken()).toEqual(["producer-identity:1"]);
  });
});

describe("invariants of groups and of the quorum", () => {
  const state = (story: Story, generation: number, members = 1): void => {
    const change = { group: "g", from: "Stable", to: "Stable", generation, members, why: "" };
    story.tell(1, "group.stateChanged", change);
  };

  it("generation-monotonic: with one coordinator generations rise", () => {
    const story = new Story(["generation-monotonic"]).begin();
    state(story, 4);
    state(story, 3);
    expect(story.broken()).toEqual(["generation-monotonic:1"]);
  });

  it("commit-sound: the current generation, and not beyond the high watermark", () => {
    const commit = (story: Story, offset: number, generation: number): void => {
      const { partition } = story;
      story.tell(1, "offset.committed", { group: "g", partition, offset, client: 102, generation });
    };
    const story = new Story(["commit-sound"]).begin();
    story.commit(0, 10, 0);
    state(story, 4);
    commit(story, 5, 4);
    state(story, 5);
    // Accepted before the generation changed.
    commit(story, 6, 4);
    expect(story.broken()).toEqual([]);
    const late = new Story(["commit-sound"]).begin();
    late.commit(0, 10, 0);
    state(late, 5);
    late.at += 6_000_000;
    commit(late, 6, 4);
    commit(late, 6, -1);
    commit(late, 6, 6);
    const joined = { group: "g", member: "m", generation: 5, leader: true, protocol: "range" };
    late.tell(102, "consumer.joined", joined);
    commit(late, 11, 5);
    expect(late.broken()).toEqual(["commit-sound:4"]);
  });

  it("quorum-state: an epoch over a restart, and the leader a role must know", () => {
    const story = new Story(["quorum-state"]).begin();
    const role = { leaderId: 11, why: "" } as const;
    story.crash(12);
    story.tell(12, "quorum.roleChanged", { ...role, role: "follower", epoch: 0 });
    story.tell(12, "quorum.roleChanged", { ...role, role: "candidate", epoch: 2 });
    story.tell(13, "quorum.voted", { candidate: 12, epoch: 2, granted: true, preVote: false });
    expect(story.broken()).toEqual(["quorum-state:3"]);
    const wiped = new Story(["quorum-state"]).begin();
    wiped.tell(12, "host.wiped", { incarnation: 1 });
    wiped.tell(12, "quorum.roleChanged", { ...role, role: "follower", epoch: 0 });
    expect(wiped.broken()).toEqual([]);
  });

  it("quorum-commit: a majority holds it, and the next leader has it", () => {
    const story = new Story(["quorum-commit"]).begin();
    const append = (node: number, count: number): void => {
      story.tell(node, "quorum.appended", { baseOffset: 0, count, epoch: 1, leader: node === 11 });
    };
    append(11, 10);
    append(12, 8);
    story.tell(11, "quorum.hwAdvanced", { to: 8, epoch: 1, leader: true });
    expect(story.judge.view.quorum.voters.length).toBe(3);
    story.tell(13, "quorum.roleChanged", { role: "leader", epoch: 2, leaderId: 13, why: "" });
    expect(story.result("quorum-commit").count).toBe(1);
    const minority = new Story(["quorum-commit"]).begin();
    minority.tell(11, "quorum.appended", { baseOffset: 0, count: 5, epoch: 1, leader: true });
    minority.tell(11, "quorum.hwAdvanced", { to: 5, epoch: 1, leader: true });
    expect(minority.broken()).toEqual(["quorum-commit:1"]);
  });
});
