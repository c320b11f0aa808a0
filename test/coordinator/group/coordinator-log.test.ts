import { describe, expect, it } from "vitest";
import { CoordinatorLog } from "../../../src/coordinator/group/coordinator-log.ts";
import type { CoordinatorRecord } from "../../../src/coordinator/group/records.ts";
import { environment } from "../../../src/protocol/environment.ts";
import type { ErrorName } from "../../../src/protocol/errors.ts";
import { groupPartitionFor } from "../../../src/protocol/java-hash.ts";
import { kafkaWorld } from "../../../src/protocol/kafka-host.ts";
import { LATEST_RELEASE, rulesFor } from "../../../src/protocol/releases.ts";
import type { PartitionWriter } from "../../../src/protocol/roles.ts";
import type { ProducedBatch } from "../../../src/protocol/types.ts";
import { ms } from "../../../src/sim/kernel.ts";

interface Append {
  readonly batch: ProducedBatch;
  readonly done: (error: ErrorName, baseOffset: number) => void;
}

function setUp(change: { lingerMs?: number; maxBatchBytes?: number } = {}) {
  const env = environment({
    release: LATEST_RELEASE,
    rules: rulesFor(LATEST_RELEASE),
    voters: [],
    brokers: [1],
  });
  const network = {
    latencyUs: 1,
    jitterUs: 0,
    interRackLatencyUs: 0,
    bandwidthBytesPerSecond: 1e9,
  };
  const world = kafkaWorld({ kernel: { seed: "log" }, network });
  const disk = { writeBytesPerSecond: 1e9, readBytesPerSecond: 1e9, fsyncUs: 1 };
  const host = world.addHost({ id: 1, name: "broker-1", disk });
  host.install(() => undefined);
  host.boot();
  const appends: Append[] = [];
  const writer: PartitionWriter = {
    append: (_, batch, done) => void appends.push({ batch, done }),
    readAll: () => [],
  };
  const committed: CoordinatorRecord[] = [];
  const partition = env.partitions.of("__consumer_offsets", 0);
  const log = new CoordinatorLog({
    host,
    env,
    partition,
    writer,
    lingerMs: 5,
    commitTimeoutMs: 5_000,
    maxBatchBytes: 1_000,
    committed: (record) => committed.push(record),
    ...change,
  });
  const record = (offset: number): CoordinatorRecord => ({
    type: "OffsetCommit",
    group: "g",
    partition,
    value: { offset, leaderEpoch: -1, metadata: "", commitTimestamp: 0 },
  });
  const run = (milliseconds: number) => world.kernel.run(world.kernel.now + ms(milliseconds));
  const answers: ErrorName[] = [];
  const answer = (error: ErrorName) => void answers.push(error);
  return { log, appends, committed, record, run, answers, answer };
}

describe("a coordinator's log", () => {
  it("collects records for the linger and appends them as one batch", () => {
    const { log, appends, record, run, answer } = setUp();
    log.write([record(1)], answer);
    run(4);
    log.write([record(2), record(3)], answer);
    expect(appends).toHaveLength(0);
    run(1);
    expect(appends).toHaveLength(1);
    expect(appends[0]?.batch).toMatchObject({ count: 3, firstNumber: 0, producerId: -1 });
    expect(appends[0]?.batch.payload).toHaveLength(3);
    log.write([record(4)], answer);
    run(5);
    expect(appends[1]?.batch).toMatchObject({ count: 1, firstNumber: 3 });
  });

  it("appends at once without a linger", () => {
    const { log, appends, record, answer } = setUp({ lingerMs: 0 });
    log.write([record(1)], answer);
    expect(appends).toHaveLength(1);
  });

  it("makes another batch of what does not fit", () => {
    const { log, appends, record, run, answer } = setUp({ maxBatchBytes: 200 });
    log.write([record(1), record(2), record(3)], answer);
    run(5);
    expect(appends.map(({ batch }) => batch.count)).toEqual([2, 1]);
    for (const { batch } of appends) expect(batch.sizeBytes).toBeLessThanOrEqual(200);
  });

  it("answers when the batch is committed, after its records took effect", () => {
    const { log, appends, committed, record, run } = setUp();
    const seen: number[] = [];
    log.write([record(1)], () => seen.push(committed.length));
    log.afterWrites(() => seen.push(10 + committed.length));
    run(5);
    expect([seen, [...log.uncommitted()].length]).toEqual([[], 1]);
    log.afterWrites(() => seen.push(20 + committed.length));
    appends[0]?.done("NONE", 0);
    expect([seen, [...log.uncommitted()].length]).toEqual([[1, 11, 21], 0]);
    log.afterWrites(() => seen.push(99));
    expect(seen.at(-1)).toBe(99);
  });

  it.each([
    ["NOT_ENOUGH_REPLICAS", "COORDINATOR_NOT_AVAILABLE"],
    ["UNKNOWN_TOPIC_OR_PARTITION", "COORDINATOR_NOT_AVAILABLE"],
    ["NOT_LEADER_OR_FOLLOWER", "NOT_COORDINATOR"],
    ["KAFKA_STORAGE_ERROR", "NOT_COORDINATOR"],
    ["MESSAGE_TOO_LARGE", "UNKNOWN_SERVER_ERROR"],
    ["INVALID_TIMESTAMP", "INVALID_TIMESTAMP"],
  ] as const)("tells a client %s as %s", (error, told) => {
    const { log, appends, committed, record, run, answers, answer } = setUp();
    log.write([record(1)], answer);
    run(5);
    appends[0]?.done(error, -1);
    expect([answers, committed]).toEqual([[told], []]);
  });

  it("answers after offsets.commit.timeout.ms, and the records take effect all the same", () => {
    const { log, appends, committed, record, run, answers, answer } = setUp();
    log.write([record(1)], answer);
    run(5_000);
    expect(answers).toEqual(["COORDINATOR_NOT_AVAILABLE"]);
    appends[0]?.done("NONE", 0);
    expect([answers.length, committed.length]).toEqual([1, 1]);
  });

  it("sends everybody elsewhere when it is closed, and hears of nothing any more", () => {
    const { log, appends, committed, record, run, answers, answer } = setUp();
    log.write([record(1)], answer);
    run(5);
    log.write([record(2)], answer);
    log.close();
    expect(answers).toEqual(["NOT_COORDINATOR", "NOT_COORDINATOR"]);
    appends[0]?.done("NONE", 0);
    run(10_000);
    expect([answers.length, committed.length, appends.length]).toEqual([2, 0, 1]);
  });
});

it.each([
  ["my-group", 12],
  ["group1", 40],
  ["test-group", 12],
  ["connect-cluster", 13],
  ["polygenelubricants", 0],
])("%s is coordinated by partition %i of __consumer_offsets", (group, partition) => {
  expect(groupPartitionFor(group, 50)).toBe(partition);
});
