// The lives of a record, an event and a partition in a whole run; causes that go through queues, threads, connections and processes.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  eventBiography,
  partitionBiography,
  recordBiography,
} from "../../src/explore/biography.ts";
import { complete } from "../../src/explore/task.ts";
import type { TraceEvent } from "../../src/protocol/events.ts";
import { ScenarioRun } from "../../src/runner/run.ts";
import { loadScenario } from "../../src/scenario/load.ts";
import type { Scenario } from "../../src/scenario/model.ts";

const root = new URL("../..", import.meta.url).pathname;
const load = (file: string, variant: string): Scenario =>
  loadScenario(readFileSync(`${root}scenarios/${file}.yaml`, "utf8"), `${file}.yaml`, { variant })
    .scenarios[0] as Scenario;

const twice = load("demos/retry-duplicates", "plain");
const lost = load("demos/acks-one-loss", "one");

describe("a record", () => {
  it("is followed from sending to both of its places, by name", () => {
    const life = complete(recordBiography(twice, { kind: "name", name: "m0" }));
    const types = life?.entries.map(({ type }) => type) ?? [];
    expect(types[0]).toBe("op.invoked");
    expect(types.filter((type) => type === "log.appended")).toHaveLength(6);
    expect(types).toContain("producer.retried");
    expect(types).toContain("op.acked");
    expect(types.filter((type) => type === "consumer.polled")).toHaveLength(2);
    expect(life?.summary.join(" ")).toContain("lies at offset 0 and 1");
  });

  it("is found by where it lies, too", () => {
    const query = { kind: "place", partition: "orders-0", offset: 1 } as const;
    expect(complete(recordBiography(twice, query))?.of).toContain("m0");
  });

  it("that was never sent has no life", () => {
    expect(complete(recordBiography(twice, { kind: "name", name: "m99" }))).toBeUndefined();
  });
});

describe("an event", () => {
  const events: TraceEvent[] = [];
  const run = new ScenarioRun(lost, { replay: () => "", only: [] });
  run.observeAny((e) => events.push(e));
  while (run.advance(60_000_000));
  const first = (type: string): TraceEvent => events.find((e) => e.type === type) as TraceEvent;

  it("goes back to the fault that led to it", () => {
    const crash = first("host.crashed");
    const { biography } = complete(eventBiography(lost, crash.seq));
    expect(biography?.summary[0]).toContain("It goes back to fault leader-dies");
    expect(biography?.entries[0]).toMatchObject({ role: "cause", type: "fault.injected" });
  });

  it("is told beside what had befallen the machine that was not heard of", () => {
    const { biography } = complete(eventBiography(lost, first("broker.fenced").seq));
    expect(biography?.summary.join(" ")).toContain("Behind it: broker-1 was killed");
  });

  it("of a batch goes back to what was sent, wherever the request had to wait", () => {
    const roots = new Map<string, number>();
    for (const e of events) {
      // Before the fault; what has waited for a new leader is sent because there is one.
      if (e.type !== "log.appended" || !e.leader || e.at < 0 || e.at > 9_900_000) continue;
      if (e.partition.topic !== "orders") continue;
      let here: TraceEvent | undefined = e;
      while (here !== undefined && here.cause > 0) here = events[here.cause - 1];
      roots.set(here?.type ?? "", (roots.get(here?.type ?? "") ?? 0) + 1);
    }
    const total = [...roots.values()].reduce((sum, n) => sum + n, 0);
    expect(roots.get("op.invoked") ?? 0).toBeGreaterThan(total * 0.95);
    // Machines start by themselves, not one because of another.
    const boots = events.filter((e) => e.type === "host.booted" && e.incarnation === 1);
    expect(boots.map(({ cause }) => cause)).toEqual(boots.map(() => 0));
  });

  it("beyond the end is none", () => {
    expect(complete(eventBiography(lost, 10_000_000))).toMatchObject({
      biography: undefined,
      last: events.length,
    });
  });
});

describe("a partition", () => {
  it("has leaders, ISRs, truncations, and the faults of its replicas", () => {
    const { biography } = complete(partitionBiography(lost, "orders-0"));
    const types = new Set(biography?.entries.map(({ type }) => type));
    for (const type of ["fault.injected", "host.crashed", "leader.elected", "log.truncated"])
      expect(types).toContain(type);
    expect(biography?.summary[0]).toContain("leader broker-2");
  });

  it("that there is not is told with those there are", () => {
    const { biography, known } = complete(partitionBiography(lost, "nothing-0"));
    expect(biography).toBeUndefined();
    expect(known).toContain("orders-0");
  });
});
