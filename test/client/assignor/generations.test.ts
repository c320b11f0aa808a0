// What happens to a group over several generations, after AbstractStickyAssignorTest and StickyAssignorTest.
import { describe, expect, it } from "vitest";
import { assign, type Members, rejoined, type Shown, settle, words } from "./support.ts";

const count = (text: string | undefined): number => words(text ?? "").length;
const sizes = (assignment: Shown): number[] => Object.values(assignment).map(count);

describe.each(["sticky", "cooperative-sticky"] as const)("%s over generations", (assignor) => {
  it("divides every topic evenly after each change (testTopicBalanceAfterReassignment)", () => {
    const topics = { topic1: 12, topic2: 12 };
    const perTopic = (assignment: Shown): number[] =>
      Object.values(assignment).flatMap((text) => [
        count(text.replaceAll(/topic2-\d+/g, "")),
        count(text.replaceAll(/topic1-\d+/g, "")),
      ]);
    let members: Members = { consumer1: { topics: "topic1 topic2" } };
    const step = (generation: number): Shown => {
      const { assignment } = settle(assignor, topics, members);
      members = rejoined(members, assignment, generation);
      return assignment;
    };
    expect(perTopic(step(1))).toEqual([12, 12]);
    members = { ...members, consumer2: { topics: "topic1 topic2", first: true } };
    expect(perTopic(step(40))).toEqual([6, 6, 6, 6]);
    members = {
      ...members,
      consumer3: { topics: "topic1 topic2", first: true },
      consumer4: { topics: "topic1 topic2", first: true },
    };
    expect(perTopic(step(80))).toEqual([3, 3, 3, 3, 3, 3, 3, 3]);
    members = Object.fromEntries(Object.entries(members).slice(2));
    expect(perTopic(step(120))).toEqual([6, 6, 6, 6]);
  });

  it("keeps all it can when a topic comes and another goes (testAddRemoveTopicTwoConsumers)", () => {
    const before: Members = { consumer1: { topics: "topic" }, consumer2: { topics: "topic" } };
    const first = assign(assignor, { topic: 3 }, before);
    expect(sizes(first).sort()).toEqual([1, 2]);

    const both: Members = {
      consumer1: { topics: "topic topic2" },
      consumer2: { topics: "topic topic2" },
    };
    const second = assign(assignor, { topic: 3, topic2: 3 }, rejoined(both, first, 1));
    expect(sizes(second)).toEqual([3, 3]);
    for (const [id, text] of Object.entries(first)) {
      expect(words(second[id] as string)).toEqual(expect.arrayContaining(words(text)));
    }

    const last: Members = { consumer1: { topics: "topic2" }, consumer2: { topics: "topic2" } };
    const third = assign(assignor, { topic2: 3 }, rejoined(last, second, 2));
    expect(sizes(third).sort()).toEqual([1, 2]);
    for (const [id, text] of Object.entries(third)) {
      expect(words(second[id] as string)).toEqual(expect.arrayContaining(words(text)));
    }
  });

  it("survives the deletion of the only topic (testNoExceptionThrownWhenOnlySubscribedTopicDeleted)", () => {
    const members: Members = {
      consumer: { topics: "topic", owned: "topic-0 topic-1", generation: 1 },
    };
    expect(assign(assignor, {}, members)).toEqual({ consumer: "" });
  });

  it("forgets partitions beyond the end of a topic that was created again", () => {
    const members: Members = {
      consumer1: { topics: "topic", owned: "topic-0 topic-1", generation: 1 },
      consumer2: { topics: "topic", owned: "topic-2 topic-3", generation: 1 },
    };
    const { assignment } = settle(assignor, { topic: 2 }, members);
    expect(assignment).toEqual({ consumer1: "topic-0", consumer2: "topic-1" });
  });

  it("moves only what one that left had (testReassignmentAfterOneConsumerLeaves)", () => {
    const name = (kind: string, i: number): string => `${kind}${String(i).padStart(2, "0")}`;
    const numbers = Array.from({ length: 19 }, (_, i) => i + 1);
    const topics = Object.fromEntries(numbers.map((i) => [name("t", i), i]));
    const members: Members = Object.fromEntries(
      numbers.map((i) => [
        name("consumer", i),
        {
          topics: numbers
            .slice(0, i)
            .map((j) => name("t", j))
            .join(" "),
        },
      ]),
    );
    const first = assign(assignor, topics, members);
    const { consumer10: _, ...rest } = rejoined(members, first, 1);
    const { assignment } = settle(assignor, topics, rest);
    expect(sizes(assignment).reduce((a, b) => a + b)).toBe(190);
    for (const [id, text] of Object.entries(assignment)) {
      expect(words(text)).toEqual(expect.arrayContaining(words(first[id] as string)));
    }
  });
});

describe("who comes back with an old generation", () => {
  it("shares with whoever took over (testAssignmentWithMultipleGenerations1)", () => {
    const topics = { topic: 6, topic2: 6 };
    const both = { topics: "topic topic2" };
    const round1 = assign("sticky", topics, { consumer1: both, consumer2: both, consumer3: both });
    expect(sizes(round1)).toEqual([4, 4, 4]);

    const stayed = rejoined({ consumer1: both, consumer2: both }, round1, 1);
    const round2 = assign("sticky", topics, stayed);
    expect(sizes(round2)).toEqual([6, 6]);
    for (const [id, member] of Object.entries(stayed)) {
      expect(words(round2[id] as string)).toEqual(
        expect.arrayContaining(words(member.owned ?? "")),
      );
    }

    const round3 = assign("sticky", topics, {
      consumer2: { ...both, owned: round2.consumer2 as string, generation: 2 },
      consumer3: { ...both, owned: round1.consumer3 as string, generation: 1 },
    });
    expect(sizes(round3)).toEqual([6, 6]);
    expect(round3.consumer2).not.toBe("");
    expect(words(round3.consumer2 as string).sort()).toEqual(
      words(round2.consumer2 as string).sort(),
    );
  });

  it("loses conflicts to newer claims (testAssignmentWithConflictingPreviousGenerations)", () => {
    const topics = { topic: 4, topic2: 4, topic3: 4 };
    const newer2 = "topic-0 topic-1 topic2-0 topic2-1 topic2-2 topic2-3";
    const newer3 = "topic-2 topic-3 topic3-0 topic3-1 topic3-2 topic3-3";
    const assignment = assign("sticky", topics, {
      consumer1: { topics: "topic", owned: "topic-0 topic-1 topic-2 topic-3", generation: 1 },
      consumer2: { topics: "topic topic2", owned: newer2, generation: 2 },
      consumer3: { topics: "topic topic2 topic3", owned: newer3, generation: 2 },
    });
    expect(sizes(assignment)).toEqual([4, 4, 4]);
    expect(words(newer2)).toEqual(expect.arrayContaining(words(assignment.consumer2 as string)));
    expect(words(newer3)).toEqual(expect.arrayContaining(words(assignment.consumer3 as string)));
  });

  it("is told apart in whatever order members come (testSubscriptionNotEqualAndAssignSamePartitionWith3Generation)", () => {
    const topics = { topic: 6, topic1: 1 };
    const orders = [
      [1, 2, 3],
      [1, 3, 2],
      [2, 1, 3],
      [2, 3, 1],
      [3, 1, 2],
      [3, 2, 1],
    ] as const;
    for (const [g1, g2, g3] of orders) {
      const assignment = assign("sticky", topics, {
        consumer1: { topics: "topic", owned: "topic-0 topic-2", generation: g1 },
        consumer2: { topics: "topic", owned: "topic-1 topic-2 topic-3", generation: g2 },
        consumer3: { topics: "topic", owned: "topic-2 topic-4 topic-5", generation: g3 },
        consumer4: { topics: "topic1", first: true },
      });
      expect(sizes(assignment)).toEqual([2, 2, 2, 1]);
    }
  });
});
