// Static membership (KIP-345, KIP-814). The names in brackets are the tests of Kafka's GroupMetadataManagerTest with the same meaning.
import { describe, expect, it } from "vitest";
import { OneShard } from "./one-shard.ts";
import { protocols, subscription } from "./requests.ts";

describe("a static member that comes back without its id", () => {
  it("takes its old place in a stable group, and nobody rebalances (testStaticMemberRejoinAsFollowerWithUnknownMemberId)", () => {
    const test = new OneShard();
    const { leader, follower } = test.stableStatic();
    const again = test.join({ groupInstanceId: "follower" });
    expect(again.value).toMatchObject({ error: "NONE", generationId: 1, leader, members: [] });
    const { memberId, skipAssignment } = again.value;
    expect(skipAssignment).toBe(false);
    expect(memberId).not.toBe(follower);
    expect(test.state).toBe("Stable");
    const synced = test.sync(memberId, 1, {}, { groupInstanceId: "follower" });
    expect(synced.value.assignment.partitions.map((p) => p.name)).toEqual(["orders-1"]);
    const record = test.records.at(-1);
    expect(
      record?.type === "GroupMetadata" && record.value?.members.map((m) => m.memberId),
    ).toContain(memberId);
  });

  it("fences its old id everywhere (testStaticMemberRejoinWithLeaderIdAndUnknownMemberId, testStaticMemberHeartbeatLeaderWithInvalidMemberId)", () => {
    const test = new OneShard();
    const { leader } = test.stableStatic();
    test.join({ groupInstanceId: "leader" });
    const old = { memberId: leader, groupInstanceId: "leader" };
    expect(test.join(old).value.error).toBe("FENCED_INSTANCE_ID");
    expect(test.sync(leader, 1, {}, { groupInstanceId: "leader" }).value.error).toBe(
      "FENCED_INSTANCE_ID",
    );
    expect(test.sync(leader, 1).value.error).toBe("UNKNOWN_MEMBER_ID");
    expect(test.heartbeat(leader, 1, "leader")).toBe("FENCED_INSTANCE_ID");
    expect(test.heartbeat(leader, 1)).toBe("UNKNOWN_MEMBER_ID");
    expect(test.leave(old)).toEqual(["FENCED_INSTANCE_ID"]);
    const commit = test.commitOffset(1, { ...old, generationId: 1 });
    expect(commit.value.partitions[0]?.error).toBe("FENCED_INSTANCE_ID");
  });

  it("is told to skip the assignment if it leads (KIP-814; testReplaceStaticMemberInStableStateSucceeds)", () => {
    const test = new OneShard();
    test.stableStatic();
    const { value } = test.join({ groupInstanceId: "leader" });
    expect(value).toMatchObject({ skipAssignment: true, leader: value.memberId });
    expect(value.members).toHaveLength(2);
  });

  it("is told that its old id leads, where KIP-814 is not in force", () => {
    const test = new OneShard({ skipsAssignment: false });
    const { leader } = test.stableStatic();
    const { value } = test.join({ groupInstanceId: "leader" });
    expect(value).toMatchObject({ skipAssignment: false, leader, members: [] });
  });

  it("gets another id each time (testGetDifferentStaticMemberIdAfterEachRejoin)", () => {
    const test = new OneShard();
    test.stableStatic();
    const ids = [1, 2, 3].map(() => test.join({ groupInstanceId: "leader" }).value.memberId);
    expect(new Set(ids).size).toBe(3);
  });

  it("is answered only when the change is in the log, and reverted when it is refused (testReplaceStaticMemberInStableStateErrors)", () => {
    const test = new OneShard();
    const { leader } = test.stableStatic();
    test.commitsAtOnce = false;
    const again = test.join({ groupInstanceId: "leader" });
    expect(again.isDone).toBe(false);
    test.commit("NOT_COORDINATOR");
    expect(again.value).toMatchObject({ error: "NOT_COORDINATOR", memberId: "", leader });
    expect(test.group.staticMemberId("leader")).toBe(leader);
    expect(test.heartbeat(leader, 1, "leader")).toBe("NONE");
    expect(test.group.leaderId).toBe(leader);
  });

  it("has a session under its old id again after such a refusal", () => {
    const test = new OneShard();
    const { leader } = test.stableStatic({ sessionTimeoutMs: 10_000 });
    test.sleep(5_000);
    test.commitsAtOnce = false;
    test.join({ groupInstanceId: "leader" });
    test.commit("NOT_COORDINATOR");
    test.sleep(9_999);
    expect(test.group.has(leader)).toBe(true);
    test.sleep(1);
    expect(test.group.has(leader)).toBe(false);
  });

  it("causes a rebalance if the group would choose another protocol (testReplaceStaticMemberInStableStateWithUpdatedProtocolTriggersRebalance)", () => {
    const test = new OneShard();
    const alone = test.join({ groupInstanceId: "one", protocols: protocols("range", "sticky") });
    test.sleep(3_000);
    test.sync(alone.value.memberId, 1, {}, { groupInstanceId: "one" });
    const again = test.join({ groupInstanceId: "one", protocols: protocols("sticky", "range") });
    expect(again.value).toMatchObject({ generationId: 2, protocolName: "sticky" });
  });

  it("causes a rebalance while the assignment is awaited (testReplaceStaticMemberInCompletingRebalanceStateTriggersRebalance)", () => {
    const test = new OneShard();
    const leader = test.join({ groupInstanceId: "leader" });
    const follower = test.join({ groupInstanceId: "follower" });
    test.sleep(6_000);
    const { memberId } = follower.value;
    const waiting = test.sync(memberId, 1, {}, { groupInstanceId: "follower" });
    const again = test.join({ groupInstanceId: "leader" });
    expect(waiting.value.error).toBe("REBALANCE_IN_PROGRESS");
    expect([again.isDone, test.state]).toEqual([false, "PreparingRebalance"]);
    expect(leader.value.error).toBe("NONE");
  });
});

describe("two static members of one instance", () => {
  it("fence the one whose join is parked (testStaticMemberFenceDuplicateRejoinedFollower, …RejoiningFollowerAfterMemberIdChanged)", () => {
    const test = new OneShard();
    const { leader, follower } = test.stableStatic();
    test.join({ memberId: leader, groupInstanceId: "leader" });
    const waits = test.join({ memberId: follower, groupInstanceId: "follower", reason: "again" });
    // Both have joined, so the group goes on; from here the duplicate.
    expect(waits.value.generationId).toBe(2);
    const rejoined = test.join({
      memberId: leader,
      groupInstanceId: "leader",
      protocols: protocols("sticky", "range"),
    });
    expect(rejoined.isDone).toBe(false);
    const duplicate = test.join({
      groupInstanceId: "leader",
      protocols: protocols("sticky", "range"),
    });
    expect(rejoined.value).toMatchObject({ error: "FENCED_INSTANCE_ID", memberId: leader });
    expect(duplicate.isDone).toBe(false);
  });

  it("fence the one whose sync is parked (testStaticMemberFenceDuplicateSyncingFollowerAfterMemberIdChanged)", () => {
    const test = new OneShard();
    test.join({ groupInstanceId: "leader" });
    const follower = test.join({ groupInstanceId: "follower" });
    test.sleep(6_000);
    const { memberId } = follower.value;
    const waiting = test.sync(memberId, 1, {}, { groupInstanceId: "follower" });
    expect(waiting.isDone).toBe(false);
    test.join({ groupInstanceId: "follower" });
    expect(waiting.value.error).toBe("FENCED_INSTANCE_ID");
  });
});

it("an instance that does not match the member id is fenced (testStaticMemberRejoinAsFollowerWithMismatchedInstanceId)", () => {
  const test = new OneShard();
  const { follower } = test.stableStatic();
  const mismatched = test.join({ memberId: follower, groupInstanceId: "leader" });
  expect(mismatched.value.error).toBe("FENCED_INSTANCE_ID");
  const unknown = test.join({ memberId: follower, groupInstanceId: "nobody" });
  expect(unknown.value.error).toBe("UNKNOWN_MEMBER_ID");
});

it("an administrator removes static members by their instances (testStaticMembersValidBatchLeaveGroup, testStaticMembersUnknownInstanceBatchLeaveGroup)", () => {
  const test = new OneShard();
  test.stableStatic();
  expect(test.leave({ groupInstanceId: "leader" }, { groupInstanceId: "nobody" })).toEqual([
    "NONE",
    "UNKNOWN_MEMBER_ID",
  ]);
  expect([test.state, test.group.size]).toEqual(["PreparingRebalance", 1]);
});

it("a static member that is silent longer than its session is removed (testStaticMemberFollowerFailToRejoinBeforeRebalanceTimeout)", () => {
  const test = new OneShard();
  const { leader } = test.stableStatic({ sessionTimeoutMs: 10_000 });
  test.sleep(9_000);
  expect(test.heartbeat(leader, 1, "leader")).toBe("NONE");
  test.sleep(1_000);
  expect(test.heartbeat(leader, 1, "leader")).toBe("REBALANCE_IN_PROGRESS");
  expect(test.group.size).toBe(1);
});

describe("a static member that comes back with another subscription", () => {
  const changed = [{ name: "range", subscription: subscription("orders", "payments") }];

  it("causes no rebalance in a stable group, and the next one knows of it (KIP-345)", () => {
    const test = new OneShard();
    const { leader } = test.stableStatic();
    const back = test.join({ groupInstanceId: "follower", protocols: changed });
    expect(back.value).toMatchObject({ error: "NONE", generationId: 1 });
    expect(test.state).toBe("Stable");
    const joined = test.join({ memberId: leader, groupInstanceId: "leader" });
    test.join({ memberId: back.value.memberId, groupInstanceId: "follower", protocols: changed });
    const topics = joined.value.members.map((member) => member.subscription.topics);
    expect(topics).toContainEqual(["orders", "payments"]);
  });

  it("is counted in while the group prepares, and does not end an initial rebalance early", () => {
    const test = new OneShard();
    const first = test.join({ groupInstanceId: "i1" });
    const again = test.join({ groupInstanceId: "i1", protocols: changed });
    expect(first.value.error).toBe("FENCED_INSTANCE_ID");
    expect(again.isDone).toBe(false);
    test.sleep(3_000);
    expect(again.value).toMatchObject({ error: "NONE", generationId: 1 });
    expect(test.group.size).toBe(1);
  });
});
