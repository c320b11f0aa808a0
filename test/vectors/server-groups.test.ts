// The group coordinator's assignors (KIP-848). 3.9, where the consumer protocol was a preview, had another uniform assignor, which could
// fail: its answers are kept as data, the simulator has the one of 4.0.
import { describe, expect, it } from "vitest";
import type {
  GroupAssignor,
  GroupMember,
  TopicPartitions,
} from "../../src/coordinator/group/assignors/assignor.ts";
import { groupRangeAssignor } from "../../src/coordinator/group/assignors/range.ts";
import { uniformAssignor } from "../../src/coordinator/group/assignors/uniform.ts";
import { recorded } from "./recorded.ts";

/** By the topic's place in the line's list. */
type Numbered = Readonly<Record<string, readonly number[]>>;

interface Line {
  readonly topics: Readonly<Record<string, number>>;
  readonly members: readonly {
    readonly id: string;
    readonly instance?: string;
    readonly topics: readonly number[];
    readonly target?: Numbered;
  }[];
  readonly uniform: readonly Numbered[] | string;
  readonly range: readonly Numbered[];
}

function answer(assignor: GroupAssignor, { topics, members }: Line): Numbered[] {
  const ids = Object.keys(topics);
  const group = members.map(
    (member): GroupMember => ({
      memberId: member.id,
      instanceId: member.instance,
      topicIds: member.topics.map((number) => ids[number] as string),
      target: new Map(
        Object.entries(member.target ?? {}).map(([number, partitions]) => [
          ids[Number(number)] as string,
          partitions,
        ]),
      ),
    }),
  );
  const target = assignor.assign(group, (topicId) => topics[topicId] as number);
  return members.map(({ id }) => numbered(ids, target.get(id) ?? new Map()));
}

const numbered = (ids: readonly string[], assigned: TopicPartitions): Numbered =>
  Object.fromEntries(
    [...assigned].map(([topicId, partitions]) => [
      ids.indexOf(topicId),
      [...partitions].sort((a, b) => a - b),
    ]),
  );

const asked = recorded<Line>("server-groups");
const cases = asked.flatMap(({ release, lines }) => [
  { name: "range" as const, assignor: groupRangeAssignor, release, lines },
  ...(release === "3.9.1"
    ? []
    : [{ name: "uniform" as const, assignor: uniformAssignor, release, lines }]),
]);

describe.each(cases)("kafka $release", ({ name, assignor, lines }) => {
  it(`assigns 500 groups with ${name} as we do`, () => {
    expect(lines).toHaveLength(500);
    for (const [index, line] of lines.entries()) {
      expect(answer(assignor, line), `line ${index + 2}`).toEqual(line[name]);
    }
  });
});

describe("what was recorded", () => {
  it("has groups of both kinds, new and grown, with and without static members", () => {
    const lines = asked.find(({ release }) => release === "4.4.0")?.lines ?? [];
    const count = (holds: (line: Line) => boolean): number => lines.filter(holds).length;
    const topicsOf = (line: Line): Set<string> =>
      new Set(line.members.map(({ topics }) => [...topics].sort().join()));
    expect(count((line) => topicsOf(line).size === 1)).toBeGreaterThan(200);
    expect(count((line) => topicsOf(line).size > 1)).toBeGreaterThan(150);
    expect(
      count(({ members }) => members.some(({ target }) => target !== undefined)),
    ).toBeGreaterThan(300);
    expect(
      count(({ members }) => members.some(({ instance }) => instance !== undefined)),
    ).toBeGreaterThan(200);
  });
});
