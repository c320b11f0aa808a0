// What every assignment must be, whoever was there before: complete, balanced, sticky; and never two owners at a time.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AssignorName } from "../../../src/client/assignor/assignor.ts";
import {
  assign,
  type Members,
  rejoined,
  type Shown,
  settle,
  type Topics,
  words,
} from "./support.ts";

const TOPICS = ["t0", "t1", "t2", "t3", "t4"];
const IDS = ["c1", "c2", "c3", "consumer-a", "consumer-b-7f3a", "m", "member4", "x9", "Zeta"];
const RACKS = [undefined, "a", "b", "c"] as const;

const topicsOf: fc.Arbitrary<Topics> = fc
  .array(
    fc.array(fc.uniqueArray(fc.constantFrom("a", "b", "c"), { minLength: 1, maxLength: 2 }), {
      minLength: 1,
      maxLength: 7,
    }),
    { minLength: 1, maxLength: 5 },
  )
  .map((sizes) =>
    Object.fromEntries(sizes.map((partitions, i) => [TOPICS[i] as string, partitions])),
  );

interface Group {
  readonly topics: Topics;
  readonly members: Members;
}

function groups(options: { equal: boolean; racks: boolean }): fc.Arbitrary<Group> {
  return topicsOf.chain((topics) => {
    const names = Object.keys(topics);
    const subscription = options.equal
      ? fc.constant(names.join(" "))
      : fc.subarray(names, { minLength: 1 }).map((chosen) => chosen.join(" "));
    const member = fc.record({ topics: subscription, rack: fc.constantFrom(...RACKS) });
    return fc
      .tuple(
        fc.shuffledSubarray(IDS, { minLength: 1, maxLength: 7 }),
        fc.array(member, { minLength: 7, maxLength: 7 }),
      )
      .map(([ids, chosen]) => ({
        topics,
        members: Object.fromEntries(
          ids.map((id, i) => {
            const { topics: subscribed, rack } = chosen[i] as {
              topics: string;
              rack: string | undefined;
            };
            return [
              id,
              options.racks && rack !== undefined
                ? { topics: subscribed, rack }
                : { topics: subscribed },
            ];
          }),
        ),
      }));
  });
}

const anyGroup = fc.oneof(
  groups({ equal: true, racks: false }),
  groups({ equal: true, racks: true }),
  groups({ equal: false, racks: false }),
  groups({ equal: false, racks: true }),
);

const withoutRacks = fc.oneof(
  groups({ equal: true, racks: false }),
  groups({ equal: false, racks: false }),
);

/** The group after its members got an assignment and then some left or joined. */
const changed = (assignor: AssignorName, group: fc.Arbitrary<Group>): fc.Arbitrary<Group> =>
  fc
    .tuple(group, fc.integer({ min: 0, max: 127 }), fc.nat(2))
    .map(([{ topics, members }, stay, joining]) => {
      const had = rejoined(members, settle(assignor, topics, members).assignment, 5);
      const subscribed = Object.values(members).map((member) => member.topics);
      const left = Object.entries(had).filter((_, i) => (stay >> i) % 2 === 1);
      const joined = Array.from({ length: joining + (left.length === 0 ? 1 : 0) }, (_, i) => [
        `new${i}`,
        { topics: subscribed[i % subscribed.length] as string, first: true },
      ]);
      return { topics, members: Object.fromEntries([...left, ...joined]) };
    });

function expected({ topics, members }: Group): string[] {
  const subscribed = new Set(Object.values(members).flatMap((member) => words(member.topics)));
  return [...subscribed]
    .flatMap((topic) => Array.from(topics[topic] as [], (_, p) => `${topic}-${p}`))
    .sort();
}

const given = (assignment: Shown): string[] => Object.values(assignment).flatMap(words).sort();

function expectSubscribed({ members }: Group, assignment: Shown): void {
  for (const [id, text] of Object.entries(assignment)) {
    const topics = words((members[id] as { topics: string }).topics);
    for (const partition of words(text)) expect(topics).toContain(partition.split("-")[0]);
  }
}

/** Who has two partitions more than another has none of a topic that the other could read (verifyValidityAndBalance). */
function expectBalanced({ members }: Group, assignment: Shown): void {
  for (const [rich, much] of Object.entries(assignment)) {
    for (const [poor, little] of Object.entries(assignment)) {
      if (words(much).length <= words(little).length + 1) continue;
      const readable = words((members[poor] as { topics: string }).topics);
      const shared = words(much).filter((p) => readable.includes(p.split("-")[0] as string));
      expect(shared, `${rich} has ${much}, ${poor} has ${little}`).toEqual([]);
    }
  }
}

const RUNS = { numRuns: 100, seed: 42 };

describe("every partition goes to exactly one subscriber", () => {
  for (const assignor of ["range", "roundrobin", "sticky", "cooperative-sticky"] as const) {
    it(`${assignor}, in new groups`, () => {
      fc.assert(
        fc.property(anyGroup, (group) => {
          const assignment = assign(assignor, group.topics, group.members);
          expect(given(assignment)).toEqual(expected(group));
          expectSubscribed(group, assignment);
        }),
        RUNS,
      );
    });
  }

  for (const assignor of ["sticky", "cooperative-sticky"] as const) {
    it(`${assignor}, in groups that have changed`, () => {
      fc.assert(
        fc.property(changed(assignor, withoutRacks), (group) => {
          const { assignment, generations } = settle(assignor, group.topics, group.members);
          expect(generations).toBeLessThanOrEqual(4);
          expect(given(assignment)).toEqual(expected(group));
          expectSubscribed(group, assignment);
        }),
        RUNS,
      );
    });
  }
});

describe("balance", () => {
  it("range: no two subscribers of a topic differ by more than one partition of it", () => {
    fc.assert(
      fc.property(anyGroup, (group) => {
        const assignment = assign("range", group.topics, group.members);
        for (const topic of Object.keys(group.topics)) {
          const counts = Object.entries(group.members)
            .filter(([, member]) => words(member.topics).includes(topic))
            .map(
              ([id]) => words(assignment[id] as string).filter((p) => p.startsWith(topic)).length,
            );
          expect(Math.max(0, ...counts) - Math.min(Infinity, ...counts)).toBeLessThanOrEqual(1);
        }
      }),
      RUNS,
    );
  });

  for (const assignor of ["roundrobin", "sticky", "cooperative-sticky"] as const) {
    it(`${assignor}: members with equal topics differ by at most one`, () => {
      fc.assert(
        fc.property(groups({ equal: true, racks: true }), (group) => {
          expectBalanced(group, assign(assignor, group.topics, group.members));
        }),
        RUNS,
      );
    });
  }

  for (const assignor of ["sticky", "cooperative-sticky"] as const) {
    it(`${assignor}: no single move could improve it, whatever the topics and the past`, () => {
      fc.assert(
        fc.property(fc.oneof(withoutRacks, changed(assignor, withoutRacks)), (group) => {
          expectBalanced(group, settle(assignor, group.topics, group.members).assignment);
        }),
        RUNS,
      );
    });
  }
});

describe("stickiness", () => {
  const sets = (assignment: Shown): string[][] =>
    Object.values(assignment).map((text) => words(text).sort());

  for (const assignor of ["sticky", "cooperative-sticky"] as const) {
    it(`${assignor}: the same group keeps what it has`, () => {
      fc.assert(
        fc.property(changed(assignor, withoutRacks), ({ topics, members }) => {
          const { assignment } = settle(assignor, topics, members);
          const again = assign(assignor, topics, rejoined(members, assignment, 50));
          expect(sets(again)).toEqual(sets(assignment));
        }),
        RUNS,
      );
    });

    it(`${assignor}: when members leave, those who stay lose nothing (equal topics)`, () => {
      fc.assert(
        fc.property(
          groups({ equal: true, racks: false }),
          fc.nat(5),
          ({ topics, members }, leaving) => {
            const first = assign(assignor, topics, members);
            const stayed = Object.entries(rejoined(members, first, 1)).slice(leaving);
            const second = assign(assignor, topics, Object.fromEntries(stayed));
            for (const [id, member] of stayed) {
              expect(words(second[id] as string)).toEqual(
                expect.arrayContaining(words(member.owned ?? "")),
              );
            }
          },
        ),
        RUNS,
      );
    });
  }

  it("sticky: when one joins, partitions move to it alone (equal topics)", () => {
    fc.assert(
      fc.property(groups({ equal: true, racks: false }), ({ topics, members }) => {
        const first = assign("sticky", topics, members);
        const all = Object.values(members)[0]?.topics as string;
        const second = assign("sticky", topics, {
          ...rejoined(members, first, 1),
          newcomer: { topics: all, first: true },
        });
        for (const [id, text] of Object.entries(first)) {
          expect(words(text)).toEqual(expect.arrayContaining(words(second[id] as string)));
        }
      }),
      RUNS,
    );
  });
});

describe("cooperative-sticky", () => {
  it("never gives a partition to one member while another still owns it", () => {
    fc.assert(
      fc.property(changed("cooperative-sticky", anyGroup), ({ topics, members }) => {
        const assignment = assign("cooperative-sticky", topics, members);
        const owner = new Map(
          Object.entries(members).flatMap(([id, { owned = "" }]) =>
            words(owned).map((p) => [p, id]),
          ),
        );
        for (const [id, text] of Object.entries(assignment)) {
          for (const partition of words(text)) expect(owner.get(partition) ?? id).toBe(id);
        }
      }),
      RUNS,
    );
  });
});
