// Where a follower cuts its log, by each of Kafka's four rules, as a table over one log.
import { describe, expect, test } from "vitest";
import { truncationFor } from "../../src/broker/truncation.ts";
import type { ReplicaLog } from "../../src/log/log.ts";
import { LATEST_RELEASE, type Rules, rulesFor } from "../../src/protocol/releases.ts";
import { OneBroker } from "./one-broker.ts";

/** Epochs 0@0, 1@2, 4@4, 6@7; log end 8, high watermark 1. */
function log(): ReplicaLog {
  const b = new OneBroker({ replicas: [1, 2] });
  const epochs = [
    [0, 2],
    [1, 4],
    [4, 7],
    [6, 8],
  ] as const;
  epochs.forEach(([leaderEpoch, upTo], i) => {
    b.lead([1, 2], { leaderEpoch, partitionEpoch: i });
    b.append(upTo - b.replica.logEndOffset);
  });
  b.fetch(2, 1);
  return b.replica.log;
}

const rule = (name: Rules["replication.truncation"]) =>
  truncationFor(rulesFor(LATEST_RELEASE, { "replication.truncation": name }));

describe("a new follower", () => {
  test.each([
    ["high-watermark", { fetchOffset: 1, truncating: true, lastFetchedEpoch: -1 }, -1],
    ["leader-epoch", { fetchOffset: 1, truncating: true, lastFetchedEpoch: -1 }, 6],
    ["leader-epoch-reply-epoch", { fetchOffset: 1, truncating: true, lastFetchedEpoch: -1 }, 6],
    ["diverging-epoch", { fetchOffset: 8, truncating: false, lastFetchedEpoch: 6 }, 6],
  ] as const)("by %s starts so", (name, start, asks) => {
    expect(rule(name).start(log())).toEqual(start);
    expect(rule(name).epochToAsk(log())).toBe(asks);
  });

  test("without any epoch starts at its high watermark even by diverging-epoch", () => {
    const b = new OneBroker({ replicas: [1, 2] });
    b.metadata({ leader: 2, leaderEpoch: 1, partitionEpoch: 1, isr: [2] });
    expect(rule("diverging-epoch").start(b.replica.log)).toMatchObject({
      fetchOffset: 0,
      truncating: true,
    });
  });
});

describe("the leader's answer", () => {
  const answer = (leaderEpoch: number, endOffset: number) => ({ leaderEpoch, endOffset });

  test.each([
    // KIP-101 takes the offset as it is, whatever epoch it belongs to.
    ["leader-epoch", answer(3, 4), 4, true],
    ["leader-epoch", answer(6, 20), 8, true],
    ["leader-epoch", answer(-1, -1), 1, true],
    // KIP-279: the leader's epoch 3 is unknown here; the next lower one, 1, ends at 4. Ask again.
    ["leader-epoch-reply-epoch", answer(3, 6), 4, false],
    ["leader-epoch-reply-epoch", answer(4, 5), 5, true],
    ["leader-epoch-reply-epoch", answer(4, 9), 7, true],
    ["leader-epoch-reply-epoch", answer(6, 20), 8, true],
    ["leader-epoch-reply-epoch", answer(-1, -1), 1, true],
    // KIP-595: the next fetch is compared again in any case.
    ["diverging-epoch", answer(3, 6), 4, true],
    ["diverging-epoch", answer(4, 5), 5, true],
  ] as const)("by %s, %o cuts to %i", (name, end, offset, completed) => {
    expect(rule(name).truncationPoint(log(), end, 1)).toEqual({ offset, completed });
  });
});
