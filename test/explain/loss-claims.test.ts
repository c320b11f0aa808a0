// What every scenario's explanations are held to: each thing that may be missing is noticed.
import { describe, expect, it } from "vitest";
import type { FaultSpec, Scenario } from "../../src/scenario/model.ts";
import { flaws } from "./loss-claims.ts";

const scenario = {
  faults: [{ id: "leader-dies" } as FaultSpec],
  operations: [],
} as unknown as Scenario;
const TOLD = [
  "0/17 (orders-0@17) was acked at 9.978s (#41) by broker-1: with acks=1 the leader's own log is enough.",
  "broker-1 was killed at 10.000s (#42) by fault leader-dies (ProcessChaos kill broker-1).",
];
const without = (what: string | RegExp): string[] => TOLD.map((text) => text.replace(what, ""));

describe("an explanation of a lost write", () => {
  it.each([
    ["tells all", TOLD, []],
    ["names no record", without(/0\/17/), ["no record 0/17"]],
    ["names no setting", without("acks=1"), ["no setting"]],
    ["names no fault", without("fault leader-dies ("), ["no fault"]],
    ["names no event", TOLD.map((text) => text.replace(/#\d+/g, "")), ["no event"]],
    ["is too long", [...TOLD, ...Array(9).fill("And so on.")], ["11 sentences"]],
    ["is none", [], ["0 sentences", "no record 0/17", "no setting", "no fault", "no event"]],
  ])("%s", (_, texts, expected) => {
    expect(flaws(texts, "0/17", scenario)).toEqual(expected);
  });
});
