import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  formatDuration,
  formatSize,
  parseBandwidth,
  parseDuration,
  parsePercent,
  parseRate,
  parseSignedDuration,
  parseSize,
} from "../../src/scenario/duration.ts";

const ok = (value: number) => ({ ok: true, value });

describe("durations", () => {
  it("reads every unit, and a bare number as milliseconds", () => {
    expect(["500us", "250ms", "30s", "5m", "2h", "7d", 40].map((d) => parseDuration(d))).toEqual(
      [500, 250e3, 30e6, 300e6, 7200e6, 604_800e6, 40e3].map(ok),
    );
  });

  it("is exact with fractions and refuses what is finer than a microsecond", () => {
    expect(parseDuration("0.3ms")).toEqual(ok(300));
    expect(parseDuration("1.5us")).toMatchObject({ ok: false });
    expect(parseDuration(0.0001)).toMatchObject({ ok: false });
  });

  it("refuses what is beyond 2^53 microseconds, negative, or no duration", () => {
    for (const bad of [
      "999999999d",
      -1,
      "-1s",
      "5",
      "5 s",
      "1e3s",
      "",
      "s",
      Number.NaN,
      Infinity,
    ]) {
      expect(parseDuration(bad)).toMatchObject({ ok: false });
    }
  });

  it("are read back as they were written", () => {
    const micros = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
    fc.assert(
      fc.property(micros, (us) => {
        expect(parseDuration(formatDuration(us))).toEqual(ok(us));
      }),
    );
    fc.assert(
      fc.property(micros, (n) => {
        expect(parseSize(formatSize(n))).toEqual(ok(n));
      }),
    );
  });

  it("never throw, whatever is written", () => {
    const parsers = [
      parseDuration,
      parseSignedDuration,
      parseSize,
      parseRate,
      parseBandwidth,
      parsePercent,
    ];
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.double(), fc.integer()), (input) => {
        for (const parse of parsers) {
          const parsed = parse(input);
          if (parsed.ok) expect(Number.isFinite(parsed.value)).toBe(true);
        }
      }),
    );
  });
});

describe("other quantities", () => {
  it("are sizes in binary units, rates a second, bandwidths in bytes, percentages with their sign", () => {
    expect(parseSize("16KiB")).toEqual(ok(16_384));
    expect(parseRate("30/m")).toEqual(ok(0.5));
    expect(parseBandwidth("10Gbps")).toEqual(ok(1.25e9));
    expect(parsePercent("30%")).toEqual(ok(0.3));
    expect(parsePercent(0.3)).toMatchObject({ ok: false });
    expect(parseSignedDuration("-5s")).toEqual(ok(-5e6));
  });
});
