import { describe, expect, it } from "vitest";
import {
  groupPartitionFor,
  JavaHashMap,
  stringHash,
  topicPartitionHash,
} from "../../src/protocol/java-hash.ts";
import { uuidHash } from "../../src/protocol/uuid.ts";
import { recorded } from "./recorded.ts";

type Line =
  | ["string", text: string, hash: number, partitions: Readonly<Record<string, number>>]
  | ["partition", topic: string, partition: number, hash: number]
  | ["uuid", id: string, hash: number]
  | ["order", put: string[], removed: string[], keys: string[]];

/** Lines of one kind, without the kind. */
const of = <K extends Line[0]>(lines: readonly Line[], kind: K) =>
  lines.filter((line): line is Extract<Line, [K, ...unknown[]]> => line[0] === kind);

describe.each(recorded<Line>("hashes"))("kafka $release", ({ lines }) => {
  it("hashes strings and finds the coordinators of groups as we do", () => {
    expect(of(lines, "string")).toHaveLength(1000);
    for (const [, text, hash, partitions] of of(lines, "string")) {
      expect(stringHash(text), JSON.stringify(text)).toBe(hash);
      for (const [count, partition] of Object.entries(partitions)) {
        expect(groupPartitionFor(text, Number(count))).toBe(partition);
      }
    }
  });

  it("hashes partitions and topic ids as we do", () => {
    for (const [, topic, partition, hash] of of(lines, "partition")) {
      expect(topicPartitionHash({ topic, partition })).toBe(hash);
    }
    for (const [, id, hash] of of(lines, "uuid")) expect(uuidHash(id), id).toBe(hash);
  });

  it("hands out the keys of a HashMap in the order in which we do", () => {
    for (const [, put, removed, keys] of of(lines, "order")) {
      const map = new JavaHashMap<string, number>(stringHash);
      for (const key of put) map.set(key, 0);
      for (const key of removed) map.delete(key);
      expect([...map.keys()]).toEqual(keys);
    }
  });
});
