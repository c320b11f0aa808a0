// Who may lead a replica whose directory its broker does not have (ReplicationControlManagerTest, testHandleAssignReplicasToDirs and LeaderAcceptor; KIP-858).
import { describe, expect, it } from "vitest";
import { handleBrokerUnfenced } from "../../src/controller/decisions.ts";
import { assignReplicasToDirs } from "../../src/controller/directories.ts";
import { electLeaders } from "../../src/controller/elections.ts";
import { createTopics } from "../../src/controller/topics.ts";
import type { Release } from "../../src/protocol/releases.ts";
import type { MetadataRecord } from "../../src/protocol/types.ts";
import { names, PureCluster } from "./registrations.ts";

const register = (id: number, incarnation: number, logDir: number): MetadataRecord => ({
  type: "RegisterBroker",
  ...{ id, incarnation, logDir },
  rack: undefined,
});

/** foo-0 on brokers 1 and 2, in their directories 11 and 12. */
function created(release: Release = "4.0"): PureCluster {
  const cluster = new PureCluster([], { release });
  for (const id of [1, 2]) {
    cluster.replay([register(id, 1, 10 + id)]);
    cluster.replay(handleBrokerUnfenced(cluster.context, id, cluster.epoch(id)));
  }
  const topic = { name: "foo", partitions: 1, replicationFactor: 2, config: {} };
  const context = {
    ...cluster.context,
    names,
    random: { nextInt: () => 0 },
    topicDefaults: { partitions: 1, replicationFactor: 1 },
  };
  cluster.replay(createTopics(context, { topics: [{ ...topic, assignment: [[1, 2]] }] }).records);
  return cluster;
}

/** Broker 1 is the last in sync, and back with directory 21. */
function returned(): PureCluster {
  const cluster = created();
  const alone = { isr: [1], leader: -1 };
  cluster.replay([
    { type: "PartitionChange", partition: names.of("foo", 0), change: alone },
    register(1, 2, 21),
  ]);
  return cluster;
}

const tell = (cluster: PureCluster, brokerEpoch = cluster.epoch(1), directory = 21) =>
  assignReplicasToDirs(cluster.context, {
    brokerId: 1,
    ...{ brokerEpoch, directory },
    partitions: [names.of("foo", 0), names.of("foo", 7), names.of("bar", 0)],
  });

describe("a new partition", () => {
  it("lies in its brokers' directories, in the order of its replicas", () => {
    expect(created().partition(0).directories).toEqual([11, 12]);
  });

  it("lies nowhere that is known before Kafka 3.7", () => {
    expect(created("3.6").partition(0).directories).toBeUndefined();
  });
});

describe("a broker that came back with another directory", () => {
  it("is not elected when it is unfenced, nor when an operator asks, cleanly or not", () => {
    const cluster = returned();
    cluster.replay(handleBrokerUnfenced(cluster.context, 1, cluster.epoch(1)));
    expect(cluster.partition(0).leader).toBe(-1);
    for (const electionType of ["PREFERRED", "UNCLEAN"] as const) {
      const partitions = [names.of("foo", 0)];
      const { response } = electLeaders(cluster.context, { electionType, partitions });
      // An unclean election finds broker 2, which has what it ever had.
      expect(response.partitions[0]?.error).toBe(
        electionType === "UNCLEAN" ? "NONE" : "PREFERRED_LEADER_NOT_AVAILABLE",
      );
    }
  });

  it("costs one partition epoch when it tells, and is elected at the next occasion, not by that", () => {
    const cluster = returned();
    cluster.replay(handleBrokerUnfenced(cluster.context, 1, cluster.epoch(1)));
    const before = cluster.partition(0).partitionEpoch;
    cluster.replay(tell(cluster).records);
    expect(cluster.partition(0)).toMatchObject({
      ...{ directories: [21, 12], leader: -1, isr: [1] },
      partitionEpoch: before + 1,
    });
    cluster.replay(handleBrokerUnfenced(cluster.context, 2, cluster.epoch(2)));
    expect(cluster.partition(0)).toMatchObject({ leader: 1, isr: [1] });
  });
});

describe("AssignReplicasToDirs", () => {
  it("answers for each partition", () => {
    expect(tell(returned()).response).toEqual({
      error: "NONE",
      partitions: [
        { partition: names.of("foo", 0), error: "NONE" },
        { partition: names.of("foo", 7), error: "UNKNOWN_TOPIC_OR_PARTITION" },
        { partition: names.of("bar", 0), error: "UNKNOWN_TOPIC_OR_PARTITION" },
      ],
    });
  });

  it("is refused from an earlier life, and writes nothing when nothing is new", () => {
    const cluster = returned();
    expect(tell(cluster, cluster.epoch(1) - 1)).toEqual({
      records: [],
      response: { error: "STALE_BROKER_EPOCH", partitions: [] },
    });
    expect(tell(created(), created().epoch(1), 11).records).toEqual([]);
  });
});
