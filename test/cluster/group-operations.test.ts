// kafka-consumer-groups as an operator runs it: refused while the group has members, a dry run without --execute, and then a new start.
import { describe, expect, it } from "vitest";
import { complaints, run } from "./support.ts";

const leave = `
faults: [{ kind: ClientChaos, action: leave, at: 12s, duration: 6s, selector: billing }]
`;
const reset = (at: string, flags: string): string => `
operations:
  - { at: ${at}, run: kafka-consumer-groups, args: { group: billing, reset-offsets: true, topic: orders, ${flags} } }
`;

describe("kafka-consumer-groups", () => {
  it("does not reset offsets of a group with members", () => {
    const { lines } = run(reset("10s", "to-earliest: true, execute: true"), ["operation.done"]);
    expect(lines).toEqual([
      "10s kafka-consumer-groups: offsets can only be reset while group billing is inactive, it is Stable",
    ]);
  });

  it("only tells what it would do without execute", () => {
    const result = run(
      `${leave}${reset("15s", "to-earliest: true")}
expect: { absent: [processed-twice] }`,
      ["operation.done"],
    );
    expect(result.lines).toEqual([
      "15s kafka-consumer-groups: dry run: orders-0 to 0, orders-1 to 0",
    ]);
    expect(complaints(result)).toEqual([]);
  });

  it("sends the group back to the start of the log", () => {
    const result = run(`${leave}${reset("15s", "to-earliest: true, execute: true")}
expect:
  violates: [processed-twice]
  assert: [{ at: end, lag: billing, equals: 0 }]
`);
    expect(complaints(result)).toEqual([]);
    expect(result.checks.find(({ name }) => name === "processed-twice")?.permittedBy).toBe(
      "commit: sync",
    );
  });

  it("keeps new offsets within the log: what is jumped over is never processed", () => {
    const result = run(
      `${leave}${reset("15s", "to-offset: 1000000, execute: true").replace("topic: orders", '"topic": "orders:1"')}
expect: { violates: [never-processed] }`,
      ["operation.done"],
    );
    expect(complaints(result)).toEqual([]);
    const to = Number(
      /^15s kafka-consumer-groups: orders-1 to (\d+)$/.exec(result.lines[0] ?? "")?.[1],
    );
    expect(to).toBeGreaterThan(500);
    expect(to).toBeLessThan(1000);
  });

  it("deletes a group that is empty, and no other", () => {
    const remove = (at: string) => `
operations: [{ at: ${at}, run: kafka-consumer-groups, args: { group: billing, delete: true } }]
`;
    expect(run(remove("10s"), ["operation.done"]).lines).toEqual([
      "10s kafka-consumer-groups: NON_EMPTY_GROUP",
    ]);
    const gone = run(
      `${leave}${remove("15s")}
expect: { assert: [{ at: 16s, groupState: billing, equals: Dead }] }`,
      ["operation.done"],
    );
    expect(gone.lines).toEqual(["15s kafka-consumer-groups: done"]);
    expect(complaints(gone)).toEqual([]);
  });
});
