import { describe, expect, it } from "vitest";
import { constantBackoff, exponentialBackoff } from "../../src/client/backoff.ts";
import { Metadata } from "../../src/client/metadata.ts";
import type { MetadataResponse } from "../../src/protocol/apis.ts";
import { environment } from "../../src/protocol/environment.ts";
import type { ErrorName } from "../../src/protocol/errors.ts";
import { rulesFor } from "../../src/protocol/releases.ts";
import { ms } from "../../src/sim/kernel.ts";
import { type Rng, rngFor } from "../../src/sim/rng.ts";

const env = environment({ release: "4.1", rules: rulesFor("4.1"), voters: [], brokers: [1, 2, 3] });
const partition = env.partitions.of("t", 0);
const metadata = (): Metadata => new Metadata(env, ["t"], ms(10_000), constantBackoff(100));

function answer(leader: number, leaderEpoch: number, error: ErrorName = "NONE"): MetadataResponse {
  const entry = {
    partition,
    error,
    leader,
    leaderEpoch,
    replicas: [],
    isr: [],
    offlineReplicas: [],
  };
  return {
    brokers: [{ id: 2, rack: undefined }],
    controllerId: 1,
    topics: [{ name: "t", error: "NONE", partitions: [entry] }],
  };
}

describe("a client's metadata", () => {
  it("is due at once, then after metadata.max.age.ms", () => {
    const known = metadata();
    expect(known.brokers).toEqual([1, 2, 3]);
    expect(known.nextUpdateAt(5)).toBe(5);
    known.update(answer(1, 0), ms(1));
    expect(known.brokers).toEqual([2]);
    expect(known.nextUpdateAt(ms(2))).toBe(ms(10_001));
  });

  it("is refreshed for an error, but not within the back-off after the last time", () => {
    const known = metadata();
    known.update(answer(1, 0), ms(1000));
    known.requestUpdate();
    expect(known.nextUpdateAt(ms(1001))).toBe(ms(1100));
    expect(known.nextUpdateAt(ms(2000))).toBe(ms(2000));
    known.failed(ms(2000));
    expect(known.nextUpdateAt(ms(2000))).toBe(ms(2100));
  });

  it("backs off further while answers bring nothing new", () => {
    const even = { ...rngFor("x"), float: () => 0.5 } as Rng;
    const known = new Metadata(env, ["t"], ms(10_000), exponentialBackoff(100, 1000, even));
    const pauses: number[] = [];
    for (const now of [0, 1000, 2000, 3000, 4000].map(ms)) {
      known.update(answer(-1, 0, "LEADER_NOT_AVAILABLE"), now);
      pauses.push((known.nextUpdateAt(now) - now) / 1000);
    }
    expect(pauses).toEqual([100, 100, 200, 400, 800]);
  });

  it("keeps a leader against an answer with an older epoch", () => {
    const known = metadata();
    known.update(answer(1, 5), 0);
    known.update(answer(3, 4), ms(200));
    expect([known.leaderOf(partition), known.leaderEpochOf(partition)]).toEqual([1, 5]);
    known.update(answer(3, 6), ms(400));
    expect(known.leaderOf(partition)).toBe(3);
  });

  it("never goes back to an epoch below the last one seen (MetadataTest.testUpdateLastEpoch)", () => {
    const known = metadata();
    // Nothing is known of the partition: an epoch alone says nothing.
    for (const epoch of [0, 1, 2]) expect(known.sawEpoch(partition, epoch)).toBe(false);
    expect(known.leaderEpochOf(partition)).toBe(-1);
    known.update(answer(1, 10), 1);
    expect(known.sawEpoch(partition, 1)).toBe(false);
    expect(known.sawEpoch(partition, 10)).toBe(false);
    expect(known.leaderOf(partition)).toBe(1);
    expect(known.sawEpoch(partition, 12)).toBe(true);
    expect(known.leaderEpochOf(partition)).toBe(12);
    known.update(answer(1, 12), 2);
    known.update(answer(1, 11), 3);
    expect(known.currentLeader(partition)).toEqual({ id: 1, epoch: 12 });
  });

  it("knows no leader while an epoch was seen that it has no metadata of (testOutOfBandEpochUpdate)", () => {
    const known = metadata();
    expect(known.sawEpoch(partition, 99)).toBe(false);
    known.update(answer(1, 100), ms(10));
    const { version } = known;
    expect(known.sawEpoch(partition, 101)).toBe(true);
    expect(known.version).toBeGreaterThan(version);
    expect(known.partitionsOf("t")).toHaveLength(1);
    expect(known.currentLeader(partition)).toEqual({ id: -1, epoch: 101 });
    expect(known.nextUpdateAt(ms(200))).toBe(ms(200));
    known.update(answer(1, 100), ms(20));
    expect(known.currentLeader(partition)).toEqual({ id: -1, epoch: 101 });
    expect(known.partitionsOf("t")).toHaveLength(1);
    known.update(answer(2, 101), ms(30));
    expect(known.currentLeader(partition)).toEqual({ id: 2, epoch: 101 });
  });

  it("counts an answer as news for a newer epoch alone, and starts to count anew where news is expected", () => {
    const even = { ...rngFor("x"), float: () => 0.5 } as Rng;
    const known = new Metadata(env, ["t"], ms(10_000), exponentialBackoff(100, 1000, even));
    const pause = (): number => (known.nextUpdateAt(ms(1)) - ms(1)) / 1000;
    for (const _ of [1, 2, 3, 4]) known.update(answer(-1, 3, "LEADER_NOT_AVAILABLE"), ms(1));
    expect(pause()).toBe(400);
    // Another leader of the same epoch is none.
    known.update(answer(2, 3, "LEADER_NOT_AVAILABLE"), ms(1));
    expect(pause()).toBe(800);
    known.requestUpdate();
    expect(pause()).toBe(800);
    known.requestUpdate(true);
    expect(pause()).toBe(100);
    known.update(answer(2, 4, "LEADER_NOT_AVAILABLE"), ms(1));
    expect(pause()).toBe(100);
  });

  it("adopts a hint with a newer epoch only, and only where the release has hints", () => {
    const known = metadata();
    known.update(answer(1, 5), 0);
    expect(known.adoptHint(partition, 2, 5)).toBe(false);
    expect(known.adoptHint(partition, -1, 6)).toBe(false);
    expect(known.adoptHint(partition, 2, 6)).toBe(true);
    expect(known.leaderOf(partition)).toBe(2);
    const old = { ...env, rules: rulesFor("3.6") };
    const without = new Metadata(old, ["t"], ms(10_000), constantBackoff(100));
    without.update(answer(1, 5), 0);
    expect(without.adoptHint(partition, 2, 6)).toBe(false);
  });
});
