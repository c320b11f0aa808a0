// Checks of consumer groups on hand-made traces: each has a story in which the property breaks and a neighbour in which it does not.
import { describe, expect, it } from "vitest";
import { contract } from "../../src/check/contract.ts";
import type { ContractSettings, GroupApplication } from "../../src/check/contract-settings.ts";
import { CONSUMER, PRODUCER, SETTINGS, Story } from "./support.ts";

const OTHER = 103;
const GROUP = "billing";

/** Two consumers of one group on orders-0, ten committed records. */
class GroupStory extends Story {
  override begin(): this {
    super.begin();
    this.tell(OTHER, "host.booted", { incarnation: 1 });
    this.commit(0, 10, 0);
    return this;
  }

  state(to: string, generation: number, members: number, from = "Stable"): void {
    this.tell(1, "group.stateChanged", {
      group: GROUP,
      from,
      to,
      generation,
      members,
      why: "test",
    });
  }

  /** A member of a generation, by the coordinator's and its own account. */
  join(node: number, generation: number, owns: boolean, member = `m-${node}`): void {
    const partitions = owns ? [this.partition] : [];
    this.tell(1, "group.assigned", { group: GROUP, generation, member, client: node, partitions });
    this.believe(node, generation, owns, member);
  }

  believe(node: number, generation: number, owns: boolean, member = `m-${node}`): void {
    const protocol = "range";
    this.tell(node, "consumer.joined", {
      group: GROUP,
      member,
      generation,
      leader: false,
      protocol,
    });
    this.callback(node, generation, "assigned", owns);
    if (owns) this.assign(0, node);
  }

  callback(
    node: number,
    generation: number,
    callback: "assigned" | "revoked" | "lost",
    some = true,
  ) {
    const partitions = some ? [this.partition] : [];
    this.tell(node, "consumer.rebalanced", { group: GROUP, generation, callback, partitions });
  }

  process(
    node: number,
    baseOffset: number,
    count: number,
    outcome: "done" | "deadLetter" | "skipped" | "duplicate" = "done",
  ): void {
    const { partition } = this;
    const range = { partition, stream: 1, firstNumber: baseOffset, count };
    this.tell(node, "consumer.processed", { ...range, baseOffset, outcome });
  }

  give(node: number, baseOffset: number, count: number): void {
    this.poll(baseOffset, count, baseOffset, { consumer: node });
  }

  commitOffset(node: number, offset: number, generation = 1): void {
    const { partition } = this;
    this.tell(1, "offset.committed", { group: GROUP, partition, offset, client: node, generation });
  }
}

const story = () => new GroupStory().begin();

function applied(over: Partial<GroupApplication>): ContractSettings {
  const application: GroupApplication = {
    group: GROUP,
    commit: "sync",
    deduplicate: false,
    handOff: false,
    externalOffsets: false,
    ...over,
  };
  return {
    ...SETTINGS,
    consumers: [{ name: "billing", autoOffsetReset: "earliest", application }],
  };
}

describe("processed-twice", () => {
  it("finds a record that another member processes again", () => {
    const s = story();
    s.join(CONSUMER, 1, true);
    s.give(CONSUMER, 0, 5);
    s.process(CONSUMER, 0, 5);
    s.crash(CONSUMER);
    s.join(OTHER, 2, true);
    s.give(OTHER, 3, 4);
    s.process(OTHER, 3, 4);
    expect(s.result("processed-twice")).toMatchObject({ count: 2 });
  });

  it("lets an application that recognises them pass", () => {
    const s = story();
    s.join(CONSUMER, 1, true);
    s.give(CONSUMER, 0, 5);
    s.process(CONSUMER, 0, 5);
    s.give(CONSUMER, 0, 5);
    s.process(CONSUMER, 0, 5, "duplicate");
    expect(s.result("processed-twice")).toMatchObject({ status: "held", count: 0 });
  });

  it("knows that a truncated offset holds another record", () => {
    const s = story();
    s.join(CONSUMER, 1, true);
    s.give(CONSUMER, 0, 10);
    s.process(CONSUMER, 0, 10);
    s.elect(2, [2]);
    s.truncate(2, 10, 8);
    s.becomeLeader(2, 8, [2], 8);
    s.append(2, 8, 2, 20);
    s.give(CONSUMER, 8, 2);
    s.process(CONSUMER, 8, 2);
    expect(s.result("processed-twice").count).toBe(0);
  });

  it("is permitted by commits after the work, not with deduplication", () => {
    expect(contract(applied({}))["processed-twice"]).toBe("commit: sync");
    expect(contract(applied({ deduplicate: true }))["processed-twice"]).toBeNull();
    expect(contract(applied({ commit: "before" }))["processed-twice"]).toBeNull();
  });
});

describe("committed-beyond-processed", () => {
  it("finds a commit that runs ahead of the work, and counts each record once", () => {
    const s = story();
    s.join(CONSUMER, 1, true);
    s.give(CONSUMER, 0, 5);
    s.process(CONSUMER, 0, 2);
    s.commitOffset(CONSUMER, 5);
    s.commitOffset(CONSUMER, 5);
    const { count, first } = s.result("committed-beyond-processed");
    expect(count).toBe(3);
    expect(first?.message).toContain("3 records below it not processed, the first at offset 2");
  });

  it("holds when the commit follows the work", () => {
    const s = story();
    s.join(CONSUMER, 1, true);
    s.give(CONSUMER, 0, 5);
    s.process(CONSUMER, 0, 3);
    s.commitOffset(CONSUMER, 3);
    s.process(CONSUMER, 3, 2);
    s.commitOffset(CONSUMER, 5);
    expect(s.result("committed-beyond-processed").status).toBe("held");
  });

  it("leaves an operator's tool alone", () => {
    const s = story();
    s.join(CONSUMER, 1, true);
    s.give(CONSUMER, 0, 5);
    s.commitOffset(PRODUCER, 5, -1);
    expect(s.result("committed-beyond-processed").status).toBe("not-exercised");
  });

  it("is permitted by commits before the work and by a hand-off", () => {
    const permits = (over: Partial<GroupApplication>) =>
      contract(applied(over))["committed-beyond-processed"];
    expect(permits({ commit: "before" })).toBe("commit: before");
    expect(permits({ commit: "auto", handOff: true })).toBe("handOff with commit: auto");
    expect(permits({ commit: "auto" })).toBeNull();
  });
});

describe("never-processed", () => {
  it("finds records that were committed and whose consumer died before it came to them", () => {
    const s = story();
    s.join(CONSUMER, 1, true);
    s.give(CONSUMER, 0, 6);
    s.commitOffset(CONSUMER, 6);
    s.process(CONSUMER, 0, 2);
    s.crash(CONSUMER);
    s.join(OTHER, 2, true);
    s.give(OTHER, 6, 4);
    s.process(OTHER, 6, 4);
    s.commitOffset(OTHER, 10, 2);
    expect(s.result("never-processed")).toMatchObject({ count: 4 });
  });

  it("finds records that nobody was ever given", () => {
    const s = story();
    s.join(CONSUMER, 1, true);
    s.give(CONSUMER, 0, 2);
    s.process(CONSUMER, 0, 2);
    s.tell(CONSUMER, "consumer.reset", {
      partition: s.partition,
      from: 2,
      to: 9,
      strategy: "latest",
    });
    s.give(CONSUMER, 9, 1);
    s.process(CONSUMER, 9, 1);
    s.commitOffset(CONSUMER, 10);
    expect(s.result("never-processed").count).toBe(7);
  });

  it("leaves out what lies before the place where the group began", () => {
    const s = story();
    s.join(CONSUMER, 1, false);
    s.tell(CONSUMER, "consumer.assigned", { partition: s.partition, position: -1 });
    s.tell(CONSUMER, "consumer.reset", {
      partition: s.partition,
      from: -1,
      to: 8,
      strategy: "latest",
    });
    s.give(CONSUMER, 8, 2);
    s.process(CONSUMER, 8, 2);
    s.commitOffset(CONSUMER, 10);
    expect(s.result("never-processed").status).toBe("held");
  });
});

describe("committed-rewind", () => {
  it("finds a member that commits a lower offset", () => {
    const s = story();
    s.join(CONSUMER, 1, true);
    s.commitOffset(CONSUMER, 8);
    s.commitOffset(CONSUMER, 6);
    expect(s.result("committed-rewind")).toMatchObject({ status: "violated", count: 1 });
  });

  it.each([
    ["a tool set it back", (s: GroupStory) => s.commitOffset(PRODUCER, 2, -1)],
    [
      "the position was reset",
      (s: GroupStory) =>
        s.tell(CONSUMER, "consumer.reset", {
          partition: s.partition,
          from: 8,
          to: 2,
          strategy: "earliest",
        }),
    ],
  ])("holds when %s first", (_, why) => {
    const s = story();
    s.join(CONSUMER, 1, true);
    s.commitOffset(CONSUMER, 8);
    why(s);
    s.commitOffset(CONSUMER, 3);
    expect(s.result("committed-rewind").count).toBe(0);
  });
});

describe("exclusive-assignment", () => {
  it("finds a partition that the coordinator gave to two members", () => {
    const s = story();
    s.join(CONSUMER, 1, true);
    s.tell(1, "group.assigned", {
      group: GROUP,
      generation: 1,
      member: `m-${OTHER}`,
      client: OTHER,
      partitions: [s.partition],
    });
    expect(s.result("exclusive-assignment")).toMatchObject({ status: "violated", count: 1 });
  });

  it("finds a member that takes what another of its generation still owns", () => {
    const s = story();
    s.join(CONSUMER, 1, true);
    s.believe(CONSUMER, 2, false);
    s.join(OTHER, 2, true);
    s.tell(1, "group.assigned", {
      group: GROUP,
      generation: 2,
      member: `m-${CONSUMER}`,
      client: CONSUMER,
      partitions: [],
    });
    // The first owner was in generation 2 by its own account, though not yet by the coordinator's.
    expect(s.result("exclusive-assignment").count).toBe(0);

    const t = story();
    t.join(CONSUMER, 1, true);
    t.join(OTHER, 1, false);
    t.callback(OTHER, 1, "assigned");
    expect(t.result("exclusive-assignment").count).toBe(1);
  });

  it("lets a zombie believe what it likes", () => {
    const s = story();
    s.join(CONSUMER, 1, true);
    s.tell(1, "group.memberRemoved", {
      group: GROUP,
      member: `m-${CONSUMER}`,
      client: CONSUMER,
      why: "session timeout",
    });
    s.join(OTHER, 2, true);
    expect(s.result("exclusive-assignment").count).toBe(0);
  });

  it("holds when the partition is revoked first", () => {
    const s = story();
    s.join(CONSUMER, 1, true);
    s.join(OTHER, 1, false);
    s.callback(CONSUMER, 1, "revoked");
    s.join(CONSUMER, 2, false);
    s.join(OTHER, 2, true);
    expect(s.result("exclusive-assignment").status).toBe("held");
  });
});

describe("groups-stable", () => {
  it("holds for a stable group of its running consumers", () => {
    const s = story();
    s.join(CONSUMER, 1, true);
    s.state("Stable", 1, 1);
    expect(s.result("groups-stable").status).toBe("held");
  });

  it.each([
    ["still rebalances", (s: GroupStory) => s.state("PreparingRebalance", 1, 1)],
    ["counts a member that is dead", (s: GroupStory) => s.state("Stable", 1, 2)],
    ["has gone on without a member", (s: GroupStory) => s.state("Stable", 2, 1)],
    ["is not empty though nobody runs", (s: GroupStory) => s.crash(CONSUMER)],
  ])("finds a group that %s", (_, then) => {
    const s = story();
    s.join(CONSUMER, 1, true);
    s.state("Stable", 1, 1);
    then(s);
    expect(s.result("groups-stable")).toMatchObject({ status: "violated", count: 1 });
  });

  it("holds for an empty group whose consumers are gone", () => {
    const s = story();
    s.join(CONSUMER, 1, true);
    s.state("Stable", 1, 1);
    s.crash(CONSUMER);
    s.state("Empty", 2, 0);
    expect(s.result("groups-stable").status).toBe("held");
  });
});

describe("lag-drained of a group", () => {
  const settled = (commit: GroupApplication["commit"], offset: number) => {
    const s = new GroupStory(["lag-drained"], applied({ commit })).begin();
    s.join(CONSUMER, 1, true);
    s.state("Stable", 1, 1);
    s.give(CONSUMER, 0, 10);
    s.commitOffset(CONSUMER, offset);
    return s;
  };

  it("finds a committed offset that stays behind", () => {
    expect(settled("sync", 7).result("lag-drained")).toMatchObject({
      status: "violated",
      count: 3,
    });
    expect(settled("sync", 10).result("lag-drained").status).toBe("held");
  });

  it("only remarks on it where commits may get lost", () => {
    const result = settled("async", 7).result("lag-drained");
    expect(result.status).toBe("held");
    expect(result.note).toContain("commit: async");
  });

  it("asks nothing of a consumer about a partition that it gave away", () => {
    const s = new GroupStory(["lag-drained"], applied({})).begin();
    s.join(CONSUMER, 1, true);
    s.give(CONSUMER, 0, 4);
    s.callback(CONSUMER, 1, "revoked");
    s.join(OTHER, 2, true);
    s.give(OTHER, 0, 10);
    s.commitOffset(OTHER, 10);
    expect(s.result("lag-drained").status).toBe("held");
  });

  const killed = () => {
    const s = new GroupStory(["lag-drained"], applied({})).begin();
    s.join(CONSUMER, 1, true);
    s.give(CONSUMER, 0, 4);
    s.crash(CONSUMER);
    s.tell(CONSUMER, "host.booted", { incarnation: 2 });
    return s;
  };

  it("asks nothing of a consumer about a partition that only its life before had", () => {
    const s = killed();
    s.join(CONSUMER, 2, false, "m-new");
    s.join(OTHER, 2, true);
    s.give(OTHER, 0, 10);
    s.commitOffset(OTHER, 10);
    expect(s.result("lag-drained").status).toBe("held");
  });

  it("finds a consumer that was started again and never took up what it had", () => {
    expect(killed().result("lag-drained")).toMatchObject({ status: "violated", count: 6 });
  });

  it("finds a consumer that was started again, took a partition up and stays behind", () => {
    const s = killed();
    s.join(CONSUMER, 2, true, "m-new");
    s.give(CONSUMER, 0, 7);
    expect(s.result("lag-drained")).toMatchObject({ status: "violated", count: 3 });
  });
});
