// The availability ledger on hand-made traces: who was served, for how long nobody was, how old what readers had not seen became.
import { describe, expect, it } from "vitest";
import { ledgerBy, servedPercent } from "../../src/view/ledger/summary.ts";
import { CONSUMER, PRODUCER, Story } from "../check/support.ts";

const SECOND = 1_000_000;

/** The next event comes `seconds` after the last. */
const wait = (story: Story, seconds: number): void => {
  story.at += seconds * SECOND - 1000;
};

const fail = (story: Story, firstNumber: number, count: number): void => {
  const { partition } = story;
  story.tell(PRODUCER, "op.failed", {
    partition,
    stream: 1,
    firstNumber,
    count,
    error: "DELIVERY_TIMEOUT",
  });
};

const cut = (story: Story, targets: readonly string[], id = "cut"): void => {
  story.tell(0, "fault.injected", { id, kind: "NetworkChaos", action: "partition", targets });
};

const heal = (story: Story, id = "cut"): void => {
  story.tell(0, "fault.healed", { id, kind: "NetworkChaos", action: "partition", targets: [] });
};

const producer = (story: Story) => {
  const rows = ledgerBy(story.judge.view.ledger, story.at, "client");
  return rows.find(({ name }) => name === "checkout");
};
const reader = (story: Story) => {
  const rows = ledgerBy(story.judge.view.ledger, story.at, "client");
  return rows.find(({ name }) => name === "billing");
};

describe("writes", () => {
  it("counts the longest time without an acknowledgement while one was due", () => {
    const story = new Story().begin();
    story.send(0, 1);
    wait(story, 2);
    story.ack(0, 1, 0);
    // Nothing is due: however long that lasts, nobody is refused.
    wait(story, 100);
    story.send(1, 2);
    wait(story, 1);
    story.ack(1, 1, 1);
    wait(story, 4);
    story.ack(2, 1, 2);
    expect(producer(story)).toMatchObject({ sent: 3, acked: 3, produceOutageUs: 4 * SECOND });
  });

  it("goes on while something is due, and ends when everything is given up", () => {
    const story = new Story().begin();
    story.send(0, 4);
    wait(story, 7);
    story.send(4, 1);
    expect(producer(story)?.produceOutageUs).toBe(7 * SECOND);
    wait(story, 3);
    fail(story, 0, 5);
    wait(story, 50);
    story.crash(3);
    expect(producer(story)).toMatchObject({ failed: 5, produceOutageUs: 10 * SECOND });
    expect(servedPercent(0, 5)).toBe(0);
  });
});

describe("reads", () => {
  const begun = (): Story => {
    const story = new Story().begin();
    story.assign(0);
    return story;
  };

  it("counts the longest time with something to read and nothing read", () => {
    const story = begun();
    story.commit(0, 10, 0);
    wait(story, 3);
    story.poll(0, 10, 0);
    wait(story, 60);
    story.commit(10, 10, 10);
    wait(story, 1);
    story.poll(10, 10, 10);
    // From the high watermark's rise: five events of a millisecond come after it.
    expect(reader(story)?.consumeOutageUs).toBe(3 * SECOND + 3000);
  });

  it("measures how old the oldest acknowledged record was that it had not been given", () => {
    const story = begun();
    story.commit(0, 10, 0);
    story.poll(0, 10, 0);
    story.send(10, 10);
    story.append(1, 10, 10, 10);
    story.ack(10, 10, 10);
    wait(story, 5);
    story.send(20, 10);
    story.append(1, 20, 10, 20);
    story.ack(20, 10, 20);
    wait(story, 5);
    story.poll(10, 10, 10);
    expect(reader(story)?.stalenessUs).toBe(10 * SECOND + 2000);
    // The second batch has been acknowledged for five seconds, and is not read yet.
    wait(story, 20);
    story.crash(3);
    expect(reader(story)?.stalenessUs).toBe(25 * SECOND);
  });

  it("does not hold what it had read against it when its position is set back", () => {
    const story = begun();
    story.commit(0, 10, 0);
    story.send(10, 10);
    story.append(1, 10, 10, 10);
    story.poll(0, 20, 0);
    const before = reader(story)?.stalenessUs;
    // It was given them just before their producer heard of them, as is usual.
    story.ack(10, 10, 10);
    const { partition } = story;
    story.tell(CONSUMER, "consumer.reset", { partition, from: 20, to: 5, strategy: "truncation" });
    wait(story, 100);
    story.crash(3);
    expect(reader(story)?.stalenessUs).toBe(before);
  });
});

describe("sides of a cut network", () => {
  const SPLIT = ["broker-1, checkout <-> broker-2, broker-3, billing"];

  it("tells what each side was served while it was cut, what came later, what was refused", () => {
    const story = new Story().begin();
    story.send(0, 5);
    cut(story, SPLIT);
    story.send(5, 10);
    story.ack(0, 5, 0);
    wait(story, 6);
    story.ack(5, 4, 5);
    wait(story, 2);
    heal(story);
    story.ack(9, 3, 9);
    fail(story, 12, 3);
    story.send(15, 1);
    const [side, ...others] = story.judge.view.ledger.sides();
    expect(others).toEqual([]);
    expect(side).toMatchObject({
      side: "broker-1",
      sent: 10,
      served: 4,
      later: 3,
      failed: 3,
      outageUs: 6 * SECOND,
    });
    expect([...(side?.clients ?? [])]).toEqual(["checkout"]);
  });

  it("counts a wait only from the cut on, and to its end", () => {
    const story = new Story().begin();
    story.send(0, 1);
    wait(story, 30);
    cut(story, SPLIT);
    wait(story, 4);
    heal(story);
    wait(story, 30);
    story.ack(0, 1, 0);
    expect(story.judge.view.ledger.sides()[0]?.outageUs).toBe(4 * SECOND);
    expect(producer(story)?.produceOutageUs).toBe(64 * SECOND);
    expect(story.judge.view.ledger.cutUs(story.at)).toBe(4 * SECOND);
  });

  it("puts a client that reaches brokers of both sides on both", () => {
    const story = new Story().begin();
    cut(story, ["broker-1 <-> broker-2, broker-3"]);
    story.send(0, 1);
    expect(story.judge.view.ledger.sides().map(({ side }) => side)).toEqual(["both sides"]);
  });

  it("has no sides while every client reaches every broker and they each other", () => {
    const story = new Story().begin();
    cut(story, ["controller-1 <-> controller-2"]);
    story.send(0, 1);
    expect(story.judge.view.ledger.sides()).toEqual([]);
  });

  it("knows one-way cuts, and clients that are alone", () => {
    const story = new Story().begin();
    cut(story, ["checkout -> broker-1, broker-2, broker-3"]);
    story.send(0, 1);
    expect(story.judge.view.ledger.sides().map(({ side }) => side)).toEqual([
      "cut off from all brokers",
    ]);
    expect(story.judge.view.cuts.between(PRODUCER, 1)?.fault).toBe("cut");
    expect(story.judge.view.cuts.between(1, PRODUCER)).toBeUndefined();
  });
});

describe("recovery", () => {
  it("is the time from the end of a fault until leader and ISR are whole", () => {
    const story = new Story().begin();
    const { recovery } = story.judge.view;
    story.changeIsr("isr.shrunk", [1], [2, 3]);
    expect(recovery.of(story.partition.index)).toBeUndefined();
    heal(story);
    wait(story, 2);
    story.changeIsr("isr.expanded", [1, 2], [2]);
    expect(recovery.of(story.partition.index)).toBe("never");
    wait(story, 1);
    story.changeIsr("isr.expanded", [1, 2, 3], [3]);
    expect(recovery.of(story.partition.index)).toBe(3 * SECOND);
    heal(story);
    expect(recovery.of(story.partition.index)).toBe(3 * SECOND);
  });

  it("counts from the end of the fault although the controller notices later what the fault did", () => {
    const story = new Story().begin();
    const { recovery } = story.judge.view;
    story.crash(1);
    heal(story);
    story.tell(1, "host.booted", { incarnation: 2 });
    wait(story, 6);
    story.elect(2, [2, 3]);
    story.changeIsr("isr.shrunk", [2, 3], [1]);
    wait(story, 1);
    story.register(1);
    story.changeIsr("isr.expanded", [2, 3, 1], [1]);
    const took = recovery.of(story.partition.index) as number;
    expect(Math.round(took / SECOND)).toBe(7);
  });
});
