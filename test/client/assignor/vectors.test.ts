// Kafka's own expectations: rows of RangeAssignorTest, RoundRobinAssignorTest, AbstractStickyAssignorTest, StickyAssignorTest and
// CooperativeStickyAssignorTest.
import { describe, expect, it } from "vitest";
import type { AssignorName } from "../../../src/client/assignor/assignor.ts";
import { assign, type Members, type Shown, sorted, type Topics } from "./support.ts";

interface Row {
  readonly title: string;
  readonly assignor: AssignorName | readonly AssignorName[];
  readonly topics: Topics;
  readonly members: Members;
  readonly expected: Shown;
}

const STICKY = ["sticky", "cooperative-sticky"] as const;
const both = { topics: "topic1 topic2" };
const owns = (topics: string, owned: string, generation = 1) => ({ topics, owned, generation });

const ROWS: readonly Row[] = [
  {
    title: "testTwoConsumersTwoTopicsSixPartitions",
    assignor: "range",
    topics: { topic1: 3, topic2: 3 },
    members: { consumer1: both, consumer2: both },
    expected: { consumer1: "topic1-0 topic1-1 topic2-0 topic2-1", consumer2: "topic1-2 topic2-2" },
  },
  {
    title: "testMultipleConsumersMixedTopics",
    assignor: "range",
    topics: { topic1: 3, topic2: 2 },
    members: { consumer1: { topics: "topic1" }, consumer2: both, consumer3: { topics: "topic1" } },
    expected: {
      consumer1: "topic1-0",
      consumer2: "topic1-1 topic2-0 topic2-1",
      consumer3: "topic1-2",
    },
  },
  {
    title: "testStaticMemberRangeAssignmentPersistent",
    assignor: "range",
    topics: { topic1: 5, topic2: 4 },
    members: {
      consumer4: both,
      consumer1: { ...both, instance: "instance1" },
      consumer2: { ...both, instance: "instance2" },
      consumer3: { ...both, instance: "instance3" },
    },
    expected: {
      consumer1: "topic1-0 topic1-1 topic2-0",
      consumer2: "topic1-2 topic2-1",
      consumer3: "topic1-3 topic2-2",
      consumer4: "topic1-4 topic2-3",
    },
  },
  {
    title: "testStaticMemberRangeAssignmentPersistentAfterMemberIdChanges",
    assignor: "range",
    topics: { topic1: 5, topic2: 5 },
    members: {
      consumer1: { ...both, instance: "instance1" },
      consumer4: { ...both, instance: "instance3" },
      consumer5: { ...both, instance: "instance2" },
    },
    expected: {
      consumer1: "topic1-0 topic1-1 topic2-0 topic2-1",
      consumer5: "topic1-2 topic1-3 topic2-2 topic2-3",
      consumer4: "topic1-4 topic2-4",
    },
  },
  {
    title: "testOneStaticConsumerAndOneDynamicConsumerTwoTopicsSixPartitions",
    assignor: "range",
    topics: { topic1: 3, topic2: 3 },
    members: { "consumer-b": { ...both, instance: "instance1" }, "consumer-a": both },
    expected: {
      "consumer-b": "topic1-0 topic1-1 topic2-0 topic2-1",
      "consumer-a": "topic1-2 topic2-2",
    },
  },
  {
    title: "testTwoConsumersOneTopicOnePartition",
    assignor: ["range", "roundrobin", ...STICKY],
    topics: { topic1: 1 },
    members: { consumer1: { topics: "topic1" }, consumer2: { topics: "topic1" } },
    expected: { consumer1: "topic1-0", consumer2: "" },
  },
  {
    title: "testOneConsumerNonexistentTopic",
    assignor: ["range", "roundrobin", ...STICKY],
    topics: {},
    members: { consumer1: { topics: "topic1" } },
    expected: { consumer1: "" },
  },
  {
    title: "testOneConsumerNoTopic",
    assignor: ["range", "roundrobin", ...STICKY],
    topics: { topic1: 3 },
    members: { consumer1: { topics: "" } },
    expected: { consumer1: "" },
  },
  {
    title: "testTwoDynamicConsumersTwoTopicsSixPartitions",
    assignor: ["roundrobin", ...STICKY],
    topics: { topic1: 3, topic2: 3 },
    members: { consumer1: both, consumer2: both },
    expected: { consumer1: "topic1-0 topic1-2 topic2-1", consumer2: "topic1-1 topic2-0 topic2-2" },
  },
  {
    title: "testTwoStaticConsumersTwoTopicsSixPartitions",
    assignor: "roundrobin",
    topics: { topic1: 3, topic2: 3 },
    members: {
      "consumer-a": { ...both, instance: "instance2" },
      "consumer-b": { ...both, instance: "instance1" },
    },
    expected: {
      "consumer-b": "topic1-0 topic1-2 topic2-1",
      "consumer-a": "topic1-1 topic2-0 topic2-2",
    },
  },
  {
    title: "testStaticMemberRoundRobinAssignmentPersistent",
    assignor: "roundrobin",
    topics: { topic1: 3, topic2: 3 },
    members: {
      consumer1: { ...both, instance: "instance1" },
      consumer2: { ...both, instance: "instance2" },
      consumer3: { ...both, instance: "instance3" },
      consumer4: both,
    },
    expected: {
      consumer1: "topic1-0 topic2-1",
      consumer2: "topic1-1 topic2-2",
      consumer3: "topic1-2",
      consumer4: "topic2-0",
    },
  },
  {
    title: "testMultipleConsumersMixedTopics",
    assignor: "roundrobin",
    topics: { topic1: 3, topic2: 2 },
    members: { consumer1: { topics: "topic1" }, consumer2: both, consumer3: { topics: "topic1" } },
    expected: {
      consumer1: "topic1-0",
      consumer2: "topic1-1 topic2-0 topic2-1",
      consumer3: "topic1-2",
    },
  },
  {
    title: "testMultipleConsumersMixedTopicSubscriptions",
    assignor: STICKY,
    topics: { topic1: 3, topic2: 2 },
    members: { consumer1: { topics: "topic1" }, consumer2: both, consumer3: { topics: "topic1" } },
    expected: {
      consumer1: "topic1-0 topic1-2",
      consumer2: "topic2-0 topic2-1",
      consumer3: "topic1-1",
    },
  },
  {
    title: "testConsumerOwningMinQuotaExpectedMaxQuota",
    assignor: STICKY,
    topics: { topic1: 2, topic2: 3 },
    members: {
      consumer1: owns("topic1 topic2", "topic1-0 topic2-1"),
      consumer2: owns("topic1 topic2", "topic1-1 topic2-2"),
    },
    expected: { consumer1: "topic1-0 topic2-1 topic2-0", consumer2: "topic1-1 topic2-2" },
  },
  {
    title: "testMaxQuotaConsumerMoreThanNumExpectedMaxCapacityMembers",
    assignor: "sticky",
    topics: { topic1: 2, topic2: 2 },
    members: {
      consumer1: owns("topic1 topic2", "topic1-0 topic2-0"),
      consumer2: owns("topic1 topic2", "topic1-1 topic2-1"),
      consumer3: owns("topic1 topic2", ""),
    },
    expected: { consumer1: "topic1-0", consumer2: "topic1-1 topic2-1", consumer3: "topic2-0" },
  },
  {
    title: "testMaxQuotaConsumerMoreThanNumExpectedMaxCapacityMembers: topic2-0 is withheld",
    assignor: "cooperative-sticky",
    topics: { topic1: 2, topic2: 2 },
    members: {
      consumer1: owns("topic1 topic2", "topic1-0 topic2-0"),
      consumer2: owns("topic1 topic2", "topic1-1 topic2-1"),
      consumer3: owns("topic1 topic2", ""),
    },
    expected: { consumer1: "topic1-0", consumer2: "topic1-1 topic2-1", consumer3: "" },
  },
  {
    title: "testAllConsumersAreUnderMinQuota",
    assignor: STICKY,
    topics: { topic1: 2, topic2: 3 },
    members: {
      consumer1: owns("topic1 topic2", "topic1-0"),
      consumer2: owns("topic1 topic2", "topic1-1"),
      consumer3: owns("topic1 topic2", ""),
    },
    expected: {
      consumer1: "topic1-0 topic2-1",
      consumer2: "topic1-1 topic2-2",
      consumer3: "topic2-0",
    },
  },
  {
    title: "testAddRemoveConsumerOneTopic: one joins",
    assignor: "sticky",
    topics: { topic: 3 },
    members: {
      consumer1: owns("topic", "topic-0 topic-1 topic-2"),
      consumer2: owns("topic", ""),
    },
    expected: { consumer1: "topic-0 topic-1", consumer2: "topic-2" },
  },
  {
    title: "testAddRemoveTwoConsumersTwoTopics: two join",
    assignor: "sticky",
    topics: { topic1: 3, topic2: 4 },
    members: {
      consumer1: owns("topic1 topic2", "topic1-0 topic1-2 topic2-1 topic2-3"),
      consumer2: owns("topic1 topic2", "topic1-1 topic2-0 topic2-2"),
      consumer3: owns("topic1 topic2", ""),
      consumer4: owns("topic1 topic2", ""),
    },
    expected: {
      consumer1: "topic1-0 topic2-1",
      consumer2: "topic2-0 topic1-1",
      consumer3: "topic1-2 topic2-3",
      consumer4: "topic2-2",
    },
  },
  {
    title: "testAddRemoveTwoConsumersTwoTopics: two leave",
    assignor: STICKY,
    topics: { topic1: 3, topic2: 4 },
    members: {
      consumer3: owns("topic1 topic2", "topic1-2 topic2-3"),
      consumer4: owns("topic1 topic2", "topic2-2"),
    },
    expected: {
      consumer3: "topic1-2 topic2-3 topic1-0 topic2-1",
      consumer4: "topic2-2 topic1-1 topic2-0",
    },
  },
  {
    title: "testOwnedPartitionsAreInvalidatedForConsumerWithStaleGeneration",
    assignor: STICKY,
    topics: { topic: 3, topic2: 3 },
    members: {
      consumer1: owns("topic topic2", "topic-0 topic-2 topic2-1", 10),
      consumer2: owns("topic topic2", "topic-0 topic-2 topic2-1", 9),
    },
    expected: { consumer1: "topic-0 topic2-1 topic-2", consumer2: "topic-1 topic2-0 topic2-2" },
  },
  {
    title:
      "testPartitionsTransferringOwnershipIncludeThePartitionClaimedByMultipleConsumersInSameGeneration",
    assignor: "sticky",
    topics: { topic: 3 },
    members: {
      consumer1: owns("topic", "topic-0 topic-1"),
      consumer2: owns("topic", "topic-0 topic-2"),
      consumer3: owns("topic", ""),
    },
    expected: { consumer1: "topic-1", consumer2: "topic-2", consumer3: "topic-0" },
  },
  {
    title: "testAllConsumersHaveOwnedPartitionInvalidated…WithUnequalPartitionsPerConsumer",
    assignor: "cooperative-sticky",
    topics: { topic: 4 },
    members: {
      consumer1: owns("topic", "topic-0 topic-1"),
      consumer2: owns("topic", "topic-0 topic-2"),
      consumer3: owns("topic", ""),
    },
    expected: { consumer1: "topic-1 topic-3", consumer2: "topic-2", consumer3: "" },
  },
  {
    title: "testAllConsumersHaveOwnedPartitionInvalidated…WithEqualPartitionsPerConsumer",
    assignor: "cooperative-sticky",
    topics: { topic: 3 },
    members: {
      consumer1: owns("topic", "topic-0 topic-1"),
      consumer2: owns("topic", "topic-0 topic-2"),
      consumer3: owns("topic", ""),
    },
    expected: { consumer1: "topic-1", consumer2: "topic-2", consumer3: "" },
  },
  {
    title: "testPoorRoundRobinAssignmentScenario",
    assignor: STICKY,
    topics: { topic1: 2, topic2: 1, topic3: 2, topic4: 1, topic5: 2 },
    members: {
      consumer1: { topics: "topic1 topic2 topic3 topic4 topic5" },
      consumer2: { topics: "topic1 topic3 topic5" },
      consumer3: { topics: "topic1 topic3 topic5" },
      consumer4: { topics: "topic1 topic2 topic3 topic4 topic5" },
    },
    expected: {
      consumer1: "topic2-0 topic3-0",
      consumer2: "topic1-0 topic3-1",
      consumer3: "topic1-1 topic5-0",
      consumer4: "topic4-0 topic5-1",
    },
  },
  {
    title: "testPoorRoundRobinAssignmentScenario, as round robin handles it",
    assignor: "roundrobin",
    topics: { topic1: 2, topic2: 1, topic3: 2, topic4: 1, topic5: 2 },
    members: {
      consumer1: { topics: "topic1 topic2 topic3 topic4 topic5" },
      consumer2: { topics: "topic1 topic3 topic5" },
      consumer3: { topics: "topic1 topic3 topic5" },
      consumer4: { topics: "topic1 topic2 topic3 topic4 topic5" },
    },
    expected: {
      consumer1: "topic1-0 topic3-0 topic5-0",
      consumer2: "topic1-1 topic3-1 topic5-1",
      consumer3: "",
      consumer4: "topic2-0 topic4-0",
    },
  },
  {
    title:
      "testFirstAssignmentThreeMembers…DifferentSubscriptions (the coordinator's range assignor)",
    assignor: "range",
    topics: { topic1: 3, topic2: 3, topic3: 2 },
    members: {
      memberA: { topics: "topic1 topic2" },
      memberB: { topics: "topic3" },
      memberC: { topics: "topic2 topic3" },
    },
    expected: {
      memberA: "topic1-0 topic1-1 topic1-2 topic2-0 topic2-1",
      memberB: "topic3-0",
      memberC: "topic2-2 topic3-1",
    },
  },
  {
    title: "testOnlyAssignsPartitionsFromSubscribedTopics",
    assignor: STICKY,
    topics: { topic: 2, other: 2 },
    members: { consumer: owns("topic", "topic-0 topic-1 other-0 other-1") },
    expected: { consumer: "topic-0 topic-1" },
  },
  {
    title: "testNoReassignmentOnCurrentMembers",
    assignor: STICKY,
    topics: { topic: 3, topic1: 3, topic2: 3, topic3: 3 },
    members: {
      consumer1: { topics: "topic topic2 topic3 topic1", first: true },
      consumer2: owns("topic topic2 topic3 topic1", "topic-0 topic2-0 topic1-0", 9),
      consumer3: owns("topic topic2 topic3 topic1", "topic3-2 topic2-2 topic1-1", 8),
      consumer4: owns("topic topic2 topic3 topic1", "topic3-1 topic-1 topic-2", 7),
    },
    expected: {
      consumer1: "topic1-2 topic2-1 topic3-0",
      consumer2: "topic-0 topic1-0 topic2-0",
      consumer3: "topic1-1 topic2-2 topic3-2",
      consumer4: "topic-1 topic3-1 topic-2",
    },
  },
  {
    title: "testOwnedPartitionsAreInvalidatedForConsumerWithMultipleGeneration",
    assignor: STICKY,
    topics: { topic: 3, topic2: 3 },
    members: {
      consumer1: owns("topic topic2", "topic-0 topic2-1 topic-1", 10),
      consumer2: owns("topic topic2", "topic-0 topic2-1 topic2-2", 8),
    },
    expected: { consumer1: "topic-0 topic-1 topic2-1", consumer2: "topic2-2 topic-2 topic2-0" },
  },
];

describe("Kafka's tests of its assignors", () => {
  for (const row of ROWS) {
    for (const assignor of [row.assignor].flat()) {
      it(`${assignor}: ${row.title}`, () => {
        const assignment = assign(assignor, row.topics, row.members);
        // Kafka compares sets for range, whose topics come in the order of a HashMap.
        const shown = assignor === "range" ? mapped(assignment) : assignment;
        expect(shown).toEqual(assignor === "range" ? mapped(row.expected) : row.expected);
      });
    }
  }
});

const mapped = (shown: Shown): Shown =>
  Object.fromEntries(Object.entries(shown).map(([id, text]) => [id, sorted(text)]));
