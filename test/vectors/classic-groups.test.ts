// Groups of every kind with what Kafka's assignors gave them: the exact partitions in the exact order.
import { describe, expect, it } from "vitest";
import { assign, type Member, type Members, type Topics } from "../client/assignor/support.ts";
import { recorded } from "./recorded.ts";

const ASSIGNORS = ["range", "roundrobin", "sticky", "cooperative-sticky"] as const;

type Line = Readonly<Record<(typeof ASSIGNORS)[number], readonly string[]>> & {
  readonly topics: Topics;
  readonly members: readonly (Member & { readonly id: string })[];
};

const cases = recorded<Line>("classic-groups").flatMap((asked) =>
  ASSIGNORS.map((name) => ({ name, ...asked })),
);

describe.each(cases)("kafka $release", ({ name, lines }) => {
  it(`assigns 500 groups with ${name} as we do`, () => {
    expect(lines).toHaveLength(500);
    for (const [index, { topics, members, [name]: expected }] of lines.entries()) {
      const group: Members = Object.fromEntries(members.map(({ id, ...member }) => [id, member]));
      expect(Object.values(assign(name, topics, group)), `line ${index + 2}`).toEqual(expected);
    }
  });
});
