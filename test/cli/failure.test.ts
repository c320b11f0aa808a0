import { expect, test } from "vitest";
import { bugText } from "../../src/cli/failure.ts";
import { SimulatorBug } from "../../src/sim/assert.ts";

const AT = {
  scenario: "x",
  variant: "v",
  seed: "42",
  nowUs: 1_500_000,
  events: 17,
  replay: "faultline run x.yaml --variant v --seed 42",
};

test("a bug is told in one paragraph with its place and how to see it again", () => {
  expect(bugText(new TypeError("no such thing"), AT, false)).toMatchInlineSnapshot(`
    "faultline has a bug in x / v, seed 42, at 1.500000s, after event #17: TypeError: no such thing
    replay: faultline run x.yaml --variant v --seed 42
    Please report it with the lines above; FAULTLINE_DEBUG=1 adds the stack.
    "
  `);
});

test("the stack is shown on request only", () => {
  const error = new Error("boom");
  expect(bugText(error, AT, false)).not.toContain("failure.test.ts");
  expect(bugText(error, AT, true)).toContain("failure.test.ts");
});

test("a SimulatorBug already names its place", () => {
  const text = bugText(new SimulatorBug("log end below start (x, seed 42, at 1.5 s)"), AT, false);
  expect(text).not.toContain("x / v");
});
