// Committed offsets, and the end of groups. The names in brackets are the tests of Kafka's OffsetMetadataManagerTest (or ClassicGroupTest)
// with the same meaning.
import { describe, expect, it } from "vitest";
import { GROUP, OneShard } from "./one-shard.ts";

const WEEK_MS = 7 * 24 * 3_600_000;
const CHECK_MS = 600_000;

const errorOf = (commit: ReturnType<OneShard["commitOffset"]>) => commit.value.partitions[0]?.error;

describe("a commit", () => {
  it("without a group makes a simple one (testSimpleGroupOffsetCommit)", () => {
    const test = new OneShard();
    expect(errorOf(test.commitOffset(7))).toBe("NONE");
    expect(test.offsets).toEqual([["orders-0", 7]]);
    expect([test.state, test.group.isSimple]).toEqual(["Empty", true]);
    expect(test.of("offset.committed")).toMatchObject([
      { group: GROUP, offset: 7, client: 5001, generation: -1 },
    ]);
  });

  it("of a member of a group that is gone is refused (testOffsetCommitWithUnknownGroup)", () => {
    const test = new OneShard();
    const commit = test.commitOffset(7, { generationId: 3, memberId: "who" });
    expect(errorOf(commit)).toBe("GROUP_ID_NOT_FOUND");
    expect(test.state).toBe("gone");
  });

  it("needs the member and the generation (testGenericGroupOffsetCommitWithUnknownMemberId, …IllegalGeneration, …UnknownInstanceId, …FencedInstanceId, …WithoutMemberIdAndGeneration)", () => {
    const test = new OneShard();
    const { leader, follower } = test.stableStatic();
    const commit = (change: Parameters<OneShard["commitOffset"]>[1]) =>
      errorOf(test.commitOffset(7, change));
    expect(commit({ memberId: leader, generationId: 1 })).toBe("NONE");
    expect(commit({ memberId: "who", generationId: 1 })).toBe("UNKNOWN_MEMBER_ID");
    expect(commit({ memberId: leader, generationId: 2 })).toBe("ILLEGAL_GENERATION");
    expect(commit({ memberId: leader, generationId: 1, groupInstanceId: "nobody" })).toBe(
      "UNKNOWN_MEMBER_ID",
    );
    expect(commit({ memberId: follower, generationId: 1, groupInstanceId: "leader" })).toBe(
      "FENCED_INSTANCE_ID",
    );
    expect(commit({})).toBe("UNKNOWN_MEMBER_ID");
    expect(test.of("offset.committed")).toHaveLength(1);
  });

  it("is taken while the group prepares, not while it waits for the assignment (testGenericGroupOffsetCommitWhileInCompletingRebalanceState)", () => {
    const test = new OneShard();
    const memberId = test.stable();
    test.joinDynamic();
    expect(test.state).toBe("PreparingRebalance");
    expect(errorOf(test.commitOffset(7, { memberId, generationId: 1 }))).toBe("NONE");
    test.join({ memberId });
    expect(test.state).toBe("CompletingRebalance");
    expect(errorOf(test.commitOffset(8, { memberId, generationId: 2 }))).toBe(
      "REBALANCE_IN_PROGRESS",
    );
    expect(errorOf(test.commitOffset(8, { memberId, generationId: 1 }))).toBe("ILLEGAL_GENERATION");
  });

  it("is a sign of life (testGenericGroupOffsetCommitMaintainsSession)", () => {
    const test = new OneShard();
    const memberId = test.stable({ sessionTimeoutMs: 10_000 });
    for (let i = 0; i < 3; i++) {
      test.sleep(9_999);
      expect(errorOf(test.commitOffset(i, { memberId, generationId: 1 }))).toBe("NONE");
    }
    test.sleep(10_000);
    expect(test.group.has(memberId)).toBe(false);
  });

  it("with too much metadata is refused (testConsumerGroupOffsetCommitWithOffsetMetadataTooLarge)", () => {
    const test = new OneShard();
    expect(errorOf(test.commitOffset(7, { metadata: "x".repeat(4_097) }))).toBe(
      "OFFSET_METADATA_TOO_LARGE",
    );
    expect(errorOf(test.commitOffset(7, { metadata: "x".repeat(4_096) }))).toBe("NONE");
  });

  it("is seen when it is in the log, and waited for by who wants stable offsets (testFetchOffsetsAtDifferentCommittedOffset)", () => {
    const test = new OneShard();
    test.commitOffset(7);
    test.commitsAtOnce = false;
    const commit = test.commitOffset(8);
    const stable = test.fetch(true);
    expect([commit.isDone, stable.isDone]).toEqual([false, false]);
    expect(test.offsets).toEqual([["orders-0", 7]]);
    test.commit();
    expect(errorOf(commit)).toBe("NONE");
    expect(stable.value.partitions).toMatchObject([{ offset: 8 }]);
  });

  it("that the log refuses changes nothing, nor does it leave a group behind", () => {
    const test = new OneShard();
    test.commitsAtOnce = false;
    const commit = test.commitOffset(8);
    const stable = test.fetch(true);
    test.commit("COORDINATOR_NOT_AVAILABLE");
    expect(errorOf(commit)).toBe("COORDINATOR_NOT_AVAILABLE");
    expect(stable.value.error).toBe("NOT_COORDINATOR");
    expect([test.offsets, test.state]).toEqual([[], "gone"]);
  });
});

it("a group that is not known has no offsets (testFetchOffsetsWithUnknownGroup)", () => {
  const test = new OneShard();
  let answer: unknown;
  const partitions = [test.names.of("orders", 0)];
  test.shard.fetch({ groupId: "who", partitions, requireStable: false }, (response) => {
    answer = response;
  });
  expect(answer).toMatchObject({ error: "NONE", partitions: [{ offset: -1, leaderEpoch: -1 }] });
});

describe("offsets expire", () => {
  const sleepPastCheck = (test: OneShard, milliseconds: number) =>
    test.sleep(milliseconds + CHECK_MS);

  it("a retention time after the commit in a simple group (testOffsetExpirationCondition)", () => {
    const test = new OneShard();
    test.shard.loaded();
    test.commitOffset(7);
    test.sleep(WEEK_MS - CHECK_MS);
    expect(test.offsets).toHaveLength(1);
    sleepPastCheck(test, CHECK_MS);
    expect([test.offsets, test.state]).toEqual([[], "gone"]);
    expect(test.of("offset.expired")).toMatchObject([{ group: GROUP }]);
    expect(test.records.slice(-2).map((r) => [r.type, r.value])).toEqual([
      ["OffsetCommit", undefined],
      ["GroupMetadata", undefined],
    ]);
  });

  it("a retention time after a group became empty, however old they are (KIP-211)", () => {
    const test = new OneShard();
    test.shard.loaded();
    const memberId = test.stable({ sessionTimeoutMs: 1_800_000 });
    test.commitOffset(7, { memberId, generationId: 1 });
    for (let i = 0; i < 700; i++) {
      test.sleep(1_700_000);
      test.heartbeat(memberId, 1);
    }
    // Nearly two weeks later the topic is still subscribed.
    expect(test.offsets).toHaveLength(1);
    test.leave({ memberId });
    test.sleep(WEEK_MS - CHECK_MS);
    expect(test.offsets).toHaveLength(1);
    sleepPastCheck(test, CHECK_MS);
    expect([test.offsets, test.state]).toEqual([[], "gone"]);
  });

  it("of a topic nobody subscribes to, while the group lives (testCleanupExpiredOffsets)", () => {
    const test = new OneShard({ config: { "offsets.retention.minutes": 60 } });
    test.shard.loaded();
    const memberId = test.stable({ sessionTimeoutMs: 1_800_000 });
    test.commitOffset(7, { memberId, generationId: 1 });
    test.commitOffset(9, { memberId, generationId: 1, topic: "payments" });
    for (let i = 0; i < 4; i++) {
      test.sleep(1_200_000);
      test.heartbeat(memberId, 1);
    }
    expect(test.offsets).toEqual([["orders-0", 7]]);
    expect(test.state).toBe("Stable");
  });

  it("not while a newer commit is on its way", () => {
    const test = new OneShard();
    test.shard.loaded();
    test.commitOffset(7);
    test.sleep(WEEK_MS - 1);
    test.commitsAtOnce = false;
    test.commitOffset(8);
    test.sleep(CHECK_MS);
    test.commit();
    expect(test.offsets).toEqual([["orders-0", 8]]);
  });

  it("when their partitions are deleted (testOnPartitionsDeleted)", () => {
    const test = new OneShard();
    test.commitOffset(7);
    test.commitOffset(9, { topic: "payments" });
    test.shard.partitionsDeleted(new Set([test.names.of("orders", 0)]));
    expect(test.offsets).toEqual([["payments-0", 9]]);
  });
});

describe("DeleteGroups", () => {
  const remove = (test: OneShard) => {
    const answers: unknown[] = [];
    test.shard.delete([GROUP], (groups) => answers.push(...groups.map(({ error }) => error)));
    return answers;
  };

  it("takes an empty group and its offsets (testClassicGroupDelete, testDeleteGroupAllOffsets)", () => {
    const test = new OneShard();
    const memberId = test.stable();
    test.commitOffset(7, { memberId, generationId: 1 });
    expect(remove(test)).toEqual(["NON_EMPTY_GROUP"]);
    test.leave({ memberId });
    expect(remove(test)).toEqual(["NONE"]);
    expect([test.offsets, test.state]).toEqual([[], "gone"]);
    expect(remove(test)).toEqual(["GROUP_ID_NOT_FOUND"]);
    expect(test.of("group.stateChanged").at(-1)).toMatchObject({ to: "Dead", why: "deleted" });
  });

  it("gives the group back when the log refuses", () => {
    const test = new OneShard();
    test.commitOffset(7);
    test.commitsAtOnce = false;
    const answers = remove(test);
    expect([answers, test.state]).toEqual([[], "gone"]);
    test.commit("NOT_COORDINATOR");
    expect([answers, test.state, test.offsets]).toEqual([
      ["NOT_COORDINATOR"],
      "Empty",
      [["orders-0", 7]],
    ]);
  });

  it("also takes a commit that is still on its way", () => {
    const test = new OneShard();
    test.commitOffset(6);
    test.commitsAtOnce = false;
    test.commitOffset(7, { topic: "payments" });
    const answers = remove(test);
    test.commit();
    expect([answers, test.offsets]).toEqual([["NONE"], []]);
  });
});

it("a group is described by its state (testDescribeGroupStable, testDescribeGroupRebalancing, testDescribeGroupsGroupIdNotFoundException)", () => {
  const test = new OneShard();
  expect(test.shard.describe(GROUP)).toMatchObject({ error: "NONE", state: "Dead", members: [] });
  const memberId = test.stable();
  expect(test.shard.describe(GROUP)).toMatchObject({
    state: "Stable",
    protocolType: "consumer",
    protocolName: "range",
    members: [{ memberId, clientId: "client", clientHost: "/10.0.0.1" }],
  });
  test.joinDynamic();
  expect(test.shard.describe(GROUP)).toMatchObject({
    state: "PreparingRebalance",
    protocolName: "",
  });
});

describe("the retention of offsets (KIP-211)", () => {
  const MONTH_MS = 30 * 24 * 3_600_000;

  it("of an empty group is not prolonged by commits from outside", () => {
    const test = new OneShard();
    test.shard.loaded();
    const memberId = test.stable();
    test.commitOffset(7, { memberId, generationId: 1 });
    test.leave({ memberId });
    test.sleep(WEEK_MS - CHECK_MS);
    // As kafka-consumer-groups --reset-offsets does.
    expect(errorOf(test.commitOffset(3))).toBe("NONE");
    test.sleep(2 * CHECK_MS);
    expect([test.offsets, test.state]).toEqual([[], "gone"]);
  });

  it("of a simple group counts for each partition from its own commit, and the group goes with the last", () => {
    const test = new OneShard();
    test.shard.loaded();
    test.commitOffset(7);
    test.sleep(WEEK_MS / 2);
    test.commitOffset(9, { topic: "payments" });
    test.sleep(WEEK_MS / 2 + CHECK_MS);
    expect([test.offsets, test.state]).toEqual([[["payments-0", 9]], "Empty"]);
    test.sleep(WEEK_MS / 2);
    expect([test.offsets, test.state]).toEqual([[], "gone"]);
  });

  it("does not pass while the group rebalances, whatever the topic", () => {
    const test = new OneShard({ config: { "offsets.retention.minutes": 1 } });
    test.shard.loaded();
    const memberId = test.stable({ rebalanceTimeoutMs: MONTH_MS, sessionTimeoutMs: 1_800_000 });
    test.commitOffset(9, { memberId, generationId: 1, topic: "payments" });
    const { id } = test.joinDynamic({ rebalanceTimeoutMs: MONTH_MS });
    expect(test.state).toBe("PreparingRebalance");
    for (let i = 0; i < 4; i++) {
      test.sleep(CHECK_MS / 2);
      test.heartbeat(memberId, 1);
    }
    expect([test.state, test.offsets]).toEqual(["PreparingRebalance", [["payments-0", 9]]]);
    expect(test.group.has(id)).toBe(false);
  });

  it("is that of the group's own record after a failover: the new coordinator does not begin anew", () => {
    const before = new OneShard();
    const memberId = before.stable();
    before.commitOffset(7, { memberId, generationId: 1 });
    before.leave({ memberId });
    const after = new OneShard();
    after.nowMs = before.nowMs + WEEK_MS - CHECK_MS;
    for (const record of before.records) after.shard.replay(record);
    after.shard.loaded();
    expect(after.offsets).toHaveLength(1);
    after.sleep(CHECK_MS);
    expect([after.offsets, after.state]).toEqual([[], "gone"]);
  });

  it("is over for good: what a cleaned log has left of the group makes no group", () => {
    const before = new OneShard();
    before.shard.loaded();
    const memberId = before.stable();
    before.commitOffset(7, { memberId, generationId: 1 });
    before.leave({ memberId });
    before.sleep(WEEK_MS + CHECK_MS);
    expect(before.state).toBe("gone");
    const latest = new Map<string, (typeof before.records)[number]>();
    for (const record of before.records) {
      const key = record.type === "OffsetCommit" ? record.partition.name : "group";
      latest.delete(key);
      latest.set(key, record);
    }
    const after = new OneShard();
    for (const record of latest.values()) after.shard.replay(record);
    after.shard.loaded();
    expect([after.offsets, after.state]).toEqual([[], "gone"]);
  });

  it("takes a group without offsets at the next look, even one whose only member has yet to come back with its id", () => {
    const test = new OneShard();
    test.shard.loaded();
    test.sleep(CHECK_MS - 1000);
    expect(test.join().value.error).toBe("MEMBER_ID_REQUIRED");
    test.sleep(2000);
    expect(test.state).toBe("gone");
  });
});

describe("a commit for a group that is not known", () => {
  it.each([
    [true, "ILLEGAL_GENERATION"],
    [false, "GROUP_ID_NOT_FOUND"],
  ] as const)("before 4.0: %s, is answered with %s", (sparesMembers, error) => {
    const test = new OneShard({ sparesMembers });
    expect(errorOf(test.commitOffset(7, { generationId: 3, memberId: "who" }))).toBe(error);
  });
});
