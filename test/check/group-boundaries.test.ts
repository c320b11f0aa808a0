// Groups: where a check begins to mind, and what it forgets.
import { describe, expect, it } from "vitest";
import type { CheckName } from "../../src/check/index.ts";
import { CONSUMER, PRODUCER, Story } from "./support.ts";

const OTHER = 103;
const SECONDS = 1_000_000;

class GroupStory extends Story {
  constructor(name: CheckName) {
    super([name]);
  }

  override begin(): this {
    super.begin();
    this.commit(0, 20, 0);
    for (const [node, generation] of [[CONSUMER, 1]] as const) this.join(node, generation);
    return this;
  }

  join(node: number, generation: number, member = `m-${node}`): void {
    const joined = { group: "g", member, generation, leader: true, protocol: "range" };
    this.tell(node, "consumer.joined", joined);
    const { partition } = this;
    const partitions = [partition];
    this.tell(node, "consumer.rebalanced", {
      group: "g",
      generation,
      callback: "assigned",
      partitions,
    });
  }

  state(to: string, generation: number, members: number, coordinator = 1): void {
    const change = { group: "g", from: "Stable", to, generation, members, why: "" };
    this.tell(coordinator, "group.stateChanged", change);
  }

  commitOffset(offset: number, generation = 1, client = CONSUMER, coordinator = 1): number {
    const { partition } = this;
    const committed = { group: "g", partition, offset, client, generation };
    return this.tell(coordinator, "offset.committed", committed);
  }

  process(baseOffset: number, count: number, node = CONSUMER): void {
    const { partition } = this;
    const range = { partition, stream: 1, firstNumber: baseOffset, count, baseOffset };
    this.tell(node, "consumer.processed", { ...range, outcome: "done" });
  }

  give(baseOffset: number, count: number): void {
    this.poll(baseOffset, count, baseOffset);
  }
}

describe("commit-sound", () => {
  const only = (): GroupStory => new GroupStory("commit-sound").begin();
  const wait = (s: GroupStory, us: number): void => {
    s.at += us;
  };

  it("a commit of the last generation may be under way for five seconds", () => {
    const late = (us: number): GroupStory => {
      const s = only();
      s.state("Stable", 1, 1);
      wait(s, 60 * SECONDS);
      s.state("Stable", 2, 1);
      wait(s, us);
      s.commitOffset(5, 1);
      return s;
    };
    expect(late(5 * SECONDS - 1000).broken()).toEqual([]);
    expect(late(5 * SECONDS).broken()).toEqual(["commit-sound:1"]);
  });

  it("of this generation at any time", () => {
    const s = only();
    s.state("Stable", 1, 1);
    wait(s, 60 * SECONDS);
    s.commitOffset(5, 1);
    expect(s.result("commit-sound")).toMatchObject({ count: 0, status: "held" });
    const first = only();
    first.state("Stable", 0, 1);
    wait(first, 60 * SECONDS);
    first.commitOffset(5, 0);
    expect(first.broken()).toEqual([]);
  });

  it("without a generation while there are no members, or were none five seconds ago", () => {
    const tool = (s: GroupStory): GroupStory => {
      s.commitOffset(5, -1, PRODUCER);
      return s;
    };
    const empty = only();
    empty.state("Stable", 1, 1);
    empty.state("Empty", 2, 0);
    wait(empty, 60 * SECONDS);
    expect(tool(empty).broken()).toEqual([]);
    const peopled = (us: number): GroupStory => {
      const s = only();
      s.state("Empty", 1, 0);
      wait(s, 60 * SECONDS);
      s.state("Stable", 2, 1);
      s.state("Stable", 2, 1);
      wait(s, us);
      return tool(s);
    };
    expect(peopled(5 * SECONDS - 2000).broken()).toEqual([]);
    expect(peopled(5 * SECONDS - 1000).broken()).toEqual(["commit-sound:1"]);
  });

  it("a deposed coordinator speaks for itself only", () => {
    const s = only();
    s.state("Stable", 1, 1, 1);
    s.state("Stable", 2, 1, 2);
    wait(s, 60 * SECONDS);
    s.commitOffset(5, 1, CONSUMER, 1);
    expect(s.broken()).toEqual([]);
  });
});

describe("committed-beyond-processed", () => {
  const only = (): GroupStory => new GroupStory("committed-beyond-processed").begin();

  it("names the first record, and each once", () => {
    const s = only();
    s.give(0, 10);
    s.process(0, 1);
    s.process(4, 2);
    s.commitOffset(8);
    s.process(1, 3);
    s.process(6, 2);
    s.commitOffset(10);
    const result = s.result("committed-beyond-processed");
    expect(result.findings.map(({ message }) => message.replace(/.* with /, ""))).toEqual([
      "5 records below it not processed, the first at offset 1",
      "2 records below it not processed, the first at offset 8",
    ]);
  });

  it("says nothing twice, and counts from where the group began", () => {
    const s = only();
    s.assign(5);
    s.give(5, 5);
    s.commitOffset(10);
    s.commitOffset(10);
    const { findings } = s.result("committed-beyond-processed");
    expect(findings.map(({ count }) => count)).toEqual([5]);
    const done = only();
    done.give(0, 5);
    done.process(0, 5);
    done.commitOffset(5);
    done.commitOffset(20);
    expect(done.result("committed-beyond-processed")).toMatchObject({ count: 0, status: "held" });
  });

  it("offset 0 is an offset", () => {
    const s = only();
    s.give(0, 5);
    s.process(1, 1);
    s.commitOffset(5);
    expect(s.result("committed-beyond-processed").first?.message).toContain("at offset 0");
  });

  it("tells of a later commit only what it adds", () => {
    const s = only();
    s.give(0, 10);
    s.commitOffset(4);
    s.commitOffset(9);
    const { findings } = s.result("committed-beyond-processed");
    expect(findings.map(({ message }) => message.replace(/.* with /, ""))).toEqual([
      "4 records below it not processed, the first at offset 0",
      "5 records below it not processed, the first at offset 4",
    ]);
  });
});

describe("committed-rewind", () => {
  const only = (): GroupStory => new GroupStory("committed-rewind").begin();

  it("is none when the log lost what had been committed", () => {
    const cut = (offset: number): GroupStory => {
      const s = only();
      s.commitOffset(18);
      s.elect(2, [2]);
      s.truncate(2, 20, 10);
      s.becomeLeader(2, 10, [2], 10);
      s.commitOffset(offset);
      return s;
    };
    expect(cut(10).broken()).toEqual([]);
    expect(cut(9).broken()).toEqual(["committed-rewind:1"]);
  });

  it("is none when the offset had expired", () => {
    const s = only();
    s.commitOffset(18);
    s.tell(1, "offset.expired", { group: "g", partition: s.partition });
    s.commitOffset(3);
    expect(s.broken()).toEqual([]);
  });

  it("is measured from the lowest place a reset went to", () => {
    const s = only();
    const { partition } = s;
    s.commitOffset(18);
    s.tell(CONSUMER, "consumer.reset", { partition, from: 18, to: 6, strategy: "earliest" });
    s.tell(CONSUMER, "consumer.reset", { partition, from: 6, to: 12, strategy: "latest" });
    s.commitOffset(7);
    expect(s.result("committed-rewind").count).toBe(0);
    const below = only();
    below.commitOffset(18);
    below.tell(CONSUMER, "consumer.reset", { partition, from: 18, to: 6, strategy: "earliest" });
    below.commitOffset(5);
    expect(below.result("committed-rewind").count).toBe(1);
  });

  it("is a member's own later commit that came first, while a new coordinator was looked up", () => {
    interface Passed {
      readonly from?: string;
      readonly afterUs?: number;
      readonly by?: number;
      readonly generation?: number;
    }
    const passed = ({ from = "Dead", afterUs = SECONDS, by, generation = 1 }: Passed) => {
      const s = only();
      s.join(OTHER, 1);
      const change = { group: "g", to: "Stable", generation: 1, members: 2, why: "" };
      s.tell(2, "group.stateChanged", { ...change, from });
      s.commitOffset(18);
      s.at += afterUs - 2000;
      s.commitOffset(6, generation, by);
      return s.result("committed-rewind").forms;
    };
    const own = { overtaken: 1 };
    const other = { "taken back": 1 };
    expect(passed({})).toEqual(own);
    expect(passed({ afterUs: 30 * SECONDS })).toEqual(own);
    expect(passed({ afterUs: 30 * SECONDS + 1000 })).toEqual(other);
    expect(passed({ from: "CompletingRebalance" })).toEqual(other);
    expect(passed({ by: OTHER })).toEqual(other);
    expect(passed({ generation: 0 })).toEqual(other);
  });
});

describe("generation-monotonic", () => {
  const only = (): GroupStory => new GroupStory("generation-monotonic").begin();

  it("a group that died begins again, and a coordinator that was loaded or ended", () => {
    const dead = only();
    dead.state("Stable", 4, 1);
    dead.state("Dead", 4, 0);
    dead.state("Stable", 1, 1);
    expect(dead.broken()).toEqual([]);
    for (const forgets of [
      (s: GroupStory) =>
        s.tell(1, "group.loaded", { partition: s.partition, groups: 1, offsets: 1 }),
      (s: GroupStory) => s.crash(1),
      (s: GroupStory) => s.tell(1, "host.stopped", { clean: true }),
    ]) {
      const s = only();
      s.state("Stable", 4, 1);
      forgets(s);
      s.state("Stable", 3, 1);
      expect(s.broken()).toEqual([]);
    }
  });

  it("what another machine forgets does not count, nor what another member does", () => {
    const s = only();
    s.state("Stable", 4, 1);
    s.crash(2);
    s.state("Stable", 3, 1);
    expect(s.broken()).toEqual(["generation-monotonic:1"]);
    const member = only();
    member.join(CONSUMER, 5);
    member.join(OTHER, 2);
    member.join(CONSUMER, 4);
    expect(member.result("generation-monotonic").first?.message).toContain("member m-102");
  });

  it("generation 0 is one", () => {
    const s = only();
    s.state("Stable", 0, 1);
    s.state("Stable", 1, 1);
    expect(s.result("generation-monotonic").status).toBe("held");
  });
});

describe("what a group has done", () => {
  it("is forgotten with the records that were lost, and only with them", () => {
    const s = new GroupStory("processed-twice").begin();
    s.give(0, 20);
    s.process(0, 20);
    s.elect(2, [2]);
    s.truncate(2, 20, 10);
    s.becomeLeader(2, 10, [2], 10);
    s.append(2, 10, 10, 30);
    s.process(10, 10);
    s.process(8, 2);
    expect(s.result("processed-twice").count).toBe(2);
  });

  it("never-processed begins at the lowest offset where a member stood", () => {
    const stood = (how: (s: GroupStory) => void): number => {
      const s = new GroupStory("never-processed").begin();
      how(s);
      s.give(12, 3);
      s.process(12, 3);
      s.commitOffset(15);
      return s.result("never-processed").count;
    };
    const reset = (s: GroupStory, to: number): void => {
      const { partition } = s;
      s.tell(CONSUMER, "consumer.reset", { partition, from: -1, to, strategy: "earliest" });
    };
    expect(stood(() => undefined)).toBe(0);
    expect(stood((s) => s.assign(10))).toBe(2);
    expect(stood((s) => reset(s, 9))).toBe(3);
    expect(stood((s) => s.assign(0))).toBe(12);
  });

  it("what was given is forgotten with the log, too", () => {
    const s = new GroupStory("committed-beyond-processed").begin();
    s.give(0, 20);
    s.process(0, 10);
    s.elect(2, [2]);
    s.truncate(2, 20, 10);
    s.becomeLeader(2, 10, [2], 10);
    s.append(2, 10, 10, 30);
    s.commitOffset(15);
    expect(s.result("committed-beyond-processed").count).toBe(0);
  });

  it("and so is that it was finished, or told of: other records have its offsets then", () => {
    const s = new GroupStory("committed-beyond-processed").begin();
    s.give(0, 20);
    s.process(0, 15);
    s.commitOffset(20);
    s.elect(2, [2]);
    s.truncate(2, 20, 10);
    s.becomeLeader(2, 10, [2], 10);
    s.append(2, 10, 10, 30);
    s.give(10, 10);
    s.commitOffset(20);
    const { findings } = s.result("committed-beyond-processed");
    expect(findings.map(({ count }) => count)).toEqual([5, 10]);
  });
});
