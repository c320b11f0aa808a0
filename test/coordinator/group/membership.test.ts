// Sync, heartbeat, leaving and sessions of classic groups. The names in brackets are the tests of Kafka's GroupMetadataManagerTest with
// the same meaning.
import { describe, expect, it } from "vitest";
import { OneShard } from "./one-shard.ts";
import { assignmentOf, heartbeatRequest } from "./requests.ts";

describe("SyncGroup", () => {
  it("is refused for who is not in the generation (testSyncGroupFromUnknownGroup, …UnknownMember, …IllegalGeneration)", () => {
    const test = new OneShard();
    expect(test.sync("who", 1).value.error).toBe("UNKNOWN_MEMBER_ID");
    const memberId = test.stable();
    expect(test.sync("who", 1).value.error).toBe("UNKNOWN_MEMBER_ID");
    expect(test.sync(memberId, 2).value.error).toBe("ILLEGAL_GENERATION");
    expect(test.sync(memberId, 1).value.error).toBe("NONE");
  });

  it("of a follower waits for the leader's (testSyncGroupLeaderAfterFollower, testSyncGroupFollowerAfterLeader)", () => {
    const test = new OneShard();
    const first = test.joinDynamic();
    const second = test.joinDynamic();
    test.sleep(6_000);
    const waiting = test.sync(second.id, 1);
    expect(waiting.isDone).toBe(false);
    const orders = assignmentOf(test.names.of("orders", 1));
    test.sync(first.id, 1, { [second.id]: orders });
    expect(waiting.value).toEqual({ error: "NONE", assignment: orders });
    expect(test.state).toBe("Stable");
    expect(test.sync(second.id, 1).value.assignment).toEqual(orders);
  });

  it("that was parked longer than the session begins a new one when it is answered", () => {
    const test = new OneShard();
    const change = { sessionTimeoutMs: 6_000, rebalanceTimeoutMs: 60_000 };
    const leader = test.joinDynamic({ ...change, sessionTimeoutMs: 60_000 });
    const follower = test.joinDynamic(change);
    test.sleep(6_000);
    const waiting = test.sync(follower.id, 1);
    test.sleep(7_000);
    expect(waiting.isDone).toBe(false);
    test.sync(leader.id, 1);
    test.sleep(5_999);
    expect(test.group.has(follower.id)).toBe(true);
    test.sleep(1);
    expect(test.group.has(follower.id)).toBe(false);
  });

  it("gives a member that the leader forgot an empty assignment (testSyncGroupEmptyAssignment)", () => {
    const test = new OneShard();
    const { memberId } = test.completeJoin();
    const synced = test.sync(memberId, 1);
    expect(synced.value).toEqual({
      error: "NONE",
      assignment: { partitions: [], userData: undefined },
    });
  });

  it("is answered when the assignment is in the log", () => {
    const test = new OneShard();
    const { memberId } = test.completeJoin();
    test.commitsAtOnce = false;
    const synced = test.sync(memberId, 1);
    expect([synced.isDone, test.state]).toEqual([false, "CompletingRebalance"]);
    test.commit();
    expect([synced.isDone, test.state]).toEqual([true, "Stable"]);
  });

  it.each([["COORDINATOR_NOT_AVAILABLE"], ["NOT_COORDINATOR"], ["UNKNOWN_SERVER_ERROR"]] as const)(
    "fails with %s when that is what the append failed with, and the group begins again (testSyncGroupAsLeaderAppendFailureTransformsError)",
    (error) => {
      const test = new OneShard();
      const { memberId } = test.completeJoin();
      test.commitsAtOnce = false;
      const synced = test.sync(memberId, 1, { [memberId]: assignmentOf() });
      test.commit(error);
      expect(synced.value.error).toBe(error);
      expect([test.state, test.group.generationId]).toEqual(["PreparingRebalance", 1]);
      expect(test.join({ memberId }).value.generationId).toBe(2);
    },
  );

  it("is overtaken by a rebalance that begins while the assignment is being written", () => {
    const test = new OneShard();
    const { memberId } = test.completeJoin();
    test.commitsAtOnce = false;
    const synced = test.sync(memberId, 1);
    test.joinDynamic();
    expect(synced.value.error).toBe("REBALANCE_IN_PROGRESS");
    test.commit();
    expect(test.state).toBe("PreparingRebalance");
  });

  it("of the leader that never comes leads to a new generation (testLeaderFailureInSyncGroup, testRebalanceTimesOutWhenSyncRequestIsNotReceivedFromLeaders)", () => {
    const test = new OneShard();
    const change = { sessionTimeoutMs: 60_000, rebalanceTimeoutMs: 10_000 };
    const leader = test.joinDynamic(change);
    const follower = test.joinDynamic(change);
    test.sleep(6_000);
    const waiting = test.sync(follower.id, 1);
    test.sleep(9_999);
    expect(waiting.isDone).toBe(false);
    test.sleep(1);
    expect(waiting.value.error).toBe("REBALANCE_IN_PROGRESS");
    expect(test.group.has(leader.id)).toBe(false);
    const again = test.join({ ...change, memberId: follower.id });
    expect(again.value).toMatchObject({ generationId: 2, leader: follower.id });
  });

  it("of a follower that never comes costs its place, though it sends heartbeats (testRebalanceTimesOutWhenSyncRequestIsNotReceivedFromFollowers)", () => {
    const test = new OneShard();
    const change = { sessionTimeoutMs: 10_000, rebalanceTimeoutMs: 8_000 };
    const leader = test.joinDynamic(change);
    const follower = test.joinDynamic(change);
    test.sleep(6_000);
    test.sync(leader.id, 1);
    expect(test.state).toBe("Stable");
    test.sleep(5_000);
    expect(test.heartbeat(follower.id, 1)).toBe("NONE");
    expect(test.heartbeat(leader.id, 1)).toBe("NONE");
    test.sleep(3_000);
    expect(test.group.members.map((m) => m.memberId)).toEqual([leader.id]);
    expect(test.state).toBe("PreparingRebalance");
  });

  it("of all in time leaves the generation alone (testRebalanceDoesNotTimeOutWhenAllSyncAreReceived)", () => {
    const test = new OneShard();
    const change = { sessionTimeoutMs: 60_000, rebalanceTimeoutMs: 8_000 };
    const members = [test.joinDynamic(change), test.joinDynamic(change)];
    test.sleep(6_000);
    for (const { id } of members) test.sync(id, 1);
    test.sleep(20_000);
    expect([test.state, test.group.size]).toEqual(["Stable", 2]);
  });
});

describe("Heartbeat", () => {
  it("is answered by the state of the group (testHeartbeatUnknownGroup, …EmptyGroup, …IllegalGeneration, testValidHeartbeat)", () => {
    const test = new OneShard();
    expect(test.heartbeat("who", 1)).toBe("UNKNOWN_MEMBER_ID");
    const { memberId } = test.completeJoin();
    // A member may beat between its JoinGroup and its SyncGroup.
    expect(test.heartbeat(memberId, 1)).toBe("NONE");
    test.sync(memberId, 1);
    expect(test.heartbeat(memberId, 1)).toBe("NONE");
    expect(test.heartbeat(memberId, 2)).toBe("ILLEGAL_GENERATION");
    expect(test.heartbeat("who", 1)).toBe("UNKNOWN_MEMBER_ID");
    test.join();
    test.joinDynamic();
    expect(test.heartbeat(memberId, 1)).toBe("REBALANCE_IN_PROGRESS");
  });

  it("keeps a session alive (testClassicGroupMemberHeartbeatMaintainsSession)", () => {
    const test = new OneShard();
    const memberId = test.stable({ sessionTimeoutMs: 10_000 });
    for (let i = 0; i < 5; i++) {
      test.sleep(9_000);
      expect(test.heartbeat(memberId, 1)).toBe("NONE");
    }
  });

  it("that stays away ends it (testClassicGroupMemberSessionTimeout, testHeartbeatExpirationShouldRemoveMember)", () => {
    const test = new OneShard();
    const memberId = test.stable({ sessionTimeoutMs: 10_000 });
    test.sleep(9_999);
    expect(test.group.has(memberId)).toBe(true);
    test.sleep(1);
    expect(test.of("group.memberRemoved")).toMatchObject([
      { member: memberId, why: "session timeout" },
    ]);
    expect(test.state).toBe("Empty");
    expect(test.heartbeat(memberId, 1)).toBe("UNKNOWN_MEMBER_ID");
  });

  it("keeps a member in a group that rebalances, until the join phase ends (testClassicGroupMemberSessionTimeoutDuringRebalance, testHeartbeatDuringPreparingRebalance)", () => {
    const test = new OneShard();
    const first = test.stable({ sessionTimeoutMs: 6_000, rebalanceTimeoutMs: 20_000 });
    const second = test.joinDynamic({ sessionTimeoutMs: 6_000, rebalanceTimeoutMs: 20_000 });
    for (let i = 0; i < 2; i++) {
      test.sleep(5_000);
      expect(test.heartbeat(first, 1)).toBe("REBALANCE_IN_PROGRESS");
    }
    test.sleep(5_999);
    expect(second.isDone).toBe(false);
    test.sleep(1);
    expect(second.value).toMatchObject({ generationId: 2, leader: second.id });
  });

  it("is not expected of a member whose request is parked", () => {
    const test = new OneShard();
    const change = { sessionTimeoutMs: 6_000, rebalanceTimeoutMs: 60_000 };
    const first = test.stable(change);
    test.join({ ...change, sessionTimeoutMs: 60_000 });
    const again = test.join({ ...change, memberId: first });
    test.sleep(30_000);
    expect(again.isDone).toBe(false);
    expect(test.group.has(first)).toBe(true);
  });
});

describe("LeaveGroup", () => {
  it("knows whom it does not know (testLeaveGroupUnknownGroup, testLeaveGroupUnknownMemberIdExistingGroup)", () => {
    const test = new OneShard();
    expect(test.leave({ memberId: "who" })).toEqual(["UNKNOWN_MEMBER_ID"]);
    test.stable();
    expect(test.leave({ memberId: "who" })).toEqual(["UNKNOWN_MEMBER_ID"]);
  });

  it("of the last member empties the group (testValidLeaveGroup)", () => {
    const test = new OneShard();
    const memberId = test.stable();
    expect(test.leave({ memberId })).toEqual(["NONE"]);
    expect([test.state, test.group.generationId]).toEqual(["Empty", 2]);
    expect(test.of("group.stateChanged").map((e) => [e.from, e.to])).toEqual([
      ["Empty", "PreparingRebalance"],
      ["PreparingRebalance", "CompletingRebalance"],
      ["CompletingRebalance", "Stable"],
      ["Stable", "PreparingRebalance"],
      ["PreparingRebalance", "Empty"],
    ]);
  });

  it("of a pending member lets the others go on (testPendingMembersLeaveGroup)", () => {
    const test = new OneShard();
    const first = test.stable();
    const { memberId } = test.join().value;
    const again = test.join({ memberId: first });
    expect(again.isDone).toBe(false);
    expect(test.leave({ memberId })).toEqual(["NONE"]);
    expect(again.value.generationId).toBe(2);
  });

  it("of several members answers for each (testJoinedMemberPendingMemberBatchLeaveGroupWithUnknownMember)", () => {
    const test = new OneShard();
    const first = test.stable();
    const { memberId } = test.join().value;
    expect(test.leave({ memberId: first }, { memberId }, { memberId: "who" })).toEqual([
      "NONE",
      "NONE",
      "UNKNOWN_MEMBER_ID",
    ]);
    expect(test.state).toBe("Empty");
  });

  it("while waiting to join ends that wait", () => {
    const test = new OneShard();
    test.stable();
    const second = test.joinDynamic();
    test.leave({ memberId: second.id });
    expect(second.value).toMatchObject({ error: "UNKNOWN_MEMBER_ID", memberId: "" });
  });
});

it("a member that leads no more passes the lead to one that has joined (testElectNewJoinedLeader)", () => {
  const test = new OneShard();
  const { leader, follower } = test.stableStatic();
  const again = test.join({ memberId: leader, groupInstanceId: "leader" });
  test.leave({ memberId: leader, groupInstanceId: "leader" });
  expect(again.value.error).toBe("UNKNOWN_MEMBER_ID");
  const second = test.join({ memberId: follower, groupInstanceId: "follower" });
  expect(second.value).toMatchObject({ generationId: 2, leader: follower });
});

it("an unloaded shard sends whoever waits elsewhere (testClassicGroupOnUnloadedEmptyAndPreparingRebalance, …CompletingRebalance)", () => {
  const preparing = new OneShard();
  const joined = preparing.joinDynamic();
  preparing.shard.unloaded();
  expect(joined.value).toMatchObject({ error: "NOT_COORDINATOR", memberId: joined.id });

  const completing = new OneShard();
  const members = [completing.joinDynamic(), completing.joinDynamic()];
  completing.sleep(6_000);
  const follower = members.find(({ id, value }) => value.leader !== id);
  const waiting = completing.sync(follower?.id as string, 1);
  completing.shard.unloaded();
  expect(waiting.value.error).toBe("NOT_COORDINATOR");
});

it("a loaded group is stable, and its sessions begin then (testReplayGroupMetadataRecords, testOnLoadedSchedulesClassicGroupMemberHeartbeats)", () => {
  const before = new OneShard();
  const { leader, follower } = before.stableStatic({ sessionTimeoutMs: 10_000 });
  const test = new OneShard();
  for (const record of before.records) test.shard.replay(record);
  test.shard.loaded();
  expect([test.state, test.group.generationId, test.group.leaderId]).toEqual(["Stable", 1, leader]);
  expect(test.shard.heartbeat(heartbeatRequest(follower, 1, "follower"))).toBe("NONE");
  const synced = test.sync(follower, 1, {}, { groupInstanceId: "follower" });
  expect(synced.value.assignment.partitions.map((p) => p.name)).toEqual(["orders-1"]);
  test.sleep(10_000);
  expect(test.group.size).toBe(0);
});
