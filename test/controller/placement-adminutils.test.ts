// Vectors of AdminRackAwareTest.
import { describe, expect, it } from "vitest";
import {
  type PlannedBroker,
  planReplicas,
  rackAlternated,
  randomStart,
} from "../../src/controller/placement-adminutils.ts";

const START = { index: 0, shift: 0 };
const plain = (count: number): PlannedBroker[] =>
  Array.from({ length: count }, (_, id) => ({ id, rack: undefined }));
const racked = (...racks: readonly string[]): PlannedBroker[] =>
  racks.map((rack, id) => ({ id, rack }));
const digits = (plan: readonly (readonly number[])[] | undefined): string[] | undefined =>
  plan?.map((replicas) => replicas.join(""));

describe("a planned assignment", () => {
  it("goes round the brokers and shifts the followers with each round", () => {
    expect(digits(planReplicas(plain(5), 10, 3, START))).toEqual(
      "012 123 234 340 401 023 134 240 301 412".split(" "),
    );
  });

  it("alternates racks and puts no two replicas into one while another is free", () => {
    const brokers = racked("1", "3", "3", "2", "2", "1");
    expect(rackAlternated(brokers).map(({ id }) => id)).toEqual([0, 3, 1, 5, 4, 2]);
    expect(rackAlternated(brokers.slice(0, 5)).map(({ id }) => id)).toEqual([0, 3, 1, 4, 2]);
    expect(digits(planReplicas(brokers, 7, 3, START))).toEqual(
      "031 315 154 542 420 203 042".split(" "),
    );
  });

  it("uses racks twice when there are more replicas than racks, and no broker twice", () => {
    const plan = planReplicas(racked("a", "a", "b", "b"), 8, 4, START);
    for (const replicas of plan ?? []) expect(new Set(replicas).size).toBe(4);
  });

  it("spreads leaders and replicas evenly from any start", () => {
    const draws = [2, 3];
    const start = randomStart({ nextInt: () => draws.shift() as number }, 6);
    expect(start).toEqual({ index: 2, shift: 3 });
    const plan = planReplicas(racked("1", "2", "2", "3", "3", "1"), 6, 3, start) ?? [];
    const rackOf = ["1", "2", "2", "3", "3", "1"];
    expect(plan.map(([leader]) => leader).sort()).toEqual([0, 1, 2, 3, 4, 5]);
    for (const replicas of plan) expect(new Set(replicas.map((id) => rackOf[id])).size).toBe(3);
  });

  it("does not exist for a replication factor that cannot be had or brokers of which only some name a rack", () => {
    expect(planReplicas(plain(5), 10, 0, START)).toBeUndefined();
    expect(planReplicas(plain(5), 10, 6, START)).toBeUndefined();
    expect(planReplicas([...plain(2), { id: 2, rack: "a" }], 1, 1, START)).toBeUndefined();
  });
});
