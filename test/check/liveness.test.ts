import { describe, expect, it } from "vitest";
import type { CheckName } from "../../src/check/index.ts";
import { settled } from "../../src/check/liveness.ts";
import { CONSUMER, PRODUCER, Story } from "./support.ts";

it("nothing more happens without a quorum", () => {
  const story = new Story().begin();
  story.crash(12);
  story.crash(13);
  story.crash(1);
  expect(settled(story.judge.view)).toBe(true);
  expect(story.result("leaders-elected")).toMatchObject({ count: 0 });
  expect(story.result("leaders-elected").note).toContain(
    "no majority of the controller quorum runs",
  );
});

const CORE = ["broker-1", "broker-2", "controller-1", "controller-2", "controller-3"];

/** Faults that stay, then a run that settles with a core. */
function settleCore(story: Story, core: readonly string[] = CORE): Story {
  story.tell(0, "run.settling", { healed: 0, core });
  return story;
}

const inject = (story: Story, kind: string, action: string, ...targets: string[]): number =>
  story.tell(0, "fault.injected", { id: "x", kind, action, targets });

const cut = (story: Story, ...targets: string[]): number =>
  inject(story, "NetworkChaos", "partition", ...targets);

const verdict = (story: Story, check: CheckName): { count: number; note: string | undefined } => {
  const { count, note } = story.result(check);
  return { count, note };
};

it("a replica whose directory was moved may not lead before the next election (KIP-858)", () => {
  const moved = (): Story => {
    const story = new Story().begin();
    story.crash(2);
    story.crash(3);
    story.loseLeader([1]);
    story.tell(11, "directories.changed", {
      partition: story.partition,
      broker: 1,
      leader: -1,
      leaderEpoch: 1,
      partitionEpoch: 2,
      isr: [1],
    });
    return story;
  };
  expect(verdict(moved(), "leaders-elected")).toEqual({
    count: 0,
    note: "orders-0 rightly has no leader: broker-1 came back with another log directory, and no election has been due since it told where the replica is (KIP-858)",
  });
  const looked = moved();
  looked.tell(11, "broker.unfenced", { broker: 2 });
  expect(verdict(looked, "leaders-elected").count).toBe(1);
  const gone = moved();
  gone.crash(1);
  expect(verdict(gone, "leaders-elected").note).toContain("no replica that may lead runs");
});

describe("of a declared core is asked what it can do, and no more", () => {
  it("a partition is stuck when a replica that may lead is in the core", () => {
    const story = new Story().begin();
    story.crash(1);
    story.loseLeader([1, 2]);
    settleCore(story);
    expect(verdict(story, "leaders-elected").count).toBe(1);
  });

  it("a partition is rightly stuck when those that may lead are beyond the core, though they run", () => {
    const story = new Story().begin();
    story.loseLeader([3]);
    settleCore(story);
    expect(settled(story.judge.view)).toBe(true);
    expect(verdict(story, "leaders-elected")).toEqual({
      count: 0,
      note: "orders-0 rightly has no leader: no replica that may lead is in the core (ISR [3], ELR [])",
    });
  });

  it("with a minority of the voters nobody can be elected", () => {
    const story = new Story().begin();
    story.crash(1);
    settleCore(story, ["broker-1", "broker-2", "controller-1"]);
    expect(verdict(story, "leaders-elected").note).toContain(
      "the core has 1 of 3 voters of the controller quorum, no majority",
    );
  });

  it("a leader beyond the core may stay, as long as the controller hears from it", () => {
    const led = new Story().begin();
    led.elect(3, [1, 2, 3]);
    led.becomeLeader(3, 0, [1, 2, 3]);
    settleCore(led);
    expect(verdict(led, "leaders-elected")).toEqual({ count: 0, note: undefined });

    const silent = new Story().begin();
    silent.elect(3, [1, 2, 3]);
    silent.becomeLeader(3, 0, [1, 2, 3]);
    cut(silent, "broker-3 <-> broker-1, broker-2, controller-1, controller-2, controller-3");
    settleCore(silent);
    expect(settled(silent.judge.view)).toBe(false);
    expect(silent.result("leaders-elected").first?.message).toContain(
      "has the leader broker-3, which the controller does not hear from",
    );
  });

  it("a leader of the core need not be heard by a controller beyond it, nor any leader by a quorum that is lost", () => {
    const heard = new Story().begin();
    cut(heard, "controller-1 <-> broker-1");
    settleCore(heard, ["broker-1", "broker-2", "controller-2", "controller-3"]);
    expect(verdict(heard, "leaders-elected")).toEqual({ count: 0, note: undefined });
    const lost = new Story().begin();
    lost.elect(3, [1, 2, 3]);
    lost.becomeLeader(3, 0, [1, 2, 3]);
    cut(lost, "broker-3 <-> controller-1");
    settleCore(lost, ["broker-1", "broker-2", "controller-1"]);
    expect(verdict(lost, "leaders-elected")).toEqual({ count: 0, note: undefined });
  });

  it("a controller beyond the core excuses whoever cannot get through to it", () => {
    const story = new Story().begin();
    cut(story, "controller-1 <-> broker-1, broker-2");
    story.crash(1);
    story.loseLeader([1, 2]);
    settleCore(story, ["broker-1", "broker-2", "controller-2", "controller-3"]);
    expect(verdict(story, "leaders-elected").note).toContain(
      "the active controller controller-1 is not in the core, and fault x stays between broker-2 and controller-1",
    );
  });

  it("the ISR must take the replicas of the core, and need not take others", () => {
    const missing = new Story().begin();
    missing.changeIsr("isr.shrunk", [1, 3], [2]);
    settleCore(missing);
    expect(verdict(missing, "isr-full").count).toBe(1);
    expect(settled(missing.judge.view)).toBe(false);

    const beyond = new Story().begin();
    beyond.changeIsr("isr.shrunk", [1, 2], [3]);
    settleCore(beyond);
    expect(verdict(beyond, "isr-full")).toEqual({ count: 0, note: undefined });
    expect(settled(beyond.judge.view)).toBe(true);

    const led = new Story().begin();
    led.elect(3, [3]);
    led.becomeLeader(3, 0, [3]);
    settleCore(led);
    expect(verdict(led, "isr-full").note).toContain("its leader broker-3 is not in the core");
  });

  it("a cut that remains in part hinders where it remains, and nowhere else", () => {
    const story = new Story().begin();
    cut(story, "checkout, billing <-> broker-1, broker-2");
    story.tell(0, "fault.healed", {
      id: "x",
      kind: "NetworkChaos",
      action: "partition",
      targets: ["billing <-> broker-1, broker-2", "checkout <-> broker-2"],
      remains: ["checkout <-> broker-1"],
    });
    settleCore(story, [...CORE, "billing"]);
    const { cuts, core } = story.judge.view;
    expect([cuts.connected(PRODUCER, 1), cuts.connected(PRODUCER, 2)]).toEqual([false, true]);
    expect(core.between(PRODUCER, 1)).toBe("fault x stays between checkout and broker-1");
    expect([core.between(PRODUCER, 2), core.between(CONSUMER, 1)]).toEqual([undefined, undefined]);
  });

  it("sends wait rightly when their producer does not get through, and wrongly when it does", () => {
    const stuck = new Story().begin();
    stuck.send(0, 5);
    settleCore(stuck);
    expect(verdict(stuck, "sends-resolved").count).toBe(5);

    const away = new Story().begin();
    away.send(0, 5);
    cut(away, "checkout -> broker-1");
    settleCore(away);
    expect(verdict(away, "sends-resolved")).toEqual({
      count: 0,
      note: "5 records of checkout to orders-0 rightly wait: fault x stays between checkout and broker-1",
    });
  });

  it("sends wait rightly while the core has fewer replicas than min.insync.replicas", () => {
    const few = new Story().begin();
    few.send(0, 1);
    few.changeIsr("isr.shrunk", [1], [2, 3]);
    settleCore(few, ["broker-1", "controller-1", "controller-2"]);
    expect(verdict(few, "sends-resolved").note).toBe(
      "1 record of checkout to orders-0 rightly waits: below min.insync.replicas=2 (ISR [1]), and no more replicas are in the core",
    );
    const enough = new Story().begin();
    enough.send(0, 1);
    enough.changeIsr("isr.shrunk", [1], [2, 3]);
    settleCore(enough);
    expect(verdict(enough, "sends-resolved").count).toBe(1);
  });

  it("sends wait rightly at a leader beyond it, and wrongly for one that it should have", () => {
    const beyond = new Story().begin();
    beyond.elect(3, [1, 2, 3]);
    beyond.becomeLeader(3, 0, [1, 2, 3]);
    beyond.send(0, 1);
    settleCore(beyond);
    expect(verdict(beyond, "sends-resolved").note).toContain(
      "it is led by broker-3, which is not in the core",
    );
    const leaderless = new Story().begin();
    leaderless.send(0, 1);
    leaderless.loseLeader([1, 2]);
    settleCore(leaderless);
    expect(verdict(leaderless, "sends-resolved").count).toBe(1);
  });

  it("sends wait wrongly while the ISR is as large as min.insync.replicas, whoever is in it", () => {
    const story = new Story().begin();
    story.send(0, 1);
    story.changeIsr("isr.shrunk", [1, 3], [2]);
    story.crash(2);
    settleCore(story, ["broker-1", "controller-1", "controller-2", "controller-3"]);
    expect(verdict(story, "sends-resolved").count).toBe(1);
  });

  it("sends wait rightly for a slow member of the ISR, and wrongly for one that should be taken out", () => {
    const slow = new Story().begin();
    slow.send(0, 1);
    inject(slow, "NetworkChaos", "delay", "broker-3 <-> broker-1");
    settleCore(slow);
    expect(verdict(slow, "sends-resolved").note).toContain(
      "the ISR has broker-3, and fault x stays between broker-1 and broker-3",
    );
    const gone = new Story().begin();
    gone.send(0, 1);
    cut(gone, "broker-3 <-> broker-1");
    settleCore(gone);
    expect(verdict(gone, "sends-resolved").count).toBe(1);
  });

  it("messages that a fault still takes hold of show whom it hinders", () => {
    const story = new Story().begin();
    inject(story, "MessageChaos", "drop", "Produce");
    settleCore(story);
    const between = () => story.judge.view.core.between(PRODUCER, 1);
    expect(between()).toBeUndefined();
    const held = { fault: "x", rpc: "Produce", phase: "request", from: PRODUCER, to: 1 } as const;
    story.tell(0, "message.held", held);
    expect(between()).toBe("fault x stays between checkout and broker-1");
  });

  it("lag is asked of consumers that get through", () => {
    const stuck = new Story().begin();
    stuck.commit(0, 10, 0);
    stuck.assign(0);
    settleCore(stuck);
    expect(verdict(stuck, "lag-drained").count).toBe(10);

    const away = new Story().begin();
    away.commit(0, 10, 0);
    away.assign(0);
    inject(away, "ClientChaos", "stopPolling", "billing");
    settleCore(away);
    expect(settled(away.judge.view)).toBe(true);
    expect(verdict(away, "lag-drained")).toEqual({
      count: 0,
      note: "billing on orders-0 rightly waits: fault x stays on billing",
    });
  });
});
