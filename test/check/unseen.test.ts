// unseen and a group whose coordinator can store nothing: who has no position gets none, who has one reads on.
import { describe, expect, it } from "vitest";
import type { ContractSettings } from "../../src/check/contract-settings.ts";
import { PartitionNames } from "../../src/protocol/types.ts";
import { CONSUMER, SETTINGS, Story } from "./support.ts";

const GROUP = "g";
const NAMES = new PartitionNames();
NAMES.of("orders", 0);
const HOME = NAMES.of("__consumer_offsets", 0);

const GROUPED: ContractSettings = {
  ...SETTINGS,
  consumers: [
    {
      name: "billing",
      topics: ["orders"],
      autoOffsetReset: "earliest",
      application: {
        group: GROUP,
        commit: "async",
        deduplicate: false,
        handOff: false,
        externalOffsets: false,
      },
    },
  ],
};

/** Ten acknowledged records of orders-0, and a group whose records are in __consumer_offsets-0, with an ISR. */
function story(isr: readonly number[]): Story {
  const s = new Story(["unseen"], GROUPED).begin();
  s.commit(0, 10, 0);
  const made = { leader: 1, leaderEpoch: 0, partitionEpoch: 0, replicas: [1, 2, 3], minIsr: 2 };
  s.tell(11, "partition.created", { partition: HOME, ...made, isr });
  const led = { leaderEpoch: 0, partitionEpoch: 0, epochStartOffset: 0, highWatermark: 0 };
  s.tell(1, "replica.becameLeader", { partition: HOME, ...led, isr });
  return s;
}

function state(s: Story, to: string, generation: number): void {
  const change = { group: GROUP, from: "CompletingRebalance", to, generation, members: 1, why: "" };
  s.tell(1, "group.stateChanged", change);
}

function join(s: Story, generation: number): void {
  const joined = { group: GROUP, member: "m", generation, leader: true, protocol: "range" };
  s.tell(CONSUMER, "consumer.joined", joined);
}

const verdict = (s: Story) => {
  const { count, note } = s.result("unseen");
  return { count, note };
};

const BELOW =
  "orders-0 rightly waits: __consumer_offsets-0 is below min.insync.replicas=2 (ISR [1])";

describe("unseen of a group", () => {
  it("that can store no assignment has nothing to read; one that can is asked for it", () => {
    const stuck = story([1]);
    join(stuck, 1);
    state(stuck, "PreparingRebalance", 1);
    expect(verdict(stuck)).toEqual({ count: 0, note: BELOW });
    const free = story([1, 2]);
    join(free, 1);
    state(free, "PreparingRebalance", 1);
    expect(verdict(free)).toEqual({ count: 10, note: undefined });
  });

  it("whose member has a position reads on while the group rebalances", () => {
    const s = story([1]);
    join(s, 1);
    s.assign(0);
    s.poll(0, 3, 0);
    state(s, "PreparingRebalance", 2);
    expect(verdict(s)).toEqual({ count: 7, note: undefined });
    const first = story([1]);
    join(first, 1);
    first.assign(0);
    state(first, "PreparingRebalance", 2);
    expect(verdict(first)).toEqual({ count: 10, note: undefined });
  });

  it("that is Stable reads what it was given, whatever its coordinator can store", () => {
    const s = story([1]);
    join(s, 1);
    state(s, "Stable", 1);
    expect(verdict(s)).toEqual({ count: 10, note: undefined });
  });

  it("that never had a coordinator waits for one if none can be elected", () => {
    const lost = { leader: -1, leaderEpoch: 1, partitionEpoch: 1, previous: 1, why: "" };
    const elects = story([1, 2]);
    elects.tell(11, "leader.lost", { partition: HOME, ...lost, isr: [2, 3] });
    expect(verdict(elects)).toEqual({ count: 10, note: undefined });
    const waits = story([1, 2]);
    waits.tell(11, "leader.lost", { partition: HOME, ...lost, isr: [3] });
    waits.crash(3);
    expect(verdict(waits)).toEqual({
      count: 0,
      note: "orders-0 rightly waits: __consumer_offsets-0: no replica that may lead runs (ISR [3], ELR [])",
    });
  });
});
