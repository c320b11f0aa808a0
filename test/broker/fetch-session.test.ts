// Incremental fetch sessions (KIP-227), as far as they show: how many partitions a request names, and which a response leaves out.
import { expect, test } from "vitest";
import { FetchSession } from "../../src/broker/fetch-session.ts";
import type { FetchPartition, FetchResponse } from "../../src/protocol/apis.ts";
import { TestCluster } from "./support.ts";

const c = new TestCluster({ brokers: 0 });
const entry = (name: string, fetchOffset: number): FetchPartition => ({
  partition: c.partition(name),
  fetchOffset,
  currentLeaderEpoch: 1,
  lastFetchedEpoch: 1,
  logStartOffset: 0,
  maxBytes: 1,
});

test("the first request names all partitions, the next only what changed or goes", () => {
  const session = new FetchSession();
  const [a, b] = [entry("t-0", 0), entry("t-1", 0)];
  expect(session.name([a, b])).toBe(2);
  expect(session.name([a, b])).toBe(0);
  expect(session.name([a, entry("t-1", 5)])).toBe(1);
  expect(session.name([a])).toBe(1);
  expect(session.name([a])).toBe(0);
  session.reset();
  expect(session.name([a])).toBe(1);
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
