// Whole clusters that settle with a core: what is healed, what stays, and what is asked of whom.
import { describe, expect, it } from "vitest";
import { complaints, type Outcome, run, runWhole } from "./support.ts";

const settling = (core: string, within = "60s"): string =>
  `settle: { within: ${within}, core: ${core} }\n`;

const CORE = "[broker-1, broker-2, controller-1]";

const noteOf = (outcome: Outcome, check: string): string | undefined =>
  outcome.checks.find(({ name }) => name === check)?.note ?? undefined;

const AFTER = ["host.booted", "host.resumed", "fault.healed", "run.settling"];

describe("a declared core", () => {
  it("is started, and what lies beyond it stays dead", () => {
    const outcome = run(
      `${settling(CORE)}
faults:
  - { id: both-die, kind: ProcessChaos, action: kill, at: 10s, selector: [broker-2, broker-3], duration: 40s }
  - { id: off, kind: HostChaos, action: poweroff, at: 20s, selector: broker-1 }
`,
      AFTER,
    );
    expect(outcome.lines).toEqual([
      "30s ProcessChaos kill broker-2 ended (both-die), and stays on broker-3",
      "30s started (life 2)",
      "30s HostChaos poweroff broker-1 ended (off)",
      "30s started (life 2)",
      "30s load stops, the core is healed (controller-1, broker-1, broker-2), faults elsewhere stay",
    ]);
    expect(complaints(outcome)).toEqual([]);
  });

  it("does not undo a death that a restart would have ended by itself", () => {
    const outcome = run(
      `${settling(CORE)}
faults:
  - { kind: ProcessChaos, action: restart, at: 25s, selector: broker-3, duration: 4s }
  - { kind: ProcessChaos, action: kill, at: 28s, selector: broker-2 }
`,
      ["host.booted", "host.stopped"],
    );
    expect(outcome.virtualTimeMs).toBeGreaterThan(31_500);
    expect(outcome.lines).toEqual(["27s shut down cleanly", "30s started (life 2)"]);
    expect(complaints(outcome)).toEqual([]);
  });

  it("has the cuts between its machines healed, and keeps those to the rest", () => {
    const outcome = run(
      `${settling("[broker-1, broker-2, controller-1, { role: client }]")}
faults:
  - { id: cut, kind: NetworkChaos, action: partition, at: 10s, selector: broker-1, target: [broker-2, broker-3, controller-1] }
expect:
  assert:
    - { at: 29s, isr: orders-0, equals: [2, 3] }
    - { event: isr.expanded, partition: orders-0, from: 30s, to: 90s, count: { atLeast: 1 } }
`,
      ["fault.healed"],
    );
    expect(outcome.lines).toEqual([
      "30s NetworkChaos partition broker-1 <-> broker-2, controller-1 ended (cut), and stays on broker-1 <-> broker-3",
    ]);
    expect(outcome.checks.filter(({ status }) => status === "violated")).toEqual([]);
  });

  it("keeps disks, processors and answers of others as they are", () => {
    const outcome = run(
      `${settling(CORE)}
faults:
  - { id: slow-disk, kind: IOChaos, action: latency, latency: 1ms, at: 10s, selector: [broker-2, broker-3] }
  - { id: busy, kind: StressChaos, at: 10s, stressors: { cpu: { load: 50% } }, selector: broker-3 }
  - { id: held, kind: MessageChaos, action: delay, delay: 1ms, rpc: Fetch, at: 10s, from: [broker-2, broker-3], to: broker-1 }
`,
      ["fault.healed"],
    );
    expect(outcome.lines).toEqual([
      "30s IOChaos latency broker-2 ended (slow-disk), and stays on broker-3",
      "30s MessageChaos delay Fetch inside the core ended (held), and stays on Fetch elsewhere",
    ]);
    expect(complaints(outcome)).toEqual([]);
  });

  it("a consumer that is cut off for good leaves its group, which must be stable without it", () => {
    const outcome = run(`${settling(CORE)}
faults:
  - { id: cut, kind: NetworkChaos, action: partition, at: 28s, selector: billing-2, target: { role: broker } }
expect:
  assert: [{ at: end, assignment: billing, equals: { billing-1: [orders-0, orders-1] } }]
`);
    expect(complaints(outcome)).toEqual([]);
    expect(outcome.checks.find(({ name }) => name === "groups-stable")?.status).toBe("held");
  });

  it("clients of a partition that only others can lead wait rightly, and the report says why", () => {
    const outcome = runWhole(`
apiVersion: faultline/v1
name: x
title: x
duration: 20s
settle: { core: [broker-1, broker-2, controller-1] }
cluster: { version: "4.1", brokers: 3, controllers: 1 }
topics: [{ name: orders, replicas: { 0: [3] } }]
clients:
  producers: [{ name: checkout, topic: orders, load: { rate: 100/s } }]
  consumers: [{ name: billing, topics: [orders], config: { auto.offset.reset: earliest } }]
faults: [{ id: dies, kind: ProcessChaos, action: kill, at: 10s, selector: broker-3 }]
`);
    expect(complaints(outcome)).toEqual([]);
    const why = "no replica that may lead is in the core";
    expect(noteOf(outcome, "leaders-elected")).toContain(`orders-0 rightly has no leader: ${why}`);
    expect(noteOf(outcome, "sends-resolved")).toContain(
      `checkout to orders-0 rightly wait: ${why}`,
    );
  });

  it("is found stuck when a bug keeps it from what it could do", () => {
    const story = (mutant: string): Outcome =>
      runWhole(`
apiVersion: faultline/v1
name: x
title: x
duration: 20s
settle: { within: 30s, core: [broker-1, broker-2, controller-1] }
cluster: { version: "4.1", brokers: 3, controllers: 1, network: { latency: 20ms }, rules: { mutant: ${mutant} } }
topics: [{ name: orders, replicas: { 0: [1, 2, 3] } }]
clients:
  producers: [{ name: checkout, topic: orders, config: { acks: 1 }, load: { rate: 500/s } }]
faults:
  - { kind: ProcessChaos, action: kill, at: 5s, selector: broker-3 }
  - { kind: ProcessChaos, action: kill, at: 6s, selector: broker-1 }
`);
    const stuck = (outcome: Outcome): string[] =>
      outcome.checks.filter(({ status }) => status === "violated").map(({ name }) => name);
    expect(stuck(story("none"))).toEqual([]);
    expect(stuck(story("truncate-nothing"))).toContain("isr-full");
  });

  it("that turns out to be nobody is warned of", () => {
    const outcome = run(`${settling("{ leaderOf: orders-0 }", "5s")}
faults: [{ kind: ProcessChaos, action: kill, at: 5s, selector: [broker-1, broker-2, broker-3] }]
`);
    expect(outcome.warnings).toEqual([
      "the core was nobody when the run settled: its selectors met no machine",
    ]);
    expect(outcome.checks.filter(({ status }) => status === "violated")).toEqual([]);
  });
});
