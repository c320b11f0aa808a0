// Vectors of ReplicationControlManagerTest.
import { describe, expect, it } from "vitest";
import { alterPartition } from "../../src/controller/alter-partition.ts";
import {
  changeRecord,
  changeRequest,
  handleBrokerFenced,
  handleBrokerReplaced,
  handleBrokerUnfenced,
} from "../../src/controller/decisions.ts";
import { electLeaders, sweepUncleanElections } from "../../src/controller/elections.ts";
import { reassignmentTo } from "../../src/controller/reassignment.ts";
import { createPartitions, createTopics, type TopicContext } from "../../src/controller/topics.ts";
import type { AlterPartitionRequest } from "../../src/protocol/apis.ts";
import type { MetadataRecord, TopicImage } from "../../src/protocol/types.ts";
import { names, PureCluster } from "./registrations.ts";

function fenced(...ids: readonly number[]): PureCluster {
  const cluster = new PureCluster([0, 1, 2, 3, 4]);
  cluster.addPartitions([1, 2, 3], [2, 3, 4], [0, 2, 1]);
  for (const id of ids) cluster.replay(handleBrokerFenced(cluster.context, id));
  return cluster;
}

const unclean = (cluster: PureCluster, partition: number) =>
  electLeaders(cluster.context, {
    electionType: "UNCLEAN",
    partitions: [names.of("foo", partition)],
  });

describe("fencing brokers", () => {
  it("takes them out of every ISR and elects leaders that are left", () => {
    const cluster = fenced(2, 3);
    expect(cluster.partition(0)).toMatchObject({ leader: 1, isr: [1] });
    expect(cluster.partition(1)).toMatchObject({ leader: 4, isr: [4] });
    expect(cluster.partition(2)).toMatchObject({ leader: 0, isr: [0, 1] });
    expect(cluster.image.brokers.get(2)?.fenced).toBe(true);
  });

  it("leaves the last ISR member in place, and only it comes back by itself", () => {
    const cluster = fenced(2, 3, 1);
    expect(cluster.partition(0)).toMatchObject({ leader: -1, isr: [1] });
    cluster.replay(handleBrokerUnfenced(cluster.context, 2, cluster.epoch(2)));
    expect(cluster.partition(0).leader).toBe(-1);
    cluster.replay(handleBrokerUnfenced(cluster.context, 1, cluster.epoch(1)));
    expect(cluster.partition(0)).toMatchObject({ leader: 1, isr: [1] });
  });
});

describe("elections on request", () => {
  it("find an unclean leader as soon as any replica lives", () => {
    const cluster = fenced(2, 3, 1);
    expect(unclean(cluster, 0).response.partitions[0]?.error).toBe(
      "ELIGIBLE_LEADERS_NOT_AVAILABLE",
    );
    cluster.replay(handleBrokerUnfenced(cluster.context, 2, cluster.epoch(2)));
    const { records, response } = unclean(cluster, 0);
    expect(response.partitions[0]?.error).toBe("NONE");
    cluster.replay(records);
    expect(cluster.partition(0)).toMatchObject({ leader: 2, isr: [2] });
    expect(unclean(cluster, 0).response.partitions[0]?.error).toBe("ELECTION_NOT_NEEDED");
  });

  it("never elect uncleanly when the preferred leader is asked for, even where that is enabled", () => {
    const cluster = new PureCluster([1, 2], { unclean: true });
    cluster.addPartitions([1, 2]);
    cluster.replay([cluster.change(2, { fenced: true })]);
    cluster.replay([
      { type: "PartitionChange", partition: names.of("foo", 0), change: { isr: [1], leader: -1 } },
      cluster.change(1, { fenced: true }),
      cluster.change(2, { fenced: false }),
    ]);
    const preferred = electLeaders(cluster.context, {
      electionType: "PREFERRED",
      partitions: undefined,
    });
    expect(preferred.response.partitions[0]?.error).toBe("PREFERRED_LEADER_NOT_AVAILABLE");
    expect(sweepUncleanElections(cluster.context)).toHaveLength(1);
  });

  it("are never unclean by themselves before 3.9", () => {
    const cluster = new PureCluster([1, 2], { unclean: true, release: "3.8" });
    cluster.addPartitions([1, 2]);
    cluster.replay(handleBrokerFenced(cluster.context, 2));
    cluster.replay([cluster.change(2, { fenced: false })]);
    cluster.replay(handleBrokerFenced(cluster.context, 1));
    expect(cluster.partition(0).leader).toBe(-1);
    expect(sweepUncleanElections(cluster.context)).toEqual([]);
  });
});

const topicContext = (cluster: PureCluster): TopicContext => ({
  ...cluster.context,
  names,
  random: { nextInt: () => 0 },
  topicDefaults: { partitions: 2, replicationFactor: 3 },
});

describe("creating topics", () => {
  it("starts with an ISR of the active replicas only", () => {
    const cluster = new PureCluster([0, 1, 2]);
    cluster.replay([
      cluster.change(1, { inControlledShutdown: true }),
      cluster.change(2, { fenced: true }),
    ]);
    const topic = { name: "foo", partitions: -1, replicationFactor: -1, config: {} };
    const { records } = createTopics(topicContext(cluster), {
      topics: [{ ...topic, assignment: [[1, 0, 2]] }],
    });
    cluster.replay(records);
    expect(cluster.partition(0)).toMatchObject({ replicas: [1, 0, 2], isr: [0], leader: 0 });
  });

  it("refuses what cannot be placed", () => {
    const cluster = new PureCluster([0, 1]);
    const error = (topic: { partitions: number; replicationFactor: number }, name = "bar") =>
      createTopics(topicContext(cluster), {
        topics: [{ name, assignment: undefined, config: {}, ...topic }],
      }).response.topics[0]?.error;
    expect(error({ partitions: -1, replicationFactor: -1 })).toBe("INVALID_REPLICATION_FACTOR");
    expect(error({ partitions: 0, replicationFactor: 1 })).toBe("INVALID_PARTITIONS");
    expect(error({ partitions: 1, replicationFactor: 1 }, "a/b")).toBe("INVALID_TOPIC_EXCEPTION");
    expect(error({ partitions: 1, replicationFactor: 2 })).toBe("NONE");
  });

  it("adds partitions after the ones there are", () => {
    const cluster = new PureCluster([0, 1]);
    cluster.addPartitions([0, 1]);
    const grow = (count: number) =>
      createPartitions(topicContext(cluster), {
        topics: [{ name: "foo", count, assignment: undefined }],
      });
    expect(grow(1).response.topics[0]?.error).toBe("INVALID_PARTITIONS");
    cluster.replay(grow(3).records);
    expect(
      cluster.image.topics.get("foo")?.partitions.map(({ partition }) => partition.name),
    ).toEqual(["foo-0", "foo-1", "foo-2"]);
  });
});

describe("AlterPartition", () => {
  const cluster = new PureCluster([0, 1, 2, 3, 4]);
  cluster.addPartitions([0, 1, 2]);
  type Change = Partial<AlterPartitionRequest["partitions"][number]>;

  function alter(isr: readonly number[], change: Change = {}, sender = 0, brokerEpoch?: number) {
    return alterPartition(cluster.context, {
      brokerId: sender,
      brokerEpoch: brokerEpoch ?? cluster.epoch(sender),
      partitions: [
        {
          partition: names.of("foo", 0),
          leaderEpoch: 0,
          partitionEpoch: 0,
          newIsr: isr.map((brokerId) => ({ brokerId, brokerEpoch: cluster.epoch(brokerId) })),
          leaderRecoveryState: "RECOVERED",
          ...change,
        },
      ],
    });
  }
  const error = (...args: Parameters<typeof alter>) => alter(...args).response.partitions[0]?.error;

  it("refuses what is not the leader's business", () => {
    expect(error([0, 1], {}, 1)).toBe("INVALID_REQUEST");
    expect(error([0, 1, 3])).toBe("INVALID_REQUEST");
    expect(error([1, 2])).toBe("INVALID_REQUEST");
    expect(error([0, 1], { leaderRecoveryState: "RECOVERING" })).toBe("INVALID_REQUEST");
    expect(error([0, 1], { partition: names.of("foo", 9) })).toBe("UNKNOWN_TOPIC_OR_PARTITION");
  });

  it("thinks itself deposed when the leader knows a later epoch", () => {
    expect(error([0, 1], { leaderEpoch: 500 })).toBe("NOT_CONTROLLER");
    expect(error([0, 1], { partitionEpoch: 500 })).toBe("NOT_CONTROLLER");
    expect(error([0, 1], { leaderEpoch: -1 })).toBe("FENCED_LEADER_EPOCH");
    expect(error([0, 1], { partitionEpoch: -1 })).toBe("INVALID_UPDATE_VERSION");
  });

  it("refuses a sender that has registered again", () => {
    expect(alter([0, 1], {}, 0, cluster.epoch(0) - 1).response.error).toBe("STALE_BROKER_EPOCH");
  });

  it("refuses members that restarted since, unless they are not checked or the bug is planted", () => {
    const stale = (brokerEpoch: number) => ({
      newIsr: [
        { brokerId: 0, brokerEpoch: cluster.epoch(0) },
        { brokerId: 1, brokerEpoch },
      ],
    });
    expect(error([], stale(cluster.epoch(1) - 1))).toBe("INELIGIBLE_REPLICA");
    expect(error([], stale(-1))).toBe("NONE");
    const planted = new PureCluster([0, 1, 2], { rules: { mutant: "isr-ignores-broker-epoch" } });
    planted.addPartitions([0, 1, 2]);
    const { response } = alterPartition(planted.context, {
      brokerId: 0,
      brokerEpoch: planted.epoch(0),
      partitions: [
        {
          partition: names.of("foo", 0),
          leaderEpoch: 0,
          partitionEpoch: 0,
          leaderRecoveryState: "RECOVERED",
          newIsr: [
            { brokerId: 0, brokerEpoch: planted.epoch(0) },
            { brokerId: 1, brokerEpoch: 99 },
          ],
        },
      ],
    });
    expect(response.partitions[0]?.error).toBe("NONE");
  });

  it("answers with the registration it makes", () => {
    const { records, response } = alter([0, 1]);
    expect(records).toHaveLength(1);
    expect(response.partitions[0]).toMatchObject({ error: "NONE", isr: [0, 1], partitionEpoch: 1 });
  });

  it("tells a leader that its ISR ended its leadership by completing a reassignment", () => {
    const moving = new PureCluster([0, 1, 2, 3]);
    moving.addPartitions([3, 2, 1]);
    const topic = moving.image.topics.get("foo") as TopicImage;
    const started = moving.partition(0);
    const request = changeRequest(moving.context, topic, started);
    const reassignment = reassignmentTo(started, [0, 2, 1]);
    const record = changeRecord({ ...request, reassignment });
    moving.replay([record as MetadataRecord]);
    expect(moving.partition(0)).toMatchObject({
      replicas: [0, 2, 1, 3],
      addingReplicas: [0],
      removingReplicas: [3],
      leader: 3,
      leaderEpoch: 0,
      partitionEpoch: 1,
    });
    const { records, response } = alterPartition(moving.context, {
      brokerId: 3,
      brokerEpoch: moving.epoch(3),
      partitions: [
        {
          partition: names.of("foo", 0),
          leaderEpoch: 0,
          partitionEpoch: 1,
          leaderRecoveryState: "RECOVERED",
          newIsr: [0, 1, 2, 3].map((brokerId) => ({ brokerId, brokerEpoch: -1 })),
        },
      ],
    });
    expect(response.partitions[0]?.error).toBe("NEW_LEADER_ELECTED");
    moving.replay(records);
    expect(moving.partition(0)).toMatchObject({
      replicas: [0, 2, 1],
      addingReplicas: [],
      removingReplicas: [],
      leader: 0,
      leaderEpoch: 1,
      isr: [0, 1, 2],
    });
  });

  it("a reassignment that only orders the replicas anew is complete at once", () => {
    const moving = new PureCluster([1, 2, 3]);
    moving.addPartitions([1, 2, 3]);
    expect(reassignmentTo(moving.partition(0), [3, 2, 1])).toEqual({
      replicas: [3, 2, 1],
      adding: [],
      removing: [],
    });
    const before = moving.partition(0);
    const topic = moving.image.topics.get("foo") as TopicImage;
    const reassignment = reassignmentTo(before, [3, 2, 1]);
    const record = changeRecord({
      ...changeRequest(moving.context, topic, before),
      reassignment,
    });
    moving.replay([record as MetadataRecord]);
    expect(moving.partition(0)).toMatchObject({ replicas: [3, 2, 1], leader: 1, leaderEpoch: 0 });
  });
});

describe("a broker that registers anew", () => {
  it("is not elected uncleanly for what it has just lost, though nobody has fenced it yet", () => {
    const cluster = new PureCluster([0, 1, 2], { release: "4.1", unclean: true });
    cluster.addPartitions([1, 2, 0]);
    cluster.replay(handleBrokerFenced(cluster.context, 2));
    cluster.replay(handleBrokerFenced(cluster.context, 0));
    cluster.replay(handleBrokerReplaced(cluster.context, 1, false));
    expect(cluster.partition(0).leader).not.toBe(1);
  });

  it("leaves every ISR, and with ELR only a clean one stays eligible", () => {
    for (const [clean, elr] of [
      [true, [1]],
      [false, []],
    ] as const) {
      const cluster = new PureCluster([0, 1], { release: "4.1" });
      cluster.addPartitions([0, 1]);
      const context = {
        ...cluster.context,
        defaults: { ...cluster.context.defaults, minInsyncReplicas: 2 },
      };
      cluster.replay(handleBrokerReplaced(context, 1, clean));
      expect(cluster.partition(0)).toMatchObject({ isr: [0], elr });
    }
  });
});
