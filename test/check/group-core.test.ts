// Consumer groups of which only a core is asked: whom a fault keeps from the coordinator is out, and whom it lets through now and then makes the
// group go round and round.
import { describe, expect, it } from "vitest";
import { PartitionNames } from "../../src/protocol/types.ts";
import { CONSUMER, PRODUCER, Story } from "./support.ts";

const NAMES = new PartitionNames();
NAMES.of("orders", 0);
const HOME = NAMES.of("__consumer_offsets", 0);
/** Another client that consumes. */
const CHECKOUT = PRODUCER;
const CORE = ["broker-1", "broker-2", "controller-1", "controller-2", "controller-3", "checkout"];

/** Two consumers of one group, coordinated by broker-1; billing is beyond the core. */
class CoreStory extends Story {
  constructor() {
    super(["groups-stable"]);
  }

  override begin(): this {
    super.begin();
    const at = { leaderEpoch: 0, partitionEpoch: 0, isr: [1, 2, 3] };
    const made = { leader: 1, replicas: [1, 2, 3], minIsr: 2 };
    this.tell(11, "partition.created", { partition: HOME, ...at, ...made });
    const led = { epochStartOffset: 0, highWatermark: 0 };
    this.tell(1, "replica.becameLeader", { partition: HOME, ...at, ...led });
    return this;
  }

  join(node: number, generation: number): this {
    const joined = { group: "g", member: `m-${node}`, leader: false, protocol: "range" };
    this.tell(node, "consumer.joined", { ...joined, generation });
    return this;
  }

  state(to: string, generation: number, members: number): this {
    const change = { group: "g", from: "Stable", to, generation, members, why: "" };
    this.tell(1, "group.stateChanged", change);
    return this;
  }

  settle(action: "partition" | "delay", target: string): this {
    this.tell(0, "fault.injected", { id: "x", kind: "NetworkChaos", action, targets: [target] });
    this.tell(0, "run.settling", { healed: 0, core: CORE });
    return this;
  }

  get verdict(): { readonly message: string | undefined; readonly note: string | undefined } {
    const { first, note } = this.result("groups-stable");
    return { message: first?.message, note };
  }
}

const story = (): CoreStory => new CoreStory().begin();
const nothing = { message: undefined, note: undefined };

describe("a group of a core", () => {
  it("goes on without a member that is cut off, and not without one that gets through", () => {
    const without = (target: string): CoreStory =>
      story().join(CHECKOUT, 2).join(CONSUMER, 1).state("Stable", 2, 1).settle("partition", target);
    expect(without("billing <-> broker-1").verdict).toEqual(nothing);
    expect(without("billing <-> broker-2").verdict).toMatchObject({
      message: "group g is Stable without billing",
    });
  });

  it("rightly goes round while a member is slow, and wrongly once it is cut off", () => {
    const round = (action: "partition" | "delay"): CoreStory =>
      story()
        .join(CHECKOUT, 1)
        .join(CONSUMER, 1)
        .state("PreparingRebalance", 1, 2)
        .settle(action, "billing <-> broker-1");
    expect(round("delay").verdict).toEqual({
      message: undefined,
      note: "g rightly waits: fault x stays between billing and broker-1",
    });
    expect(round("partition").verdict).toEqual({
      message: "group g is PreparingRebalance with 1 running consumer",
      note: undefined,
    });
  });

  it("counts nobody that is cut off", () => {
    const counted = (members: number): CoreStory =>
      story()
        .join(CHECKOUT, 1)
        .join(CONSUMER, 1)
        .state("Stable", 1, members)
        .settle("partition", "billing <-> broker-1");
    expect(counted(1).verdict).toEqual(nothing);
    expect(counted(2).verdict.message).toBe(
      "group g counts 1 member that does not get through to it",
    );
    expect(counted(3).verdict.message).toBe(
      "group g counts 2 members that do not get through to it",
    );
  });
});

it("a group counts nobody that does not run", () => {
  const counted = (members: number): CoreStory =>
    story().join(CONSUMER, 1).state("Stable", 1, members);
  expect(counted(1).verdict).toEqual(nothing);
  expect(counted(2).verdict.message).toBe("group g counts 1 member that does not run");
  expect(counted(3).verdict.message).toBe("group g counts 2 members that do not run");
});
