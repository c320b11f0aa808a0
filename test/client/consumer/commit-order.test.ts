// What becomes of a commit while the membership changes, and in which order: situations of ConsumerCoordinatorTest.
import { describe, expect, it } from "vitest";
import { constantBackoff } from "../../../src/client/backoff.ts";
import { Arrivals } from "../../../src/client/consumer/arrivals.ts";
import { OffsetCommits } from "../../../src/client/consumer/commits.ts";
import { CoordinatorLink } from "../../../src/client/consumer/coordinator-link.ts";
import { groupSettings } from "../../../src/client/consumer/group-settings.ts";
import { type MemberState, Membership } from "../../../src/client/consumer/membership.ts";
import { PartitionPosition } from "../../../src/client/consumer/positions.ts";
import { SubscriptionState } from "../../../src/client/consumer/subscription-state.ts";
import { Metadata } from "../../../src/client/metadata.ts";
import { MetadataUpdater } from "../../../src/client/metadata-updater.ts";
import { NetworkClient } from "../../../src/client/network-client.ts";
import type { ErrorName } from "../../../src/protocol/errors.ts";
import type { CommittedOffset } from "../../../src/protocol/group-apis.ts";
import { ms } from "../../../src/sim/kernel.ts";
import { consumerConfig, Lab } from "../support.ts";
import { ME, partition, ScriptedCoordinator } from "./group-support.ts";

const GENERATION = { generationId: 1, memberId: ME, protocolName: "range" };
const NEXT = { ...GENERATION, generationId: 2 };

/** The parts of a stable member of generation 1, without a poll loop. */
class Member {
  readonly lab = new Lab({ brokers: 1, partitions: 1 });
  readonly coordinator = new ScriptedCoordinator(this.lab);
  readonly returned: boolean[] = [];
  readonly subscriptions = new SubscriptionState(["t"]);
  link!: CoordinatorLink;
  membership!: Membership;
  commits!: OffsetCommits;

  constructor({ finds = true }: { finds?: boolean } = {}) {
    const config = consumerConfig({ "group.id": "g", "enable.auto.commit": false });
    this.lab.start((host) => {
      const { env } = this.lab;
      const backoff = constantBackoff(100);
      const metadata = new Metadata(env, ["t"], ms(300_000), backoff);
      const network = new NetworkClient(host, "consumer", config, 100);
      const arrivals = new Arrivals(host);
      network.onConnection(() => arrivals.notify());
      new MetadataUpdater(host, metadata, network, config, () => arrivals.notify());
      const parts = { metadata, network, arrivals, backoff, subscriptions: this.subscriptions };
      const settings = groupSettings(config, "client", false);
      this.link = new CoordinatorLink(host, "g", config, parts);
      this.membership = new Membership(host, settings, this.link, backoff);
      const { link, membership } = this;
      membership.generation = GENERATION;
      membership.state = "STABLE";
      membership.needsRejoin = false;
      this.commits = new OffsetCommits(host, settings, {
        ...parts,
        link,
        membership,
        retriesAsync: false,
      });
      if (finds) host.spawn(find(this.link));
      return this;
    });
    this.lab.run(50);
  }

  offsets(offset: number): CommittedOffset[] {
    return [{ partition: partition(this.lab, 0), offset, leaderEpoch: -1, metadata: "" }];
  }

  async(offset: number): void {
    this.commits.commitAsync(this.offsets(offset));
  }

  sync(offsets: readonly CommittedOffset[]): void {
    const { commits, returned, lab } = this;
    lab.client.spawn(
      (function* () {
        returned.push(yield* commits.commitSync(offsets, lab.world.kernel.now + ms(2000)));
      })(),
    );
  }

  run(milliseconds: number): void {
    this.lab.run(this.lab.world.kernel.now / 1000 + milliseconds);
  }

  /** What callbacks and returns have told, in order. */
  get told(): string[] {
    return this.lab.events.flatMap((e) => {
      if (e.type === "consumer.committed") return [`${e.how} ${e.offset}`];
      return e.type === "consumer.commitFailed" ? [`${e.how} ${e.error}`] : [];
    });
  }

  get sent(): number[] {
    return this.coordinator.of("OffsetCommit").map(({ offsets }) => offsets[0]?.offset as number);
  }
}

function* find(link: CoordinatorLink) {
  yield* link.ensureReady(ms(40));
}

describe("the order of commits", () => {
  it("commitSync() tells of the asynchronous ones before it, whatever came of them", () => {
    const member = new Member();
    member.coordinator.fail("OffsetCommit", "COORDINATOR_LOAD_IN_PROGRESS");
    member.async(1);
    member.async(2);
    member.sync(member.offsets(3));
    member.run(100);
    expect(member.sent).toEqual([1, 2, 3]);
    expect(member.told).toEqual(["async COORDINATOR_LOAD_IN_PROGRESS", "async 2", "sync 3"]);
    expect(member.returned).toEqual([true]);
  });

  it("commitSync() of nothing waits for those in flight (testCommitSyncAwaitsAsyncCallbacks…)", () => {
    const member = new Member();
    member.coordinator.delays.set("OffsetCommit", ms(500));
    member.async(1);
    member.sync([]);
    member.run(400);
    expect(member.returned).toEqual([]);
    member.run(200);
    expect([member.returned, member.told]).toEqual([[true], ["async 1"]]);
    expect(member.sent).toEqual([1]);
  });

  it("while the coordinator is unknown several wait for one lookup, and go out in order", () => {
    const member = new Member({ finds: false });
    for (const offset of [1, 2, 3]) member.async(offset);
    member.run(100);
    expect(member.coordinator.of("FindCoordinator")).toHaveLength(1);
    expect(member.sent).toEqual([1, 2, 3]);
  });

  it("a lookup that fails fails them all, and none is tried again", () => {
    const member = new Member({ finds: false });
    member.coordinator.fail("FindCoordinator", "COORDINATOR_NOT_AVAILABLE");
    member.async(1);
    member.async(2);
    member.run(1000);
    member.commits.runCallbacks();
    expect(member.sent).toEqual([]);
    expect(member.told).toEqual(Array(2).fill("async COORDINATOR_NOT_AVAILABLE"));
  });
});

describe("an error of a commit", () => {
  const answered = (
    error: ErrorName,
    meanwhile: { generation?: typeof GENERATION; state?: MemberState } = {},
  ): Member => {
    const member = new Member();
    member.coordinator.fail("OffsetCommit", error);
    member.async(1);
    Object.assign(member.membership, meanwhile);
    member.run(100);
    member.commits.runCallbacks();
    return member;
  };
  const state = ({ membership }: Member) => [
    membership.state,
    membership.generation.generationId,
    membership.generation.memberId,
  ];

  it("ILLEGAL_GENERATION resets the generation, and keeps the id", () => {
    expect(state(answered("ILLEGAL_GENERATION"))).toEqual(["UNJOINED", -1, ME]);
  });

  it("UNKNOWN_MEMBER_ID resets both", () => {
    expect(state(answered("UNKNOWN_MEMBER_ID"))).toEqual(["UNJOINED", -1, ""]);
  });

  it.each(["ILLEGAL_GENERATION", "UNKNOWN_MEMBER_ID", "FENCED_INSTANCE_ID"] as const)(
    "%s about a generation that the member has left, while it joins again, is a rebalance in progress (testCommitOffset…WithNewGeneration)",
    (error) => {
      const member = answered(error, { generation: NEXT, state: "PREPARING_REBALANCE" });
      expect(member.told).toEqual(["async REBALANCE_IN_PROGRESS"]);
      expect(state(member)).toEqual(["PREPARING_REBALANCE", 2, ME]);
      expect(member.membership.fatal).toBeUndefined();
    },
  );

  it("ILLEGAL_GENERATION about a former generation resets a stable member all the same", () => {
    expect(state(answered("ILLEGAL_GENERATION", { generation: NEXT }))).toEqual([
      "UNJOINED",
      -1,
      ME,
    ]);
  });

  it("FENCED_INSTANCE_ID is fatal for the generation that was sent, and none for a later one", () => {
    expect(answered("FENCED_INSTANCE_ID").membership.fatal).toBe("FENCED_INSTANCE_ID");
    const later = answered("FENCED_INSTANCE_ID", { generation: NEXT });
    expect([later.membership.fatal, later.told]).toEqual([undefined, ["async UNKNOWN_MEMBER_ID"]]);
  });

  it("REBALANCE_IN_PROGRESS asks for a rejoin and resets nothing", () => {
    const member = answered("REBALANCE_IN_PROGRESS");
    expect(state(member)).toEqual(["STABLE", 1, ME]);
    expect(member.membership.needsRejoin).toBe(true);
  });

  it.each(["COORDINATOR_NOT_AVAILABLE", "NOT_COORDINATOR", "REQUEST_TIMED_OUT"] as const)(
    "%s makes the coordinator unknown",
    (error) => {
      expect(answered(error).link.isKnown).toBe(false);
    },
  );

  it.each(["COORDINATOR_LOAD_IN_PROGRESS", "UNKNOWN_TOPIC_OR_PARTITION"] as const)(
    "%s is only tried again by commitSync()",
    (error) => {
      expect(answered(error).link.isKnown).toBe(true);
      const member = new Member();
      member.coordinator.fail("OffsetCommit", error, error);
      member.sync(member.offsets(5));
      member.run(1000);
      expect([member.sent, member.returned]).toEqual([[5, 5, 5], [true]]);
    },
  );

  it.each(["OFFSET_METADATA_TOO_LARGE", "GROUP_ID_NOT_FOUND", "UNKNOWN_SERVER_ERROR"] as const)(
    "%s is thrown, and the membership goes on",
    (error) => {
      const member = new Member();
      member.coordinator.fail("OffsetCommit", error);
      member.sync(member.offsets(5));
      member.run(1000);
      expect([member.sent, member.returned]).toEqual([[5], [false]]);
      expect(state(member)).toEqual(["STABLE", 1, ME]);
    },
  );

  it.each([
    ["PREPARING_REBALANCE", "REBALANCE_IN_PROGRESS"],
    ["COMPLETING_REBALANCE", "REBALANCE_IN_PROGRESS"],
    ["UNJOINED", "UNKNOWN_MEMBER_ID"],
  ] as const)("%s: refused with %s before it is sent", (now, error) => {
    const member = new Member();
    member.membership.state = now;
    member.async(1);
    member.sync(member.offsets(2));
    member.run(100);
    expect(member.sent).toEqual([]);
    expect(member.told).toEqual([`async ${error}`, `sync ${error}`]);
  });
});

describe("what is committed", () => {
  it("has the epoch of the last record returned, and leaves out what is not valid", () => {
    const { lab, subscriptions } = new Member();
    const positions = [0, 1, 2].map(
      (number) => new PartitionPosition(lab.env.partitions.of("t", number), "INITIALIZING"),
    );
    for (const position of positions) subscriptions.add(position);
    const [first, second] = positions as [PartitionPosition, PartitionPosition];
    first.seek(10, -1, { id: 1, epoch: 3 }, true);
    first.advance(12, 3);
    second.seek(5, 2, { id: 1, epoch: 3 }, true);
    expect(second.fetchState).toBe("AWAIT_VALIDATION");
    expect(subscriptions.allConsumed()).toMatchObject([{ offset: 12, leaderEpoch: 3 }]);
  });
});
