// What a broker answers to a Metadata request, from its own copy of the metadata log.
import { expect, test } from "vitest";
import { MetadataCache } from "../../src/broker/metadata-cache.ts";
import type { MetadataResponse } from "../../src/protocol/apis.ts";
import { TestCluster } from "./support.ts";

function cacheOf(c: TestCluster): MetadataCache {
  const cache = new MetadataCache();
  cache.setView(c.view());
  return cache;
}

test("a fenced broker is not listed, its replicas are offline, and what it led has no leader", () => {
  const c = new TestCluster();
  c.set("t-0", { replicas: [1, 2], isr: [1, 2], leader: 1, leaderEpoch: 4, partitionEpoch: 7 });
  c.register(1, { fenced: true });
  const { brokers, topics } = cacheOf(c).answer({ topics: ["t"] }, 3001);
  expect(brokers.map((broker) => broker.id)).toEqual([2, 3]);
  expect(topics[0]?.partitions).toMatchObject([
    {
      error: "LEADER_NOT_AVAILABLE",
      leader: -1,
      leaderEpoch: 4,
      isr: [1, 2],
      offlineReplicas: [1],
    },
  ]);
});

test("an unknown topic is named with its error; no names means all topics", () => {
  const c = new TestCluster();
  c.set("t-0", { replicas: [1], isr: [1], leader: 1 });
  const cache = cacheOf(c);
  expect(cache.answer({ topics: ["nope"] }, 3001).topics).toEqual([
    { name: "nope", error: "UNKNOWN_TOPIC_OR_PARTITION", partitions: [] },
  ]);
  expect(cache.answer({ topics: undefined }, 3001).topics.map((topic) => topic.name)).toEqual([
    "t",
  ]);
});

test("two brokers answer differently while the metadata log has reached only one of them", () => {
  const c = new TestCluster();
  c.set("t-0", { replicas: [1, 2], isr: [1, 2], leader: 1, leaderEpoch: 1, partitionEpoch: 1 });
  c.tell();
  c.set("t-0", { leader: 2, leaderEpoch: 2, partitionEpoch: 2 });
  c.tell([2]);
  const leaders: (number | undefined)[] = [];
  const note = (response: MetadataResponse): void =>
    void leaders.push(response.topics[0]?.partitions[0]?.leader);
  for (const id of [1, 2]) {
    c.client.send(
      id,
      "Metadata",
      { topics: ["t"] },
      {},
      (reply) => reply.ok && note(reply.response),
    );
  }
  c.run(100);
  expect(leaders).toEqual([1, 2]);
});
