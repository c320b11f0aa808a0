// What java.time.Duration.parse and Kafka's Utils.getDateTime make of texts; expectations are from their documentation.
import { describe, expect, it } from "vitest";
import { javaDateTime, javaDuration, logDate } from "../../src/cli/java-times.ts";

describe("durations", () => {
  it.each([
    ["PT20.345S", 20_345],
    ["PT15M", 900_000],
    ["PT10H", 36_000_000],
    ["P2D", 172_800_000],
    ["P2DT3H4M", 183_840_000],
    ["PT-6H3M", -21_420_000],
    ["-PT6H3M", -21_780_000],
    ["-PT-6H+3M", 21_420_000],
    ["PT-0.5S", -500],
    ["pt1s", 1000],
  ])("%s", (text, millis) => {
    expect(javaDuration(text)).toBe(millis);
  });

  it.each(["", "10s", "P", "PT", "P1DT", "P1W", "PT1.S2", "1D"])("not %o", (text) => {
    expect(javaDuration(text)).toBeUndefined();
  });
});

describe("date and time", () => {
  it.each([
    ["1970-01-01T00:00:30.000", 30_000],
    ["1970-01-01T00:00:30.250Z", 30_250],
    ["1970-01-01T02:00:00.000+02:00", 0],
    ["1970-01-01T00:00:00.000-0130", 5_400_000],
    ["2000-03-01T00:00:00.000", 951_868_800_000],
    ["2024-02-29T12:00:00.000", 1_709_208_000_000],
  ])("%s", (text, millis) => {
    expect(javaDateTime(text)).toBe(millis);
  });

  it.each([
    ["30s", "Error parsing timestamp. It does not contain a 'T' according to ISO8601 format"],
    ["2023-02-29T00:00:00.000", 'Unparseable date: "2023-02-29T00:00:00.000Z"'],
    ["1970-01-01T24:00:00.000", 'Unparseable date: "1970-01-01T24:00:00.000Z"'],
    ["1970-01-01T00:00:30", 'Unparseable date: "1970-01-01T00:00:30Z"'],
  ])("not %s", (text, error) => {
    expect(javaDateTime(text)).toEqual({ error });
  });

  it("is written as log4j writes it", () => {
    expect(logDate(3_723_045)).toBe("1970-01-01 01:02:03,045");
  });
});
