// Tests that try one class with many inputs drawn from a seed, run against a mutation that no story tells.
import { isDeepStrictEqual } from "node:util";
import { FUEL, refuel, Universe } from "./universe.ts";

const UNITS: Readonly<Record<string, readonly string[]>> = {
  "ack-log": ["ack-log"],
  "group-liveness": ["settled"],
  "interval-set": ["interval-set"],
  liveness: ["settled"],
  "run-list": ["shared-log", "truth"],
  "shared-log": ["shared-log", "truth"],
  "partition-truth": ["truth"],
  losses: ["truth"],
  truth: ["truth"],
};

type Body = () => void;

const claim = (holds: boolean): void => {
  if (!holds) throw new Error("not as expected");
};

const expected = (value: unknown) => ({
  toBe: (other: unknown) => claim(Object.is(value, other)),
  toEqual: (other: unknown) => claim(isDeepStrictEqual(value, other)),
  toBeGreaterThan: (other: number) => claim((value as number) > other),
});

/** The test file that fails; undefined: all pass, or there are none. */
export function failing(file: string, text: string): string | undefined {
  const unit = file.split("/").at(-1)?.slice(0, -".ts".length) ?? "";
  for (const test of UNITS[unit] ?? []) {
    const run = (_: string, body: Body): void => body();
    const universe = new Universe(
      { file, text },
      {
        vitest: { describe: run, it: run, test: run, expect: expected },
      },
    );
    const path = `test/check/${test}.test.ts`;
    refuel(20 * FUEL);
    try {
      universe.load(path);
    } catch {
      return path;
    }
  }
  return undefined;
}
