// What is fetched when, and what becomes of what was fetched: situations of FetcherTest and FetchCollectorTest.

import { describe, expect, it } from "vitest";
import type { ConsumerProgram } from "../../../src/client/consumer/consumer.ts";
import { ms } from "../../../src/sim/kernel.ts";
import { Lab, type Partition } from "../support.ts";
import { consume } from "./consume.ts";

const log = (lab: Lab, index = 0): Partition => lab.partitions[index] as Partition;
const name = (lab: Lab, index: number) => log(lab, index).partition;
/** Partition, first offset and last + 1 of each piece returned. */
const polled = (lab: Lab): string[] =>
  lab.of("consumer.polled").map((e) => `${e.partition.partition}:${e.baseOffset}-${e.position}`);
/** Partitions and offsets of each request. */
const fetched = (lab: Lab): string[] =>
  lab.fetches.map(({ request }) =>
    request.partitions.map((p) => `${p.partition.partition}@${p.fetchOffset}`).join(" "),
  );

/** Two partitions of one broker with ten records each, a poll of four records every 100 ms. */
function slow(rules: { spares?: "on" | "off" } = {}): { lab: Lab; consumer: ConsumerProgram } {
  const lab = new Lab({
    brokers: 1,
    partitions: 2,
    rules: { "consumer.spares-buffered-nodes": rules.spares ?? "on" },
  });
  lab.fill(0, 10, [0]);
  lab.fill(1, 10, [0]);
  const processing = { timeUs: ms(100), per: "poll" } as const;
  const consumer = consume(lab, { "max.poll.records": 4 }, { processing });
  return { lab, consumer };
}

describe("poll()", () => {
  it("fills up from the next partition when one has not enough", () => {
    const { lab } = slow();
    lab.run(700);
    expect(polled(lab)).toEqual(["0:0-4", "0:4-8", "0:8-10", "1:0-2", "1:2-6", "1:6-10"]);
  });

  it("fetches nothing from a broker while another of its partitions has records left (KAFKA-17182)", () => {
    const { lab } = slow();
    lab.run(900);
    // Partition 0 is done when the third poll returns, partition 1 with the fifth.
    expect(fetched(lab)).toEqual(["0@0 1@0", "0@10 1@10"]);
  });

  it("before 4.1 fetches for the partition that is done, and the session loses the other", () => {
    const { lab } = slow({ spares: "off" });
    lab.run(600);
    expect(fetched(lab)).toEqual(["0@0 1@0", "0@10"]);
  });
});

describe("the order of a session", () => {
  it("has last what was served last, except by the full fetch that began it", () => {
    const lab = new Lab({ brokers: 1, partitions: 2 });
    lab.fill(0, 10, [0]);
    consume(lab);
    lab.run(400);
    lab.fill(0, 5, [0]);
    lab.run(1100);
    lab.fill(0, 5, [0]);
    lab.run(1700);
    const orders = [...new Set(fetched(lab))];
    expect(orders).toEqual(["0@0 1@0", "0@10 1@0", "1@0 0@15", "1@0 0@20"]);
  });
});

describe("a paused partition", () => {
  it("keeps its records, holds nobody up, and does not spare its broker", () => {
    const { lab, consumer } = slow();
    lab.run(90);
    expect(polled(lab)).toEqual(["0:0-4"]);
    consumer.pause(name(lab, 0));
    lab.run(700);
    expect(polled(lab)).toEqual(["0:0-4", "1:0-4", "1:4-8", "1:8-10"]);
    expect(fetched(lab)).toEqual(["0@0 1@0", "1@10"]);
    consumer.resume(name(lab, 0));
    lab.run(1300);
    expect(polled(lab).slice(4)).toEqual(["0:4-8", "0:8-10"]);
  });

  it("that is moved by seek() drops them and fetches once", () => {
    const { lab, consumer } = slow();
    lab.run(90);
    consumer.pause(name(lab, 0));
    consumer.seek(name(lab, 0), 2);
    lab.run(700);
    consumer.resume(name(lab, 0));
    lab.run(2000);
    expect(polled(lab).slice(4)).toEqual(["0:2-6", "0:6-10"]);
    expect(fetched(lab).filter((request) => request.includes("0@2"))).toHaveLength(1);
  });

  it("is reset all the same when its fetch was out of range", () => {
    const lab = new Lab();
    lab.fill(0, 10, [0]);
    const consumer = consume(lab);
    lab.run(400);
    log(lab).logStartOffset = 50;
    log(lab).batches = [];
    consumer.pause(name(lab, 0));
    lab.run(1500);
    expect(lab.of("consumer.reset").at(-1)).toMatchObject({ from: 10, to: 50 });
  });
});

describe("seek()", () => {
  it("with records buffered: the old ones are dropped, the new position is fetched once", () => {
    const { lab, consumer } = slow();
    lab.run(90);
    consumer.seek(name(lab, 0), 7);
    lab.run(1500);
    expect(polled(lab)).toEqual(["0:0-4", "1:0-4", "1:4-8", "1:8-10", "0:7-10"]);
    expect(fetched(lab).filter((request) => request.includes("0@7"))).toHaveLength(1);
  });

  it("during a fetch: an error out of range concerns the old position (testStaleOutOfRangeError)", () => {
    const lab = new Lab();
    lab.fill(0, 10, [0]);
    const consumer = consume(lab);
    lab.run(400);
    log(lab).logStartOffset = 50;
    log(lab).batches = [];
    lab.fill(0, 5, [0]);
    consumer.seek(name(lab, 0), 52);
    lab.run(1500);
    expect(lab.of("consumer.reset").map((e) => e.to)).toEqual([0, 52]);
    expect(polled(lab)).toEqual(["0:0-10", "0:52-55"]);
  });
});

describe("an error of one partition", () => {
  it("does not keep the others' records back", () => {
    const { lab } = slow();
    lab.onFetch = (partition) => (partition === log(lab) ? "NOT_LEADER_OR_FOLLOWER" : undefined);
    lab.run(700);
    expect(polled(lab)).toEqual(["1:0-4", "1:4-8", "1:8-10"]);
  });
});
