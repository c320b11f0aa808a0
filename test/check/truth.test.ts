import fc from "fast-check";
import { expect, it } from "vitest";
import { Story } from "./support.ts";

const NODES = [1, 2, 3];
const node = fc.constantFrom(...NODES);
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("produce" as const),
      count: fc.integer({ min: 1, max: 4 }),
      again: fc.boolean(),
      acked: fc.boolean(),
    }),
  },
  { weight: 8, arbitrary: fc.record({ do: fc.constant("fetch" as const), node }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("lead" as const), node }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("cut" as const),
      node,
      by: fc.integer({ min: 1, max: 5 }),
    }),
  },
);

/** Whatever happens to leaders and logs, elected well or badly. */
it("what is lost and what is double is what a log written out would say", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 50 }), (steps) => {
      const story = new Story(["lost-write", "duplicate"]).begin();
      const logs = new Map<number, number[]>(NODES.map((id) => [id, []]));
      const log = (id: number): number[] => logs.get(id) as number[];
      const acked = new Set<number>();
      let leader = 1;
      let next = 0;
      for (const s of steps) {
        if (s.do === "produce") {
          // A producer without idempotence sends its last batch again.
          const first = s.again && next > 0 ? Math.max(0, next - s.count) : next;
          const count = s.again && next > 0 ? next - first : s.count;
          const base = log(leader).length;
          story.append(leader, base, count, first);
          for (let i = 0; i < count; i++) log(leader).push(first + i);
          if (s.acked) {
            story.ack(first, count, base);
            for (let i = 0; i < count; i++) acked.add(first + i);
          }
          next = Math.max(next, first + count);
        } else if (s.do === "fetch" && s.node !== leader) {
          const from = log(s.node).length;
          const number = log(leader)[from];
          if (number === undefined) continue;
          story.append(s.node, from, 1, number);
          log(s.node).push(number);
        } else if (s.do === "lead") {
          leader = s.node;
          story.elect(leader, [leader], { unclean: true });
          story.becomeLeader(leader, log(leader).length, [leader]);
        } else if (s.do === "cut" && s.node !== leader) {
          const to = Math.max(0, log(s.node).length - s.by);
          story.truncate(s.node, log(s.node).length, to);
          log(s.node).length = to;
        }
      }
      const end = log(leader).length;
      story.hw(leader, 0, end);
      const inLog = new Set(log(leader));
      expect(story.result("duplicate").count).toBe(end - inLog.size);
      expect(story.result("lost-write").count).toBe([...acked].filter((n) => !inLog.has(n)).length);
    }),
    { numRuns: 400, seed: 7 },
  );
});
