// What a node does whose metadata log parts from its leader's below what is committed (KafkaRaftClient.handleFetchResponse, KafkaMetadataLog.truncateTo).
import { expect, test } from "vitest";
import { MetadataLog, memoryStore } from "../../../../src/controller/kraft/raft/log.ts";
import { LogFetcher } from "../../../../src/controller/kraft/raft/log-fetcher.ts";
import type { FetchMetadataLogResponse } from "../../../../src/protocol/apis.ts";
import type { KafkaHost, Reply } from "../../../../src/protocol/kafka-host.ts";
import { rulesFor } from "../../../../src/protocol/releases.ts";
import type { EpochEndOffset } from "../../../../src/protocol/types.ts";

/** A fetcher whose log holds one record of each epoch, answered that the logs part. */
function told(epochs: readonly number[], highWatermark: number, divergingEpoch: EpochEndOffset) {
  const log = new MetadataLog(memoryStore());
  for (const epoch of epochs)
    log.append({ baseOffset: log.endOffset, epoch, records: [{ type: "NoOp" }] });
  const seen: string[] = [];
  const answers: ((reply: Reply<"FetchMetadataLog">) => void)[] = [];
  const host = {
    send: (_to: number, _api: string, _request: unknown, _options: unknown, done: never) =>
      void answers.push(done),
    crash: (how: string) => void seen.push(`crashed: ${how}`),
  } as unknown as KafkaHost;
  const fetcher = new LogFetcher(host, {
    log,
    replicaId: 2,
    rules: rulesFor("4.1"),
    requestTimeout: 1,
    retryBackoff: 1,
    target: () => ({ node: 1, epoch: 9 }),
    knownHighWatermark: () => highWatermark,
    unreachable: () => undefined,
    accepts: () => true,
    truncated: (from, to) => void seen.push(`cut from ${from} to ${to}`),
    append: () => undefined,
    highWatermark: () => undefined,
  });
  fetcher.start();
  const response = { divergingEpoch } as FetchMetadataLogResponse;
  answers[0]?.({ ok: true, response });
  return { seen, log };
}

test.each([
  { why: "committed records may stay", to: { leaderEpoch: 1, endOffset: 2 }, committed: 2 },
  { why: "the leader has more of the epoch", to: { leaderEpoch: 1, endOffset: 9 }, committed: 2 },
])("cuts what the leader does not have: $why", ({ to, committed }) => {
  const { seen, log } = told([1, 1, 2, 2], committed, to);
  expect(seen).toEqual(["cut from 4 to 2"]);
  expect(log.endOffset).toBe(2);
});

test.each([
  { why: "the leader's answer says so", to: { leaderEpoch: 1, endOffset: 1 } },
  { why: "the logs part earlier than its answer says", to: { leaderEpoch: 1, endOffset: 9 } },
])("ends its process rather than unlearn what is committed: $why", ({ to }) => {
  const { seen, log } = told([1, 1, 2, 2], 3, to);
  expect(seen).toEqual(["crashed: kill"]);
  expect(log.endOffset).toBe(4);
});
