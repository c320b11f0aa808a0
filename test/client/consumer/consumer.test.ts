import { describe, expect, it } from "vitest";
import type { Settings } from "../../../src/protocol/config/row.ts";
import { ms } from "../../../src/sim/kernel.ts";
import { Lab, type Partition } from "../support.ts";
import { consume } from "./consume.ts";

const log = (lab: Lab, index = 0): Partition => lab.partitions[index] as Partition;
/** Offsets as polled, first and last + 1 of each piece. */
const polled = (lab: Lab): [number, number][] =>
  lab.of("consumer.polled").map((e) => [e.baseOffset, e.position]);

describe("a consumer without a position", () => {
  it("starts at the beginning with earliest", () => {
    const lab = new Lab();
    lab.fill(0, 10, [0, 0]);
    const consumer = consume(lab);
    lab.run(500);
    expect(lab.of("consumer.assigned")).toMatchObject([{ position: -1 }]);
    expect(lab.of("consumer.reset")).toMatchObject([{ from: -1, to: 0, strategy: "earliest" }]);
    expect(polled(lab)).toEqual([
      [0, 10],
      [10, 20],
    ]);
    expect(consumer.positions).toEqual([{ partition: "t-0", offset: 20 }]);
  });

  it("starts at the log start where the head is gone, not at zero", () => {
    const lab = new Lab();
    log(lab).logStartOffset = 100;
    lab.fill(0, 5, [0]);
    consume(lab);
    lab.run(500);
    expect(polled(lab)).toEqual([[100, 105]]);
  });

  it("starts at the end with latest, and sees only what comes later", () => {
    const lab = new Lab();
    lab.fill(0, 10, [0]);
    consume(lab, { "auto.offset.reset": "latest" });
    lab.run(500);
    lab.fill(0, 3, [0]);
    lab.run(2000);
    expect(polled(lab)).toEqual([[10, 13]]);
  });

  it("cannot go on with none", () => {
    const lab = new Lab();
    consume(lab, { "auto.offset.reset": "none" });
    lab.run(2000);
    expect(lab.of("consumer.failed")).toMatchObject([{ error: "NO_OFFSET_FOR_PARTITION" }]);
    expect(lab.fetches).toEqual([]);
  });

  it("asks again while the leader cannot tell its offsets yet", () => {
    const lab = new Lab();
    lab.fill(0, 10, [0]);
    lab.onListOffsets = () => (lab.world.kernel.now < ms(400) ? "OFFSET_NOT_AVAILABLE" : "NONE");
    consume(lab);
    lab.run(3000);
    expect(lab.of("consumer.reset")).toMatchObject([{ to: 0 }]);
    expect(polled(lab)).toEqual([[0, 10]]);
  });
});

describe("poll()", () => {
  it("returns at most max.poll.records, and cuts batches where it must", () => {
    const lab = new Lab();
    lab.fill(0, 7, [0, 0]);
    const second = lab.partitions[0]?.batches[1]?.firstNumber ?? -1;
    consume(lab, { "max.poll.records": 5 }, { processing: { timeUs: 1000, per: "poll" } });
    lab.run(500);
    const pieces = lab.of("consumer.polled");
    expect(pieces.map((e) => [e.baseOffset, e.count, e.firstNumber])).toEqual([
      [0, 5, 0],
      [5, 2, 5],
      [7, 3, second],
      [10, 4, second + 3],
    ]);
    expect(new Set(pieces.map((e) => e.at)).size).toBe(3);
  });

  it("comes again only when the records are processed", () => {
    const gaps = (per: "record" | "poll"): number => {
      const lab = new Lab();
      lab.fill(0, 10, [0, 0]);
      consume(lab, { "max.poll.records": 10 }, { processing: { timeUs: 2000, per } });
      lab.run(500);
      const [first, second] = lab.of("consumer.polled");
      return (second?.at ?? 0) - (first?.at ?? 0);
    };
    expect(gaps("record")).toBe(20_000);
    expect(gaps("poll")).toBe(2000);
  });

  it("has one fetch outstanding a broker, and sends the next before it returns records", () => {
    const lab = new Lab({ brokers: 1, partitions: 3 });
    for (const p of [0, 1, 2]) lab.fill(p, 10, [0]);
    consume(lab, {}, { processing: { timeUs: ms(10), per: "poll" } });
    lab.run(400);
    const [poll] = lab.of("consumer.polled");
    const next = lab.fetches.find(({ at }) => at > (poll?.at ?? 0));
    expect((next?.at ?? 0) - (poll?.at ?? 0)).toBeLessThan(ms(1));
    expect(next?.request.partitions.map((p) => p.fetchOffset)).toEqual([10, 10, 10]);
    expect(lab.fetches).toHaveLength(2);
  });

  it("names only changed partitions to a broker that knows the rest", () => {
    const lab = new Lab({ brokers: 1, partitions: 2 });
    lab.fill(0, 10, [0]);
    consume(lab);
    lab.run(1800);
    const named = lab.fetches.map(({ request }) => request.namedPartitions);
    expect(named.slice(0, 3)).toEqual([2, 1, 0]);
  });

  it("shares partitions among instances by number", () => {
    const lab = new Lab({ brokers: 1, partitions: 5 });
    const consumer = consume(lab, {}, { share: { index: 1, of: 2 } });
    lab.run(300);
    expect(consumer.positions.map((p) => p.partition)).toEqual(["t-1", "t-3"]);
  });
});

describe("a position that the log does not have", () => {
  it("is reset by policy", () => {
    const lab = new Lab();
    lab.fill(0, 10, [0]);
    consume(lab);
    lab.run(300);
    log(lab).logStartOffset = 50;
    log(lab).batches = [];
    lab.fill(0, 5, [0]);
    lab.run(3000);
    expect(lab.of("consumer.reset").at(-1)).toMatchObject({ from: 10, to: 50 });
    expect(polled(lab)).toEqual([
      [0, 10],
      [50, 55],
    ]);
  });

  it("or that it cannot read: a corrupt batch ends the partition, and no reset hides it", () => {
    const lab = new Lab();
    lab.fill(0, 10, [0]);
    consume(lab);
    lab.run(300);
    lab.onFetch = () => "CORRUPT_MESSAGE";
    lab.fill(0, 1, [0]);
    lab.run(3000);
    expect(lab.of("consumer.failed")).toMatchObject([{ error: "CORRUPT_MESSAGE" }]);
    expect(lab.of("consumer.reset")).toHaveLength(1);
  });
});

describe("a change of leader", () => {
  const moved = (settings: Settings = {}, validation: "on" | "off" = "on"): Lab => {
    const lab = new Lab({
      brokers: 2,
      partitions: 1,
      rules: { "consumer.position-validation": validation },
    });
    lab.fill(0, 10, [0]);
    consume(lab, settings);
    lab.run(600);
    expect(polled(lab)).toEqual([[0, 10]]);
    Object.assign(log(lab), { leader: 2, leaderEpoch: 1 });
    return lab;
  };

  it("is noticed by an error, and the position holds when the new leader has it all", () => {
    const lab = moved();
    lab.fill(0, 5, [1]);
    lab.run(3000);
    expect(polled(lab)).toEqual([
      [0, 10],
      [10, 15],
    ]);
    expect(lab.of("consumer.reset")).toHaveLength(1);
    expect(lab.of("consumer.polled").map((e) => e.leader)).toEqual([1, 2]);
  });

  it("sends the consumer back to where the logs part (KIP-320)", () => {
    const lab = moved();
    log(lab).batches = [];
    lab.fill(0, 6, [0]);
    lab.fill(0, 9, [1]);
    lab.run(3000);
    expect(lab.of("consumer.reset").at(-1)).toMatchObject({
      from: 10,
      to: 6,
      strategy: "truncation",
    });
    expect(polled(lab).slice(1)).toEqual([[6, 15]]);
  });

  it("makes the consumer drop what it has fetched and not returned", () => {
    const lab = new Lab({ brokers: 2, partitions: 1 });
    lab.fill(0, 10, [0]);
    const settings = { "max.poll.records": 4, "metadata.max.age.ms": 100 };
    consume(lab, settings, { processing: { timeUs: ms(300), per: "poll" } });
    lab.run(150);
    expect(polled(lab)).toEqual([[0, 4]]);
    log(lab).batches = [];
    lab.fill(0, 2, [0]);
    lab.fill(0, 9, [1]);
    Object.assign(log(lab), { leader: 2, leaderEpoch: 1 });
    lab.run(3000);
    expect(polled(lab).slice(1, 3)).toEqual([
      [2, 6],
      [6, 10],
    ]);
  });

  it("goes unnoticed without validation: the consumer skips what took the lost records' place", () => {
    const lab = moved({}, "off");
    log(lab).batches = [];
    lab.fill(0, 6, [0]);
    lab.fill(0, 9, [1]);
    lab.run(3000);
    expect(lab.of("consumer.reset")).toHaveLength(1);
    expect(polled(lab).slice(1)).toEqual([[10, 15]]);
  });

  it("tries again while the new leader does not know the epoch yet", () => {
    const lab = moved();
    lab.onEpoch = (_log, epoch) =>
      lab.world.kernel.now < ms(1800)
        ? { error: "UNKNOWN_LEADER_EPOCH", leaderEpoch: -1, endOffset: -1 }
        : { error: "NONE", leaderEpoch: epoch, endOffset: 10 };
    lab.fill(0, 5, [1]);
    lab.run(5000);
    expect(polled(lab).at(-1)).toEqual([10, 15]);
  });

  it("resets by policy when the new leader knows nothing of the epoch", () => {
    const lab = moved();
    lab.onEpoch = () => ({ error: "NONE", leaderEpoch: -1, endOffset: -1 });
    lab.run(3000);
    expect(lab.of("consumer.reset").at(-1)).toMatchObject({ from: 10, to: 0 });
  });
});

describe("new partitions", () => {
  it("are taken when the metadata is refreshed", () => {
    const lab = new Lab();
    const consumer = consume(lab, { "metadata.max.age.ms": 1000 });
    lab.run(500);
    lab.addPartition(1);
    lab.fill(1, 4, [0]);
    lab.run(3000);
    expect(consumer.positions.map((p) => p.partition)).toEqual(["t-0", "t-1"]);
    expect(polled(lab)).toEqual([[0, 4]]);
  });
});

describe("a broker that dies", () => {
  it("is asked again after it is back", () => {
    const lab = new Lab();
    lab.fill(0, 10, [0]);
    consume(lab);
    lab.run(300);
    lab.brokers[0]?.crash("kill");
    lab.run(5000);
    lab.brokers[0]?.boot();
    lab.fill(0, 10, [0]);
    lab.run(9000);
    expect(polled(lab).at(-1)).toEqual([10, 20]);
  });
});

describe("the defect consumer-skips-batch", () => {
  it("passes over a batch that was never returned", () => {
    const lab = new Lab({ rules: { mutant: "consumer-skips-batch" } });
    lab.fill(0, 10, Array(12).fill(0));
    consume(lab);
    lab.run(500);
    expect(polled(lab)).toHaveLength(11);
    expect(polled(lab)).not.toContainEqual([90, 100]);
  });
});
