import { describe, expect, it } from "vitest";
import { murmur2, partitionForKey, toPositive, utf8 } from "../../src/protocol/murmur2.ts";
import { recorded } from "./recorded.ts";

type Line = [
  key: string | { readonly base64: string },
  hash: number,
  partitions: Readonly<Record<string, number>>,
];

describe.each(recorded<Line>("keys"))("kafka $release", ({ lines }) => {
  it("hashes 2,000 keys and puts them into partitions as we do", () => {
    expect(lines).toHaveLength(2000);
    for (const [key, hash, partitions] of lines) {
      const bytes = typeof key === "string" ? utf8(key) : Buffer.from(key.base64, "base64");
      expect(murmur2(bytes), JSON.stringify(key)).toBe(hash);
      for (const [count, partition] of Object.entries(partitions)) {
        expect(toPositive(hash) % Number(count)).toBe(partition);
        if (typeof key === "string") expect(partitionForKey(key, Number(count))).toBe(partition);
      }
    }
  });
});
