// Exact output of kafka-metadata-quorum.sh describe.
import { describe, expect, it } from "vitest";
import {
  describeQuorumReplication,
  describeQuorumStatus,
  type QuorumDescription,
} from "../../../src/report/kafka-tools/metadata-quorum.ts";

const replica = (replicaId: number, logEndOffset: number, caughtUp: number | undefined) => ({
  ...{ replicaId, logEndOffset, lastCaughtUpTimestamp: caughtUp, lastFetchTimestamp: caughtUp },
  directoryId: `dir-${replicaId}-abcdefghijklmnop`,
});

const quorum: QuorumDescription = {
  clusterId: "fMCL8kv1SWm87L_Md-I2hg",
  leaderId: 3002,
  leaderEpoch: 2,
  highWatermark: 10,
  voters: [
    { ...replica(3000, 9, 1000), endpoints: ["CONTROLLER://localhost:9093"] },
    { ...replica(3001, 12, 1900), endpoints: ["CONTROLLER://a:9093", "SSL://a:9094"] },
    { ...replica(3002, 12, 2000), endpoints: [] },
  ],
  observers: [{ ...replica(0, 8, undefined), directoryId: undefined }],
};

describe("kafka-metadata-quorum describe --status", () => {
  it("prints voters and observers as JSON, since 3.9", () => {
    expect(describeQuorumStatus(quorum)).toBe(
      [
        "ClusterId:              fMCL8kv1SWm87L_Md-I2hg\n",
        "LeaderId:               3002\n",
        "LeaderEpoch:            2\n",
        "HighWatermark:          10\n",
        "MaxFollowerLag:         3\n",
        "MaxFollowerLagTimeMs:   1000\n",
        'CurrentVoters:          [{"id": 3000, "directoryId": "dir-3000-abcdefghijklmnop", "endpoints": ["CONTROLLER://localhost:9093"]}, ',
        '{"id": 3001, "directoryId": "dir-3001-abcdefghijklmnop", "endpoints": ["CONTROLLER://a:9093", "SSL://a:9094"]}, ',
        '{"id": 3002, "directoryId": "dir-3002-abcdefghijklmnop"}]\n',
        'CurrentObservers:       [{"id": 0, "directoryId": null}]\n',
      ].join(""),
    );
  });

  it("printed ids before 3.9, and an empty line at the end before 3.5", () => {
    const old = describeQuorumStatus(quorum, "3.8").split("\n").slice(-3);
    expect(old).toEqual([
      "CurrentVoters:          [3000,3001,3002]",
      "CurrentObservers:       [0]",
      "",
    ]);
    expect(describeQuorumStatus(quorum, "3.4")).toBe(`${describeQuorumStatus(quorum, "3.8")}\n`);
  });

  it("has no lag in time when the leader is the slowest, or when it is not known", () => {
    const alone = { ...quorum, voters: quorum.voters.slice(2) };
    expect(describeQuorumStatus(alone)).toContain(
      "MaxFollowerLag:         0\nMaxFollowerLagTimeMs:   0\n",
    );
    const unknown = { ...quorum, voters: [replica(3001, 5, undefined), replica(3002, 12, 2000)] };
    expect(describeQuorumStatus(unknown)).toContain("MaxFollowerLagTimeMs:   -1\n");
  });
});

describe("kafka-metadata-quorum describe --replication", () => {
  it("prints the leader first, in columns that end with tabs", () => {
    expect(describeQuorumReplication(quorum)).toBe(
      [
        "NodeId\tDirectoryId              \tLogEndOffset\tLag\tLastFetchTimestamp\tLastCaughtUpTimestamp\tStatus  \t\n",
        "3002  \tdir-3002-abcdefghijklmnop\t12          \t0  \t2000              \t2000                 \tLeader  \t\n",
        "3000  \tdir-3000-abcdefghijklmnop\t9           \t3  \t1000              \t1000                 \tFollower\t\n",
        "3001  \tdir-3001-abcdefghijklmnop\t12          \t0  \t1900              \t1900                 \tFollower\t\n",
        "0     \tAAAAAAAAAAAAAAAAAAAAAA   \t8           \t4  \t-1                \t-1                   \tObserver\t\n",
      ].join(""),
    );
  });

  it("has no directories before 3.9, and shows ages when asked to", () => {
    const [heading, leader] = describeQuorumReplication(quorum, "3.8", 2500).split("\n");
    expect(heading).toBe(
      "NodeId\tLogEndOffset\tLag\tLastFetchTimestamp\tLastCaughtUpTimestamp\tStatus  \t",
    );
    expect(leader).toBe(
      "3002  \t12          \t0  \t500 ms ago        \t500 ms ago           \tLeader  \t",
    );
  });
});
