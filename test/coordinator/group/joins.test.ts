// Joining a classic group. The names in brackets are the tests of Kafka's GroupMetadataManagerTest with the same meaning.
import { describe, expect, it } from "vitest";
import { OneShard } from "./one-shard.ts";
import { protocols } from "./requests.ts";

describe("a new member", () => {
  it("makes the group and its first record (testGenerateRecordsOnNewClassicGroup)", () => {
    const test = new OneShard();
    expect(test.join().value).toMatchObject({
      error: "MEMBER_ID_REQUIRED",
      memberId: "client-uuid-1",
    });
    expect(test.records).toMatchObject([
      { type: "GroupMetadata", group: "my-group", value: { generationId: 0, members: [] } },
    ]);
  });

  it("is unknown again when that record is refused (testGenerateRecordsOnNewClassicGroupFailureTransformsError)", () => {
    const test = new OneShard();
    test.commitsAtOnce = false;
    const joined = test.join({ groupInstanceId: "one" });
    expect(joined.isDone).toBe(false);
    test.commit("COORDINATOR_NOT_AVAILABLE");
    expect(joined.value).toMatchObject({ error: "COORDINATOR_NOT_AVAILABLE", memberId: "" });
    expect(test.state).toBe("gone");
    test.sleep(400_000);
    expect(test.state).toBe("gone");
  });

  it("with an id nobody gave it is refused (testJoinGroupUnknownMemberNewGroup, testJoinGroupUnknownConsumerExistingGroup)", () => {
    const test = new OneShard();
    expect(test.join({ memberId: "who" }).value.error).toBe("UNKNOWN_MEMBER_ID");
    expect(test.state).toBe("gone");
    test.stable();
    expect(test.join({ memberId: "who" }).value.error).toBe("UNKNOWN_MEMBER_ID");
  });

  it("needs a protocol, and one that all others support (testJoinGroupWithEmptyGroupProtocol, testJoinGroupInconsistentGroupProtocol)", () => {
    const test = new OneShard();
    expect(test.join({ protocols: [] }).value.error).toBe("INCONSISTENT_GROUP_PROTOCOL");
    test.stable({ protocols: protocols("range", "roundrobin") });
    const sticky = test.join({ protocols: protocols("sticky") });
    expect(sticky.value.error).toBe("INCONSISTENT_GROUP_PROTOCOL");
    expect(test.join({ protocols: protocols("sticky", "roundrobin") }).value.error).toBe(
      "MEMBER_ID_REQUIRED",
    );
  });

  it("may be static, and is then admitted at once (testStaticMemberJoinAsFirstMember)", () => {
    const test = new OneShard();
    const joined = test.join({ groupInstanceId: "one" });
    expect(joined.isDone).toBe(false);
    test.sleep(3_000);
    expect(joined.value).toMatchObject({
      error: "NONE",
      generationId: 1,
      memberId: "one-uuid-1",
      leader: "one-uuid-1",
      protocolName: "range",
      skipAssignment: false,
    });
    expect(joined.value.members.map((m) => m.groupInstanceId)).toEqual(["one"]);
  });

  it("has its new group stored since 4.0, and not before", () => {
    for (const storesNewGroups of [true, false]) {
      const test = new OneShard({ storesNewGroups });
      test.join({ groupInstanceId: "one" });
      expect(test.records.map(({ type }) => type)).toEqual(
        storesNewGroups ? ["GroupMetadata"] : [],
      );
    }
  });

  it("joins at once where KIP-394 is not in force (testDynamicMembersJoinGroupWithMaxSizeAndNotRequiredKnownMember)", () => {
    const test = new OneShard({ requiresMemberId: false });
    const joined = test.join();
    test.sleep(3_000);
    expect(joined.value).toMatchObject({ error: "NONE", generationId: 1 });
  });

  it("that does not come back with its id is forgotten (testHeartbeatExpirationShouldRemovePendingMember)", () => {
    const test = new OneShard();
    const { memberId } = test.join({ sessionTimeoutMs: 6_000 }).value;
    expect(test.group.isPending(memberId)).toBe(true);
    test.sleep(5_999);
    expect(test.group.isPending(memberId)).toBe(true);
    test.sleep(1);
    expect(test.group.isPending(memberId)).toBe(false);
    expect(test.join({ memberId }).value.error).toBe("UNKNOWN_MEMBER_ID");
  });

  it("whose first join is parked expires after five minutes (testNewMemberJoinExpiration, testNewMemberTimeoutCompletion)", () => {
    const test = new OneShard();
    const first = test.stable({ sessionTimeoutMs: 1_800_000, rebalanceTimeoutMs: 600_000 });
    const second = test.joinDynamic();
    expect(test.state).toBe("PreparingRebalance");
    test.sleep(299_999);
    expect(second.isDone).toBe(false);
    test.sleep(1);
    expect(second.value.error).toBe("UNKNOWN_MEMBER_ID");
    expect(test.group.members.map((m) => m.memberId)).toEqual([first]);
  });
});

describe("the first rebalance of a group", () => {
  it("waits for the initial delay (testDelayInitialRebalanceByGroupInitialRebalanceDelayOnEmptyGroup)", () => {
    const test = new OneShard();
    const joined = test.joinDynamic();
    test.sleep(2_999);
    expect(joined.isDone).toBe(false);
    test.sleep(1);
    expect(joined.value.generationId).toBe(1);
    expect(test.state).toBe("CompletingRebalance");
  });

  it("waits once more for each delay in which someone joins (testResetRebalanceDelayWhenNewMemberJoinsGroupDuringInitialRebalance)", () => {
    const test = new OneShard();
    const first = test.joinDynamic({ rebalanceTimeoutMs: 9_000 });
    test.sleep(1_500);
    const second = test.joinDynamic({ rebalanceTimeoutMs: 9_000 });
    test.sleep(1_500);
    expect(first.isDone).toBe(false);
    test.sleep(2_999);
    expect(first.isDone).toBe(false);
    test.sleep(1);
    expect([first.isDone, second.isDone, test.group.size]).toEqual([true, true, 2]);
  });

  it("does not wait longer than the rebalance timeout (testDelayRebalanceUptoRebalanceTimeout)", () => {
    const test = new OneShard({ config: { "group.initial.rebalance.delay.ms": 5_000 } });
    const change = { rebalanceTimeoutMs: 10_000, sessionTimeoutMs: 60_000 };
    const first = test.joinDynamic(change);
    test.joinDynamic(change);
    test.sleep(5_000);
    expect(first.isDone).toBe(false);
    test.joinDynamic(change);
    test.sleep(4_999);
    expect(first.isDone).toBe(false);
    test.sleep(1);
    expect(first.value.generationId).toBe(1);
  });

  it("ends empty when its only member leaves", () => {
    const test = new OneShard();
    const { id } = test.joinDynamic();
    expect(test.leave({ memberId: id })).toEqual(["NONE"]);
    expect(test.state).toBe("PreparingRebalance");
    test.sleep(3_000);
    expect([test.state, test.group.generationId]).toEqual(["Empty", 1]);
    expect(test.records.at(-1)).toMatchObject({ value: { generationId: 1, members: [] } });
  });
});

describe("a later rebalance", () => {
  it("ends as soon as everybody has joined (testGenerationIdIncrementsOnRebalance)", () => {
    const test = new OneShard();
    const first = test.stable();
    const second = test.joinDynamic();
    expect(test.state).toBe("PreparingRebalance");
    const again = test.join({ memberId: first });
    expect([again.value.generationId, second.value.generationId]).toEqual([2, 2]);
    expect(again.value.leader).toBe(first);
    expect(again.value.members).toHaveLength(2);
    expect(second.value.members).toEqual([]);
  });

  it("waits for pending members (testJoinGroupCompletionWhenPendingMemberJoins)", () => {
    const test = new OneShard();
    const first = test.stable();
    const { memberId } = test.join().value;
    const again = test.join({ memberId: first });
    expect(again.isDone).toBe(false);
    const pending = test.join({ memberId });
    expect([again.isDone, pending.isDone, test.group.generationId]).toEqual([true, true, 2]);
  });

  it("gives up on pending members after their session timeout (testJoinGroupCompletionWhenPendingMemberTimesOut)", () => {
    const test = new OneShard();
    const first = test.stable({ sessionTimeoutMs: 60_000, rebalanceTimeoutMs: 60_000 });
    test.join({ sessionTimeoutMs: 8_000 });
    const again = test.join({
      memberId: first,
      sessionTimeoutMs: 60_000,
      rebalanceTimeoutMs: 60_000,
    });
    test.sleep(7_999);
    expect(again.isDone).toBe(false);
    test.sleep(1);
    expect(again.value.generationId).toBe(2);
  });

  it("removes dynamic members that have not rejoined in time (testCompleteJoinRemoveNotYetRejoinedDynamicMembers)", () => {
    const test = new OneShard();
    const first = test.stable({ sessionTimeoutMs: 60_000, rebalanceTimeoutMs: 10_000 });
    const second = test.joinDynamic({ rebalanceTimeoutMs: 10_000 });
    test.sleep(9_999);
    expect(second.isDone).toBe(false);
    test.sleep(1);
    expect(second.value).toMatchObject({ generationId: 2, leader: second.id });
    expect(test.of("group.memberRemoved")).toMatchObject([
      { member: first, client: 5001, why: "did not rejoin in time" },
    ]);
  });

  it("keeps static members that have not rejoined, until they miss the sync phase too (testRebalanceCompletesBeforeMemberJoins, testStaticMemberLeaderFailToRejoinBeforeRebalanceTimeout)", () => {
    const test = new OneShard();
    const { leader, follower } = test.stableStatic({
      sessionTimeoutMs: 20_000,
      rebalanceTimeoutMs: 8_000,
    });
    const again = test.join({
      memberId: follower,
      groupInstanceId: "follower",
      protocols: protocols("range", "sticky"),
      sessionTimeoutMs: 20_000,
      rebalanceTimeoutMs: 8_000,
    });
    expect(test.state).toBe("PreparingRebalance");
    test.sleep(8_000);
    expect(again.value).toMatchObject({ generationId: 2, leader: follower });
    expect(test.group.has(leader)).toBe(true);
    test.sync(follower, 2, {}, { groupInstanceId: "follower" });
    expect(test.state).toBe("Stable");
    test.sleep(7_999);
    expect(test.group.size).toBe(2);
    // It is in the generation without knowing, so its SyncGroup is missed before its session ends.
    test.sleep(1);
    expect(test.of("group.memberRemoved").at(-1)).toMatchObject({
      member: leader,
      why: "sent no SyncGroup in time",
    });
    expect(test.state).toBe("PreparingRebalance");
  });

  it("starts over while nobody rejoins (testCompleteJoinPhaseNoMembersRejoinedExtendsJoinPhase)", () => {
    const test = new OneShard();
    const { leader, follower } = test.stableStatic({
      sessionTimeoutMs: 30_000,
      rebalanceTimeoutMs: 10_000,
    });
    test.joinDynamic({ sessionTimeoutMs: 6_000, rebalanceTimeoutMs: 10_000 });
    const pending = test.group.members.find((m) => m.groupInstanceId === undefined);
    test.leave({ memberId: pending?.memberId as string });
    test.sleep(10_000);
    expect([test.state, test.group.generationId]).toEqual(["PreparingRebalance", 1]);
    test.heartbeat(leader, 1, "leader");
    test.heartbeat(follower, 1, "follower");
    test.sleep(10_000);
    expect([test.state, test.group.generationId]).toEqual(["PreparingRebalance", 1]);
    test.sleep(30_000);
    expect(test.state).toBe("Empty");
  });
});

describe("a member that joins again", () => {
  it("as a follower of a stable group with the same metadata is told of the current generation (testJoinGroupFromUnchangedFollowerDoesNotRebalance)", () => {
    const test = new OneShard();
    const { follower, leader } = test.stableStatic();
    const again = test.join({ memberId: follower, groupInstanceId: "follower" });
    expect(again.value).toMatchObject({ error: "NONE", generationId: 1, leader, members: [] });
    expect(test.state).toBe("Stable");
  });

  it("with changed metadata causes a rebalance (testJoinGroupAsExistingMemberWithUpdatedMetadataTriggersRebalanceInStableState)", () => {
    const test = new OneShard();
    const { follower } = test.stableStatic();
    const change = { memberId: follower, groupInstanceId: "follower" };
    expect(test.join({ ...change, protocols: protocols("range", "sticky") }).isDone).toBe(false);
    expect(test.state).toBe("PreparingRebalance");
  });

  it("as the leader always causes one (testJoinGroupAsExistingLeaderTriggersRebalanceInStableState, testJoinGroupFromUnchangedLeaderShouldRebalance)", () => {
    const test = new OneShard();
    const { leader } = test.stableStatic();
    expect(test.join({ memberId: leader, groupInstanceId: "leader" }).isDone).toBe(false);
    expect(test.state).toBe("PreparingRebalance");
  });

  it("while the assignment is awaited gets the same answer again, unless its metadata changed (testJoinGroupExistingMemberUpdatedMetadataTriggersRebalance)", () => {
    const test = new OneShard();
    const { memberId, members } = test.completeJoin();
    const again = test.join({ memberId });
    expect(again.value).toMatchObject({ generationId: 1, leader: memberId, members });
    const changed = test.join({ memberId, protocols: protocols("sticky", "range") });
    // Alone, it has joined again at once.
    expect(changed.value).toMatchObject({ generationId: 2, protocolName: "sticky" });
  });

  it("to a group that has become empty starts anew (testJoinGroupExistingMemberInEmptyState)", () => {
    const test = new OneShard();
    const memberId = test.stable();
    test.sleep(10_000);
    expect(test.state).toBe("Empty");
    expect(test.join({ memberId }).value.error).toBe("UNKNOWN_MEMBER_ID");
  });
});

describe("group.max.size", () => {
  it("refuses what goes beyond it (testJoinGroupShouldReceiveErrorIfGroupOverMaxSize, testDynamicMembersJoinGroupWithMaxSizeAndRequiredKnownMember)", () => {
    const test = new OneShard({ config: { "group.max.size": 2 } });
    // Ids are given out freely; seats are not.
    const ids = [1, 2, 3].map(() => test.join().value.memberId);
    const joined = ids.map((memberId) => test.join({ memberId }));
    expect(joined[2]?.value).toMatchObject({ error: "GROUP_MAX_SIZE_REACHED", memberId: "" });
    test.sleep(6_000);
    expect(joined.slice(0, 2).map((j) => j.value.error)).toEqual(["NONE", "NONE"]);
    expect(test.join().value.error).toBe("GROUP_MAX_SIZE_REACHED");
  });

  it("lets members rejoin (testDynamicMembersCanRejoinGroupWithMaxSizeWhileRebalancing)", () => {
    const test = new OneShard({ config: { "group.max.size": 2 } });
    const { leader, follower } = test.stableStatic();
    const first = test.join({ memberId: leader, groupInstanceId: "leader" });
    const second = test.join({ memberId: follower, groupInstanceId: "follower" });
    expect([first.value.error, second.value.error]).toEqual(["NONE", "NONE"]);
  });

  it("throws out whoever rejoins last when a loaded group is too large (testOnLoadedExceedGroupMaxSizeTriggersRebalance, testLastJoiningMembersAreKickedOutWhenRejoiningGroupWithMaxSize)", () => {
    const before = new OneShard();
    const { leader, follower } = before.stableStatic();
    const test = new OneShard({ config: { "group.max.size": 1 } });
    for (const record of before.records) test.shard.replay(record);
    test.shard.loaded();
    expect(test.state).toBe("PreparingRebalance");
    test.join({ memberId: follower, groupInstanceId: "follower" });
    const last = test.join({ memberId: leader, groupInstanceId: "leader" });
    expect(last.value.error).toBe("GROUP_MAX_SIZE_REACHED");
    expect(test.group.members.map((m) => m.memberId)).toEqual([follower]);
  });
});

it("each member votes for the first of its protocols that all support (testSelectProtocol)", () => {
  const test = new OneShard();
  const lists = [
    protocols("range", "roundrobin"),
    protocols("roundrobin", "range"),
    protocols("sticky", "roundrobin", "range"),
  ];
  const joined = lists.map((list) => test.joinDynamic({ protocols: list }));
  test.sleep(6_000);
  for (const { value } of joined) expect(value.protocolName).toBe("roundrobin");
});

it("votes that are even are settled by the order of Java's HashMap", () => {
  // Of 16 buckets, range is in number 9 and sticky in number 8; the first that is met wins.
  const test = new OneShard();
  const lists = [protocols("range", "sticky"), protocols("sticky", "range")];
  const joined = lists.map((list) => test.joinDynamic({ protocols: list }));
  test.sleep(6_000);
  expect(joined[0]?.value.protocolName).toBe("sticky");
});

describe("the initial delay", () => {
  it("is waited again by a group that has become empty, not by one that has members", () => {
    const test = new OneShard();
    const first = test.stable();
    const second = test.joinDynamic();
    test.join({ memberId: first });
    // Everybody has joined: nobody waits.
    expect(second.isDone).toBe(true);
    test.leave({ memberId: first }, { memberId: second.id });
    expect(test.state).toBe("Empty");
    const third = test.joinDynamic();
    test.sleep(2_999);
    expect(third.isDone).toBe(false);
    test.sleep(1);
    expect(third.value.generationId).toBe(4);
  });

  it("does not grow for members that only asked for an id, and ends when the last of these is given up", () => {
    const test = new OneShard({ config: { "group.initial.rebalance.delay.ms": 20_000 } });
    const pending = test.join({ sessionTimeoutMs: 6_000 }).value.memberId;
    const first = test.joinDynamic();
    test.sleep(5_999);
    expect([test.group.isPending(pending), first.isDone]).toEqual([true, false]);
    // Kafka does not ask then whether this is the first rebalance.
    test.sleep(1);
    expect([test.group.isPending(pending), first.isDone]).toEqual([false, true]);
  });

  it("is none where it is configured so", () => {
    const test = new OneShard({ config: { "group.initial.rebalance.delay.ms": 0 } });
    const first = test.joinDynamic();
    test.sleep(0);
    expect(first.value.generationId).toBe(1);
  });
});

it("ids that were given out do not count in group.max.size; who comes back with one too late does", () => {
  const test = new OneShard({ config: { "group.max.size": 1 } });
  const ids = [test.join(), test.join(), test.join()].map(({ value }) => value.memberId);
  const [first, second, third] = ids.map((memberId) => test.join({ memberId }));
  expect(first?.isDone).toBe(false);
  expect(second?.value.error).toBe("GROUP_MAX_SIZE_REACHED");
  expect(third?.value).toMatchObject({ error: "GROUP_MAX_SIZE_REACHED", memberId: "" });
  expect(test.group.numPendingJoinMembers).toBe(0);
  test.sleep(3_000);
  expect(first?.value.generationId).toBe(1);
});
