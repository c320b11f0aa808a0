// When is a healed cluster settled? As long as it would still do something by itself it is not; what nothing can bring about is not waited for.
import { describe, expect, it } from "vitest";
import type { GroupApplication } from "../../src/check/contract-settings.ts";
import { settled } from "../../src/check/liveness.ts";
import { PartitionNames } from "../../src/protocol/types.ts";
import { CONSUMER, PRODUCER, SETTINGS, Story } from "./support.ts";

const story = (): Story => new Story(["leaders-elected"]).begin();

const isSettled = (s: Story): boolean => settled(s.judge.view, SETTINGS);

const CORE = ["broker-1", "broker-2", "controller-1", "controller-2", "controller-3"];

const declare = (s: Story, ...core: readonly string[]): void => {
  s.tell(0, "run.settling", { healed: 0, core });
};
const cut = (s: Story, ...targets: string[]): void => {
  s.tell(0, "fault.injected", { id: "x", kind: "NetworkChaos", action: "partition", targets });
};

describe("a partition", () => {
  it("is waited for until its leader leads, its ISR is full and all is committed", () => {
    const s = story();
    expect(isSettled(s)).toBe(true);
    for (const node of [1, 2, 3]) s.append(node, 0, 10, 0);
    expect(isSettled(s)).toBe(false);
    s.hw(1, 0, 10);
    expect(isSettled(s)).toBe(true);
    s.changeIsr("isr.shrunk", [1, 2], [3]);
    expect(isSettled(s)).toBe(false);
    s.crash(3);
    expect(isSettled(s)).toBe(true);
    s.elect(2, [1, 2]);
    expect(isSettled(s)).toBe(false);
    s.becomeLeader(2, 10, [1, 2], 10);
    expect(isSettled(s)).toBe(true);
  });

  it("without an electable replica stays as it is, with one it does not", () => {
    const s = story();
    s.crash(1);
    expect(isSettled(s)).toBe(false);
    s.loseLeader([1]);
    expect(isSettled(s)).toBe(true);
    s.tell(1, "host.booted", { incarnation: 2 });
    expect(isSettled(s)).toBe(false);
  });

  it("is given to any replica where its own topic permits unclean elections", () => {
    const s = story();
    s.crash(1);
    s.loseLeader([1]);
    const [orders] = SETTINGS.topics;
    if (orders === undefined) throw new Error("no topic");
    const topics = (ours: boolean, theirs: boolean) => [
      { ...orders, name: "payments", unclean: theirs },
      { ...orders, unclean: ours },
    ];
    expect(settled(s.judge.view, { topics: topics(true, false), consumers: [] })).toBe(false);
    expect(settled(s.judge.view, { topics: topics(false, true), consumers: [] })).toBe(true);
    expect(settled(s.judge.view)).toBe(true);
  });

  it("with ISR and ELR empty goes to its last leader (KIP-966), and to nobody else", () => {
    const s = story();
    s.crash(1);
    s.loseLeader([]);
    expect(isSettled(s)).toBe(true);
    s.tell(1, "host.booted", { incarnation: 2 });
    expect(isSettled(s)).toBe(false);
  });

  it("waits for a member of the ISR that is silent to be taken out", () => {
    const paused = story();
    paused.tell(3, "host.paused", { incarnation: 1 });
    expect(isSettled(paused)).toBe(false);
    paused.changeIsr("isr.shrunk", [1, 2], [3]);
    expect(isSettled(paused)).toBe(true);
    const away = story();
    cut(away, "broker-3 -> broker-1");
    expect(isSettled(away)).toBe(false);
    const other = story();
    cut(other, "broker-3 <-> broker-2");
    expect(isSettled(other)).toBe(true);
  });

  it("below min.insync.replicas commits nothing more, at it it does", () => {
    const written = (isr: readonly number[], dead: readonly number[]): Story => {
      const s = story();
      for (const node of dead) s.crash(node);
      s.changeIsr("isr.shrunk", isr, dead);
      s.append(1, 0, 10, 0);
      return s;
    };
    expect(isSettled(written([1], [2, 3]))).toBe(true);
    expect(isSettled(written([1, 2], [3]))).toBe(false);
  });

  it("keeps its ISR while nobody can decide about it", () => {
    const short = (): Story => {
      const s = story();
      s.changeIsr("isr.shrunk", [1, 2], [3]);
      return s;
    };
    const decided = short();
    decided.crash(13);
    expect(isSettled(decided)).toBe(false);
    const undecided = short();
    undecided.crash(13);
    undecided.crash(12);
    expect(isSettled(undecided)).toBe(true);
  });

  it("needs more than half of the voters", () => {
    const voters = (dead: readonly number[]): Story => {
      const s = story();
      s.tell(14, "host.booted", { incarnation: 1 });
      s.tell(14, "quorum.roleChanged", { role: "follower", epoch: 1, leaderId: 11, why: "" });
      for (const node of dead) s.crash(node);
      s.changeIsr("isr.shrunk", [1, 2], [3]);
      return s;
    };
    expect(isSettled(voters([14]))).toBe(false);
    expect(isSettled(voters([13, 14]))).toBe(true);
  });
});

describe("of a core", () => {
  it("is waited for what its brokers can do, whether or not others lag", () => {
    const missing = (which: number): Story => {
      const s = story();
      const isr = [1, 2, 3].filter((id) => id !== which);
      s.changeIsr("isr.shrunk", isr, [which]);
      declare(s, ...CORE);
      return s;
    };
    expect(isSettled(missing(2))).toBe(false);
    expect(isSettled(missing(3))).toBe(true);
  });

  it("nothing is waited for where the leader is beyond it and stays", () => {
    const led = (cuts: readonly string[]): Story => {
      const s = story();
      s.elect(3, [2, 3]);
      s.becomeLeader(3, 0, [2, 3]);
      cut(s, ...cuts);
      declare(s, ...CORE);
      return s;
    };
    expect(isSettled(led([]))).toBe(true);
    expect(isSettled(led(["broker-3 <-> broker-1"]))).toBe(true);
    // The controller does not hear from it and elects another.
    expect(isSettled(led(["controller-1 -> broker-3"]))).toBe(false);
  });

  it("nothing is waited for that the controller beyond it would have to be told", () => {
    const beyond = (cuts: readonly string[]): Story => {
      const s = story();
      s.changeIsr("isr.shrunk", [1, 3], [2]);
      cut(s, ...cuts);
      declare(s, "broker-1", "broker-2", "controller-2", "controller-3");
      return s;
    };
    expect(isSettled(beyond([]))).toBe(false);
    expect(isSettled(beyond(["broker-2 <-> controller-1"]))).toBe(false);
    expect(isSettled(beyond(["broker-1 <-> controller-1"]))).toBe(true);
  });

  it("another leader is waited for where a broker of it can ask for one", () => {
    const lost = (cuts: readonly string[]): Story => {
      const s = story();
      s.crash(1);
      s.loseLeader([1, 2, 3]);
      cut(s, ...cuts);
      declare(s, "broker-2", "broker-3", "controller-2", "controller-3");
      return s;
    };
    expect(isSettled(lost(["controller-1 <-> broker-2"]))).toBe(false);
    expect(isSettled(lost(["controller-1 <-> broker-2, broker-3"]))).toBe(true);
  });
});

describe("a producer", () => {
  it("is waited for until it knows what became of its records", () => {
    const s = story();
    s.send(0, 10);
    expect(isSettled(s)).toBe(false);
    s.ack(0, 9, 0);
    expect(isSettled(s)).toBe(false);
    s.ack(9, 1, 9);
    expect(isSettled(s)).toBe(true);
  });

  it("that has ended will never know, nor one that stands still", () => {
    const restarted = story();
    restarted.send(0, 10);
    restarted.crash(PRODUCER);
    expect(isSettled(restarted)).toBe(true);
    restarted.tell(PRODUCER, "host.booted", { incarnation: 2 });
    expect(isSettled(restarted)).toBe(true);
    const paused = story();
    paused.send(0, 10);
    paused.tell(PRODUCER, "host.paused", { incarnation: 1 });
    expect(isSettled(paused)).toBe(true);
    paused.tell(PRODUCER, "host.resumed", { incarnation: 1 });
    expect(isSettled(paused)).toBe(false);
  });
});

describe("a consumer", () => {
  const behind = (): Story => {
    const s = story();
    s.commit(0, 10, 0);
    s.assign(0);
    s.poll(0, 4, 0);
    return s;
  };

  it("is waited for until it has read everything", () => {
    const s = behind();
    expect(isSettled(s)).toBe(false);
    s.poll(4, 6, 4);
    expect(isSettled(s)).toBe(true);
  });

  it("that is dead or has given up is not", () => {
    const dead = behind();
    dead.crash(CONSUMER);
    expect(isSettled(dead)).toBe(true);
    const failed = behind();
    const { partition } = failed;
    failed.tell(CONSUMER, "consumer.failed", { partition, error: "OFFSET_OUT_OF_RANGE" });
    expect(isSettled(failed)).toBe(true);
  });

  it("of a topic that is gone, or that nobody has ever made, is not", () => {
    const deleted = behind();
    deleted.tell(11, "topic.deleted", { topic: "orders" });
    expect(isSettled(deleted)).toBe(true);
    const never = story();
    const names = new PartitionNames();
    names.of("orders", 0);
    never.tell(CONSUMER, "consumer.assigned", { partition: names.of("ghosts", 0), position: 0 });
    expect(isSettled(never)).toBe(true);
  });

  it("of a partition that rightly has no leader is not", () => {
    const s = behind();
    for (const node of [1, 2, 3]) s.crash(node);
    s.loseLeader([1]);
    expect(isSettled(s)).toBe(true);
  });

  it("that does not get through to the leader is not", () => {
    const kept = (target: string): Story => {
      const s = behind();
      cut(s, target);
      declare(s, ...CORE);
      return s;
    };
    expect(isSettled(kept("billing <-> broker-1"))).toBe(true);
    expect(isSettled(kept("billing <-> broker-2"))).toBe(false);
  });
});

describe("a group", () => {
  /** A member that owns orders-0, has read ten records and has committed some of them. */
  function grouped(committed: number, generation = 1): Story {
    const s = story();
    s.commit(0, 10, 0);
    const { partition } = s;
    const member = { group: "g", member: "m", generation: 1, leader: true, protocol: "range" };
    s.tell(CONSUMER, "consumer.joined", member);
    const given = {
      group: "g",
      generation: 1,
      callback: "assigned",
      partitions: [partition],
    } as const;
    s.tell(CONSUMER, "consumer.rebalanced", given);
    s.assign(0);
    s.poll(0, 10, 0);
    const state = { group: "g", from: "Stable", to: "Stable", generation, members: 1, why: "" };
    s.tell(2, "group.stateChanged", state);
    const commit = { group: "g", partition, offset: committed, client: CONSUMER, generation: 1 };
    if (committed >= 0) s.tell(2, "offset.committed", commit);
    return s;
  }

  const isSettledWith = (commit: GroupApplication["commit"], s: Story): boolean => {
    const application = { group: "g", commit, deduplicate: false, handOff: false };
    const consumers = [
      {
        name: "billing",
        autoOffsetReset: "earliest" as const,
        application: { ...application, externalOffsets: false },
      },
    ];
    return settled(s.judge.view, { ...SETTINGS, consumers });
  };

  it("is waited for until its members are in one generation", () => {
    expect(isSettledWith("sync", grouped(10))).toBe(true);
    expect(isSettledWith("sync", grouped(10, 2))).toBe(false);
  });

  it("is waited for until it has committed what it has read, where its application sees to that", () => {
    expect(isSettledWith("sync", grouped(9))).toBe(false);
    expect(isSettledWith("auto", grouped(9))).toBe(false);
    expect(isSettledWith("async", grouped(9))).toBe(true);
    expect(isSettledWith("before", grouped(9))).toBe(true);
    expect(isSettledWith("sync", grouped(-1))).toBe(true);
  });

  it("commits no more of a partition whose leader it does not get through to, or that has none", () => {
    const kept = (target: string): Story => {
      const s = grouped(9);
      cut(s, target);
      declare(s, "broker-2", "broker-3", "controller-1", "controller-2", "controller-3");
      return s;
    };
    expect(isSettledWith("sync", kept("billing <-> broker-1"))).toBe(true);
    expect(isSettledWith("sync", kept("billing <-> broker-3"))).toBe(false);
    const leaderless = grouped(9);
    for (const node of [1, 2, 3]) leaderless.crash(node);
    leaderless.loseLeader([1]);
    expect(isSettledWith("sync", leaderless)).toBe(true);
  });
});
