// The rack-aware cases (KIP-881) of RangeAssignorTest and AbstractStickyAssignorTest.
import { describe, expect, it } from "vitest";
import type { AssignorName } from "../../../src/client/assignor/assignor.ts";
import { assign, type Members, sorted, type Topics } from "./support.ts";

const RACKS = ["a", "b", "c", "d"];
const SIZES = { t1: 6, t2: 7, t3: 2 };
const ALL = "t1 t2 t3";

/** Partitions in turn on brokers with one rack each, on `replicas` of them. */
function layout(sizes: Readonly<Record<string, number>>, replicas: number, racks: number): Topics {
  let next = 0;
  const partition = (): string[] => {
    const first = next++;
    return Array.from({ length: replicas }, (_, r) => RACKS[(first + r) % racks] as string);
  };
  return Object.fromEntries(
    Object.entries(sizes).map(([topic, size]) => [topic, Array.from({ length: size }, partition)]),
  );
}

function run(
  assignor: AssignorName,
  topics: Topics,
  subscriptions: readonly string[],
  racks: readonly string[],
  owned: readonly string[] = [],
): string[] {
  const members: Members = Object.fromEntries(
    subscriptions.map((topicsOf, i) => {
      const rack = racks[i] as string;
      const mine = owned[i];
      const had = mine === undefined ? { first: true } : { owned: mine, generation: 1 };
      return [`consumer${i}`, { topics: topicsOf, rack, ...had }];
    }),
  );
  return Object.values(assign(assignor, topics, members)).map(sorted);
}

const UNIFORM = [ALL, ALL, ALL];
const UNEQUAL = [ALL, ALL, "t1 t3"];
const OWNED = ["t1-0 t1-1 t1-2 t1-3 t1-4", "t1-5 t2-0 t2-1 t2-2 t2-3", "t2-4 t2-5 t2-6 t3-0 t3-1"];
const ALIGNED = [
  "t1-0 t1-3 t2-0 t2-3 t2-6",
  "t1-1 t1-4 t2-1 t2-4 t3-0",
  "t1-2 t1-5 t2-2 t2-5 t3-1",
];

describe("range with racks", () => {
  const range = (replicas: number, racks: number, topics: readonly string[]): string[] =>
    run("range", layout(SIZES, replicas, racks), topics, RACKS);

  it("ignores racks when every partition is on every rack (testRackAwareAssignmentWithUniformSubscription)", () => {
    expect(range(3, 3, UNIFORM)).toEqual([
      "t1-0 t1-1 t2-0 t2-1 t2-2 t3-0",
      "t1-2 t1-3 t2-3 t2-4 t3-1",
      "t1-4 t1-5 t2-5 t2-6",
    ]);
  });

  it("aligns partitions of one replica with consumers (testRackAwareAssignmentWithUniformSubscription)", () => {
    expect(range(1, 3, UNIFORM)).toEqual(ALIGNED);
  });

  it("aligns as far as balance allows (testRackAwareAssignmentWithUniformSubscription)", () => {
    expect(range(2, 3, UNIFORM)).toEqual([
      "t1-0 t1-2 t2-0 t2-2 t2-3 t3-1",
      "t1-1 t1-3 t2-1 t2-4 t3-0",
      "t1-4 t1-5 t2-5 t2-6",
    ]);
  });

  it("aligns topic by topic when subscriptions differ (testRackAwareAssignmentWithNonEqualSubscription)", () => {
    expect(range(1, 3, UNEQUAL)).toEqual([
      "t1-0 t1-3 t2-0 t2-2 t2-3 t2-6",
      "t1-1 t1-4 t2-1 t2-4 t2-5 t3-0",
      "t1-2 t1-5 t3-1",
    ]);
  });

  it("prefers co-partitioning to racks (testRackAwareAssignmentWithUniformPartitions)", () => {
    const topics = layout({ t1: 5, t2: 5, t3: 5 }, 1, 3);
    expect(run("range", topics, UNIFORM, RACKS)).toEqual([
      "t1-0 t1-1 t2-0 t2-1 t3-0 t3-1",
      "t1-2 t1-3 t2-2 t2-3 t3-2 t3-3",
      "t1-4 t2-4 t3-4",
    ]);
  });

  it("moves co-partitioned topics together (testRackAwareAssignmentWithCoPartitioning)", () => {
    const topics = layout({ t1: 6, t2: 6, t3: 2, t4: 2 }, 1, 2);
    const subscriptions = ["t1 t2", "t1 t2", "t3 t4", "t3 t4"];
    expect(run("range", topics, subscriptions, ["a", "b", "b", "a"])).toEqual([
      "t1-0 t1-2 t1-4 t2-0 t2-2 t2-4",
      "t1-1 t1-3 t1-5 t2-1 t2-3 t2-5",
      "t3-1 t4-1",
      "t3-0 t4-0",
    ]);
  });

  it("ignores racks that no broker has", () => {
    const topics = layout(SIZES, 1, 3);
    expect(run("range", topics, UNIFORM, ["x", "y", "z"])).toEqual(range(3, 3, UNIFORM));
  });
});

describe("sticky with racks", () => {
  for (const assignor of ["sticky", "cooperative-sticky"] as const) {
    for (const replicas of [1, 2]) {
      it(`${assignor}: aligns, and keeps what is aligned, with ${replicas} replicas (testRackAwareAssignmentWithUniformSubscription)`, () => {
        const topics = layout(SIZES, replicas, 3);
        expect(run(assignor, topics, UNIFORM, RACKS)).toEqual(ALIGNED);
        expect(run(assignor, topics, UNIFORM, RACKS, ALIGNED)).toEqual(ALIGNED);
      });
    }

    it(`${assignor}: prefers balance to racks when subscriptions differ (testRackAwareAssignmentWithNonEqualSubscription)`, () => {
      expect(run(assignor, layout(SIZES, 1, 3), UNEQUAL, RACKS)).toEqual([
        "t1-3 t2-0 t2-2 t2-3 t2-6",
        "t1-4 t2-1 t2-4 t2-5 t3-0",
        "t1-0 t1-1 t1-2 t1-5 t3-1",
      ]);
      expect(run(assignor, layout(SIZES, 2, 3), UNEQUAL, RACKS)).toEqual([
        "t1-3 t2-0 t2-2 t2-5 t2-6",
        "t1-0 t2-1 t2-3 t2-4 t3-0",
        "t1-1 t1-2 t1-4 t1-5 t3-1",
      ]);
    });
  }

  it("gives up misaligned partitions at once when eager", () => {
    expect(run("sticky", layout(SIZES, 1, 3), UNIFORM, RACKS, OWNED)).toEqual(ALIGNED);
  });

  it("withholds what others have to give up first when cooperative", () => {
    const first = ["t1-0 t1-3", "t2-1", "t2-5 t3-1"];
    expect(run("cooperative-sticky", layout(SIZES, 1, 3), UNIFORM, RACKS, OWNED)).toEqual(first);
    expect(run("cooperative-sticky", layout(SIZES, 1, 3), UNEQUAL, RACKS, OWNED)).toEqual([
      "t1-3",
      "t2-1",
      "t3-1",
    ]);
  });
});
