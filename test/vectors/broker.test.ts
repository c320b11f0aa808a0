// The table of vectors is not a promise but an index: every test it names exists.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const root = new URL("../../", import.meta.url);
const rows = readFileSync(new URL("broker.md", import.meta.url), "utf8")
  .split("\n")
  .filter((line) => /^\| \d/.test(line))
  .map((line) => line.slice(2, -2).split(" | "))
  .map(([number, name, file, title]) => ({ number: Number(number), name, file, title }));

/** What must be there; the others belong to parts that are not simulated, or to the producers' own table. */
const EXPECTED = [
  ...Array.from({ length: 21 }, (_, i) => i + 1),
  ...[24, 30, 31],
  ...Array.from({ length: 16 }, (_, i) => i + 34),
];

describe("vectors of Kafka's broker, controller and raft tests", () => {
  it.each(rows)("$number $name is a test of $file: $title", ({ file, title }) => {
    const text = readFileSync(new URL(String(file), root), "utf8");
    // As the title of a test, or as the first cell of a table of tests.
    const quoted = [`("${title}"`, `["${title}"`, `"${title}",`];
    expect(quoted.some((form) => text.includes(form))).toBe(true);
  });

  it("are all in the table", () => {
    const numbers = new Set(rows.map(({ number }) => number));
    expect(EXPECTED.filter((number) => !numbers.has(number))).toEqual([]);
  });
});
