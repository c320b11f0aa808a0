import fc from "fast-check";
import { expect, test } from "vitest";
import { count, decimal, hanging, instant, shorten, span, wrap } from "../../src/report/format.ts";

test("numbers are grouped by thousands", () => {
  expect([0, 999, 1000, 1_234_567, -1000].map(count)).toEqual([
    "0",
    "999",
    "1,000",
    "1,234,567",
    "-1,000",
  ]);
});

test("decimals are as many as say something", () => {
  expect([0.42, 12.409, 250, 1234.56, -0.25, 3.0001].map(decimal)).toEqual([
    "0.42",
    "12.41",
    "250",
    "1,234.6",
    "-0.25",
    "3",
  ]);
});

test("instants are seconds with three decimals", () => {
  expect([0, 1, 999, 1000, 60_012_300, -2_500_000].map(instant)).toEqual([
    "0.000s",
    "0.000s",
    "0.000s",
    "0.001s",
    "60.012s",
    "-2.500s",
  ]);
});

test("spans are short", () => {
  expect([500, 250_000, 1_500_000, 80e6, 7200e6].map(span)).toEqual([
    "500us",
    "250ms",
    "1.5s",
    "1m20s",
    "2h",
  ]);
});

test("a name is cut in its middle", () => {
  expect(shorten("orders-by-region-0", 10, "…")).toBe("order…on-0");
  expect(shorten("orders-0", 10, "…")).toBe("orders-0");
});

test("no wrapped line is longer than the page, and no word is lost", () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 300 }), fc.integer({ min: 8, max: 120 }), (text, width) => {
      const lines = wrap(text, width);
      for (const line of lines) expect(line.length).toBeLessThanOrEqual(width);
      const letters = (s: string): string => s.replace(/[^!-~]/g, "");
      expect(letters(lines.join(""))).toBe(letters(text));
    }),
  );
});

test("text hangs under its own beginning", () => {
  expect(hanging({ text: "  lead  ", width: 8 }, "one two three four five six", 34)).toEqual([
    "  lead  one two three four five",
    "        six",
  ]);
});
