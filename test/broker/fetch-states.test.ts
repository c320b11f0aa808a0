// What a follower's fetch session names (FetchSessionHandler, KIP-227): new partitions, changed ones and those that it has given up.
import { beforeEach, expect, test } from "vitest";
import type { FetchState } from "../../src/broker/fetch-state.ts";
import { type Asking, FetchStates } from "../../src/broker/fetch-states.ts";
import type { Partition } from "../../src/broker/partition.ts";
import type { FetchResponse } from "../../src/protocol/apis.ts";
import { TestCluster } from "./support.ts";

const c = new TestCluster({ brokers: 0 });
const start = { fetchOffset: 0, truncating: false, lastFetchedEpoch: 1 };

let states: FetchStates;
let log: { logStartOffset: number };

function add(name: string, truncating = false): FetchState {
  const partition = { name: c.partition(name), leaderEpoch: 1, log } as unknown as Partition;
  states.add(partition, { ...start, truncating });
  return states.find(partition.name) as FetchState;
}

const ask = (now = 0, isFull = false): Asking => states.ask(now, isFull) as Asking;
const names = ({ partitions }: Asking): string[] => partitions.map((p) => p.partition.name);

beforeEach(() => {
  states = new FetchStates(1);
  log = { logStartOffset: 0 };
});

test("the first request names all partitions, the next only what changed or goes", () => {
  add("t-0");
  const b = add("t-1");
  expect(ask().namedPartitions).toBe(2);
  const idle = ask();
  expect(idle).toMatchObject({
    namedPartitions: 0,
    changes: { moved: [], altered: [], forgotten: [] },
  });
  expect(names(idle)).toEqual(["t-0", "t-1"]);
  b.moveTo(5, 1);
  expect(ask()).toMatchObject({ namedPartitions: 1, changes: { altered: [{ fetchOffset: 5 }] } });
  states.drop(b);
  expect(ask()).toMatchObject({ namedPartitions: 1, changes: { forgotten: [{ name: "t-1" }] } });
  expect(ask().namedPartitions).toBe(0);
  expect(ask(0, true)).toMatchObject({ namedPartitions: 1, changes: undefined });
});

test("who got records goes to the end, behind who came meanwhile", () => {
  const [a, b] = [add("t-0"), add("t-1")];
  add("t-2");
  ask();
  add("t-3");
  for (const state of [a, b]) {
    state.moveTo(1, 1);
    states.served(state);
  }
  states.rotate();
  const next = ask();
  expect(names(next)).toEqual(["t-2", "t-3", "t-0", "t-1"]);
  expect(next.changes?.moved.map((p) => p.partition.name)).toEqual(["t-3", "t-0", "t-1"]);
  // The array of an earlier request is not touched.
  a.moveTo(2, 1);
  states.served(a);
  states.rotate();
  expect(names(ask())).toEqual(["t-2", "t-3", "t-1", "t-0"]);
  expect(names(next)).toEqual(["t-2", "t-3", "t-0", "t-1"]);
});

test("a log start that moved by itself is named", () => {
  const a = add("t-0");
  ask();
  log.logStartOffset = 7;
  a.logMoved();
  expect(ask().changes?.altered).toMatchObject([{ logStartOffset: 7 }]);
});

test("a partition that backs off or truncates is left out and comes back where it was", () => {
  const a = add("t-0");
  add("t-1");
  const t = add("t-2", true);
  expect(names(ask())).toEqual(["t-0", "t-1"]);
  states.delay(a, 100);
  t.truncating = false;
  const without = ask(50);
  // One is new, one has to be forgotten.
  expect([names(without), without.namedPartitions]).toEqual([["t-1", "t-2"], 2]);
  const again = ask(100);
  expect([names(again), again.namedPartitions]).toEqual([["t-0", "t-1", "t-2"], 1]);
  expect(ask(101).namedPartitions).toBe(0);
  for (const state of [...states.all]) states.delay(state, 300);
  expect(states.ask(200, false)).toBe(undefined);
});

test("a partition in a new epoch is named anew, at the end", () => {
  const a = add("t-0");
  add("t-1");
  ask();
  states.drop(a);
  add("t-0");
  const next = ask();
  expect([names(next), next.namedPartitions]).toEqual([["t-1", "t-0"], 1]);
});

test("an idle cluster's fetches name no partitions and bring none back", () => {
  const world = new TestCluster();
  for (const name of ["t-0", "t-1"]) {
    world.set(name, {
      replicas: [1, 2],
      isr: [1, 2],
      leader: 1,
      leaderEpoch: 1,
      partitionEpoch: 1,
    });
  }
  world.tell();
  world.run(5000);
  const responses: FetchResponse[] = [];
  world.world.network.addRule((message) => {
    if (message.api === "Fetch" && message.phase === "response") {
      responses.push(message.payload as FetchResponse);
    }
    return undefined;
  });
  world.run(2000);
  expect(responses.length).toBeGreaterThan(2);
  expect(responses.every((response) => response.partitions.length === 0)).toBe(true);
});
