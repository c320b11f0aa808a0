// KIP-392: a leader sends consumers to a replica in their rack, and consumers come back when it is no good.
import { describe, expect, it } from "vitest";
import { MetadataCache } from "../../src/broker/metadata-cache.ts";
import type { Partition } from "../../src/broker/partition.ts";
import { replicaSelectorFor } from "../../src/broker/replica-selector.ts";
import { BROKER_CONFIG } from "../../src/protocol/config/broker.ts";
import { resolveConfig } from "../../src/protocol/config/row.ts";
import type { BrokerId, BrokerRegistration } from "../../src/protocol/types.ts";
import { complaints, runWhole } from "../cluster/support.ts";

const RACK_AWARE = "org.apache.kafka.common.replica.RackAwareReplicaSelector";
const RACKS = ["rack-a", "rack-a", "rack-b", "rack-b"];

interface Shape {
  readonly isr?: readonly BrokerId[];
  readonly fenced?: BrokerId;
  readonly replicas?: readonly { id: BrokerId; end: number; start?: number; caughtUp: number }[];
}

/** The four replicas of ReplicaSelectorTest: broker 0 leads. */
const REPLICAS = [
  { id: 1, end: 2, caughtUp: -5 },
  { id: 2, end: 3, caughtUp: -3 },
  { id: 3, end: 4, caughtUp: -2 },
];

function selected(rack: string, offset: number, shape: Shape = {}): BrokerId {
  const metadata = new MetadataCache();
  const brokers = new Map<BrokerId, BrokerRegistration>(
    RACKS.map((name, id) => [
      id,
      {
        id,
        brokerEpoch: 1,
        incarnation: 1,
        rack: name,
        fenced: shape.fenced === id,
        inControlledShutdown: false,
      },
    ]),
  );
  metadata.setView({ offset: 1, brokers, topics: new Map(), partition: () => undefined });
  const release = "4.1";
  const config = resolveConfig(BROKER_CONFIG, release, { "replica.selector.class": RACK_AWARE });
  const partition = {
    isLeader: true,
    leaderId: 0,
    isrState: { isr: shape.isr ?? [0, 1, 2, 3] },
    remoteReplicas: (shape.replicas ?? REPLICAS).map((replica) => ({
      brokerId: replica.id,
      logEndOffset: replica.end,
      logStartOffset: ("start" in replica ? replica.start : undefined) ?? 0,
      lastCaughtUpTime: replica.caughtUp,
    })),
  } as unknown as Partition;
  return replicaSelectorFor(config, metadata)?.(partition, rack, offset) ?? -1;
}

describe("RackAwareReplicaSelector", () => {
  it("takes the most caught-up replica of the rack (testSameRackSelector)", () => {
    expect(selected("rack-b", 0)).toBe(3);
  });

  it("takes the leader when nobody is in the rack, when it is there itself, or when there is no rack", () => {
    expect(selected("not-a-rack", 0)).toBe(-1);
    expect(selected("rack-a", 0)).toBe(-1);
    expect(selected("", 0)).toBe(-1);
  });

  it("leaves out replicas outside the ISR, fenced, or without the offset", () => {
    expect(selected("rack-b", 0, { isr: [0, 1, 2] })).toBe(2);
    expect(selected("rack-b", 0, { fenced: 3 })).toBe(2);
    expect(selected("rack-b", 4, { isr: [0, 1, 2] })).toBe(-1);
    const young = [{ id: 3, end: 4, start: 2, caughtUp: -2 }];
    expect(selected("rack-b", 1, { replicas: young })).toBe(-1);
    expect(selected("rack-b", 2, { replicas: young })).toBe(3);
  });

  it("decides between equals by when they were caught up, then by id", () => {
    const two = (a: number, b: number) => [
      { id: 2, end: 4, caughtUp: a },
      { id: 3, end: 4, caughtUp: b },
    ];
    expect(selected("rack-b", 0, { replicas: two(-1, -2) })).toBe(2);
    expect(selected("rack-b", 0, { replicas: two(-2, -2) })).toBe(3);
  });

  it("does nothing unless it is configured", () => {
    const plain = resolveConfig(BROKER_CONFIG, "4.1");
    expect(replicaSelectorFor(plain, new MetadataCache())).toBeUndefined();
  });
});

const NEAR = `
apiVersion: faultline/v1
name: x
title: x
duration: 30s
cluster:
  controllers: 1
  brokers: [{ id: 1, rack: a }, { id: 2, rack: b }]
  config: { replica.selector.class: ${RACK_AWARE} }
topics: [{ name: orders, replicas: { 0: [1, 2] } }]
`;
const READS = ["consumer.readsFrom"];
const reader = (more: string): string => `
clients:
  producers: [{ name: checkout, topic: orders, rack: a, load: { rate: 100/s } }]
  consumers: [{ name: reader, topics: [orders], rack: b, config: { auto.offset.reset: earliest, ${more} } }]
`;

describe("a consumer in the follower's rack", () => {
  it("reads there for metadata.max.age.ms, then asks the leader again", () => {
    const outcome = runWhole(`${NEAR}${reader("metadata.max.age.ms: 10s")}`, READS);
    expect(complaints(outcome)).toEqual([]);
    expect(outcome.lines).toEqual([
      "0s orders-0 is read from broker-2: rack",
      "10s orders-0 is read from its leader: metadata.max.age.ms",
      "10s orders-0 is read from broker-2: rack",
      "20s orders-0 is read from its leader: metadata.max.age.ms",
      "20s orders-0 is read from broker-2: rack",
      "30s orders-0 is read from its leader: metadata.max.age.ms",
      "30s orders-0 is read from broker-2: rack",
    ]);
    expect(outcome.metrics.cross_rack_records_delivered).toBe(0);
  });

  it("asks the leader when the follower answers with an error", () => {
    const chaos = `
faults: [{ kind: ErrorChaos, selector: [broker-2], rpc: Fetch, error: OFFSET_OUT_OF_RANGE, at: 5s, count: 1 }]
`;
    const outcome = runWhole(`${NEAR}${reader("metadata.max.age.ms: 1h")}${chaos}`, READS);
    expect(outcome.lines.slice(1)).toEqual([
      "5s orders-0 is read from its leader: OFFSET_OUT_OF_RANGE",
      "5s orders-0 is read from broker-2: rack",
    ]);
    // No reset: the leader has the offset.
    expect(outcome.metrics.consumer_resets).toBe(0);
  });
});
