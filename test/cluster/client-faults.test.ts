// ClientChaos, StressChaos and ErrorChaos in whole clusters: each bites, and is undone when its time is over.
import { describe, expect, it } from "vitest";
import { complaints, run, runWith } from "./support.ts";

describe("ClientChaos", () => {
  it("join starts the instances that come after the declared ones, and only then", () => {
    const result = run(`
faults: [{ kind: ClientChaos, action: join, at: 12s, selector: billing, instances: 1 }]
expect:
  assert:
    - { at: 11s, members: billing, equals: 2 }
    - { event: host.booted, node: billing-3, from: 0s, to: 11s, count: 0 }
    - { at: 25s, members: billing, equals: 3 }
`);
    expect(complaints(result)).toEqual([]);
  });

  it("leave closes a consumer: the group goes on without it at once", () => {
    const result = run(`
faults: [{ kind: ClientChaos, action: leave, at: 12s, selector: billing-2 }]
expect:
  assert:
    - { at: 11s, assignment: billing, equals: { billing-1: [orders-0], billing-2: [orders-1] } }
    - { at: 17s, assignment: billing, equals: { billing-1: [orders-0, orders-1] } }
    - { at: end, lag: billing, equals: 0 }
  absent: [processed-twice]
`);
    expect(complaints(result)).toEqual([]);
  });

  it("crash says no farewell: the member counts until its session ends", () => {
    const result = run(`
faults: [{ kind: ClientChaos, action: crash, at: 12s, selector: billing-2 }]
expect:
  assert:
    - { at: 14s, members: billing, equals: 2 }
    - { event: group.memberRemoved, why: session timeout, count: 1 }
    - { at: 25s, members: billing, equals: 1 }
`);
    expect(complaints(result)).toEqual([]);
  });

  it("stopPolling hangs every instance of a client, and resuming them drains the lag", () => {
    const result = run(`
faults: [{ kind: ClientChaos, action: stopPolling, at: 12s, duration: 8s, selector: billing }]
expect:
  assert:
    - { at: 19s, lag: billing, atLeast: 500 }
    - { at: 19s, members: billing, equals: 2 }
    - { slope: { lag: billing }, from: 13s, to: 19s, within: [95, 105] }
    - { at: 25s, lag: billing, atMost: 50 }
`);
    expect(complaints(result)).toEqual([]);
  });

  it("processingTime makes it slow for a while", () => {
    const result = run(`
faults: [{ kind: ClientChaos, action: processingTime, time: 50ms, at: 12s, duration: 8s, selector: billing-1 }]
expect:
  assert:
    - { at: 19s, lag: { group: billing, partition: orders-0 }, atLeast: 100 }
    - { at: 19s, lag: { group: billing, partition: orders-1 }, atMost: 50 }
    - { at: end, lag: billing, equals: 0 }
`);
    expect(complaints(result)).toEqual([]);
  });
});

describe("ClientChaos rate", () => {
  it("changes a producer's rate for a while", () => {
    const result = run(`
faults: [{ kind: ClientChaos, action: rate, target: 300/s, at: 10s, duration: 10s, selector: checkout }]
expect: { assert: [{ at: end, records: sent, within: [4995, 5005] }] }
`);
    expect(complaints(result)).toEqual([]);
  });
});

describe("ErrorChaos", () => {
  it("answers so many requests with an error, and no more", () => {
    const result = run(
      `
faults:
  - { kind: ErrorChaos, rpc: OffsetCommit, error: COORDINATOR_NOT_AVAILABLE, count: 2, at: 12s, selector: { coordinatorOf: billing } }
expect:
  assert: [{ at: end, lag: billing, equals: 0 }]
`,
      ["fault.injected"],
    );
    expect(complaints(result)).toEqual([]);
    expect(result.lines[0]).toMatch(/^12s ErrorChaos answer broker-\d/);
  });

  it("is over when its duration is: what failed was not acted on", () => {
    const result = run(`
faults: [{ kind: ErrorChaos, rpc: Produce, error: POLICY_VIOLATION, at: 12s, duration: 1s, selector: { role: broker } }]
expect:
  assert:
    - { at: end, records: failed, within: [90, 110] }
    - { at: end, records: duplicated, equals: 0 }
`);
    expect(complaints(result)).toEqual([]);
    const { sent, acked, failed, delivered } = result.records;
    expect(acked + failed).toBe(sent);
    expect(delivered).toBe(acked);
  });
});

describe("StressChaos", () => {
  it("stretches service times, and only while it lasts", () => {
    const stress = (load: string) => `
faults: [{ kind: StressChaos, stressors: { cpu: { load: ${load} } }, at: 10s, duration: 10s, selector: { role: broker } }]
`;
    const avg = (load: string): number => {
      const latency = run(stress(load)).metrics.produce_latency_ms;
      return typeof latency === "object" ? latency.avg : 0;
    };
    const [none, heavy] = [avg("0%"), avg("99%")];
    expect(heavy).toBeGreaterThan(none * 1.2);
  });
});

describe("StressChaos memory", () => {
  const MEMORY = "memory: { size: 2GiB, heap: 1GiB }";
  const stress = (fields: string, more = "") => `
faults: [{ kind: StressChaos, at: 12s, selector: broker-1, ${more}stressors: { memory: { ${fields} } } }]`;

  it("where memory is short the kernel kills who has most of it: the stressor", () => {
    const result = runWith(
      `
${stress("size: 1200MiB")}
expect: { assert: [{ event: host.crashed, count: 0 }, { event: host.stressorKilled, node: broker-1, count: 1 }] }
`,
      MEMORY,
    );
    expect(complaints(result)).toEqual([]);
  });

  it("or the broker, which has more than each of many workers, and starts when the stress is over", () => {
    const result = runWith(
      `
${stress("size: 1200MiB, workers: 4", "duration: 4s, ")}
expect:
  assert:
    - { event: host.crashed, node: broker-1, how: oom, from: 12s, to: 12s, count: 1 }
    - { event: host.booted, node: broker-1, from: 16s, to: 16s, count: 1 }
    - { at: end, isr: orders-0, equals: [1, 2, 3] }
`,
      MEMORY,
    );
    expect(complaints(result)).toEqual([]);
  });

  it("oomScoreAdj: -1000 saves the stressor at the broker's expense", () => {
    const result = runWith(
      `
${stress("size: 1200MiB, oomScoreAdj: -1000")}
expect: { assert: [{ event: host.crashed, how: oom, count: 1 }] }
`,
      MEMORY,
    );
    expect(complaints(result)).toEqual([]);
  });
});
