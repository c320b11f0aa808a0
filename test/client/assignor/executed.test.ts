// Random groups with the results of kafka-clients 4.1.0, which was run on them: the exact partitions in the exact order.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { assign, type Member, type Members, type Topics } from "./support.ts";

interface Case {
  readonly topics: Topics;
  readonly members: readonly (Member & { readonly id: string })[];
  readonly range: readonly string[];
  readonly roundrobin: readonly string[];
  readonly sticky: readonly string[];
  readonly "cooperative-sticky": readonly string[];
}

const CASES: readonly Case[] = readFileSync(new URL("kafka-4.1.0.jsonl", import.meta.url), "utf8")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line));

describe.each(["range", "roundrobin", "sticky", "cooperative-sticky"] as const)("%s", (name) => {
  it(`assigns ${CASES.length} random groups as Kafka 4.1.0 does`, () => {
    for (const [index, { topics, members, [name]: expected }] of CASES.entries()) {
      const group: Members = Object.fromEntries(members.map(({ id, ...member }) => [id, member]));
      expect(Object.values(assign(name, topics, group)), `line ${index + 1}`).toEqual(expected);
    }
  });
});
