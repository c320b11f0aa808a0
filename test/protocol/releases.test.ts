import { expect, it } from "vitest";
import { ERRORS } from "../../src/protocol/errors.ts";
import {
  atLeast,
  MUTANTS,
  RELEASES,
  RULE_NAMES,
  RULES,
  rulesFor,
} from "../../src/protocol/releases.ts";

it("releases are ordered by number, not by text", () => {
  expect(atLeast("4.0", "3.9")).toBe(true);
  expect(atLeast("0.9", "0.11")).toBe(false);
});

it("every rule has an allowed value in every release", () => {
  for (const release of RELEASES) {
    const rules = rulesFor(release);
    for (const name of RULE_NAMES) expect(RULES[name].values).toContain(rules[name]);
    expect(rules.mutant).toBe("none");
  }
});

it("a rule changes at its release and can be overridden", () => {
  expect(rulesFor("3.6")["replication.high-watermark-min-isr"]).toBe("off");
  expect(rulesFor("3.7")["replication.high-watermark-min-isr"]).toBe("on");
  expect(rulesFor("4.1", { mutant: "double-vote", "raft.pre-vote": "off" })).toMatchObject({
    mutant: "double-vote",
    "raft.pre-vote": "off",
  });
});

it("every mutant says where it comes from", () => {
  for (const doc of Object.values(MUTANTS))
    expect(doc).toMatch(/\((KIP-\d+|planted|([^()]*, )?KAFKA-\d+)\)\.$/);
});

it("error codes are unique, and errors of a waiting produce are not definite", () => {
  const codes = Object.values(ERRORS).map(({ code }) => code);
  expect(new Set(codes).size).toBe(codes.length);
  expect(ERRORS.NOT_ENOUGH_REPLICAS.definite).toBe(true);
  for (const name of [
    "NOT_ENOUGH_REPLICAS_AFTER_APPEND",
    "REQUEST_TIMED_OUT",
    "NOT_LEADER_OR_FOLLOWER",
  ] as const) {
    expect(ERRORS[name].definite).toBe(false);
  }
});
