// What the leader of a group may leave out, and what it may not.
import { expect, it } from "vitest";
import { PartitionNames, type TopicPartition } from "../../src/protocol/types.ts";
import { CONSUMER, Story } from "./support.ts";

const names = new PartitionNames();
const [P0, P1, P2] = [0, 1, 2].map((number) => names.of("orders", number)) as [
  TopicPartition,
  TopicPartition,
  TopicPartition,
];

interface Division {
  readonly given: readonly (readonly TopicPartition[])[];
  readonly known?: readonly TopicPartition[];
  readonly claimed?: readonly TopicPartition[];
  readonly protocol?: string;
}

function divided({ given, known = [P0, P1, P2], claimed = [], protocol = "range" }: Division) {
  const story = new Story(["complete-assignment"]).begin();
  story.tell(CONSUMER, "consumer.assignedGroup", {
    group: "g",
    generation: 3,
    protocol,
    known,
    claimed,
    assignments: given.map((partitions, i) => ({ member: `m-${i}`, partitions })),
  });
  return story.result("complete-assignment");
}

it("every partition goes to one member, some members may go without", () => {
  expect(divided({ given: [[P0, P2], [P1], []] })).toMatchObject({ count: 0, status: "held" });
  expect(divided({ given: [[]], known: [] })).toMatchObject({ count: 0, status: "not-exercised" });
  expect(divided({ given: [[]], known: [P0] })).toMatchObject({ count: 1, status: "violated" });
});

it("none is left out", () => {
  const one = divided({ given: [[P0], [P1]] });
  expect(one.first?.message).toBe(
    "billing, leader of group g, assigned orders-2 to nobody in generation 3",
  );
  const two = divided({ given: [[P0], []] });
  expect(two.count).toBe(2);
  expect(two.first?.message).toContain("generation 3 (2 partitions in all)");
});

it("none goes to two members, or twice to one", () => {
  const shared = divided({ given: [[P0, P1], [P2, P1], [P1]] });
  expect(shared.count).toBe(1);
  expect(shared.first?.message).toContain("orders-1 to more than one member");
  expect(divided({ given: [[P0, P1, P2, P0]] }).count).toBe(1);
  const strange = divided({ given: [[P0, P1, P2]], known: [P0, P1] });
  expect(strange.first?.message).toContain("orders-2 though nobody subscribes");
});

it("the cooperative protocol waits for owners, and for nobody else", () => {
  const given = [[P0], [P1]];
  const protocol = "cooperative-sticky";
  expect(divided({ given, protocol, claimed: [P0, P2] }).count).toBe(0);
  expect(divided({ given, protocol, claimed: [P0, P1] }).count).toBe(1);
  expect(divided({ given: [[P0], [P1, P0]], protocol, claimed: [P0, P2] }).count).toBe(1);
  expect(divided({ given, protocol: "sticky", claimed: [P2] }).count).toBe(1);
});
