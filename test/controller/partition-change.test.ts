// Vectors of PartitionChangeBuilderTest.
import { describe, expect, it } from "vitest";
import { buildChange, merge } from "../../src/controller/partition-change.ts";
import { policy, registration, request } from "./registrations.ts";

const FOO = registration([2, 1, 3], { leader: 1 });
const ELR = policy("4.1");

describe("electing a leader", () => {
  it("keeps the leader online, prefers the first replica when asked", () => {
    expect(buildChange(request(FOO, { dead: [3], election: "PREFERRED" }))).toEqual({ leader: 2 });
    expect(buildChange(request(FOO, { dead: [3] }))).toBeUndefined();
  });

  it("finds nobody outside the ISR unless it may be unclean", () => {
    const request3 = { targetIsr: [3], dead: [3] };
    expect(buildChange(request(FOO, request3))).toEqual({ leader: -1, isr: [3] });
    expect(buildChange(request(FOO, { ...request3, election: "UNCLEAN" }))).toEqual({
      leader: 2,
      isr: [2],
      leaderRecoveryState: "RECOVERING",
    });
  });

  it("never elects uncleanly when the preferred leader is asked for", () => {
    const offline = registration([2, 1, 3], { isr: [3], leader: -1 });
    expect(buildChange(request(offline, { dead: [3], election: "PREFERRED" }))).toBeUndefined();
  });

  it("takes live replicas in assignment order", () => {
    const change = buildChange(request(registration([3, 1, 2]), { dead: [3], targetIsr: [2, 1] }));
    expect(change).toEqual({ leader: 1, isr: [2, 1] });
  });

  it("takes anybody when elect-any-replica is planted", () => {
    const offline = registration([2, 1, 3], { isr: [3], leader: 3 });
    const planted = policy("4.0", { mutant: "elect-any-replica" });
    const change = buildChange(request(offline, { dead: [3], policy: planted }));
    expect(change?.leader).toBe(2);
  });

  it("keeps the last member in the ISR when it dies", () => {
    const last = registration([1, 2], { isr: [1] });
    const change = buildChange(request(last, { targetIsr: [], dead: [1] }));
    expect(change).toEqual({ leader: -1 });
    expect(merge(last, change ?? {})).toMatchObject({ isr: [1], leader: -1, leaderEpoch: 101 });
  });
});

describe("the leader epoch", () => {
  const shrink = { targetIsr: [2, 1] };

  it("rose with every ISR shrink before 3.6, and does not since", () => {
    for (const [release, epoch] of [
      ["3.5", 101],
      ["3.6", 100],
    ] as const) {
      const change = buildChange(request(FOO, { ...shrink, policy: policy(release) }));
      expect(merge(FOO, change ?? {})).toMatchObject({ leaderEpoch: epoch, partitionEpoch: 201 });
    }
  });

  it("never rises with an expansion", () => {
    const small = registration([2, 1, 3], { isr: [2, 1] });
    const change = buildChange(request(small, { targetIsr: [2, 1, 3], policy: policy("3.5") }));
    expect(change).toEqual({ isr: [2, 1, 3] });
  });

  it("rises when a reassignment drops a replica", () => {
    const moving = registration([0, 2, 1, 3], {
      isr: [2, 1, 3],
      leader: 2,
      addingReplicas: [0],
      removingReplicas: [3],
    });
    expect(buildChange(request(moving, { targetIsr: [0, 1, 2] }))).toEqual({
      leader: 2,
      isr: [0, 1, 2],
      replicas: [0, 2, 1],
      addingReplicas: [],
      removingReplicas: [],
    });
  });
});

describe("eligible leader replicas (KIP-966)", () => {
  const four = registration([1, 2, 3, 4]);

  it("are those that left an ISR smaller than min ISR", () => {
    const change = buildChange(request(four, { policy: ELR, minIsr: 3, targetIsr: [1, 2] }));
    expect(change).toEqual({ isr: [1, 2], elr: [3, 4] });
  });

  it("may lead when the ISR is empty", () => {
    const one = registration([1, 2, 3, 4], { isr: [1], elr: [3] });
    const options = { policy: ELR, minIsr: 3, targetIsr: [], dead: [1] };
    expect(buildChange(request(one, options))).toEqual({ leader: 3, isr: [3], elr: [1] });
  });

  it("let the ISR shrink to nothing, and the last leader is remembered", () => {
    const options = { policy: ELR, minIsr: 3, targetIsr: [], dead: [1, 2, 3, 4] };
    expect(buildChange(request(four, options))).toEqual({
      leader: -1,
      isr: [],
      elr: [1, 2, 3, 4],
      lastKnownElr: [1],
    });
  });

  it("do not count a broker that came back without what it had not flushed", () => {
    const options = { policy: ELR, minIsr: 3, targetIsr: [2], uncleanShutdown: 1 };
    const two = registration([1, 2, 3, 4], { isr: [1, 2], elr: [3, 4] });
    expect(buildChange(request(two, options))).toEqual({ leader: 2, isr: [2] });
  });

  it("do not exist where the rule is off", () => {
    expect(buildChange(request(four, { minIsr: 3, targetIsr: [1, 2] }))).toEqual({ isr: [1, 2] });
  });
});
