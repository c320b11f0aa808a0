// KIP-320: a consumer notices that a log was truncated. Situations of OffsetFetcherTest, SubscriptionStateTest, ConsumerCoordinatorTest and FetcherTest.

import { describe, expect, it } from "vitest";
import type { ConsumerProgram } from "../../src/client/consumer/program.ts";
import type { Settings } from "../../src/protocol/config/row.ts";
import { ms } from "../../src/sim/kernel.ts";
import { consume } from "../client/consumer/consume.ts";
import { member, ScriptedCoordinator } from "../client/consumer/group-support.ts";
import { Lab, type Partition } from "../client/support.ts";

const log = (lab: Lab): Partition => lab.partitions[0] as Partition;
const polled = (lab: Lab): [number, number][] =>
  lab.of("consumer.polled").map((e) => [e.baseOffset, e.position]);

/** Ten records of epoch 0 were read from broker 1; then broker 2 leads, in epoch 1. */
function moved(settings: Settings = {}, brokers = 2): { lab: Lab; consumer: ConsumerProgram } {
  const lab = new Lab({ brokers, partitions: 1 });
  lab.fill(0, 10, [0]);
  const consumer = consume(lab, settings);
  lab.run(600);
  expect(polled(lab)).toEqual([[0, 10]]);
  Object.assign(log(lab), { leader: 2, leaderEpoch: 1 });
  return { lab, consumer };
}

describe("validation of a position", () => {
  it("asks the new leader, in its epoch, for the end of the epoch of the last record returned", () => {
    const { lab } = moved();
    lab.run(3000);
    expect(lab.epochs).toMatchObject([
      { broker: 2, request: { partitions: [{ currentLeaderEpoch: 1, leaderEpoch: 0 }] } },
    ]);
  });

  it("holds when the epoch ends exactly at the position", () => {
    const { lab } = moved();
    lab.onEpoch = () => ({ error: "NONE", leaderEpoch: 0, endOffset: 10 });
    lab.fill(0, 3, [1]);
    lab.run(3000);
    expect(polled(lab).at(-1)).toEqual([10, 13]);
    expect(lab.of("consumer.failed")).toEqual([]);
  });

  it("fails with LogTruncationException without a reset policy, and nothing is fetched any more", () => {
    const lab = new Lab({ brokers: 2, partitions: 1 });
    const coordinator = new ScriptedCoordinator(lab);
    lab.fill(0, 10, [0]);
    const [own] = lab.partitions;
    const start = {
      partition: (own as Partition).partition,
      offset: 0,
      leaderEpoch: -1,
      metadata: "",
    };
    coordinator.committed.set(start.partition, start);
    member(lab, { "auto.offset.reset": "none" });
    lab.run(1500);
    expect(polled(lab)).toEqual([[0, 10]]);
    Object.assign(log(lab), { leader: 2, leaderEpoch: 1 });
    lab.onEpoch = () => ({ error: "NONE", leaderEpoch: 0, endOffset: 6 });
    lab.run(6000);
    expect(lab.of("consumer.failed")).toMatchObject([{ error: "LOG_TRUNCATION" }]);
    expect(lab.of("consumer.reset")).toEqual([]);
  });

  it.each([
    "UNKNOWN_SERVER_ERROR",
    "NOT_LEADER_OR_FOLLOWER",
    "FENCED_LEADER_EPOCH",
    "INVALID_REQUEST",
  ] as const)(
    "is tried again after %s, each time after retry.backoff.ms, which does not grow",
    (error) => {
      const { lab } = moved({ "retry.backoff.ms": 200, "retry.backoff.max.ms": 1000 });
      lab.onEpoch = () => ({ error, leaderEpoch: -1, endOffset: -1 });
      lab.run(4000);
      const pauses = lab.epochs.slice(1).map(({ at }, i) => at - (lab.epochs[i]?.at as number));
      expect(pauses.length).toBeGreaterThan(8);
      // The pause, an answer's way there and back, and what is left of a poll of 100 ms.
      expect(Math.min(...pauses)).toBeGreaterThanOrEqual(ms(200));
      expect(Math.max(...pauses)).toBeLessThan(ms(310));
      expect(lab.of("consumer.failed")).toEqual([]);
    },
  );

  it("asks the next leader at once when the former one has not answered, and does not listen to it later", () => {
    const { lab } = moved({ "metadata.max.age.ms": 500 }, 3);
    lab.onEpoch = () => ({ error: "NONE", leaderEpoch: 0, endOffset: 6 });
    lab.epochDelays.set(2, ms(2000)).set(3, ms(10_000));
    lab.run(1500);
    expect(lab.epochs.map(({ broker }) => broker)).toEqual([2]);
    Object.assign(log(lab), { leader: 3, leaderEpoch: 2 });
    lab.run(2200);
    expect(lab.epochs.map(({ broker }) => broker)).toEqual([2, 3]);
    lab.run(9000);
    expect(lab.of("consumer.reset").map((e) => e.strategy)).toEqual(["earliest"]);
    lab.run(13_000);
    expect(lab.of("consumer.reset").map((e) => e.strategy)).toEqual(["earliest", "truncation"]);
  });

  it("is given up by seek(), whose offset has no epoch", () => {
    const { lab, consumer } = moved();
    lab.epochDelays.set(2, ms(60_000));
    lab.run(1500);
    const { partition } = log(lab);
    consumer.seek(partition, 4);
    lab.run(1700);
    expect(polled(lab).at(-1)).toEqual([4, 10]);
  });

  it("ignores an answer about a position that the application has left meanwhile", () => {
    const { lab, consumer } = moved();
    lab.onEpoch = () => ({ error: "NONE", leaderEpoch: 0, endOffset: 6 });
    while (lab.epochs.length === 0) lab.run(lab.world.kernel.now / 1000 + 0.1);
    // The answer is on its way.
    consumer.seek(log(lab).partition, 8);
    lab.run(3000);
    expect(lab.of("consumer.reset").map((e) => e.strategy)).toEqual(["earliest", "seek"]);
    expect(polled(lab).at(-1)).toEqual([8, 10]);
  });

  it("does not take place while the partition has no leader: it is fetched from the last one known", () => {
    const { lab } = moved();
    lab.onMetadata = () => ({ leader: -1, leaderEpoch: 1 });
    const before = lab.fetches.length;
    lab.run(3000);
    expect(lab.epochs).toEqual([]);
    expect(new Set(lab.fetches.slice(before).map(({ broker }) => broker))).toEqual(new Set([1]));
  });
});

describe("an error of a fetch", () => {
  it("FENCED_LEADER_EPOCH asks for metadata", () => {
    const { lab } = moved();
    Object.assign(log(lab), { leader: 1, leaderEpoch: 0 });
    lab.onFetch = () => "FENCED_LEADER_EPOCH";
    lab.fill(0, 1, [0]);
    const before = lab.metadataRequests;
    lab.run(1500);
    expect(lab.metadataRequests).toBeGreaterThan(before);
    expect(lab.of("consumer.failed")).toEqual([]);
  });

  it("UNKNOWN_LEADER_EPOCH asks for none: the broker has to catch up; and the next fetch does not wait", () => {
    const { lab } = moved();
    Object.assign(log(lab), { leader: 1, leaderEpoch: 0 });
    const before = lab.metadataRequests;
    lab.onFetch = () => "UNKNOWN_LEADER_EPOCH";
    lab.run(1250);
    const first = lab.fetches.length;
    lab.run(1350);
    expect(lab.metadataRequests).toBe(before);
    // There and back takes a millisecond.
    expect(lab.fetches.length - first).toBeGreaterThan(80);
  });
});

describe("a committed offset", () => {
  const joined = (leaderEpoch: number): Lab => {
    const lab = new Lab({ brokers: 2, partitions: 1 });
    const coordinator = new ScriptedCoordinator(lab);
    lab.fill(0, 10, [0]);
    lab.fill(0, 5, [1]);
    const { partition } = log(lab);
    coordinator.committed.set(partition, { partition, offset: 10, leaderEpoch, metadata: "" });
    return lab;
  };

  it("with an epoch is validated before the first fetch", () => {
    const lab = joined(0);
    member(lab);
    lab.run(1500);
    expect(lab.epochs).toMatchObject([{ request: { partitions: [{ leaderEpoch: 0 }] } }]);
    expect(lab.fetches[0]?.at).toBeGreaterThan(lab.epochs[0]?.at as number);
    expect(polled(lab)).toEqual([[10, 15]]);
  });

  it("without one is fetched from at once", () => {
    const lab = joined(-1);
    member(lab);
    lab.run(1500);
    expect(lab.epochs).toEqual([]);
    expect(polled(lab)).toEqual([[10, 15]]);
  });

  it("of a newer epoch than the metadata has is not fetched from the older leader", () => {
    const lab = joined(1);
    // The truth: broker 2 leads in epoch 1. The metadata lags behind for five seconds.
    Object.assign(log(lab), { leader: 2, leaderEpoch: 1 });
    lab.onMetadata = (truth) =>
      lab.world.kernel.now < ms(5000) ? { leader: 1, leaderEpoch: 0 } : truth;
    member(lab);
    lab.run(4900);
    expect(lab.fetches).toEqual([]);
    expect(lab.metadataRequests).toBeGreaterThan(3);
    lab.run(8000);
    expect(lab.epochs).toMatchObject([{ broker: 2 }]);
    expect(new Set(lab.fetches.map(({ broker }) => broker))).toEqual(new Set([2]));
    expect(polled(lab)).toEqual([[10, 15]]);
  });
});
